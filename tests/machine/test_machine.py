"""The crown: one stateful machine over `run_once`, with people, faults, races and kills at every gap.

Whatever happens: nothing that uMap confirmed to a person is lost without a trace, nobody is said to have
edited what nobody edited, and when the trouble ends two runs settle.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec.structs import replace

from tests.machine.decided import Decided, WatchedMemory
from tests.machine.kills import Countdown, Killed, Mortal
from tests.machine.ledger import Ledger
from tests.machine.memory_journal import MemoryJournal
from tests.machine.memory_umap import MemoryLayer, MemoryUmap
from tests.machine.people import Tab
from tests.machine.undone import Undone
from umap_bot.errors import BotError
from umap_bot.model.base import Base
from umap_bot.model.canon import Value
from umap_bot.model.layer import Commit, Feature, Layer
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Limit, Limits, Policy
from umap_bot.model.run import Approval, Run
from umap_bot.ports import Clock
from umap_bot.reconcile.undo.rollback import Rollback
from umap_bot.run.attempt import carry_out, preview
from umap_bot.run.deciding import approve_parts, keep
from umap_bot.run.job import Job, Work
from umap_bot.run.run import run_once

KEYS = ("a", "b", "c", "d")
OWNED = ("name", "q")
WIDE = Limits(
    deletes=Limit(Decimal(100)),
    updates=Limit(Decimal(10_000)),
    creates=Limit(Decimal(10_000)),
    creates_floor=1000,
)
REST = 3
"""Runs until all that nobody is asked about must be settled."""

CALM = 6
"""Runs and approvals until all must be settled: two runs, and a person's word for each reason to ask."""


class StillClock:
    """Time stands, and waiting costs none."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += timedelta(milliseconds=1)


class MemoryDataset:
    """A git repository in memory."""

    def __init__(self) -> None:
        self.commits: list[dict[str, Feature]] = []
        self.reads = 0

    def commit(self, rows: dict[str, Feature]) -> None:
        self.commits.append(rows)

    def head(self) -> Commit:
        return Commit(str(len(self.commits) - 1))

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        self.reads += 1
        rows = self.commits[int(commit.sha)]
        layer = Layer(file="f.csv", key="id", columns=("id", *OWNED), rows=rows, places=True)
        return commit, layer

    def history(self, head: Commit, since: str = "") -> tuple[Commit, ...]:
        first = int(since) + 1 if since else 0
        return tuple(Commit(str(number)) for number in range(int(head.sha), first - 1, -1))[:50]

    def named(self, name: str, head: Commit) -> tuple[Commit, bool]:
        raise NotImplementedError


def point(x: int) -> dict[str, Value]:
    return {"type": "Point", "coordinates": [x, 1]}


def row(key: str, name: str, q: str, x: int) -> Feature:
    return Feature({"id": key, "name": name, "q": q}, point(x))


def _meant(plan: Plan, number: int) -> str:
    """Return the key of a feature that a plan is about, or of one that it is not."""
    about = [*(change.key for change in (*plan.effects.changes, *plan.verdict.waiting)), "a"]
    return about[number % len(about)]


keys = st.sampled_from(KEYS)
texts = st.sampled_from(["", "1", "2", "3"])
xs = st.integers(1, 3)
ROWS = st.builds(row, keys, texts, texts, xs)


class Machine(RuleBasedStateMachine):
    """A layer, a file, two browser tabs, and a bot that anything may happen to."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = StillClock()
        self.umap = MemoryUmap()
        self.dataset = MemoryDataset()
        self.decided = Decided()
        self.journal = MemoryJournal(WatchedMemory(self.clock, watch=self.decided))
        self.layer = MemoryLayer(self.umap)
        self.tabs: list[Tab] = []
        self.ledger = Ledger(self.umap, history=self.dataset.commits)
        self.undone = Undone(self.ledger, self.decided.ever_for_file, approved=self.decided.approved)
        self.made = 0

    @initialize(
        rows=st.lists(ROWS, min_size=1, max_size=4),
        policy=st.builds(
            Policy,
            st.sampled_from(["overwrite", "keep", "hold"]),
            st.sampled_from(["hold", "recreate", "keep"]),
            st.sampled_from(["keep", "remove", "hold"]),
        ),
        limits=st.sampled_from([WIDE, WIDE, Limits()]),
    )
    def begin(self, rows: list[Feature], policy: Policy, limits: Limits = WIDE) -> None:
        self.job = Job(layer="layer", policy=policy, limits=limits)
        self.dataset.commit({str(one.properties["id"]): one for one in rows})
        assert self._run().outcome == "done"

    # The file

    @rule(change=ROWS)
    def write_a_row(self, change: Feature) -> None:
        rows = self.dataset.commits[-1]
        self.dataset.commit({**rows, str(change.properties["id"]): change})

    @rule(key=keys)
    def delete_a_row(self, key: str) -> None:
        rows = {other: one for other, one in self.dataset.commits[-1].items() if other != key}
        if rows:
            self.dataset.commit(rows)

    # People

    @precondition(lambda self: len(self.tabs) < 2)
    @rule()
    def open_a_tab(self) -> None:
        self.tabs.append(Tab.open(self.umap))

    @precondition(lambda self: self.tabs)
    @rule(
        tab=st.integers(0, 1),
        place=st.integers(0, 5),
        cell=st.sampled_from(["name", "q", "note", "color", "id"]),
        value=st.sampled_from(["", "1", "p1", "p2"]),
        key=st.sampled_from(["", "nobody", "a"]),
    )
    def edit(self, tab: int, place: int, cell: str, value: str, key: str) -> None:
        at = self.tabs[tab % len(self.tabs)]
        if at.features:
            at.set(place % len(at.features), cell, key if cell == "id" else value)

    @precondition(lambda self: self.tabs)
    @rule(tab=st.integers(0, 1), place=st.integers(0, 5), x=st.integers(1, 5))
    def move(self, tab: int, place: int, x: int) -> None:
        at = self.tabs[tab % len(self.tabs)]
        if at.features:
            at.set(place % len(at.features), "geometry", point(x))

    @precondition(lambda self: self.tabs)
    @rule(tab=st.integers(0, 1), place=st.integers(0, 5))
    def delete(self, tab: int, place: int) -> None:
        at = self.tabs[tab % len(self.tabs)]
        if at.features:
            at.delete(place % len(at.features))

    @precondition(lambda self: self.tabs)
    @rule(tab=st.integers(0, 1), x=st.integers(1, 5))
    def draw(self, tab: int, x: int) -> None:
        self.made += 1
        own = {"note": f"own {self.made}"}
        feature = {"type": "Feature", "properties": own, "geometry": point(x), "id": f"own{self.made:02}"}
        self.tabs[tab % len(self.tabs)].add(feature)

    @precondition(lambda self: self.tabs)
    @rule(tab=st.integers(0, 1), place=st.integers(0, 5))
    def duplicate(self, tab: int, place: int) -> None:
        at = self.tabs[tab % len(self.tabs)]
        if at.features:
            self.made += 1
            at.add({**at.features[place % len(at.features)], "id": f"cln{self.made:02}"})

    @precondition(lambda self: self.tabs)
    @rule(tab=st.integers(0, 1))
    def save(self, tab: int) -> None:
        self._save(self.tabs[tab % len(self.tabs)])

    def _save(self, tab: Tab) -> None:
        self.ledger.confirmed(tab.save(self.umap))

    # The bot

    @rule(
        fault=st.sampled_from(["", "", "request lost", "answer lost"]),
        kill=st.one_of(st.none(), st.integers(1, 14)),
        after=st.booleans(),
        when=st.sampled_from(["", "before_push", "inside_push", "after_push"]),
        once=st.sampled_from(["", "", "drift", "deleted", "foreign"]),
    )
    def sync(self, fault: str, kill: int | None, after: bool, when: str, once: str = "") -> None:
        with self._trouble(fault, when), suppress(Killed, BotError):
            self._run(Countdown(kill, after=after), once)
        self.undone.check(self.journal.memory)

    @rule(
        number=st.integers(0, 8),
        fault=st.sampled_from(["", "", "request lost", "answer lost"]),
        kill=st.one_of(st.none(), st.integers(1, 14)),
        after=st.booleans(),
        when=st.sampled_from(["", "before_push", "inside_push", "after_push"]),
    )
    def rollback(self, number: int, fault: str, kill: int | None, after: bool, when: str) -> None:
        runs = [run for run in self.journal.memory.runs if run.pushes or run.outcome == "unfinished"]
        if not runs:
            return  # a memory that was lost knows of none
        countdown = Countdown(kill, after=after)
        with self._trouble(fault, when), suppress(Killed, BotError):
            journal = MortalJournal(self.journal, countdown)
            layer: Any = Mortal(self.layer, countdown)
            undone = runs[-1 - number % len(runs)].number
            carry_out(lambda: self._undoing(undone), "rollback", self.job, layer, journal, self.clock)
        self.undone.check(self.journal.memory)

    def _undoing(self, number: int) -> Rollback:
        memory = self.journal.memory
        later = tuple(memory.run(run.number) for run in memory.runs[number:])
        return Rollback(memory.run(number), self.job.policy, later)

    @contextmanager
    def _trouble(self, fault: str, when: str) -> Iterator[None]:
        """What may go wrong with a push, and somebody who saves at that moment."""
        self.layer.fault = fault
        if when and self.tabs:
            setattr(self.layer, when, lambda: self._save(self.tabs[0]))
        yield
        for moment in ("before_push", "inside_push", "after_push"):
            setattr(self.layer, moment, None)
        self.layer.fault = ""

    @rule(number=st.integers(0, 3))
    def approve(self, number: int) -> None:
        """Also of what was asked long ago: the file may have moved, and the map too."""
        if asked := self._asked(number):
            # Parts are done with whatever the newest file says beside them, as `approving` has it.
            commit = None if asked.verdict.waiting else asked.context.commit
            word = Approval("", asked.fingerprint, commit)  # its code would take milliseconds
            self.journal.memory.approvals.append(word)
            self.journal.memory.stamp = None
            self.decided.approved.add(asked.fingerprint)

    @rule(number=st.integers(0, 3), feature=st.integers(0, 5))
    def approve_a_part(self, number: int, feature: int) -> None:
        if asked := self._asked(number):
            with suppress(BotError):
                key = _meant(asked, feature)
                approve_parts(["layer"], self.journal.named(asked), [key], "Ana", self.journal, self.clock)

    def _asked(self, number: int) -> Plan | None:
        """Return what was asked, counted from the newest question back."""
        asked = [run.plan for run in self.journal.memory.runs if run.waits and run.plan]
        return asked[-1 - number % len(asked)] if asked else None

    @rule(feature=st.integers(0, 5), field=st.sampled_from(["", "", "name", "geometry"]))
    def keep(self, feature: int, field: str) -> None:
        with suppress(BotError):
            state = self.journal.load("layer", self.clock)
            plan = preview(self.job, self.dataset, self.layer, state, self.clock).plan
            work = Work(self.job, self.dataset, self.layer)
            keep(work, [_meant(plan, feature)], field, "Ana", self.journal, self.clock)

    @precondition(lambda self: self.journal.memory.decisions)
    @rule(number=st.integers(0, 5))
    def take_back(self, number: int) -> None:
        decisions = self.journal.memory.decisions
        self.journal.memory.take_back(decisions[number % len(decisions)].number)

    @rule()
    def rest(self) -> None:
        """No trouble any more, and nobody answers: what is asked waits, and all else is there."""
        run = self._run()
        for _ in range(REST):
            run = self._run()
        if run.plan and run.plan.verdict.held:
            return  # of the whole file
        self._is_idle()
        self._is_right()

    def _is_idle(self) -> None:
        waits = bool(self._left and self._left.verdict.waiting)
        asked = self.layer.reads, self.dataset.reads, self.layer.pushes
        run = self._run()
        assert run.number == 0, "an idle run"
        assert (run.outcome, run.code) == (("held", 3) if waits else ("nothing", 0)), (
            "what waits is forgotten"
        )
        assert (self.layer.reads, self.dataset.reads, self.layer.pushes) == asked, "an idle run asks for more"

    @property
    def _left(self) -> Plan | None:
        """What the last settled sync came to."""
        settled = (run for run in reversed(self.journal.memory.runs) if run.kind == "sync" and run.settled)
        return next((run.plan for run in settled), None)

    def _is_right(self) -> None:
        self.undone.check(self.journal.memory)
        self.ledger.check(self.dataset.commits[-1], self.job.policy, self.journal.memory)

    @rule()
    def calm(self) -> None:
        """No trouble any more: it must settle, and all must be there."""
        run = self._run()
        for _ in range(CALM):
            if run.waits:
                self.approve(number=0)
            run = self._run()
        assert run.outcome == "nothing", run.outcome
        self._is_idle()
        self._is_right()

    def teardown(self) -> None:
        if self.dataset.commits:
            self.calm()

    def _run(self, countdown: Countdown | None = None, once: str = "") -> Run:
        """`once`: what this run keeps of people's, whatever policy says (`--drift keep` and its sisters)."""
        countdown = countdown or Countdown()
        journal = MortalJournal(self.journal, countdown)
        parts: list[Any] = [Mortal(self.dataset, countdown), Mortal(self.layer, countdown)]
        job = self._keeping(once) if once else self.job
        run = run_once(job, parts[0], parts[1], journal, self.clock)
        if run.number and run.settled and run.plan and run.commit == self.dataset.head():
            if job == self.job:
                self.decided.settle(run.plan)
            elif not (run.plan.context.first or run.plan.context.anew):
                self._stays_so()
        return run

    def _stays_so(self) -> None:
        """What a run left by an option is decided: the next without it does nothing about it."""
        work, state = Work(self.job, self.dataset, self.layer), self.journal.load("layer", self.clock)
        plan = preview(work.job, work.dataset, work.layer, state, self.clock).plan
        assert plan.verdict.approved or plan.effects.changes == (), "what an option kept is taken back"

    def _keeping(self, kind: str) -> Job:
        policy = replace(self.job.policy, **{kind: "keep"})
        return replace(self.job, policy=policy, usual=self.job.policy if policy != self.job.policy else None)


class MortalJournal(MemoryJournal):
    """A journal whose session may kill."""

    def __init__(self, journal: MemoryJournal, countdown: Countdown) -> None:
        self.memory = journal.memory
        self.countdown = countdown

    @contextmanager
    def lease(self, layer: str, clock: Clock) -> Iterator[Any]:
        yield Mortal(self.memory, self.countdown)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    stateful_step_count=25,
    max_examples=int(os.environ.get("LAW_EXAMPLES", "300")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
