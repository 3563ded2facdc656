"""Features drawn by hand get the key of their row: looked at, or carried out."""

from __future__ import annotations

from typing import Final

import msgspec

from umap_bot.errors import UsageError
from umap_bot.model.canon import nfc
from umap_bot.model.layer import Layer
from umap_bot.model.run import Run
from umap_bot.ports import Clock, Journal
from umap_bot.reconcile.aims import Adopt
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.pairing import NEAR
from umap_bot.run.attempt import carry_out, preview_of
from umap_bot.run.job import Work
from umap_bot.text import say

NAME: Final = "name"
"""The property that features are matched by if nobody says another."""


class Adoption(msgspec.Struct, frozen=True):
    """How features drawn by hand are to be matched: columns, metres, and pairs settled by hand."""

    match: tuple[str, ...] = (NAME,)
    near: float = NEAR
    by_hand: dict[str, str] = {}

    def aim(self, work: Work) -> Adopt:
        commit, desired = work.dataset.read(work.dataset.head())
        match = _properties(self.match, desired)
        return Adopt(commit, desired, work.job.policy, match, self.near, self.by_hand)


def _properties(columns: tuple[str, ...], desired: Layer) -> tuple[str, ...]:
    """Return the properties that columns become, by their names in the file or on the map.

    Raise UsageError for one that the file does not have. It may lack a name: then places alone match.
    """
    of_header = {header: name for name, header in desired.headers.items()}
    found = tuple(of_header.get(nfc(column), nfc(column)) for column in columns)
    for column in found:
        if column not in (*desired.columns, NAME):
            raise UsageError(
                say('The file has no column "{column}" for matching.', column=column),
                way_out=say("Use one of these with --match: {columns:, }.", columns=desired.columns),
            )
    return found


def preview_adoption(work: Work, adoption: Adoption, journal: Journal, clock: Clock) -> Outcome:
    """Return what an adoption would write, and how all was matched. Writes nothing."""
    state = journal.load(work.job.layer, clock, changes=False)
    return preview_of(adoption.aim(work), work.job, work.layer, state, clock)


def adopt(work: Work, adoption: Adoption, journal: Journal, clock: Clock) -> Run:
    """Write the key of the pairs that are sure, if a person approved just that."""
    aim = adoption.aim(work)
    return carry_out(lambda: aim, aim.kind, work.job, work.layer, journal, clock)
