"""What a message says of a plan that waits for a person."""

from __future__ import annotations

from datetime import datetime

from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.notify.outline import outline
from umap_bot.report.story.sentences import file_of, run_story
from umap_bot.text import Text, joined, say


def held_subject(plan: Plan, since: datetime | None, *, again: bool) -> Text:
    """Say what a person is asked, by the first reason; with `again` since when."""
    reason = joined([objection.text for objection in plan.verdict.objections[:1]])
    if again and since:
        return say("STILL WAITING FOR YOU, since {since:day}: {reason}", since=since, reason=reason)
    return say("WAITING FOR YOU: {reason}", reason=reason)


def held_body(run: Run, plan: Plan, last: datetime | None) -> list[Text]:
    """Return file and reasons. `last` is when file and map last agreed."""
    unchanged = [say("Nothing was written; the public map is unchanged.")] if not run.applied else []
    return [*unchanged, file_of(plan), *outline(run_story(run, last), "why", "war", "people", "undone")]


def held_end(run: Run, last: datetime | None, command: str) -> list[Text]:
    """Return the two ways out, and when file and map last agreed."""
    return list(run_story(run, last, command).end[: None if last else 2])
