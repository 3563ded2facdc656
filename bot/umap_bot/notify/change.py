"""What a message says of a change: first what people had written and lost, then what the file did."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from umap_bot.model.change import Delete
from umap_bot.model.run import Run
from umap_bot.notify.outline import outline
from umap_bot.report.story.sentences import counted, file_of, run_story
from umap_bot.text import Text, joined, say, say_n


def change_subject(run: Run) -> Text:
    counts = counted(run.applied, run.plan.context.total if run.plan else len(run.applied))
    done = {
        "sync": counts,
        "adopt": say_n(
            "{count} feature got the id of its row",
            "{count} features got the ids of their rows",
            len(run.applied),
        ),
        "rollback": say("Undone: {counts}", counts=counts),
    }[run.kind]
    back = _put_back(run)
    note = say_n("{count} of them put back", "{count} of them put back", back) if back else ""
    return joined((done, note), ", ")


def change_body(run: Run, last: datetime | None) -> list[Text]:
    """Return what people changed, the file's version, what it changed. `last`: when the two agreed before."""
    if run.plan is None:
        return []
    # Told as a run that is done, for so is what applied, however the rest of it went.
    plan = replace(run.plan, verdict=replace(run.plan.verdict, held=False, objections=()))
    story = run_story(replace(run, outcome="done", plan=plan), last)
    return [
        *outline(story, "war", "people", "undone"),
        file_of(plan),
        *outline(story, "file", "added", "removed", "know"),
    ]


def _put_back(run: Run) -> int:
    """Count the features that stand as the file has them, after a person had changed or removed them."""
    edited = {drift.key for drift in run.drift if drift.outcome == "overwrite" and drift.news}
    return len({change.key for change in run.applied if not isinstance(change, Delete)} & edited)
