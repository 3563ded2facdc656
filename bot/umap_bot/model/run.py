"""A run: one attempt at one layer, with what it did and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from umap_bot.model.base import Base
from umap_bot.model.change import Change
from umap_bot.model.decision import Decision, Waiting
from umap_bot.model.drift import Drift
from umap_bot.model.layer import Collection, Commit
from umap_bot.model.plan import Kind, Plan
from umap_bot.model.policy import Policy
from umap_bot.text import NOTHING, Text

__all__ = ["EXIT", "Applied", "Approval", "Intent", "Kind", "Outcome", "Run"]

Outcome = Literal["done", "nothing", "held", "restless", "failed", "unfinished"]

EXIT: dict[Outcome, int] = {"done": 0, "nothing": 0, "held": 3, "restless": 4, "failed": 1, "unfinished": 1}


class Intent(msgspec.Struct, frozen=True):
    """A push that was about to be sent: written down before the request.

    `pushed` is the digest of the pushed body, `before` the layer as it stood (the backup).
    """

    run: int
    plan: Plan
    pushed: str
    before: Collection
    version: str


class Approval(msgspec.Struct, frozen=True):
    """A person's word for one plan, and how that plan is made again: from which commit (None: the newest) and
    with which policy (None: that of the settings).

    `code` is the plan's, and so is `fingerprint`, which is known if a run was held with the plan (else ""):
    then it is what counts. `by` is who gave the word ("": unknown), `given` when (aware, UTC). `number` tells
    one approval of a plan from another. One that is not written down yet has number 0 and no time.
    """

    code: str
    fingerprint: str = ""
    commit: Commit | None = None
    policy: Policy | None = None
    by: str = ""
    given: datetime | None = None
    number: int = 0

    def is_of(self, plan: Plan) -> bool:
        """Tell whether it is for just this plan."""
        return self.fingerprint == plan.fingerprint if self.fingerprint else self.code == plan.code


class Applied(msgspec.Struct, frozen=True):
    """What of an intent stands on the map: its changes, and base as they advance it (None: none)."""

    run: int
    changes: tuple[Change, ...]
    base: Base | None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one layer.

    `plan` is the last one made (None: the run ended before). `applied` are the changes that stand on the map
    through this run, `drift` what people had changed, of every plan that this run pushed. `recovered` are
    changes of earlier runs that this one found to stand, although their answer was lost: the log has them
    under those. Times are aware, UTC. `error` is of a failed run. `code` is the exit code. `repeats` are the
    attempts after this one that came to the very same held plan or error, and have no number of their own;
    `again` is when the last of them ended. `approved` is the fingerprint of the plan that a person approved
    and this run carried out ("": parts of it at the most), `approved_by` who that was, `approved_at` when.
    `waiting` is what an earlier run asked, and this one again.
    """

    number: int
    layer: str
    kind: Kind
    commit: Commit
    started: datetime
    ended: datetime | None = None
    outcome: Outcome = "unfinished"
    plan: Plan | None = None
    applied: tuple[Change, ...] = ()
    drift: tuple[Drift, ...] = ()
    recovered: tuple[Change, ...] = ()
    pushes: int = 0
    approved: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    error: Text = NOTHING
    code: int = 0
    repeats: int = 0
    again: datetime | None = None
    waiting: Waiting | None = None

    def carrying_out(self, plan: Plan, approval: Approval) -> Run:
        """Return this run as it carries out a plan that a person approved."""
        return msgspec.structs.replace(
            self, approved=plan.fingerprint, approved_by=approval.by, approved_at=approval.given
        )

    def answered_by(self, decisions: Sequence[Decision]) -> Run:
        """Return this run as it does what people decided: who they were, and when the last of them did."""
        names = dict.fromkeys(each.by for each in decisions if each.by)
        times = [each.at for each in decisions if each.at]
        return msgspec.structs.replace(
            self, approved_by=", ".join(names), approved_at=max(times) if times else None
        )

    def end(self, plan: Plan) -> Run:
        """Return this run as it ends with a plan that needs no push: held, or nothing left to do.

        One that pushed nothing, and asks a person about parts of its plan, is held, too; all else is settled.
        """
        asks = plan.verdict.held or (plan.verdict.waiting and not self.pushes)
        outcome: Outcome = "held" if asks else "done" if self.pushes else "nothing"
        code = EXIT["held"] if plan.verdict.waiting or plan.context.rows_wait else EXIT[outcome]
        return msgspec.structs.replace(self, plan=plan, outcome=outcome, code=code)

    @property
    def waits(self) -> bool:
        """Tell whether something waits for a person: the plan, parts of it, or rows that can't be read."""
        return EXIT["held"] in (self.code, EXIT[self.outcome])

    @property
    def settled(self) -> bool:
        """Tell whether file and map agree after it, but for what waits."""
        held = self.outcome == "held" and self.plan is not None and not self.plan.verdict.held
        return self.outcome in ("done", "nothing") or held

    def not_converged(self, plan: Plan) -> Run:
        """Return this run as it ends when the map kept changing."""
        return msgspec.structs.replace(self, plan=plan, outcome="restless", code=EXIT["restless"])

    def failed(self, error: Text, code: int) -> Run:
        return msgspec.structs.replace(self, outcome="failed", error=error, code=code)
