"""Reasons to ask a person first that are a matter of how much: each a small pure function."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from umap_bot.model.plan import Objection
from umap_bot.reconcile.guard.question import Question, features, percent, share
from umap_bot.text import Text, joined, say, say_n


def first_contact(question: Question) -> Iterator[Objection]:
    """The layer holds features, and nothing tells what the file said before."""
    plan = question.plan
    if plan.context.first and plan.context.total and plan.effects.changes:
        text = joined(_holds(plan.context.total, plan.context.ours, known=bool(question.history)))
        yield Objection("first", text, count=plan.context.total)


def _holds(total: int, ours: int, *, known: bool) -> Iterator[Text]:
    """Say what the layer holds, and how many of it have ids of the file.

    `known`: the state knows who wrote these ids, as it does after an adoption.
    """
    yield say(
        "This is the first sync of this layer, and it holds {features} already.", features=features(total)
    )
    if ours:
        yield say_n(
            "{count} of them has the id of a row in the file.",
            "{count} of them have the id of a row in the file.",
            ours,
        )
        if not known:
            yield say(
                "The state knows of no run that wrote them. Was it lost? Then name the version that was "
                "published last: umap-bot sync --base COMMIT."
            )


def nothing_left(question: Question) -> Iterator[Objection]:
    """No feature of ours would be left."""
    plan = question.plan
    if plan.context.ours and sum(delete.why == "row" for delete in plan.effects.deletes) >= plan.context.ours:
        text = say("No feature of the file would be left on the map.")
        yield Objection("nothing-left", text, count=plan.context.ours)


def deletes(question: Question) -> Iterator[Objection]:
    """More deletes than one and the limit, whether a row is gone or people's own features are to go."""
    plan, limit = question.plan, question.limits.deletes
    names = tuple(delete.name for delete in plan.effects.deletes if delete.why != "double")
    if _exceeds(len(names), plan.context.ours, limit):
        text = say_n(
            "{count} of {features}{share} would be removed. Limit: {limit} (at least 1).",
            "{count} of {features}{share} would be removed. Limit: {limit} (at least 1).",
            len(names),
            features=features(plan.context.ours),
            share=share(len(names), plan.context.ours, limit),
            limit=percent(limit),
        )
        yield Objection(
            "deletes", text, len(names), plan.context.ours, str(percent(limit)), "GUARD_DELETES", names
        )


def updates(question: Question) -> Iterator[Objection]:
    """More updates than one and the limit."""
    plan, limit = question.plan, question.limits.updates
    names = tuple(update.name for update in plan.effects.updates)
    if _exceeds(len(names), plan.context.ours, limit):
        text = say_n(
            "{count} of {features}{share} would be changed. Limit: {limit} (at least 1).",
            "{count} of {features}{share} would be changed. Limit: {limit} (at least 1).",
            len(names),
            features=features(plan.context.ours),
            share=share(len(names), plan.context.ours, limit),
            limit=percent(limit),
        )
        yield Objection(
            "updates", text, len(names), plan.context.ours, str(percent(limit)), "GUARD_UPDATES", names
        )


def creates(question: Question) -> Iterator[Objection]:
    """More creates than the floor and the limit. An empty layer at first contact has nothing to lose."""
    plan, limits = question.plan, question.limits
    if plan.context.first and not plan.context.total:
        return
    names = tuple(create.name for create in plan.effects.creates)
    if _exceeds(len(names), plan.context.ours, limits.creates, limits.creates_floor):
        limit = percent(limits.creates)
        if plan.context.ours:
            text = say_n(
                "{count} feature would be added to {total}. Limit: {limit} (at least {floor}).",
                "{count} features would be added to {total}. Limit: {limit} (at least {floor}).",
                len(names),
                total=plan.context.ours,
                limit=limit,
                floor=limits.creates_floor,
            )
        else:
            text = say(
                "{features} would be added, and none from the file is on the map yet. Limit: {floor}.",
                features=features(len(names)),
                floor=limits.creates_floor,
            )
        yield Objection("creates", text, len(names), plan.context.ours, str(limit), "GUARD_CREATES", names)


def adoption(question: Question) -> Iterator[Objection]:
    """Features that people drew get their key: which is which is always theirs to say."""
    plan = question.plan
    if plan.effects.changes:
        names = tuple(update.name for update in plan.effects.updates)
        text = say_n(
            "{count} feature drawn on the map would get the id of a row, and nothing else.",
            "{count} features drawn on the map would get the id of a row, and nothing else.",
            len(names),
        )
        yield Objection("adopt", text, count=len(names), features=names)


def _exceeds(count: int, total: int, limit: Decimal, floor: int = 1) -> bool:
    """Tell whether a count is above the floor, and above the limit in percent of the total."""
    return count > floor and 100 * count > limit * total
