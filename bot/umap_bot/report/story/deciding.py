"""What people decided about parts of plans, and what waits for them, a line each."""

from __future__ import annotations

from umap_bot.model.change import Change, Create, Update
from umap_bot.model.decision import Decision
from umap_bot.report.story.words import moved, plain, quoted
from umap_bot.text import Text, joined, say, verbatim


def decided(decision: Decision) -> Text:
    """Return what was decided, about what, by whom and when."""
    change = decision.change
    name = change.name or change.key
    key = say(" ({key})", key=change.key) if change.key and change.key != name else ""
    who = say("{by}", by=verbatim(decision.by)) if decision.by else ""
    when = say("{time}", time=decision.at) if decision.at else ""
    said = _kept(change) if decision.side == "map" else _taken(change)
    number = f"{decision.number}." if decision.number else ""
    what = say("{name}{key}: {said}", name=verbatim(name), key=key, said=said)
    return joined((joined((number, what)), joined((who, when), ", ")), " · ")


def _kept(change: Change) -> Text:
    if isinstance(change, Create):
        return say("stays off the map")
    if not isinstance(change, Update):
        return say("stays on the map")
    if change.move:
        return say("stays where it is on the map (the file has it {what})", what=moved(change.move))
    field = change.fields[0]
    return say(
        "{column} stays {live} (the file says {desired})",
        column=verbatim(field.name),
        live=quoted(plain(field.before)),
        desired=quoted(plain(field.after)),
    )


def _taken(change: Change) -> Text:
    if isinstance(change, Create):
        return say("goes on the map")
    if not isinstance(change, Update):
        return say("goes from the map")
    if change.move:
        return say("goes where the file has it ({what})", what=moved(change.move))
    field = change.fields[0]
    return say(
        "{column} becomes {desired}",
        column=verbatim(field.name),
        desired=quoted(plain(field.after)),
    )
