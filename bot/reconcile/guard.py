"""The guard: what is refused, and what a person is asked about first. All reasons at once."""

from __future__ import annotations

import msgspec

from bot.model.layer import Live
from bot.model.plan import Plan
from bot.model.policy import Limits
from bot.model.run import Run
from bot.reconcile.question import Question
from bot.reconcile.refusals import REFUSALS
from bot.reconcile.rules import RULES


def guard(plan: Plan, live: Live, limits: Limits, history: tuple[Run, ...]) -> Plan:
    """Give the plan with the objections to it. Raise RefusedError or DatasetError on a refusal."""
    for refuse in REFUSALS:
        refuse(plan, live, limits)
    question = Question(plan, live, limits, history)
    objections = tuple(objection for rule in RULES[plan.kind] for objection in rule(question))
    return msgspec.structs.replace(plan, objections=objections)
