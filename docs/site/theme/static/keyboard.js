// Code and tables that are wider than the screen can be scrolled without a mouse.
for (const block of document.querySelectorAll("pre, .table-wrapper")) {
  block.tabIndex = 0;
}
