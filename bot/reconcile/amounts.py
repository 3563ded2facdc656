"""Reasons to ask a person first that are a matter of how much: each a small pure function."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.plan import Objection
from bot.reconcile.question import Question, features, of, percent


def first_contact(question: Question) -> Iterator[Objection]:
    """The layer holds features, and nothing tells what the file said before."""
    plan = question.plan
    if plan.first and plan.total and plan.changes:
        yield Objection(
            "first",
            f"This is the first sync of this layer, and it holds {features(plan.total)} already.",
            count=plan.total,
        )


def nothing_left(question: Question) -> Iterator[Objection]:
    """No feature of ours would be left."""
    plan = question.plan
    if plan.ours and sum(delete.why == "row" for delete in plan.deletes) >= plan.ours:
        yield Objection("nothing-left", "No feature of the file would be left on the map.", count=plan.ours)


def deletes(question: Question) -> Iterator[Objection]:
    """More deletes than max(1, share × n), whether a row is gone or people's own features are to go."""
    plan, limit = question.plan, question.limits.deletes
    names = tuple(delete.name for delete in plan.deletes if delete.why != "double")
    if len(names) > max(1.0, limit * plan.ours):
        text = f"{of(len(names), plan.ours)} would be removed. Limit: {percent(limit)} (at least 1)."
        yield Objection("deletes", text, len(names), plan.ours, percent(limit), "GUARD_DELETES", names)


def updates(question: Question) -> Iterator[Objection]:
    """More updates than share × n."""
    plan, limit = question.plan, question.limits.updates
    names = tuple(update.name for update in plan.updates)
    if len(names) > max(1.0, limit * plan.ours):
        text = f"{of(len(names), plan.ours)} would be changed. Limit: {percent(limit)} (at least 1)."
        yield Objection("updates", text, len(names), plan.ours, percent(limit), "GUARD_UPDATES", names)


def creates(question: Question) -> Iterator[Objection]:
    """More creates than share × n and the floor. An empty layer at first contact has nothing to lose."""
    plan, limits = question.plan, question.limits
    if plan.first and not plan.total:
        return
    names = tuple(create.name for create in plan.creates)
    if len(names) > max(limits.creates_floor, limits.creates * plan.ours):
        text = (
            f"{features(len(names))} would be added to {plan.ours}. "
            f"Limit: {percent(limits.creates)} (at least {limits.creates_floor})."
        )
        yield Objection(
            "creates", text, len(names), plan.ours, percent(limits.creates), "GUARD_CREATES", names
        )


def adoption(question: Question) -> Iterator[Objection]:
    """Features that people drew get their key: which is which is always theirs to say."""
    plan = question.plan
    if plan.changes:
        names = tuple(update.name for update in plan.updates)
        text = f"{features(len(names))} drawn on the map would get the id of a row, and nothing else."
        yield Objection("adopt", text, count=len(names), features=names)
