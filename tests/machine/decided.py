"""What people decided about parts of plans, kept beside the bot's own memory of it, with the values by which
it may act, and must."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.machine.memory_journal import MemoryMemory
from tests.machine.memory_umap import features_of
from tests.machine.undone import At, cells
from umap_bot.model.base import Base, Known
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Delete
from umap_bot.model.decision import Decision, Side
from umap_bot.model.layer import GEOMETRY, Collection, Live
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.model.state import LayerState

Value = tuple[Any, Any]
"""What the map holds and what the file says."""


@dataclass
class Word:
    """A decision as a person made it."""

    side: Side
    about: At
    value: Value
    holds: bool = True
    off: bool = False


@dataclass
class WatchedMemory(MemoryMemory):
    """A memory at whose writes the invariants of decisions are looked at."""

    watch: Decided | None = None

    def decided(self, decision: Decision) -> None:
        super().decided(decision)
        if self.watch:
            self.watch.hear(decision)

    def take_back(self, number: int) -> None:
        super().take_back(number)
        if self.watch:
            self.watch.take_back(number)

    def intend(
        self, state: LayerState, run: Run, plan: Plan, live: Live, wanted: Collection
    ) -> tuple[LayerState, Run]:
        if self.watch:
            self.watch.look(plan, live, wanted)
        return super().intend(state, run, plan, live, wanted)

    def close(self, run: Run, base: Base | None, stamp: str | None, seen: Any) -> Run:
        if self.watch and run.plan is not None and base is not None:
            self.watch.look_at_base(run.plan, self.base, base)
        return super().close(run, base, stamp, seen)


@dataclass
class Decided:
    """`words` are decisions by number; `approved` the digests that a person ever gave a word for."""

    words: dict[int, Word] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)

    def hear(self, decision: Decision) -> None:
        ((about, value),) = _values((decision.change,))
        word = Word(decision.side, about, value, off=decision.stays_off)
        for other in self.words.values():
            if other.about == word.about and (word.about[1] != FOREIGN or other.value == word.value):
                other.holds = False
        self.words[len(self.words) + 1] = word

    def take_back(self, number: int) -> None:
        self.words[number].holds = False

    def said(self, side: Side, about: At, value: Value) -> bool:
        """Tell whether a person's word on just this holds."""
        return any(
            word.holds and (word.side, word.about, word.value) == (side, about, value)
            for word in self.words.values()
        )

    def may_stay(self, about: At, value: Value) -> bool:
        """Tell whether a person said that the map stays so. What stays off the map does so whatever
        its row says by now."""
        off = any(word.off and word.about == about for word in self.words.values())
        return off or self.said("map", about, value)

    def ever_for_file(self, about: At) -> bool:
        return any(word.side == "file" and word.about == about for word in self.words.values())

    def look(self, plan: Plan, live: Live, wanted: Collection) -> None:
        """Look at what is about to be pushed."""
        if plan.effects.kind != "sync":
            return
        for about, value in _values(plan.verdict.kept):
            assert self.may_stay(about, value), f"{about} is kept, and nobody decided so: {value}"
        for about, value in _values(plan.effects.changes):
            assert not self.said("map", about, value), f"{about} is not kept, as was decided"
        self._nobody_is_overruled(plan)
        untouched = [*_marks(live.carried, plan)]
        now = [*_marks(wanted, plan)]
        assert untouched == now, "what waits, or is kept, was touched on the map"

    def _nobody_is_overruled(self, plan: Plan) -> None:
        """What policy asks about is done at a person's word alone."""
        policy = plan.effects.policy
        held = [
            drift
            for drift in plan.context.drift
            if not drift.standing
            and drift.field != plan.context.key  # the file's own
            and (policy.deleted if drift.kind == "deleted" else policy.drift) == "hold"
        ]
        asked = {(drift.key, "" if drift.kind == "edited" else drift.field) for drift in held}
        if plan.verdict.approved:
            assert plan.fingerprint in self.approved, "approved by nobody"
            return
        for about, value in _values(plan.effects.changes):
            policy_asks = about in asked or (about[1] == FOREIGN and policy.foreign == "hold")
            word = self.said("file", about, value)
            assert word or plan.verdict.held or not policy_asks, f"{about} is done, and nobody said so"

    def look_at_base(self, plan: Plan, before: Base | None, after: Base) -> None:
        """Look at what a run settles on."""
        for about, _ in _values((*plan.verdict.waiting, *plan.verdict.kept)):
            then, now = _known(before, about), _known(after, about)
            assert then == now, f"base of {about} is {now}, not {then} as before"
        news = {(drift.key, drift.field) for drift in plan.context.news}
        for about, value in _values(plan.verdict.kept):
            assert self.may_stay(about, value), f"{about} is kept, and nobody decided so: {value}"
            assert about not in news, f"{about} is kept, and told as news"

    def settle(self, plan: Plan) -> None:
        """A run of the newest file settled: what it has no part for is another question from now on."""
        parts = [*_values((*plan.effects.changes, *plan.verdict.waiting, *plan.verdict.kept))]
        for word in self.words.values():
            if (word.about, word.value) not in parts:
                word.holds = False


FOREIGN = "foreign"
"""In the place of a cell: the whole of a feature that a person added."""


def _values(changes: tuple[Change, ...]) -> Iterator[tuple[At, Value]]:
    for change in changes:
        if isinstance(change, Delete):
            cell = "" if change.why == "row" else change.why
            # What people drew is known by what it holds: uMap deals out ids as it likes.
            key = "" if cell == FOREIGN else change.key
            yield (key, cell), (_content(json.loads(change.raw)), None)
            continue
        for cell, before, after in cells(change):
            yield (change.key, cell), (before, after)


def _marks(standing: Collection, plan: Plan) -> Iterator[tuple[At, list[str]]]:
    """Return what stands of the parts that are to be left, as often as it does."""
    features = features_of(standing)
    for change in (*plan.verdict.waiting, *plan.verdict.kept):
        mine = [one for one in features if _is_of(change, one, plan.context.key)]
        for (key, cell), _ in _values((change,)):
            yield (key, cell), sorted(_mark(one, cell) for one in mine)


def _is_of(change: Change, feature: dict[str, Any], key: str) -> bool:
    if isinstance(change, Create):
        return bool(feature["properties"].get(key) == change.key)
    return bool(feature["id"] == change.umap_id)


def _mark(feature: dict[str, Any], cell: str) -> str:
    if cell == GEOMETRY:
        return str(canonical_geometry(feature["geometry"]))
    if cell in {"", FOREIGN, "double"}:
        return str(_content(feature))
    return str(canonical(feature["properties"].get(cell)))


def _content(feature: dict[str, Any]) -> str:
    said = {name: canonical(value) for name, value in feature["properties"].items()}
    said = {name: value for name, value in said.items() if value is not None}
    return str((sorted(said.items()), canonical_geometry(feature["geometry"])))


def _known(base: Base | None, about: At) -> Any:
    key, cell = about
    known: Known | None = base.known.get(key) if base else None
    if cell == FOREIGN:
        return None  # of no row
    if known is None:
        return None
    if cell == GEOMETRY:
        return canonical_geometry(known.geometry)
    if cell == "":
        return sorted(known.properties.items()), canonical_geometry(known.geometry)
    return canonical(known.properties.get(cell))
