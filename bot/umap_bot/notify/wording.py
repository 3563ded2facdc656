"""A verdict in words: one message, whatever there is to tell of a layer."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from umap_bot.model.run import Run
from umap_bot.notify.change import change_body, change_subject
from umap_bot.notify.decision import End, Kind, Verdict
from umap_bot.notify.held import held_body, held_end, held_subject
from umap_bot.notify.message import Message
from umap_bot.notify.place import Place
from umap_bot.notify.trouble import recovery_subject, trouble_body, trouble_end, trouble_subject
from umap_bot.text import Text, joined, say, say_n


def message_of(end: End, verdict: Verdict, place: Place, last: datetime | None, lost: int = 0) -> Message:
    """Say what the verdict wants told. `last` is when file and map agreed before this run, `lost` how many
    messages before this one will never arrive.
    """
    subject = joined([_subject(kind, end, verdict) for kind in verdict.kinds], "; ")
    body = [line for kind in verdict.kinds for line in _body(kind, end, verdict, last)]
    end_lines = [line for kind in verdict.kinds for line in _end(kind, end, place, last)]
    return Message(
        place.subject(subject),
        tuple(body),
        (*end_lines, *missing(lost), *_where(end, place)),
    )


def change_alone(end: End, verdict: Verdict, place: Place, lost: int) -> Message:
    """Say only what changed: that can't be found out again by the next run, as all else can."""
    return message_of(end, replace(verdict, kinds=("change",)), place, None, lost)


def later(message: Message) -> Message:
    """Return a message that could not be delivered when it was made."""
    note = say("This message could not be delivered before.")
    return replace(message, body=(note, *message.body))


def missing(lost: int) -> tuple[Text, ...]:
    if not lost:
        return ()
    return (
        say_n(
            "{count} message before this one could not be delivered: the change log has what it said.",
            "{count} messages before this one could not be delivered: the change log has what they said.",
            lost,
        ),
    )


def _subject(kind: Kind, end: End, verdict: Verdict) -> Text:
    if kind == "trouble":
        return trouble_subject(end, verdict.since, again=verdict.again)
    if kind == "recovery":
        return recovery_subject(verdict.lasted)
    if isinstance(end, Run) and kind == "held" and end.plan:
        return held_subject(end.plan, verdict.since, again=verdict.again)
    if isinstance(end, Run) and kind == "change":
        return change_subject(end)
    return say("All is well")


def _body(kind: Kind, end: End, verdict: Verdict, last: datetime | None) -> list[Text]:
    if kind == "trouble":
        return trouble_body(end, verdict.since, last)
    if kind == "recovery":
        return _recovered(end, verdict)
    if isinstance(end, Run) and kind == "held" and end.plan:
        return held_body(end, end.plan, last)
    if isinstance(end, Run) and kind == "change":
        return change_body(end, last)
    return [say("The map was looked at as always, and nothing had to be changed since the last message.")]


def _recovered(end: End, verdict: Verdict) -> list[Text]:
    """Say what came of it, if the rest of the message does not."""
    if len(verdict.kinds) > 1 or not isinstance(end, Run):
        return []
    if end.outcome == "held":
        return [say("The plan that people were told of before still waits for an answer.")]
    return [say("File and map agree.")]


def _end(kind: Kind, end: End, place: Place, last: datetime | None) -> list[Text]:
    if kind == "trouble":
        return trouble_end(end)
    if isinstance(end, Run) and kind == "held":
        return held_end(end, last, place.command)
    if isinstance(end, Run) and kind == "change" and end.plan:
        return [say("See it: {address}", address=end.plan.context.map_url)]
    return []


def _where(end: End, place: Place) -> tuple[Text, ...]:
    run = end.number if isinstance(end, Run) else 0
    return (place.whole(run),) if run else (place.log(),)
