"""Which run a command is about: its number in the log, or the latest."""

from __future__ import annotations

from typing import Final

from umap_bot.dataset.findings import excerpt
from umap_bot.errors import UsageError
from umap_bot.text import say

LATEST: Final = "latest"
_DIGITS: Final = 18
"""No run has a number of more."""


def number_of(word: str) -> int | None:
    """Return the number of a run as it was typed, None for the latest. Raise UsageError for anything else."""
    if word == LATEST:
        return None
    if word.isascii() and word.isdigit() and len(word) <= _DIGITS and int(word):
        return int(word)
    raise UsageError(
        say('"{word}" is not a run: use the number of a run, or latest.', word=excerpt(word)),
        way_out=say("To list the runs: umap-bot log"),
    )
