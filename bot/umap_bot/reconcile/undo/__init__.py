"""Undoing a run: what goes back, how base follows, and what a later sync leaves as undone."""
