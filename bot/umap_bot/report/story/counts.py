"""How much a plan or a run changes, in one sentence each."""

from __future__ import annotations

from umap_bot.model.change import Change, Create, Update
from umap_bot.model.plan import Plan
from umap_bot.model.undo import Undo
from umap_bot.report.story.words import features, listed
from umap_bot.text import NOTHING, Text, say, say_n, verbatim


def foreseen(plan: Plan) -> Text:
    """Return in one sentence what a sync would do."""
    if not plan.effects.changes and plan.effects.undo:
        return nothing_left(plan.effects.undo)
    if not plan.effects.changes:
        asks = plan.verdict.asks or plan.context.rows_wait
        return say("No feature would change.") if asks else say("Nothing to do: {how}.", how=up_to_date(plan))
    counts = plan.counts
    parts = [say("change {features}", features=features(counts.update))] if counts.update else []
    parts += [say("add {count}", count=counts.create)] if counts.create else []
    parts += [say("remove {count}", count=counts.delete)] if counts.delete else []
    if plan.effects.undo:
        return say("Undoing run {number} would {what}.", number=plan.effects.undo.run, what=listed(parts))
    return say("A sync would {what}.", what=listed(parts))


def up_to_date(plan: Plan) -> Text:
    """Return how the map stands to the file when nothing is to be done."""
    if plan.verdict.kept or any(drift.outcome == "keep" for drift in plan.context.drift):
        return say("the map is up to date, except for what is kept as it is on the map")
    return say("the map is up to date")


def unaffected(plan: Plan) -> Text:
    """Return what would not happen: a missing word must not hide a deletion."""
    counts = plan.counts
    if not plan.effects.changes:
        return verbatim("")
    none = {
        (False, False, True): say("None changed, none added."),
        (False, True, False): say("None changed, none removed."),
        (True, False, False): say("None added, none removed."),
        (False, True, True): say("None changed."),
        (True, False, True): say("None added."),
        (True, True, False): say("None removed."),
    }
    return none.get((counts.update > 0, counts.create > 0, counts.delete > 0), verbatim(""))


def rows_waiting(plan: Plan) -> Text:
    """Return how many rows of the file can't be read and wait; "" if none."""
    count = plan.context.bad_row_count  # none of this layer, if features wait for rows of another one's part
    return (
        say_n(
            "{count} row in the file must be corrected.", "{count} rows in the file must be corrected.", count
        )
        if count
        else NOTHING
    )


def waiting(plan: Plan) -> Text:
    """Return how many changes wait for a person while all the rest goes on; "" if none does."""
    count = len(plan.verdict.waiting)
    if not count:
        return NOTHING
    return say_n("{count} change needs your approval.", "{count} changes need your approval.", count)


def waited(plan: Plan) -> Text:
    """Return the same of a run whose question a later one settled."""
    count = len(plan.verdict.waiting)
    if not count:
        return NOTHING
    return say_n("{count} change needed approval.", "{count} changes needed approval.", count)


def counted(changes: tuple[Change, ...], total: int) -> Text:
    """Return how many of so many features were changed, and how many were added and removed."""
    created = sum(isinstance(change, Create) for change in changes)
    updated = sum(isinstance(change, Update) for change in changes)
    deleted = len(changes) - created - updated
    parts = (
        [
            say_n(
                "{count} of {features} changed",
                "{count} of {features} changed",
                updated,
                features=features(total),
            )
        ]
        if updated
        else []
    )
    parts += [say_n("{count} added", "{count} added", created)] if created else []
    parts += [say_n("{count} removed", "{count} removed", deleted)] if deleted else []
    return listed(parts)


def nothing_left(undo: Undo) -> Text:
    """Return that a rollback has nothing to do."""
    return say("Nothing to do: nothing that run {number} changed is left to undo.", number=undo.run)
