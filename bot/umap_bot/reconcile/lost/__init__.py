"""Base of a layer whose state was lost or is old: which version of the file it was."""
