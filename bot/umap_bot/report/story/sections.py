"""What a plan or a run comes to, section by section, a line for each feature."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from umap_bot.model.change import Change, Create, Delete, Field, Update
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.natural import natural
from umap_bot.model.plan import Context, Plan
from umap_bot.report.story.edits import kept, people, settings, wars
from umap_bot.report.story.notes import bad_rows, to_know
from umap_bot.report.story.story import Diff, Line, Lines, Section, Spot
from umap_bot.report.story.undoing import stays, undone
from umap_bot.report.story.words import called, difference, line_about, moved, plain, quoted_value, some
from umap_bot.text import Text, joined, say

C = TypeVar("C", bound=Change)

COLUMNS: Final = 3
"""How many columns of a new feature are shown in its line."""

FILLED: Final = 3
"""From more fields than this that were empty before, a line gives only their names."""


CHANGED: Final = {
    "sync": say("Changed in the file"),
    "adopt": say("Matched with their row"),
    "rollback": say("Restored to the state before"),
    "watch": say("Changed on the map"),
}
"""What is said of features that a run changes, by its kind."""


def sections(plan: Plan, last: datetime | None, *, would: bool) -> tuple[Section, ...]:
    """Return the sections that have something to tell. `would`: nothing of it is done yet."""
    put_back = {(drift.key, drift.field) for drift in plan.context.drift}
    headers = plan.context.headers
    found = (
        Section(
            "rows",
            say("Rows in the file that can't be read; their features are left untouched"),
            bad_rows(plan),
        ),
        Section("war", say("Restored again and again: the file may be wrong"), wars(plan)),
        stays(plan, plan.effects.undo) if plan.effects.undo else _people(plan, last, would=would),
        undone(plan),
        Section(
            "file",
            CHANGED[plan.effects.kind],
            Lines(
                lambda update: _updated(update, put_back, headers),
                _in_order(update for update in plan.effects.updates if _is_told(update, put_back)),
            ),
        ),
        Section(
            "added",
            say("Would be added") if would else say("Added"),
            Lines(
                lambda create: _created(create, plan.context.key, headers), _in_order(plan.effects.creates)
            ),
        ),
        Section(
            "removed",
            say("Would be removed") if would else say("Removed"),
            Lines(lambda delete: _deleted(delete, plan.context), _in_order(plan.effects.deletes)),
        ),
        Section(
            "purpose",
            say("Kept as edited on the map"),
            kept(plan),
        ),
        Section("know", say("Notes"), to_know(plan)),
    )
    return tuple(section for section in map(_said, found) if section.lines)


def asked_for(plan: Plan) -> tuple[Section, ...]:
    """Return what an approval would do, where nothing else tells the values."""
    changes = plan.effects.changes if plan.verdict.held else plan.verdict.waiting
    tell = functools.partial(_change, context=plan.context)
    return (Section("file", say("What an approval would do"), Lines(tell, changes)),) if changes else ()


def _change(change: Change, context: Context) -> Line:
    if isinstance(change, Create):
        return _created(change, context.key, context.headers)
    if isinstance(change, Delete):
        return _deleted(change, context)
    return _updated(change, set(), context.headers)


def _in_order(changes: Iterable[C]) -> list[C]:
    """Return changes as people look for them: by name, 2 before 10."""
    return sorted(changes, key=lambda change: natural(change.name))


def _said(section: Section) -> Section:
    """Return the section without lines that say nothing."""
    if isinstance(section.lines, Lines):
        return section
    return msgspec.structs.replace(section, lines=tuple(line for line in section.lines if line.said))


def _people(plan: Plan, last: datetime | None, *, would: bool) -> Section:
    return Section("people", _by_people(plan, last), (*people(plan, would=would), *settings(plan)))


def _by_people(plan: Plan, last: datetime | None) -> Text:
    if plan.context.first:
        return say("On the map, not in the file")
    saves = plan.context.news_of_map.saves
    details = [say("{time}", time=last)] if last else []
    if len(saves) > 1:
        details.append(say("{count} saves, the last one {time}", count=len(saves), time=saves[-1]))
    if not details:
        return say("Edited on the map")
    if not last:
        return say("Edited on the map ({details})", details=details[-1])
    return say("Edited on the map since the last sync ({details})", details=joined(details, "; "))


def _is_told(update: Update, put_back: set[tuple[str, str]]) -> bool:
    """Tell whether the file changes anything; what only puts its value back was told as news."""
    cells = [field.name for field in update.fields] + ([GEOMETRY] if update.move else [])
    return any((update.key, cell) not in put_back for cell in cells)


def _updated(update: Update, put_back: set[tuple[str, str]], headers: Mapping[str, str]) -> Line:
    """Tell what the file changes, by the names of its columns."""
    said = _fields([field for field in update.fields if (update.key, field.name) not in put_back], headers)
    move = update.move if (update.key, GEOMETRY) not in put_back else None
    if move:
        said.append(moved(move))
    spot = Spot(move.before, move.after, update.at) if move else None
    context = tuple((headers.get(name, name), value) for name, value in update.context.items())
    return line_about("~", update, said, context=context, spot=spot)


def _fields(changed: list[Field], headers: Mapping[str, str]) -> list[Text | Diff]:
    """Tell each field; but many that were empty before, as after a first sync, only by their names."""
    filled = [field for field in changed if plain(field.before) is None]
    several = len(filled) > FILLED
    told: list[Text | Diff] = [
        difference(headers.get(field.name, field.name), field.before, field.after)
        for field in changed
        if not several or field not in filled
    ]
    if not several:
        return told
    columns = [headers.get(field.name, field.name) for field in filled]
    names = say("{count} fields filled in: {names}", count=len(filled), names=some(columns))
    return [*told, names]


def _created(create: Create, key: str, headers: Mapping[str, str]) -> Line:
    shown = [(name, value) for name, value in create.properties.items() if name not in {key, "name"}]
    columns = joined(
        (
            say("{column} {value}", column=headers.get(name, name), value=quoted_value(value))
            for name, value in shown[:COLUMNS]
        ),
        ", ",
    )
    text = say("restored: someone had removed it from the map") if create.recreates else columns
    text = say("restored as it was") if create.raw else text
    spot = Spot(None, create.geometry, create.at)
    return line_about("+", create, [text or say("added")], spot=spot)


def _deleted(delete: Delete, context: Context) -> Line:
    why = {
        "row": _without_row(delete.key, context),
        "double": say("a second copy of the same feature, left by uMap's live editing"),
        "foreign": say("added on the map, not in the file"),
        "undo": say("the run that is undone had added it"),
        "map": say("removed from the map"),
    }
    geometry = delete.inverse().geometry if delete.raw else None
    spot = Spot(geometry, None, delete.at)
    name = called(delete.name, delete.key, delete.at)
    return Line(mark="-", name=name, said=(why[delete.why],), key=delete.key, spot=spot)


def _without_row(key: str, context: Context) -> Text:
    """Say what became of the row of a feature that goes: it need not be gone from the file."""
    if key in context.moved:
        return say("its row ({key}) is on another layer now", key=key)
    return say("its row ({key}) is no longer in the file", key=key)
