"""Features drawn by hand get the key of their row: looked at, or carried out."""

from __future__ import annotations

import msgspec

from umap_bot.model.run import Run
from umap_bot.ports import Clock, Journal
from umap_bot.reconcile.aims import Adopt
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.pairing import NEAR
from umap_bot.run.attempt import carry_out, preview_of
from umap_bot.run.job import Work


class Adoption(msgspec.Struct, frozen=True):
    """How features drawn by hand are to be matched: columns, metres, and pairs settled by hand."""

    match: tuple[str, ...] = ("name",)
    near: float = NEAR
    by_hand: dict[str, str] = {}

    def aim(self, work: Work) -> Adopt:
        commit, desired = work.dataset.read(work.dataset.head())
        return Adopt(commit, desired, work.job.policy, self.match, self.near, self.by_hand)


def preview_adoption(work: Work, adoption: Adoption, journal: Journal, clock: Clock) -> Outcome:
    """Return what an adoption would write, and how all was matched. Writes nothing."""
    state = journal.load(work.job.layer, clock, changes=False)
    return preview_of(adoption.aim(work), work.job, work.layer, state)


def adopt(work: Work, adoption: Adoption, journal: Journal, clock: Clock) -> Run:
    """Write the key of the pairs that are sure, if a person approved just that."""
    aim = adoption.aim(work)
    return carry_out(lambda: aim, aim.kind, work.job, work.layer, journal, clock)
