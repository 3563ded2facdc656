"""An id for each row of a file that people keep: only the ids are written, all else keeps its bytes."""
