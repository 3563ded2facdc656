"""A verdict in words: one message, whatever there is to tell of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from msgspec.structs import replace

from umap_bot.errors import BotError, LayerBusy, SessionEnded, SourceHeld
from umap_bot.model.change import Delete
from umap_bot.model.plan import Plan
from umap_bot.model.run import EXIT, Run
from umap_bot.notify.decision import End, Kind, Verdict, failure
from umap_bot.notify.message import Message, Place
from umap_bot.report.log import summary
from umap_bot.report.story import story
from umap_bot.report.story.acts import Commands
from umap_bot.report.story.counts import counted, rows_waiting
from umap_bot.report.story.sentences import approved, file_of, run_story
from umap_bot.report.story.watching import saves, summary_of
from umap_bot.report.story.words import last_success, quoted
from umap_bot.text import Text, joined, lines_of, say, say_n

T = TypeVar("T")

MOST: Final = 10
"""Lines of an error, or of one section of a story, that a message holds: a file can be wrong in each row."""

TROUBLES: Final = {
    EXIT["restless"]: say("The map keeps changing"),
    10: say("A setting is wrong"),
    11: say("The file can't be used as it is"),
    12: say("The file's repository can't be read"),
    13: say("uMap refuses access to the bot"),
    14: say("uMap does not answer"),
    15: say("The state database can't be used"),
    16: say("The data can't be fetched"),
    SourceHeld.code: say("APPROVAL NEEDED: the new data has far fewer rows"),
}

UNTOUCHED: Final = (10, 11, 12, 13)
"""Codes of runs that wrote nothing more to the map, and are certain of it."""


def message_of(end: End, verdict: Verdict, place: Place, last: datetime | None, lost: int = 0) -> Message:
    """Say what the verdict wants told. `last` is when file and map agreed before this run, `lost` how many
    messages before this one will never arrive.
    """
    parts = [_part(kind, end, verdict, place.commands, last) for kind in verdict.kinds]
    return Message(
        place.subject(joined([part.subject for part in parts], "; ")),
        tuple(line for part in parts for line in part.body),
        (
            *(line for part in parts for line in part.end),
            *_at_the_desk(end, place),
            *missing(lost),
            place.more(end.number if isinstance(end, Run) else 0),
        ),
    )


def _at_the_desk(end: End, place: Place) -> tuple[Text, ...]:
    """Say where a question is answered by a button."""
    asks = isinstance(end, Run) and end.plan is not None and end.plan.verdict.asks
    return (place.answer(),) if asks and place.desk else ()


def change_alone(end: End, verdict: Verdict, place: Place, lost: int) -> Message:
    """Say only what changed: that can't be found out again by the next run, as all else can."""
    return message_of(end, replace(verdict, kinds=("change",)), place, None, lost)


def belated(message: Message) -> Message:
    """Return a message that could not be delivered when it was made."""
    note = say("This message could not be delivered earlier.")
    return replace(message, body=(note, *message.body))


def missing(lost: int) -> tuple[Text, ...]:
    """Say that messages will never arrive, and where the same can be read."""
    if not lost:
        return ()
    return (
        say_n(
            "{count} earlier message could not be delivered. The change log shows what it said.",
            "{count} earlier messages could not be delivered. The change log shows what they said.",
            lost,
        ),
    )


def in_short(end: End) -> Text:
    """Say in one line how a run ended, whatever way."""
    if isinstance(end, Run):
        return summary(end)
    if isinstance(end, LayerBusy):
        return end.message
    return say("FAILED: {error}", error=lines_of(end.message)[0])


def _part(kind: Kind, end: End, verdict: Verdict, commands: Commands, last: datetime | None) -> Message:
    """Return what there is to say of one kind of news, without a place."""
    if kind == "trouble":
        return _trouble(end, verdict, last)
    if kind == "recovery":
        return _recovery(end, verdict)
    if isinstance(end, Run) and end.plan and kind == "held" and not end.plan.verdict.objections:
        return _rows_wait(end, end.plan, verdict, last)
    if isinstance(end, Run) and end.plan and kind == "held":
        return _held(end, end.plan, verdict, commands, last)
    if isinstance(end, Run) and kind == "change":
        return _change(end, last)
    return Message(
        say("Everything is up to date"),
        (say("The map was checked as usual. No changes were needed since the last message."),),
    )


def _trouble(end: End, verdict: Verdict, last: datetime | None) -> Message:
    """Say what is the matter, since when, what became of the map, the cause and the way out."""
    code = failure(end) or EXIT["restless"]
    what = TROUBLES.get(code, say("The sync fails"))
    if isinstance(end, SessionEnded):
        what = say("Log in again: the session has ended")
    if verdict.again and verdict.since:
        what = say("Not resolved since {since:day}: {what}", since=verdict.since, what=what)
    began = say("Since {time}.", time=verdict.since) if verdict.since else ""
    stays = say("The public map is unchanged.") if code in UNTOUCHED else ""
    agreed = last_success(last) if last else ""
    cause, left = _shortened(_cause(end))
    more = (say("… and {count} more", count=left),) if left else ()
    way_out = end.way_out if isinstance(end, BotError) else ""
    return Message(
        what,
        (joined((joined((began, stays)), agreed), " · "), *cause, *more),
        (say("What to do: {way_out}", way_out=way_out),) if way_out else (),
    )


def _cause(end: End) -> tuple[Text, ...]:
    if isinstance(end, Run) and end.outcome == "restless":
        return (
            say(
                "Several runs in a row, someone or something saved the map while the bot was writing to "
                "it. Some changes from the file may not be applied yet. The next run tries again."
            ),
        )
    first, *more = lines_of(end.message if isinstance(end, BotError) else end.error)
    return (say("Cause: {cause}", cause=first), *more)


def _recovery(end: End, verdict: Verdict) -> Message:
    """Say how long it lasted, and what came of it if the rest of the message does not."""
    subject = say("Working again (down for {time})", time=_span(verdict.lasted or timedelta()))
    if len(verdict.kinds) > 1 or not isinstance(end, Run):
        return Message(subject)
    if end.plan and end.plan.verdict.asks:
        return Message(subject, (say("Your approval is still needed, as in the earlier message."),))
    if end.waits and end.plan:
        return Message(subject, tuple(_outline(run_story(end, None), "rows")))
    return Message(subject, (say("The map is up to date."),))


def _span(time: timedelta) -> Text:
    """Return how long something lasted, in the unit that fits."""
    minutes = max(1, round(time / timedelta(minutes=1)))
    if minutes < 2 * 60:
        return say_n("{count} minute", "{count} minutes", minutes)
    hours = round(time / timedelta(hours=1))
    if hours < 2 * 24:
        return say_n("{count} hour", "{count} hours", hours)
    return say_n("{count} day", "{count} days", time.days)


def _held(run: Run, plan: Plan, verdict: Verdict, commands: Commands, last: datetime | None) -> Message:
    """Say what a person is asked, by the first reason; file and reasons; and what they can do.

    What was done beside that is told as a change.
    """
    reason = joined([objection.text for objection in plan.verdict.objections[:1]])
    subject = say("APPROVAL NEEDED: {reason}", reason=reason)
    if verdict.again and verdict.since:
        subject = say(
            "APPROVAL STILL NEEDED, since {since:day}: {reason}", since=verdict.since, reason=reason
        )
    told = run_story(run, last, commands)
    unchanged = () if run.applied else (say("Nothing was changed on the map."),)
    since = (last_success(last),) if last and plan.verdict.held else ()
    news: tuple[story.Kind, ...] = () if run.applied else ("war", "people", "undone")
    return Message(
        subject,
        (*unchanged, file_of(plan), *_outline(told, "why", *news)),
        (*_outline(told, "acts"), *since),
    )


def _rows_wait(run: Run, plan: Plan, verdict: Verdict, last: datetime | None) -> Message:
    """Say which rows of the file can't be read, and why."""
    waits = rows_waiting(plan) or say("Some rows of the file must be corrected.")
    subject = say("CORRECTION NEEDED: {reason}", reason=waits)
    if verdict.again and verdict.since:
        subject = say(
            "CORRECTION STILL NEEDED, since {since:day}: {reason}", since=verdict.since, reason=waits
        )
    return Message(subject, (file_of(plan), *_outline(run_story(run, last), "rows")))


def _change(run: Run, last: datetime | None) -> Message:
    """Say first what people had written and lost, then the file's version and what it did."""
    subject = _changes(run)
    if run.plan is None:
        return Message(subject)
    # Told as a run that is done, for so is what applied, however the rest of it went.
    plan = replace(run.plan, verdict=replace(run.plan.verdict, held=False, objections=()))
    told = run_story(replace(run, outcome="done", plan=plan), last)
    return Message(
        subject,
        (
            *_outline(told, "war", "people", "undone"),
            *(saves(plan) if run.kind == "watch" else (file_of(plan),)),
            *approved(run),
            *_outline(told, "file", "added", "removed", "know"),
        ),
        (say("See it: {address}", address=run.plan.context.map_url),),
    )


def _changes(run: Run) -> Text:
    """Count the changes, and those of them that undid what a person had done."""
    counts = counted(run.applied, run.plan.context.total if run.plan else len(run.applied))
    done = {
        "sync": counts,
        "adopt": say_n(
            "{count} feature got the id of its row",
            "{count} features got the ids of their rows",
            len(run.applied),
        ),
        "rollback": say("Undone: {counts}", counts=counts),
        "watch": summary_of(run),
    }[run.kind]
    edited = {drift.key for drift in run.drift if drift.outcome == "overwrite" and drift.news}
    back = len({change.key for change in run.applied if not isinstance(change, Delete)} & edited)
    note = (
        say_n("{count} of them restored from the file", "{count} of them restored from the file", back)
        if back
        else ""
    )
    return joined((done, note), ", ")


def _shortened(lines: Sequence[T]) -> tuple[Sequence[T], int]:
    """Return the first ones, and how many are left out: never one, for saying so takes as much room."""
    left = len(lines) - MOST
    return (lines[:MOST], left) if left > 1 else (lines, 0)


def _outline(told: story.Story, *kinds: story.Kind) -> list[Text]:
    """Return these kinds of sections in short, in the story's order. A cut is said aloud."""
    return [line for section in told.sections if section.kind in kinds for line in _section(section)]


def _section(section: story.Section) -> list[Text]:
    shown, left = _shortened(section.lines)
    more = [say_n("  … and {count} more", "  … and {count} more", left)] if left else []
    return [section.title, *(text for line in shown for text in _line(line)), *more]


def _line(line: story.Line) -> list[Text]:
    name = joined(("", line.mark, line.name))
    said = joined([_said(each) for each in line.said], "; ")
    first = joined((name, said), ": " if line.name else " ")
    notes, left = _shortened(line.notes)
    more = [say_n("  … and {count} more", "  … and {count} more", left)] if left else []
    return [say("  {line}", line=first), *(say("    {line}", line=note) for note in (*notes, *more))]


def _said(said: Text | story.Diff) -> Text:
    if isinstance(said, Text):
        return said
    before, after = quoted(said.before), quoted(said.after)
    return say("{label} {before} → {after}", label=said.label, before=before, after=after)
