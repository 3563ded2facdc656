"""Files that commands read and write beside the settings: exports, backups, pairs."""
