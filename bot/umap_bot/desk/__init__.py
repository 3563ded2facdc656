"""The desk: web pages for the few who keep a map, where they see how it stands, decide, sync and undo."""
