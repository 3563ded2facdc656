"""The guard: what is refused, and what a person is asked about first. All reasons at once."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from umap_bot.model.layer import Live
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Limits
from umap_bot.model.run import Approval, Run
from umap_bot.reconcile.guard.question import Question
from umap_bot.reconcile.guard.refusals import REFUSALS
from umap_bot.reconcile.guard.rules import RULES


def guard(plan: Plan, live: Live, limits: Limits, history: tuple[Run, ...]) -> Plan:
    """Return the plan with the objections to it. Raise RefusedError or DatasetError on a refusal."""
    for refuse in REFUSALS:
        refuse(plan, live, limits)
    objections = _objections(Question(plan, live, limits, history))
    if plan.verdict.redo and not _objections(Question(plan.rest(), live, limits, history)):
        # All that there is to ask comes of what was undone: that is what is asked, and the rest goes on.
        objections = tuple(objection for objection in objections if objection.rule == "redo")
    return replace(plan, verdict=replace(plan.verdict, objections=objections))


def _objections(question: Question) -> tuple[Objection, ...]:
    return tuple(objection for rule in RULES[question.plan.effects.kind] for objection in rule(question))


def judged(
    plan: Plan, approval_of: Callable[[Plan], Approval | None], *, in_part: bool, carried_out: bool = False
) -> Plan:
    """Return what of a guarded plan goes on: all if nothing objects or a person approved just this plan; else
    all but what a rollback undid, or nothing.

    `approval_of` is asked for a person's word for it. `in_part`: the run went on in part before, so that
    nothing more is left of it is no reason to wait. `carried_out`: it carried out a plan that a person
    approved, and what objects even if nothing is left to do was answered with it.
    """
    if carried_out and not plan.effects.changes:
        return replace(plan, verdict=replace(plan.verdict, objections=()))
    if not plan.verdict.objections:
        return plan
    if approval_of(plan) is not None:
        return replace(plan, verdict=replace(plan.verdict, approved=True))
    rest = plan.rest() if plan.verdict.only_redo else plan
    return rest if plan.verdict.only_redo and (rest.effects.changes or in_part) else plan.holding()
