"""One step of a run or a preview: what stands, what it is made for, and what that comes to."""

from __future__ import annotations

from contextlib import suppress

from msgspec.structs import replace

from umap_bot import progress
from umap_bot.errors import CommitGone, DatasetError
from umap_bot.model.layer import Commit, Layer, Live
from umap_bot.model.part import Part
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Applied
from umap_bot.model.state import LayerState
from umap_bot.ports import Clock, Dataset, LiveLayer, Pen
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.columns import refuse_unnamed
from umap_bot.reconcile.decided import decided, is_wanted
from umap_bot.reconcile.guard.guard import guard, judged
from umap_bot.reconcile.lost_saves import carry, gone_for_good
from umap_bot.reconcile.news import told
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.proposals import asked_of, told_of_proposals
from umap_bot.reconcile.recovery import recover
from umap_bot.reconcile.strayed import looked_for, marked
from umap_bot.run import origin
from umap_bot.run.job import Aim, Job
from umap_bot.text import say


def observe(live: Live, layer: LiveLayer, state: LayerState, pen: Pen) -> tuple[Live, LayerState]:
    """Return the layer that was read, with what our pushes ran over; take what stands of them into base and
    log."""
    if state.last_push is not None:
        state = pen.lost(state, layer.overwritten(state.last_push, live))
    live = carry(state.lost_saves, live, state.key)
    return live, pen.applied(state, recover(state.pending, state.base, live.carried))


def step(
    live: Live,
    state: LayerState,
    aim: Aim,
    job: Job,
    *,
    carried_out: bool = False,
) -> Outcome:
    """Compare once; tell what is news, leave what a person decided to leave, guard, judge. The run and the
    preview are made of this.

    `carried_out`: the run carried out a plan that a person approved.
    """
    progress.step(say("Comparing the file and the map"))
    outcome = aim.outcome(live, state.base)
    if job.alone and aim.kind == "sync":
        refuse_unnamed(outcome.sides.desired, live)
    plan = told(outcome.plan, live, state)
    answered: frozenset[Part] = frozenset()
    if aim.kind == "sync":  # who undoes a run, or matches by hand, decides on that
        answered = decided(plan, state.decisions, "file")
        plan = _with_strayed(_left(plan, state), outcome.sides.desired, job)
        plan = plan.telling(*told_of_proposals(plan, state.decisions, outcome.sides.desired))
    plan = guard(plan, live, job.limits, state.history, answered)
    lost = (gone_for_good(save) for save in state.lost_saves if save.lost is None)
    plan = plan.telling(*live.warnings, *lost)
    plan = judged(plan, state.approval_of, answered, carried_out=carried_out)
    if aim.kind == "sync" and not (plan.verdict.approved or carried_out):
        plan = _unused(plan, state)
    return replace(outcome, plan=_outdated(plan, state))


def _outdated(plan: Plan, state: LayerState) -> Plan:
    """Tell of an approval that an earlier umap-bot wrote down, where somebody would wait for it in vain."""
    if state.outdated is None or not plan.verdict.asks:
        return plan
    return plan.telling(
        say(
            "The approval of {time} used a code from an earlier version of umap-bot and is no "
            "longer valid. Approve the code shown here instead.",
            time=state.outdated,
        )
    )


def _unused(plan: Plan, state: LayerState) -> Plan:
    """Tell of approvals that are of another plan: somebody would wait for them in vain."""
    return plan.telling(
        *(
            say(
                "The approval of plan {code} does not count: since then the file or the map has changed, and "
                "a sync would do something else.",
                code=approval.code,
            )
            for approval in state.approvals
            if approval.fingerprint
        )
    )


def _with_strayed(plan: Plan, desired: Layer, job: Job) -> Plan:
    """Return the plan with what people moved between layers of one file. Only what would come back, or go as
    people's own, can be: other layers are asked of nothing else."""
    if job.neighbours is None or not (keys := looked_for(plan, desired)):
        return plan
    return marked(plan, desired, job.neighbours.standing(keys, desired.key))


def _left(plan: Plan, state: LayerState) -> Plan:
    """Return the plan without what a person decided to leave, and with these decisions."""
    parts = decided(plan, state.decisions, "map")
    if not parts:
        return plan
    made = [each for each in state.decisions if each.side == "map"]
    held = tuple(each for each in made if any(each.holds_for(part) for part in parts))
    left = plan.leaving(parts)
    return replace(left, verdict=replace(left.verdict, decided=held))


def choose(
    job: Job, head: Commit, dataset: Dataset, live: Live, state: LayerState, pen: Pen, clock: Clock
) -> tuple[Sync, Outcome, LayerState]:
    """Return the aim with its outcome, and the state with the base that was found where it was lost or is
    old."""
    if base := origin.regained(state, job.named, head, dataset, live, clock):
        state = pen.applied(
            state, (Applied(0, (), base),)
        )  # no run's doing, and what follows goes on from it
    aim, outcome = _approved_or_newest(job, head, dataset, live, state)
    if base := origin.brought_up(state, outcome.sides, head, dataset, clock):
        state = pen.applied(state, (Applied(0, (), base),))
        aim, outcome = _approved_or_newest(job, head, dataset, live, state)
    return aim, outcome, state


def _approved_or_newest(
    job: Job, head: Commit, dataset: Dataset, live: Live, state: LayerState
) -> tuple[Sync, Outcome]:
    """Aim at what a person approved, from its commit and with its policy, if its plan is still that.

    Otherwise a dataset that moves every hour could never be approved. But the newest file must still want all
    that it does: somebody may have put the file right since. A commit that is no more (history was
    rewritten), or can't be read with today's settings, is nobody's aim.
    """

    def at(commit: Commit, policy: Policy) -> tuple[Sync, Outcome]:
        aim = Sync(*dataset.read(commit, state.base), policy, asked=asked_of(state.decisions))
        return aim, step(live, state, aim, job)

    newest: tuple[Sync, Outcome] | None = None
    for approval in state.approvals:
        commit, policy, found = approval.commit or head, approval.policy or job.policy, None
        if (commit.sha, policy) == (head.sha, job.policy):
            found = newest = newest or at(head, policy)
        else:
            with suppress(CommitGone, DatasetError):
                found = at(commit, policy)
        if found and found[1].plan.verdict.approved:
            of_newest = commit.sha == head.sha
            if of_newest or is_wanted(found[1].plan, at(head, policy)[1].plan):
                return found
    return newest or at(head, job.policy)
