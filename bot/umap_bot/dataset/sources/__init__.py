"""Where a table lives that is not in git yet: each kind recognises its addresses and fetches what is new."""
