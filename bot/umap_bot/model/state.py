"""The state of a layer: all that the journal knows of it, as one value, and what each write makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from umap_bot.model.base import Base
from umap_bot.model.decision import Decision
from umap_bot.model.layer import Commit, Push, Save
from umap_bot.model.plan import Plan
from umap_bot.model.run import Applied, Approval, Intent, Run
from umap_bot.model.seen import Seen


class LayerState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a layer when a run or a preview begins, or after a write.

    `base` is what the file said at the last settled run, `seen` what that run saw of the map. `lost_saves`
    are saves of others that our pushes ran over and that are not put back yet; `mended` are the versions of
    those that were settled. `last_push` is the last push, if nobody looked yet what it ran over. `pending`
    are the intents of which nobody looked yet what stands, oldest first. `history` are the last settled runs
    that changed the map, at most the newest one with its changes; `published` the commits that settled syncs
    were of; `approvals` those that can be used; each newest first. `decisions` are those that may hold.
    `outdated` is when the newest approval was given that names its plan as an earlier umap-bot did, and is of
    no use any more (None: there is none).
    """

    base: Base | None = None
    seen: Seen | None = None
    lost_saves: tuple[Save, ...] = ()
    mended: frozenset[str] = frozenset()
    last_push: Push | None = None
    pending: tuple[Intent, ...] = ()
    history: tuple[Run, ...] = ()
    published: tuple[Commit, ...] = ()
    approvals: tuple[Approval, ...] = ()
    decisions: tuple[Decision, ...] = ()
    outdated: datetime | None = None

    @property
    def key(self) -> str:
        """The key property, "" if it is not known before the file is read."""
        return self.base.key if self.base else ""

    def approval_of(self, plan: Plan) -> Approval | None:
        """Return the newest approval of just this plan; None if nobody approved it."""
        return next((approval for approval in self.approvals if approval.is_of(plan)), None)

    def intended(self, intent: Intent, push: Push) -> LayerState:
        """Return the state after a push was written down, before the request."""
        return replace(self, pending=(*self.pending, intent), last_push=push)

    def losing(self, saves: Iterable[Save]) -> LayerState:
        """Return the state after it was looked at what the last push ran over. No save is lost twice."""
        known = {save.version for save in self.lost_saves} | self.mended
        new = tuple({save.version: save for save in saves if save.version not in known}.values())
        return replace(self, lost_saves=self.lost_saves + new, last_push=None)

    def applying(self, applied: Iterable[Applied]) -> LayerState:
        """Return the state after one look at what stands of all that is pending."""
        bases = [each.base for each in applied if each.base is not None]
        return replace(self, pending=(), base=bases[-1] if bases else self.base)


class Unwritten:
    """The pen of a preview: the state as the writes would leave it, and nothing else."""

    def lost(self, state: LayerState, saves: tuple[Save, ...]) -> LayerState:
        return state.losing(saves)

    def applied(self, state: LayerState, applied: tuple[Applied, ...]) -> LayerState:
        return state.applying(applied)
