"""The change log as one line a run, and the life of one feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from umap_bot.model.change import Create, Update
from umap_bot.model.natural import natural
from umap_bot.model.run import Run
from umap_bot.report.settling import settled, settlers
from umap_bot.report.story.watching import log_line
from umap_bot.report.story.words import NAMELESS, SOMEONE, first_names
from umap_bot.text import NOTHING, Text, joined, lines_of, say, say_n, verbatim

NAMES: Final = 3
"""How many features a line names."""


def log_lines(
    runs: Iterable[Run], names: Mapping[str, str] | None = None, later: Iterable[Run] = ()
) -> list[Text]:
    """Return the lines, in the order of the runs. `names` are what people call each of several layers,
    `later` runs that are not asked for and may have settled what these asked."""
    found = list(runs)
    done = settlers({run.number: run for run in (*found, *later)}.values())
    told = [_line(run, names or {}, done.get(run.number)) for run in found]
    return told or [say("No runs yet.")]


def _line(run: Run, names: Mapping[str, str], settler: Run | None) -> Text:
    version = say("file {version}", version=run.commit.short) if run.commit.sha else ""
    time = say("{time}", time=run.started)
    parts = (f"{run.number:>4}", time, names.get(run.layer, ""), version, summary(run, settler))
    repeated = joined((joined(parts, " · "), again(run)))
    return joined((repeated, settled(settler) if settler else ""), " · ")


def again(run: Run) -> Text:
    """Return how often the same was found again, without a run of its own."""
    if not run.repeats or run.again is None:
        return verbatim("")
    return say_n(
        "(and once more, {time})", "(and {count} more times, last {time})", run.repeats, time=run.again
    )


def summary(run: Run, settler: Run | None = None) -> Text:
    """Return in one line what came of a run. `settler` is the later one after which it asks no more."""
    if run.outcome == "failed":
        return say("FAILED: {error}", error=reason(run))
    if run.outcome == "held" and run.plan:
        if settler:
            return say("approval was needed: {reasons}", reasons=reason(run))
        return say("APPROVAL NEEDED: {reasons} (plan {code})", reasons=reason(run), code=run.plan.code)
    waits = (_waited(run) if settler else _waits(run)) if run.waits else NOTHING
    done = joined((changes(run), waits), "; ")
    if run.outcome == "unfinished":
        said = say("interrupted; {what}", what=done or say("none of it is on the map"))
    else:
        said = _said(run, done)
    if run.outcome == "restless":
        said = say("the map kept changing; {what}", what=said)
    return joined((said, _approved(run)), " · ")


def _said(run: Run, done: Text) -> Text:
    if run.kind == "rollback":
        return _undoing(run, done)
    return log_line(run, done) if run.kind == "watch" else done or say("nothing to do")


def reason(run: Run) -> Text:
    """Return in one line why a run needs somebody; "" if it needs nobody."""
    if run.outcome == "failed":
        first, *more = lines_of(run.error)
        return joined((first, say("… (umap-bot show {number})", number=run.number) if more else ""))
    return joined(objection.text for objection in run.plan.verdict.objections) if run.plan else NOTHING


def _approved(run: Run) -> Text:
    if run.approved_at is None:
        return NOTHING
    return say("approved by {name}, {time}", name=run.approved_by or SOMEONE, time=run.approved_at)


def _waits(run: Run) -> Text:
    """Return how much waits for a person, while the rest was done."""
    if run.plan is None:
        return NOTHING
    count, rows = len(run.plan.verdict.waiting), run.plan.context.bad_row_count
    asked = say_n(
        "{count} needs your approval (plan {code})",
        "{count} need your approval (plan {code})",
        count,
        code=run.plan.code if count else "",
    )
    wrong = say_n(
        "{count} row in the file must be corrected", "{count} rows in the file must be corrected", rows
    )
    return joined((asked if count else "", wrong if rows else ""), "; ")


def _waited(run: Run) -> Text:
    """Return how much waited for a person, who has answered since."""
    if run.plan is None:
        return NOTHING
    count, rows = len(run.plan.verdict.waiting), run.plan.context.bad_row_count
    asked = say_n("{count} needed approval", "{count} needed approval", count)
    wrong = say_n("{count} row could not be read", "{count} rows could not be read", rows)
    return joined((asked if count else "", wrong if rows else ""), "; ")


def _undoing(run: Run, done: Text) -> Text:
    number = run.plan.effects.undo.run if run.plan and run.plan.effects.undo else 0
    if not done:
        return say("nothing was left to undo from run {number}", number=number)
    return say("undid run {number}: {what}", number=number, what=done)


def changes(run: Run) -> Text:
    """Count and name what stands on the map through a run; "" if nothing does."""
    created = [change.name for change in run.applied if isinstance(change, Create)]
    updated = [change.name for change in run.applied if isinstance(change, Update)]
    deleted = [change.name for change in run.applied if not isinstance(change, (Create, Update))]
    parts = (
        _updated(updated, run) if updated else "",
        say_n("{count} added ({names})", "{count} added ({names})", len(created), names=_names(created))
        if created
        else "",
        say_n("{count} removed ({names})", "{count} removed ({names})", len(deleted), names=_names(deleted))
        if deleted
        else "",
        _put_back(run) if updated else "",
    )
    return joined(parts, ", ")


def _names(names: Sequence[str]) -> Text:
    return first_names([name or NAMELESS for name in sorted(names, key=natural)], NAMES)


def _updated(names: Sequence[str], run: Run) -> Text:
    if run.kind == "adopt":
        return say_n(
            "{count} matched with its row ({names})",
            "{count} matched with their rows ({names})",
            len(names),
            names=_names(names),
        )
    return say_n("{count} changed ({names})", "{count} changed ({names})", len(names), names=_names(names))


def _put_back(run: Run) -> Text:
    keys = {drift.key for drift in run.drift if drift.outcome == "overwrite"}
    if not keys:
        return NOTHING
    return say_n(
        "{count} of them restored from the file after an edit on the map",
        "{count} of them restored from the file after an edit on the map",
        len(keys),
    )
