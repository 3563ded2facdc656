"""The guard: what is refused, and what a person is asked about first. All reasons at once."""

from __future__ import annotations

import msgspec

from umap_bot.model.layer import Live
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Limits
from umap_bot.model.run import Run
from umap_bot.reconcile.guard.question import Question
from umap_bot.reconcile.guard.refusals import REFUSALS
from umap_bot.reconcile.guard.rules import RULES


def guard(plan: Plan, live: Live, limits: Limits, history: tuple[Run, ...]) -> Plan:
    """Return the plan with the objections to it. Raise RefusedError or DatasetError on a refusal."""
    for refuse in REFUSALS:
        refuse(plan, live, limits)
    objections = _objections(Question(plan, live, limits, history))
    if plan.redo and not _objections(Question(plan.rest(), live, limits, history)):
        # All that there is to ask comes of what was undone: that is what is asked, and the rest goes on.
        objections = tuple(objection for objection in objections if objection.rule == "redo")
    return msgspec.structs.replace(plan, objections=objections)


def _objections(question: Question) -> tuple[Objection, ...]:
    return tuple(objection for rule in RULES[question.plan.kind] for objection in rule(question))
