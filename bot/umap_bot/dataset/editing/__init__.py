"""A file that people keep, with some of its cells and rows changed: all else keeps its bytes."""
