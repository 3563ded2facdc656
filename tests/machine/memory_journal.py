"""A journal in memory: the port, each call one transaction, with what the machine asks of the log.

What each write gives back as the state is also what would be loaded then: the values go the way of the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from msgspec.structs import replace

from umap_bot.model.base import Base
from umap_bot.model.change import Change
from umap_bot.model.decision import Decision
from umap_bot.model.drift import Drift
from umap_bot.model.layer import Collection, Commit, Live, Push, Save
from umap_bot.model.plan import Plan
from umap_bot.model.run import Applied, Approval, Intent, Kind, Run
from umap_bot.model.seen import Seen
from umap_bot.model.state import LayerState
from umap_bot.ports import Clock
from umap_bot.text import Text


@dataclass
class MemoryMemory:
    """The port Session, for ever leased."""

    clock: Clock
    base: Base | None = None
    stamp: str | None = None
    seen: Seen | None = None
    last_push: Push | None = None
    runs: list[Run] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    looked: int = 0
    owed: dict[str, Save | None] = field(default_factory=dict)
    approvals: list[Approval] = field(default_factory=list)
    changes: list[tuple[int, Change]] = field(default_factory=list)
    told: list[tuple[int, Drift]] = field(default_factory=list)
    idles: int = 0
    decisions: list[Decision] = field(default_factory=list)
    numbered: int = 0
    asked: Plan | None = None

    @property
    def lost_saves(self) -> tuple[Save, ...]:
        return tuple(save for save in self.owed.values() if save is not None)

    @property
    def pending(self) -> tuple[Intent, ...]:
        return tuple(self.intents[self.looked :])

    @property
    def history(self) -> tuple[Run, ...]:
        return tuple(run for run in reversed(self.runs) if run.outcome == "done")

    @property
    def published(self) -> tuple[Commit, ...]:
        settled = (run for run in reversed(self.runs) if run.outcome in ("done", "nothing"))
        return tuple(run.commit for run in settled if run.kind == "sync")

    @property
    def settled(self) -> str:
        return "" if self.lost_saves or self.pending else self.stamp or ""

    def load(self, *, changes: bool = True) -> LayerState:
        history = self.history if changes else tuple(replace(run, applied=()) for run in self.history)
        return LayerState(
            base=self.base,
            seen=self.seen,
            lost_saves=self.lost_saves,
            mended=frozenset(version for version, save in self.owed.items() if save is None),
            last_push=self.last_push,
            pending=self.pending,
            history=history,
            published=self.published,
            approvals=tuple(reversed(self.approvals)),
            decisions=tuple(self.decisions),
        )

    def _as_loaded(self, state: LayerState) -> LayerState:
        now = self.load()
        assert replace(state, history=(), published=()) == replace(now, history=(), published=())
        return state

    def run(self, number: int) -> Run:
        """A run as the log has it: one that was killed with the last plan that it was about to push."""
        found = self.runs[number - 1]
        plans = [intent.plan for intent in self.intents if intent.run == number]
        return replace(
            found,
            plan=found.plan or (plans[-1] if plans else None),
            applied=tuple(change for run, change in self.changes if run == number),
            drift=tuple(drift for run, drift in self.told if run == number),
        )

    def open(self, kind: Kind, commit: Commit) -> Run:
        run = Run(
            number=len(self.runs) + 1, layer="layer", kind=kind, commit=commit, started=self.clock.now()
        )
        self.runs.append(run)
        return run

    def intend(
        self, state: LayerState, run: Run, plan: Plan, live: Live, wanted: Collection
    ) -> tuple[LayerState, Run]:
        intent = Intent(run.number, plan, wanted.digest, live.standing, live.version)
        self.intents.append(intent)
        self.last_push = Push(live.version, live.standing, wanted, live.known)
        self._tell(run, plan)
        return self._as_loaded(state.intended(intent, self.last_push)), replace(run, pushes=run.pushes + 1)

    def lost(self, state: LayerState, saves: tuple[Save, ...]) -> LayerState:
        for save in saves:
            self.owed.setdefault(save.version, save)
        self.last_push = None
        return self._as_loaded(state.losing(saves))

    def applied(self, state: LayerState, applied: tuple[Applied, ...]) -> LayerState:
        for each in applied:
            self.changes += [(each.run, change) for change in each.changes]
            self.base = each.base if each.base is not None else self.base
        self.looked = len(self.intents)
        return self._as_loaded(state.applying(applied))

    def decide(self, state: LayerState, made: Iterable[Decision]) -> LayerState:
        for each in made:
            self.decided(each)
        return self._as_loaded(replace(state, decisions=tuple(self.decisions)))

    def decided(self, decision: Decision) -> None:
        """What a person decides, run or no run."""
        self.numbered += 1
        self.decisions = [one for one in self.decisions if one.subject != decision.subject]
        self.decisions.append(replace(decision, number=self.numbered))
        self.stamp = None

    def take_back(self, number: int) -> None:
        self.decisions = [one for one in self.decisions if one.number != number]
        self.stamp = None

    def forget(self, state: LayerState, over: Iterable[Decision]) -> LayerState:
        self.decisions = [one for one in self.decisions if one not in list(over)]
        return replace(state, decisions=tuple(self.decisions))

    def close(self, run: Run, base: Base | None, stamp: str | None, seen: Seen | None) -> Run:
        settled = run.settled
        if run.plan:
            self._tell(run, run.plan)
        if settled:
            self.base = base if base is not None else self.base
            self.seen = seen if seen is not None else self.seen
            if base is not None and run.plan:
                self.asked = run.plan if run.plan.verdict.waiting else None
            self.approvals = [given for given in self.approvals if given.fingerprint != run.approved]
        if settled or run.outcome == "held":
            self.owed = dict.fromkeys(self.owed)
        self.stamp = stamp if settled else None
        self.runs[run.number - 1] = replace(run, ended=self.clock.now())
        self.runs[run.number - 1] = self.run(run.number)
        return self.runs[run.number - 1]

    def fail(self, kind: Kind, error: Text, code: int) -> None:
        self.stamp = None

    def idle(self, commit: Commit) -> Run:
        self.idles += 1
        return Run(
            number=0,
            layer="layer",
            kind="sync",
            commit=commit,
            started=self.clock.now(),
            outcome="held" if self.asked else "nothing",
            plan=self.asked,
            code=3 if self.asked else 0,
        )

    def _tell(self, run: Run, plan: Plan) -> None:
        self.told += [
            (run.number, drift) for drift in plan.context.news if (run.number, drift) not in self.told
        ]


class MemoryJournal:
    """The port Journal, over one memory."""

    def __init__(self, memory: MemoryMemory) -> None:
        self.memory = memory
        self.codes: dict[str, str] = {}

    @contextmanager
    def lease(self, layer: str, clock: Clock) -> Iterator[MemoryMemory]:
        yield self.memory

    def load(self, layer: str, clock: Clock, *, changes: bool = True) -> LayerState:
        return self.memory.load(changes=changes)

    def decide(self, layer: str, made: Iterable[Decision], clock: Clock) -> tuple[Decision, ...]:
        said = list(made)
        for each in said:
            self.memory.decided(each)
        return tuple(self.memory.decisions[-len(said) :])

    def named(self, plan: Plan) -> str:
        """Return the code of a plan: it is worked out of those alone that are named, since it takes long."""
        self.codes[plan.code] = plan.fingerprint
        return plan.code

    def find_held(self, code: str) -> tuple[Run, ...]:
        held = (run for run in reversed(self.memory.runs) if run.waits and run.plan)
        return tuple(run for run in held if run.plan and run.plan.fingerprint == self.codes.get(code))

    def unforeseen(self, error: Exception) -> NoReturn:
        raise error  # the machine is to find it
