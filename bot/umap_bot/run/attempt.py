"""One attempt: read, compare, push until what would be pushed is what stands, record; and its preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from umap_bot import progress
from umap_bot.model.decision import Decision
from umap_bot.model.layer import Commit, Live
from umap_bot.model.plan import Kind
from umap_bot.model.run import Applied, Run
from umap_bot.model.state import LayerState, Unwritten
from umap_bot.ports import Clock, Dataset, Journal, LiveLayer, Session
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.decided import answering, decided, left_by_option, over
from umap_bot.reconcile.guard.refusals import unversioned
from umap_bot.reconcile.news import seen_after
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.recovery import advance
from umap_bot.run.job import DEADLINE, Aim, Job, tries
from umap_bot.run.lease import leased
from umap_bot.run.step import choose, observe, step
from umap_bot.text import say


def carry_out(
    find: Callable[[], Aim], kind: Kind, job: Job, layer: LiveLayer, journal: Journal, clock: Clock
) -> Run:
    """Make for another aim, once; it is found when it is known what became of every push before.

    Raise as run_once does.
    """
    with leased(job, layer, journal, clock, kind) as (session, end):
        attempt = Attempt(job, layer, session, clock, end)
        live, state = attempt.observe(session.load(changes=False))
        aim = find()
        return attempt.converge(aim, step(live, state, aim, job), live, state)


def preview(job: Job, dataset: Dataset, layer: LiveLayer, state: LayerState, clock: Clock) -> Outcome:
    """Return what a run would come to, and write nothing: neither on the map nor in the state."""
    head, pen = dataset.head(), Unwritten()
    with layer.until(clock.now() + DEADLINE):
        live, state = observe(layer.read(), layer, state, pen)
        _, outcome, _ = choose(job, head, dataset, live, state, pen, clock)
    return _warned(outcome, live)


def preview_of(aim: Aim, job: Job, layer: LiveLayer, state: LayerState, clock: Clock) -> Outcome:
    """Return what a run with this aim would come to, and write nothing."""
    with layer.until(clock.now() + DEADLINE):
        live, state = observe(layer.read(), layer, state, Unwritten())
    return _warned(step(live, state, aim, job), live)


def _warned(outcome: Outcome, live: Live) -> Outcome:
    old = unversioned(live)
    return replace(outcome, plan=outcome.plan.telling(old.text)) if old else outcome


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run while it has the layer. It tries until `end`, and never longer than its lease."""

    job: Job
    layer: LiveLayer
    session: Session
    clock: Clock
    end: datetime

    def sync(self, head: Commit, dataset: Dataset) -> Run:
        """Update the layer to match the file at `head`, or at the commit that a person approved."""
        live, state = self.observe(self.session.load(changes=self.job.policy.asks_of_last_run))
        aim, outcome, state = choose(self.job, head, dataset, live, state, self.session, self.clock)
        state = self._decide(outcome, aim, live, state)
        run = self.converge(aim, outcome, live, state)
        usual = self.job.usual or self.job.policy
        if aim.commit.sha == head.sha and run.plan and run.plan.effects.policy == usual:
            self._forget(state, run, outcome.sides.stands)
        return run

    def _decide(self, outcome: Outcome, aim: Aim, live: Live, state: LayerState) -> LayerState:
        """Write down what the person decided who let another policy stand in for the usual one: before the
        first push, and again of what people did meanwhile."""
        usual = self.job.usual
        if not isinstance(aim, Sync) or usual is None or aim.policy == usual:
            return state
        plan = replace(aim, policy=usual).outcome(live, state.base).plan
        left = left_by_option(plan.leaving(decided(plan, state.decisions, "map")), outcome.plan)
        made = [Decision(side="map", change=change, by=self.job.by) for change in left]
        return self.session.decide(state, made) if made else state

    def _forget(self, state: LayerState, run: Run, stands: Callable[[str], bool]) -> None:
        """End the decisions that have nothing more to decide, by the newest file and the usual policy.

        Another policy leaves by itself what they are about. `stands` is as the run found the map.
        """
        if run.settled and run.plan and (ended := over(state.decisions, run.plan, stands)):
            self.session.forget(state, ended)

    def observe(self, state: LayerState) -> tuple[Live, LayerState]:
        """Read the layer. Raise RefusedError for a uMap that is too old to be written to, too."""
        live = self.layer.read()
        if old := unversioned(live):
            raise old
        return observe(live, self.layer, state, self.session)

    def converge(self, aim: Aim, outcome: Outcome, live: Live, state: LayerState) -> Run:
        """Push until what we would push is what stands."""
        news = (
            outcome.plan.context.news_of_map
        )  # as it was when the run began: later, our own versions are new
        run = self.session.open(aim.kind, aim.commit)
        more = tries(self.clock, self.end)
        while True:
            plan = outcome.plan
            if plan.verdict.approved and (approval := state.approval_of(plan)):
                run = run.carrying_out(plan, approval)
            elif words := answering(plan, state.decisions):
                run = run.answered_by(words)
            wanted = apply(plan, live)
            if wanted == live.standing:
                return self._settle(aim, outcome, run, live, state)
            if next(more, None) is None:
                return self.session.close(run.not_converged(plan), None, None, None)
            state = self._nothing_published(outcome, state)
            state, run = self.session.intend(state, run, plan, live, wanted)
            self.layer.push(wanted, live)  # 412, merge, silence: the next read decides
            live, state = self.observe(state)
            outcome = step(live, state, aim, self.job, carried_out=bool(run.approved))
            outcome = replace(outcome, plan=outcome.plan.with_news(news))

    def _nothing_published(self, outcome: Outcome, state: LayerState) -> LayerState:
        """Write down, before parts of a first sync wait, that the layer was empty.

        Without base the next step would find our own features there, and ask about the whole as of a layer
        that others filled.
        """
        plan = outcome.plan
        base = outcome.base_after(plan) if plan.context.first and plan.verdict.waiting else None
        return self.session.applied(state, (Applied(0, (), base),)) if base else state

    def _settle(self, aim: Aim, outcome: Outcome, run: Run, live: Live, state: LayerState) -> Run:
        progress.step(say("Writing the log"))
        plan, effects = outcome.plan, outcome.plan.effects
        done = bool(effects.changes or effects.undo) and not plan.verdict.held
        if done:
            # What the plan would do to a save that we ran over stands already: that is how we ran over it.
            base = advance(state.base, plan, effects.changes, run.number) if state.base else None
            state = self.session.applied(state, (Applied(run.number, effects.changes, base),))
        if effects.kind == "sync" and (done or live.carried != live.standing):
            # Of what stands, not of what is carried: base must not know a slice that the plan changed back.
            outcome = aim.outcome(replace(live, carried=live.standing), state.base)
        self._decide(outcome, aim, live, state)
        base = outcome.base_after(plan)
        # What stands on other layers of the file is in no stamp.
        elsewhere = any(objection.rule == "strayed" for objection in plan.verdict.objections)
        waits = plan.context.awaited or plan.context.rows_wait or elsewhere
        whole = base is not None and not waits
        stamp = self.job.stamp(aim.commit, live.entry) if whole else None
        seen = seen_after(live, state.seen, pushed=run.pushes > 0)
        return self.session.close(run.end(plan), base, stamp, seen)
