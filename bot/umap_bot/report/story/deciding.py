"""What people decided about parts of plans, a line each."""

from __future__ import annotations

from collections.abc import Mapping

from umap_bot.model.change import Change, Create, Update
from umap_bot.model.decision import Decision
from umap_bot.report.story.words import moved, plain, quoted
from umap_bot.text import NOTHING, Text, joined, say, verbatim


def decided(decision: Decision, headers: Mapping[str, str]) -> Text:
    """Return what was decided, about what, by whom and when. `headers` are the columns' names in the file."""
    change = decision.change
    name = change.name or change.key
    id_ = decision.part.key  # what a person added has none that means anything to them
    key = say(" ({key})", key=id_) if id_ and id_ != name else ""
    said = _what_comes(change, headers) if decision.side == "file" else what_stays(change, headers)
    number = f"{decision.number}." if decision.number else ""
    what = say("{name}{key}: {said}", name=verbatim(name), key=key, said=said)
    return joined((joined((number, what)), who_and_when(decision)), " · ")


def who_and_when(decision: Decision) -> Text:
    """Return who decided, if that is known, and when; "" for a decision that is not written down yet."""
    if decision.at is None:
        return NOTHING
    if decision.side == "proposed":
        return say("proposed on the branch {branch}, {time}", branch=decision.by, time=decision.at)
    if decision.side == "refused":
        return say(
            "proposed on the branch {branch}, which was deleted without a merge, {time}",
            branch=decision.by,
            time=decision.at,
        )
    if not decision.by:
        return say("decided {time}", time=decision.at)
    return say("decided by {by}, {time}", by=decision.by, time=decision.at)


def what_stays(change: Change, headers: Mapping[str, str]) -> Text:
    """Return what the map keeps, in place of this change. `headers` are the columns' names in the file."""
    if isinstance(change, Create):
        return say("stays off the map")
    if not isinstance(change, Update):
        return say("stays on the map")
    if change.move:
        return say("stays where it is on the map (in the file: {what})", what=moved(change.move))
    field = change.fields[0]
    return say(
        "{column} stays {live} (the file says {desired})",
        column=verbatim(headers.get(field.name, field.name)),
        live=quoted(plain(field.before)),
        desired=quoted(plain(field.after)),
    )


def _what_comes(change: Change, headers: Mapping[str, str]) -> Text:
    if isinstance(change, Create):
        return say("will be added to the map")
    if not isinstance(change, Update):
        return say("will be removed from the map")
    if change.move:
        return say("will move to its position in the file ({what})", what=moved(change.move))
    field = change.fields[0]
    return say(
        "{column} will be {desired}",
        column=verbatim(headers.get(field.name, field.name)),
        desired=quoted(plain(field.after)),
    )
