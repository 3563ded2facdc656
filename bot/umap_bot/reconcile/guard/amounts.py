"""Reasons to ask a person first that are a matter of how much: each a small pure function."""

from __future__ import annotations

from collections.abc import Iterator

from umap_bot.model.plan import Objection, Plan
from umap_bot.reconcile.guard.question import Question, features, limited, limited_from, share
from umap_bot.text import Text, joined, say, say_n


def first_contact(question: Question) -> Iterator[Objection]:
    """The layer holds features, and nothing tells what the file said before."""
    plan = question.plan
    if plan.context.first and plan.context.total and plan.effects.changes:
        lost = plan.context.ours > 0 and not question.history
        text = joined(_holds(plan.context.total, plan.context.ours, lost=lost))
        total = plan.context.total
        yield Objection("lost", text, count=total) if lost else Objection("first", text, count=total)


def _holds(total: int, ours: int, *, lost: bool) -> Iterator[Text]:
    """Say what the layer holds, and how many of it have ids of the file.

    `lost`: the state knows of no run that wrote these ids. After an adoption it does.
    """
    yield say(
        "This is the first sync of this layer, which already contains {features}.", features=features(total)
    )
    if ours:
        yield say_n(
            "{count} of them has the id of a row in the file.",
            "{count} of them have ids of rows in the file.",
            ours,
        )
    if lost:
        yield say(
            "The state has no record of a run that added them. If the state was lost, name the "
            "version that was published last: umap-bot sync --base COMMIT"
        )


def nothing_left(question: Question) -> Iterator[Objection]:
    """No feature of ours would be left. Rows that move to another layer count: this one would be empty."""
    plan = question.plan
    if any(create.recreates for create in plan.effects.creates):
        return
    if plan.context.ours and sum(delete.why == "row" for delete in plan.effects.deletes) >= plan.context.ours:
        text = say("No feature of the file would be left on the map.")
        yield Objection("nothing-left", text, count=plan.context.ours)


def deletes(question: Question) -> Iterator[Objection]:
    """More deletes than the limit, whether a row is gone or people's own features are to go. A row that
    another layer has is not gone."""
    plan, limit, total = question.plan, question.limits.deletes, _of_file(question.plan)
    moved = frozenset(plan.context.moved)
    names = tuple(
        delete.name
        for delete in plan.effects.deletes
        if delete.why != "double" and (delete.why != "row" or delete.key not in moved)
    )
    if limit.is_exceeded(len(names), total):
        text = say_n(
            "{count} of {features}{share} would be removed. Limit: {limit}.",
            "{count} of {features}{share} would be removed. Limit: {limit}.",
            len(names),
            features=features(total),
            share=share(len(names), total, limit),
            limit=limited_from(limit),
        )
        yield Objection("deletes", text, len(names), total, str(limited(limit)), "GUARD_DELETES", names)


def updates(question: Question) -> Iterator[Objection]:
    """More updates than the limit."""
    plan, limit, total = question.plan, question.limits.updates, _of_file(question.plan)
    names = tuple(update.name for update in plan.effects.updates)
    if limit.is_exceeded(len(names), total):
        text = say_n(
            "{count} of {features}{share} would be changed. Limit: {limit}.",
            "{count} of {features}{share} would be changed. Limit: {limit}.",
            len(names),
            features=features(total),
            share=share(len(names), total, limit),
            limit=limited_from(limit),
        )
        yield Objection("updates", text, len(names), total, str(limited(limit)), "GUARD_UPDATES", names)


def creates(question: Question) -> Iterator[Objection]:
    """More creates than the limit. What people removed and comes back is nothing new, nor is a row that comes
    from another layer. An empty layer at first contact has nothing to lose."""
    plan, limit, floor = question.plan, question.limits.creates, question.limits.creates_floor
    if plan.context.first and not plan.context.total:
        return
    total, moved = _of_file(plan), frozenset(plan.context.moved)
    names = tuple(
        create.name for create in plan.effects.creates if not create.recreates and create.key not in moved
    )
    if limit.is_exceeded(len(names), total, floor):
        if total:
            text = say_n(
                "{count} feature would be added to {total}. Limit: {limit}.",
                "{count} features would be added to {total}. Limit: {limit}.",
                len(names),
                total=total,
                limit=limited_from(limit, floor),
            )
        else:  # a share of nothing is nothing
            text = say(
                "{features} would be added to a layer that has none from the file yet. Limit: {limit}.",
                features=features(len(names)),
                limit=features(floor) if limit.unit == "percent" else limited(limit),
            )
        yield Objection("creates", text, len(names), total, str(limited(limit)), "GUARD_CREATES", names)


def _of_file(plan: Plan) -> int:
    """Return how many features of the file the map would hold if nobody had removed one since the last run:
    what people do by hand makes the file's changes neither more nor less."""
    return plan.context.ours + sum(drift.kind == "deleted" for drift in plan.context.news)


def adoption(question: Question) -> Iterator[Objection]:
    """Features that people drew get their key: which is which is always theirs to say."""
    plan = question.plan
    if plan.effects.changes:
        names = tuple(update.name for update in plan.effects.updates)
        text = say_n(
            "{count} feature drawn on the map would be matched with a row and get its id. "
            "Nothing else would change.",
            "{count} features drawn on the map would be matched with rows and get their ids. "
            "Nothing else would change.",
            len(names),
        )
        yield Objection("adopt", text, count=len(names), features=names)
