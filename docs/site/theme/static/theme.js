// Before anything is drawn: light or dark, as the reader chose the last time.
document.body.dataset.theme = localStorage.getItem("theme") || "auto";
