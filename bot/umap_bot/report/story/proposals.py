"""Edits of people as they are proposed for the file: on a terminal, and in the message of the commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from umap_bot.model.canon import Value
from umap_bot.model.hidden import Hidden
from umap_bot.model.layer import NAME
from umap_bot.model.proposal import Edit
from umap_bot.report.story.words import called, moved_between, quoted_value
from umap_bot.text import Text, joined, say, say_n, verbatim


def edits_made(edits: Sequence[Edit]) -> Text:
    """Return how many edits there are."""
    return say_n("{count} edit made on the map", "{count} edits made on the map", len(edits))


def told(edit: Edit, hidden: Hidden) -> Text:
    """Return what a person did, where it belongs in the file, and with which values."""
    name = called(_name(edit, hidden), edit.key, edit.at)
    row = say(" (row {row})", row=edit.line) if edit.line else ""
    if edit.kind == "removed":
        return say("{name}{row}: removed from the map", name=name, row=row)
    if edit.kind == "added" and not edit.key:
        return say("{name}: added on the map", name=name)
    if edit.kind == "added":
        return say("{name}: added on the map, new id {id}", name=name, id=edit.key)
    if edit.kind == "place":
        return say("{name}{row}: {moved}", name=name, row=row, moved=moved_between(edit.before, edit.after))
    if edit.field in hidden or edit.column in hidden:
        return say("{name}{row}: {column} changed (not shown)", name=name, row=row, column=edit.column)
    return say(
        "{name}{row}: {column} {before} → {after}",
        name=name,
        row=row,
        column=verbatim(edit.column),
        before=_value(edit.before),
        after=_value(edit.after),
    )


def _name(edit: Edit, hidden: Hidden) -> str:
    return edit.key if NAME in hidden else edit.name


def _value(value: Value) -> Text:
    return quoted_value(value)


MARKS = {"cell": "~", "place": "~", "removed": "-", "added": "+"}


def lines(edits: Iterable[Edit], hidden: Hidden) -> Iterator[Text]:
    """Return a line for each edit, with its sign."""
    return (joined(("  " + MARKS[edit.kind], told(edit, hidden))) for edit in edits)


def proposed(edits: Sequence[Edit], branch: str, form: str) -> Text:
    """Return what was proposed after a run, and where to ask for the merge."""
    pushed = say("{edits}: pushed to the branch {branch}.", edits=edits_made(edits), branch=branch)
    return joined((pushed, say("To ask for the merge, open:  {url}", url=form))) if form else pushed


def correction_message(edit: Edit, hidden: Hidden, by: str) -> Iterator[Text]:
    """Return the lines of the commit's message: what somebody corrects, and who, if they gave a name."""
    yield say(
        'Correction of {column}, "{name}"', column=edit.column, name=" ".join(_name(edit, hidden).split())
    )
    yield verbatim("")
    yield joined(("-", told(edit, hidden)))
    if by:
        yield verbatim("")
        yield say("Proposed by: {name}", name=by)


def commit_message(edits: Sequence[Edit], hidden: Hidden, map_url: str, layer: str) -> Iterator[Text]:
    """Return the lines of the commit's message: what was done on which map, then each edit in words."""
    yield say(
        '{edits}, layer "{layer}"',
        edits=edits_made(edits),
        layer=" ".join(layer.split()),
    )
    yield verbatim("")
    yield from (joined(("-", told(edit, hidden))) for edit in edits)
    yield verbatim("")
    yield say("Map: {url}", url=map_url)
