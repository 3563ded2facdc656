"""The run: look, read, compare, push until what would be pushed is what stands, record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from random import uniform
from typing import Final, Protocol

import msgspec

from umap_bot.errors import BotError, CommitGone, StateError
from umap_bot.model.base import Base
from umap_bot.model.canon import digest
from umap_bot.model.layer import Commit, Entry, Live
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Limits, Policy
from umap_bot.model.run import Applied, Kind, Run
from umap_bot.origin import Past, found
from umap_bot.ports import Clock, Dataset, Journal, LiveLayer, Memory, Recall
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.guard.guard import guard
from umap_bot.reconcile.guard.refusals import unversioned
from umap_bot.reconcile.lost_saves import carry, gone_for_good
from umap_bot.reconcile.news import seen_after, told
from umap_bot.reconcile.recovery import advance, recover

TRIES: Final = 4
DEADLINE: Final = timedelta(minutes=5)
"""Shorter than the lease on a layer (10 minutes), so a run never outlives it."""


class Aim(Protocol):
    """What a run makes for."""

    @property
    def kind(self) -> Kind: ...
    @property
    def commit(self) -> Commit: ...
    def plan(self, live: Live, base: Base | None) -> Plan: ...
    def base(self, plan: Plan, live: Live, base: Base | None) -> Base | None: ...


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One layer to keep: its name in the state, who wins, how much may change unasked.

    `shape` are the other settings that shape a plan, and the program's version: with any of them changed, a
    run looks closer even if nothing else did. `named` is the commit of which a person says that it was
    published last ("": the state knows).
    """

    layer: str
    policy: Policy
    limits: Limits
    shape: tuple[str, ...] = ()
    named: str = ""

    def stamp(self, commit: Commit, entry: Entry) -> str:
        """Return the idle stamp: a digest of all that a plan depends on, and of uMap's release."""
        settings = msgspec.json.encode([self.policy, self.limits, self.shape]).decode()
        return digest([commit.sha, entry.version, entry.release, settings])

    def tries(self, clock: Clock) -> Iterator[int]:
        """Return the tries of one run: four at the most, with jitter, within one deadline."""
        end = clock.now() + DEADLINE
        for number in range(TRIES):
            if number:
                clock.pause(uniform(0.2, 1.0) * 2**number)  # noqa: S311  jitter
            if clock.now() < end:
                yield number


def run_once(job: Job, dataset: Dataset, layer: LiveLayer, journal: Journal, clock: Clock) -> Run:
    """Make the layer what the file says, once.

    Raise LayerBusy if another run has the layer, and any other BotError; the change log then says so, and
    nothing is half done that the next run would not find and settle.
    """
    with journal.lease(job.layer, clock) as memory, _recording_failure(memory, "sync"):
        head, entry = dataset.head(), layer.look()
        if not job.named and _is_idle(job, head, entry, memory):
            return memory.idle(head)
        live = observe(layer, memory)
        if base := found(_past(job, memory.base, memory), head, dataset, live, clock):
            memory.applied((Applied(0, (), base),))  # no run's doing, and what follows goes on from it
        aim = choose(job, head, dataset, live, memory.base, memory)
        return Convergence(aim, job, layer, memory, clock).run(live)


def carry_out(aim: Aim, job: Job, layer: LiveLayer, journal: Journal, clock: Clock) -> Run:
    """Make for another aim than the newest file, once. Raise as run_once does."""
    return carry_out_found(lambda: aim, aim.kind, job, layer, journal, clock)


def carry_out_found(
    find: Callable[[], Aim], kind: Kind, job: Job, layer: LiveLayer, journal: Journal, clock: Clock
) -> Run:
    """The same with an aim that is found once it is known what became of every push before."""
    with journal.lease(job.layer, clock) as memory, _recording_failure(memory, kind):
        live = observe(layer, memory)
        return Convergence(find(), job, layer, memory, clock).run(live)


@contextmanager
def _recording_failure(memory: Memory, kind: Kind) -> Iterator[None]:
    try:
        yield
    except StateError:
        raise  # there is no log to write it to
    except BotError as error:
        memory.fail(kind, error.text, error.code)
        raise


@dataclass(frozen=True, slots=True)
class Convergence:
    """Push until what we would push is what stands. Sync, rollback and adoption differ only in their aim."""

    aim: Aim
    job: Job
    layer: LiveLayer
    memory: Memory
    clock: Clock

    def run(self, live: Live) -> Run:
        plan = self._plan(live)
        news = plan.news_of_map  # as it was when the run began: later, versions of our own are new
        run = self.memory.open(self.aim.kind, self.aim.commit)
        tries = self.job.tries(self.clock)
        in_part = False
        while True:
            run, plan = self._approved_or_held(run, plan, in_part=in_part)
            in_part = bool(plan.withheld)
            wanted = apply(plan, live)
            if wanted == live.standing:
                return self._settle(run, plan, live)
            if next(tries, None) is None:
                return self.memory.close(run.not_converged(plan), None, None, None)
            run = self.memory.intend(run, plan, live, wanted)
            self.layer.push(wanted, live)  # 412, merge, silence: the next read decides
            live = observe(self.layer, self.memory)
            plan = msgspec.structs.replace(self._plan(live), news_of_map=news)

    def _plan(self, live: Live) -> Plan:
        plan = planned(self.aim, live, self.memory.base, self.job, self.memory)
        lost = tuple(gone_for_good(save) for save in self.memory.lost_saves if save.lost is None)
        return msgspec.structs.replace(plan, warnings=plan.warnings + lost)

    def _approved_or_held(self, run: Run, plan: Plan, *, in_part: bool) -> tuple[Run, Plan]:
        """A plan that raises objections waits for a person, unless one approved just this plan.

        `in_part`: this run has gone on without what a rollback undid, and goes on so to its end.
        """
        if plan.objections and self.memory.approves(plan.digest):
            return msgspec.structs.replace(run, approved=plan.digest), plan
        return run, unapproved(plan, in_part=in_part)

    def _settle(self, run: Run, plan: Plan, live: Live) -> Run:
        if (plan.changes or plan.undo) and not plan.held:
            # What the plan would do to a save that we ran over stands already: that is how we ran over it.
            base = self.memory.base
            base = advance(base, plan, plan.changes, run.number) if base else None
            self.memory.applied((Applied(run.number, plan.changes, base),))
        # Of what stands, not of what is carried: base must not know a slice that the plan changed back.
        stands = msgspec.structs.replace(live, carried=live.standing)
        base = self.aim.base(plan, stands, self.memory.base)
        whole = base is not None and not plan.waiting and not plan.withheld
        stamp = self.job.stamp(self.aim.commit, live.entry) if whole else None
        seen = seen_after(live, self.memory.seen, pushed=run.pushes > 0)
        return self.memory.close(run.end(plan), base, stamp, seen)


def observe(layer: LiveLayer, memory: Memory) -> Live:
    """Read the layer, with what we owe to others; take what stands of our own pushes into base and log.

    Raise RefusedError for a uMap that is too old to be written to, beside what reading raises.
    """
    live = layer.read()
    if old := unversioned(live):
        raise old
    if memory.last_push is not None:
        memory.owe(layer.overwritten(memory.last_push, live))
    live = carry(memory.lost_saves, live, _key(memory))
    memory.applied(recover(memory.pending, memory.base, live.carried))
    return live


def _key(memory: Recall) -> str:
    """Return the key property, if it is known before the file is read."""
    return memory.base.key if memory.base else ""


def preview(job: Job, dataset: Dataset, layer: LiveLayer, memory: Recall, clock: Clock) -> Plan:
    """Return what a run would do, and write nothing: neither on the map nor in the state."""
    head = dataset.head()
    live, base = glance(layer, memory)
    base = found(_past(job, base, memory), head, dataset, live, clock) or base
    return preview_of(choose(job, head, dataset, live, base, memory), live, base, job, memory)


def planned(aim: Aim, live: Live, base: Base | None, job: Job, memory: Recall) -> Plan:
    """Return the guarded plan of an aim, with what there is to tell beside its changes."""
    history = memory.history
    plan = told(aim.plan(live, base), live, memory.seen, history, memory.published)
    return guard(plan, live, job.limits, history)


def preview_of(aim: Aim, live: Live, base: Base | None, job: Job, memory: Recall) -> Plan:
    """Return what a run with this aim would do, on sides as `glance` gives them."""
    plan = planned(aim, live, base, job, memory)
    if old := unversioned(live):
        plan = msgspec.structs.replace(plan, warnings=(*plan.warnings, old.text))
    return plan if memory.approves(plan.digest) else unapproved(plan)


def unapproved(plan: Plan, *, in_part: bool = False) -> Plan:
    """Return what of a plan that nobody approved goes on: all, all but what a rollback undid, or nothing.

    `in_part`: it went on in part before, so that nothing more is left of it is no reason to wait.
    """
    if not plan.objections:
        return plan
    rest = plan.rest() if plan.only_redo else plan
    return rest if plan.only_redo and (rest.changes or in_part) else plan.holding()


def glance(layer: LiveLayer, memory: Recall) -> tuple[Live, Base | None]:
    """Return live and base as `observe` would leave them, and write nothing."""
    live = layer.read()
    new = layer.overwritten(memory.last_push, live) if memory.last_push else ()
    live = carry((*memory.lost_saves, *new), live, _key(memory))
    applied = recover(memory.pending, memory.base, live.carried)
    return live, applied[-1].base if applied else memory.base


def _past(job: Job, base: Base | None, memory: Recall) -> Past:
    return Past(base, memory.seen, base is not None or bool(memory.history), job.named)


def choose(job: Job, head: Commit, dataset: Dataset, live: Live, base: Base | None, memory: Recall) -> Sync:
    """Return the aim: the newest commit; before it what a person approved, if its plan is still that.

    Otherwise a dataset that moves every hour could never be approved, nor what was planned with another
    policy for this one time. A commit that is no more (history was rewritten) is nobody's aim.
    """
    approval = memory.approval
    if approval is not None:
        with suppress(CommitGone):
            aim = Sync(*dataset.read(approval.commit or head), approval.policy or job.policy)
            plan = planned(aim, live, base, job, memory)
            if plan.objections and memory.approves(plan.digest):
                return aim
    return Sync(*dataset.read(head), job.policy)


def _is_idle(job: Job, head: Commit, entry: Entry, memory: Memory) -> bool:
    """Nothing is new since the last settled run, and nothing is owed or unfinished."""
    return (
        memory.stamp is not None
        and memory.stamp == job.stamp(head, entry)
        and not memory.lost_saves
        and not memory.pending
    )
