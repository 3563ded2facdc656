"""The guard: what is refused, and what a person is asked about first. All reasons at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from msgspec.structs import replace

from umap_bot.model.change import Change, Create
from umap_bot.model.layer import Live
from umap_bot.model.part import Part, split
from umap_bot.model.plan import Objection, Plan, cells_changed
from umap_bot.model.policy import Limits
from umap_bot.model.run import Approval, Run
from umap_bot.reconcile.guard.question import Question
from umap_bot.reconcile.guard.refusals import REFUSALS
from umap_bot.reconcile.guard.rules import RULES
from umap_bot.reconcile.guard.scope import scoped

WHOLE: Final = frozenset({"redo", "strayed"})
"""Rules that tell all that there is to ask of their parts."""


def guard(
    plan: Plan,
    live: Live,
    limits: Limits,
    history: tuple[Run, ...],
    answered: Collection[Part] = (),
) -> Plan:
    """Return the plan with the objections to it. Raise RefusedError or DatasetError on a refusal.

    `answered` are parts that a person said yes to: nobody is asked about them, and they count in no limit.
    If all that there is to ask comes of single features, that is what is asked; what remains without them is
    looked at by itself.
    """
    for refuse in REFUSALS:
        refuse(plan, live, limits)
    left, said = split(plan.effects.changes, answered)
    kept = (change for change in plan.verdict.kept if not (isinstance(change, Create) and change.recreates))
    question = Question(plan.doing(left), live, limits, history, (*said, *kept))
    objections = _objections(question)
    found = [objection for objection in objections if objection.parts]
    of_rest = objections
    while out := _parts(found):
        of_rest = _objections(replace(question, plan=question.plan.asking(out)))
        more = [objection for objection in of_rest if objection.parts]
        if not more:
            break
        found += more
    whole = [objection for objection in of_rest if not objection.parts]
    if whole:
        named = {objection.rule for objection in objections}
        found = [*objections, *(objection for objection in whole if objection.rule not in named)]
    return replace(plan, verdict=replace(plan.verdict, objections=tuple(found)))


def _objections(question: Question) -> tuple[Objection, ...]:
    """Ask every rule. What a rollback undid is one question, whatever else would object to it; so is what was
    moved to another layer, of which other rules only see that it is gone here, or new."""
    found = [
        scoped(objection, question)
        for rule in RULES[question.plan.effects.kind]
        for objection in rule(question)
    ]
    told = _parts([objection for objection in found if objection.rule in WHOLE])
    return tuple(
        objection
        for objection in found
        if not objection.parts or objection.rule in WHOLE or not told.issuperset(objection.parts)
    )


def _parts(objections: Collection[Objection]) -> frozenset[Part]:
    return frozenset(part for objection in objections for part in objection.parts)


def judged(
    plan: Plan,
    approval_of: Callable[[Plan], Approval | None],
    answered: Collection[Part] = (),
    *,
    carried_out: bool = False,
) -> Plan:
    """Return what of a guarded plan goes on: all if nothing objects or a person approved just this plan; all
    but the parts that a person is asked about, if nothing else is in doubt; else nothing.

    `approval_of` is asked for a person's word for the plan, or for what of it waits. `answered` are parts
    that a person said yes to. `carried_out`: the run carried out a plan that a person approved, and what
    objects even if nothing is left to do was answered with it.
    """
    objections = plan.verdict.objections
    if carried_out and not plan.effects.changes:
        return replace(plan, verdict=replace(plan.verdict, objections=()))
    if not objections:
        return _answered(plan, plan.effects.changes)
    if approval_of(plan) is not None:
        return replace(_answered(plan, plan.effects.changes), verdict=replace(plan.verdict, approved=True))
    if any(not objection.parts for objection in objections):
        return plan.holding()
    rest = plan.asking(_parts(objections) - frozenset(answered))
    if approval_of(rest) is not None:
        verdict = replace(plan.verdict, approved=True, asked=rest.verdict.asked)
        return replace(_answered(plan, plan.effects.changes), verdict=verdict)
    return _answered(rest, rest.effects.changes)


def _answered(plan: Plan, changes: Iterable[Change]) -> Plan:
    """Return the plan with people's edits that these changes overwrite told as such: nobody is asked."""
    cells = set(cells_changed(changes))
    drift = tuple(
        replace(each, outcome="overwrite")
        if each.outcome == "hold" and {(each.key, each.field), (each.key, "")} & cells
        else each
        for each in plan.context.drift
    )
    return plan.doing(plan.effects.changes, drift)
