"""Which run a command is about: its number in the log, or the latest; and the runs that answered it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from umap_bot.dataset.findings import excerpt
from umap_bot.errors import UsageError
from umap_bot.model.run import Run
from umap_bot.text import say
from umap_bot.wiring import Wired

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


def runs_after_questions(wired: Wired, shown: Sequence[Run]) -> Sequence[Run]:
    """Return the layer's runs after the first of these that asked something, whichever were chosen."""
    layer = wired.work.job.layer
    asked = [run for run in shown if run.waits and run.layer == layer]
    return wired.journal.reader.runs_after(min(asked, key=lambda run: run.number)) if asked else ()
