"""Reasons to ask a person first that are a matter of what: each a small pure function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from umap_bot.model.canon import Canon, Geometry, canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Delete, Point, Update, point_of
from umap_bot.model.drift import Drift, Duplicate, GoneColumn, Renumbered
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Objection, Plan
from umap_bot.reconcile.guard.question import Question, changes_beside_renumbered
from umap_bot.reconcile.guard.usage import used_by
from umap_bot.reconcile.names import fold
from umap_bot.reconcile.nearby import Nearby
from umap_bot.reconcile.slices import content, decode
from umap_bot.reconcile.threeway import cell_canonical
from umap_bot.text import Text, joined, say, say_n

Whole = TypeVar("Whole", Create, Delete)

SAME_PLACE: Final = 1.0
"""Metres within which two points are one place."""

BACK: Final = "\x00back"
"""The cell that tells of a deleted feature that it is there again."""

UNDONE: Final = 3
"""From how many changes on "all of the last run stands undone" is no chance."""


def orphaned(question: Question) -> Iterator[Objection]:
    """After a lost state: features of ours have no row, and no version of the file explains them. Nothing
    would be done to them, and nobody would ever ask again."""
    names = question.plan.context.orphans
    if names:
        text = say_n(
            "{count} feature that umap-bot added to the map has no row in the file or in any "
            "earlier version that was found. The state may have been lost, and the row removed "
            "since.",
            "{count} features that umap-bot added to the map have no row in the file or in any "
            "earlier version that was found. The state may have been lost, and the rows removed "
            "since.",
            len(names),
        )
        yield Objection("orphaned", text, count=len(names), features=names)


def rekeyed(question: Question) -> Iterator[Objection]:
    """A feature would be added where one of that name or place goes, or stays without a row."""
    effects = question.whole
    if not effects.creates:
        return
    leaving = [delete for delete in effects.deletes if delete.why == "row"]
    added = _resembling(effects.creates, [(delete.name, delete.at) for delete in leaving])
    removed = _resembling(leaving, [(create.name, create.at) for create in added])
    text = say_n(
        "{count} feature would be removed and added again with another id, at the same "
        "place or with the same name. Its style and notes would be lost. Was its id changed "
        "by mistake?",
        "{count} features would be removed and added again with other ids, at the same "
        "places or with the same names. Their styles and notes would be lost. Were their "
        "ids changed by mistake?",
        len(added),
    )
    yield from map(_halved, _about_creates("re-keyed", text, added, removed, question))
    beside = _resembling(effects.creates, [(each.name, each.at) for each in question.plan.context.rowless])
    text = say_n(
        "{count} feature would be added next to one with the same name or place that no "
        "longer has a row in the file; its id may have changed. First correct the rows that "
        "can't be read.",
        "{count} features would be added next to ones with the same names or places that no "
        "longer have rows in the file; their ids may have changed. First correct the rows "
        "that can't be read.",
        len(beside),
    )
    yield from _about_creates("re-keyed", text, beside, (), question)


def _halved(objection: Objection) -> Objection:
    """Return an objection to pairs in words of the half that is left, if a person decided about the other."""
    kinds = {part.kind for part in objection.parts}
    if kinds == {"create"}:
        text = say_n(
            "{count} feature would be added beside the one with its old id, which stays on the map.",
            "{count} features would be added beside the ones with their old ids, which stay on the map.",
            len(objection.parts),
        )
    elif kinds == {"delete"}:
        text = say_n(
            "{count} feature would be removed whose row has another id now and is not added.",
            "{count} features would be removed whose rows have other ids now and are not added.",
            len(objection.parts),
        )
    else:
        return objection
    return replace(objection, text=text)


def renumbered(question: Question) -> Iterator[Objection]:
    """Rows stand under the ids of other rows: each would overwrite another place's feature."""
    rows = question.plan.context.renumbered
    if rows and question.plan.effects.changes:
        text = say_n(
            "{count} row has an id that used to belong to another row, as if the ids had been "
            "renumbered after rows were inserted, removed or sorted. Each id belongs to one "
            "feature on the map, whose style, notes and edits would move to another place. "
            "Restore the row's old id; only new rows get new ids.",
            "{count} rows have ids that used to belong to other rows, as if the ids had been "
            "renumbered after rows were inserted, removed or sorted. Each id belongs to one "
            "feature on the map, whose style, notes and edits would move to another place. "
            "Restore the old ids; only new rows get new ids.",
            len(rows),
        )
        keys, pairs = tuple(each.after for each in rows), tuple(map(_renumbered_text, rows))
        yield Objection("renumbered", text, len(rows), features=keys, details=pairs)


def look_alikes(question: Question) -> Iterator[Objection]:
    """A feature would be added where one of that name or place stands without a key."""
    effects = question.whole
    if not effects.creates:
        return
    there = [(theirs.name, theirs.at) for theirs in question.plan.context.unmanaged]
    foreign = [delete for delete in effects.deletes if delete.why == "foreign"]
    there += [(delete.name, delete.at) for delete in foreign]
    doubled = _resembling(effects.creates, there)
    # One that goes just as its row comes waits with it.
    removed = _resembling(foreign, [(create.name, create.at) for create in doubled])
    text = say_n(
        "{count} row looks like a feature that is already on the map but has no id, and "
        "would be on the map twice. To match them: umap-bot adopt",
        "{count} rows look like features that are already on the map but have no id, and "
        "would be on the map twice. To match them: umap-bot adopt",
        len(doubled),
    )
    yield from _about_creates("look-alike", text, doubled, removed, question)


def encoding_guessed(question: Question) -> Iterator[Objection]:
    """The file's encoding was guessed for the first time: only a person knows whether its words are right."""
    guess = question.plan.context.guess
    if guess is not None and question.plan.effects.changes:
        text = say(
            "The file is not UTF-8 and was read as Windows-1252, as written by Excel. Are these "
            "words correct: {words:, }?",
            words=guess.words,
        )
        yield Objection("encoding", text, setting="DATASET_ENCODING")


def columns_gone(question: Question) -> Iterator[Objection]:
    """A column of the file vanished, was renamed, or is now left out and goes from features."""
    if not question.plan.effects.changes:
        return
    for column in question.plan.context.gone_columns:
        if not column.left_out:
            yield Objection("column", _gone_text(column, question), features=(column.name,))
        elif losing := _losing(column.name, question.plan):
            text = _left_out_text(column, losing, question)
            yield Objection("column", text, count=losing, features=(column.name,))


def places_gone(question: Question) -> Iterator[Objection]:
    """The coordinates vanished from the file. That writes nothing, but moves would no longer be noticed."""
    if question.plan.context.places_gone:
        text = say(
            "The file no longer has coordinates. The features would stay where they are, and "
            "moves on the map would no longer be detected. Restore the columns, or set "
            "DATASET_LATITUDE and DATASET_LONGITUDE, or DATASET_GEOMETRY."
        )
        yield Objection("coordinates", text)


def outside_area(question: Question) -> Iterator[Objection]:
    """A point would come to lie outside SYNC_AREA, or seems to have its coordinates swapped."""
    area = question.limits.area
    if area is None:
        return
    placed = [(change, cell, point_of(geometry)) for change, cell, geometry in _placed(question.plan)]
    outside = [(change, cell, point) for change, cell, point in placed if point and not area.holds(*point)]
    swapped = sum(area.holds(point[1], point[0]) for _, _, point in outside)
    names = tuple(change.name for change, _, _ in outside)
    if names:
        text = _outside_text(names, swapped)
        parts = question.parts((change.key, cell) for change, cell, _ in outside)
        yield Objection("area", text, len(names), setting="SYNC_AREA", features=names, parts=parts)


def drift_held(question: Question) -> Iterator[Objection]:
    """Policy is to ask where a person changed, or deleted, something on the map."""
    held = [drift for drift in question.plan.context.drift if drift.outcome == "hold"]
    # Of a feature whose row is gone, an edited cell is why the feature itself waits.
    deleted = [drift for drift in held if drift.kind == "deleted"]
    changed = [drift for drift in held if drift.kind != "deleted"]
    if parts := question.parts(
        (drift.key, "" if drift.kind == "edited" else drift.field) for drift in changed
    ):
        names = _names(changed)
        text = say_n(
            "{count} feature of the file was edited on the map.",
            "{count} features of the file were edited on the map.",
            len(names),
        )
        yield Objection("drift", text, len(names), setting="SYNC_DRIFT", features=names, parts=parts)
    if parts := question.parts((drift.key, "") for drift in deleted):
        names = _names(deleted)
        text = say_n(
            "{count} feature of the file was removed on the map, perhaps on purpose.",
            "{count} features of the file were removed on the map, perhaps on purpose.",
            len(names),
        )
        yield Objection("deleted", text, len(names), setting="SYNC_DELETED", features=names, parts=parts)


def unmanaged_held(question: Question) -> Iterator[Objection]:
    """Policy is to ask about what people add on the map."""
    plan = question.plan
    leaving = [delete for delete in plan.effects.deletes if delete.why == "foreign"]
    names = tuple(delete.name or delete.key for delete in leaving)
    if plan.effects.policy.foreign == "hold" and names:
        text = say_n(
            "{count} feature that was added on the map and is not in the file would be removed.",
            "{count} features that were added on the map and are not in the file would be removed.",
            len(names),
        )
        parts = tuple(part for delete in leaving for part in parts_of(delete))
        yield Objection("foreign", text, len(names), setting="SYNC_FOREIGN", features=names, parts=parts)


def reverted(question: Question) -> Iterator[Objection]:
    """Under `keep`: everything the last run did stands undone, so somebody saved an old copy of the map."""
    if not question.plan.effects.policy.asks_of_last_run or not question.history:
        return
    last = question.history[0]
    before = dict(cell for change in last.applied for cell in _cells_before(change))
    now = {
        (drift.key, drift.field): cell_canonical(drift.field, drift.live)
        for drift in question.plan.context.news
    }
    now |= {(theirs.content, BACK): None for theirs in question.plan.context.unmanaged if not theirs.standing}
    if len(before) >= UNDONE and all(cell in now and now[cell] == value for cell, value in before.items()):
        text = say(
            "All {count} changes of run {number} have disappeared from the map, as if someone "
            "had saved an old copy of it.",
            count=len(before),
            number=last.number,
        )
        yield Objection("reverted", text, len(before), features=_names(question.plan.context.news))


def duplicates(question: Question) -> Iterator[Objection]:
    """One key stands twice on the map, with different content, and something would be done to one of them."""
    for duplicate in question.plan.context.duplicates:
        if parts := question.parts([(duplicate.key, "")]):
            text, names = _duplicate_text(duplicate), duplicate.names
            yield Objection("clone", text, count=len(names), features=names, parts=parts)


def _cells_before(change: Change) -> Iterator[tuple[tuple[str, str], Canon]]:
    """Return the cells that a run wrote, with what stood there before it."""
    if isinstance(change, Create):
        yield (change.key, ""), None
    elif isinstance(change, Update):
        for field in change.fields:
            yield (change.key, field.name), None if field.before is UNSET else canonical(field.before)
        if change.move:
            yield (change.key, GEOMETRY), canonical_geometry(change.move.before)
    elif change.why == "row":
        yield (content(decode(change.raw.encode())), BACK), None


def _resembling(changes: Iterable[Whole], others: list[tuple[str, Point | None]]) -> tuple[Whole, ...]:
    """Return those that are where one of that name or place is."""
    names = {fold(name) for name, _ in others} - {""}
    places = Nearby(others, SAME_PLACE)
    return tuple(each for each in changes if fold(each.name) in names or places.is_near(each.at))


def _about_creates(
    rule: str, text: Text, added: tuple[Create, ...], removed: tuple[Delete, ...], question: Question
) -> Iterator[Objection]:
    """Object to features that would be added, and to those that would go for them, if any of it is to do."""
    cells = [*((create.key, "") for create in added), *((delete.key, "") for delete in removed)]
    if parts := question.parts(cells):
        names = tuple(create.name for create in added)
        yield Objection(rule, text, count=len(names), features=names, parts=parts)


def _placed(plan: Plan) -> Iterator[tuple[Create | Update, str, Geometry | None]]:
    """Return what would be placed, the cell that says where ("" for all of a new feature), and where."""
    for change in changes_beside_renumbered(plan):
        if isinstance(change, Create):
            yield change, "", change.geometry
        elif isinstance(change, Update) and change.move:
            yield change, GEOMETRY, change.move.after


def _outside_text(names: tuple[str, ...], swapped: int) -> Text:
    outside = say_n(
        "{count} feature would be outside the expected area: {name}.",
        "{count} features would be outside the expected area. The first: {name}.",
        len(names),
        name=names[0],
    )
    if not swapped:
        return outside
    if len(names) == 1:
        return joined((outside, say("With latitude and longitude swapped, it would be inside.")))
    hint = say_n(
        "With latitude and longitude swapped, {count} would be inside.",
        "With latitude and longitude swapped, {count} would be inside.",
        swapped,
    )
    return joined((outside, hint))


def _losing(column: str, plan: Plan) -> int:
    """Return from how many features a column would go."""
    return sum(
        field.name == column and field.after is UNSET
        for update in plan.effects.updates
        for field in update.fields
    )


def _left_out_text(column: GoneColumn, losing: int, question: Question) -> Text:
    left_out = say_n(
        'The column "{column}" is no longer published and would be removed from {count} feature.',
        'The column "{column}" is no longer published and would be removed from {count} features.',
        losing,
        column=column.header,
    )
    return joined((left_out, *_used(column.name, question)))


def _gone_text(column: GoneColumn, question: Question) -> Text:
    if column.header == column.name:
        told = say(
            'DATASET_RENAME now gives the column "{column}" another name on the map: "{likely}".',
            column=column.name,
            likely=column.likely,
        )
        return joined((told, *_used(column.name, question)))
    parts = [say('The column "{column}" is no longer in the file.', column=column.name)]
    if column.likely:
        renamed = say(
            'The column "{header}" is new and has the same values ({equal} of {total}), so it '
            "may have been renamed. Rename it back, or add {header}={column} to DATASET_RENAME.",
            header=column.header,
            column=column.name,
            equal=column.equal,
            total=column.total,
        )
        parts.append(renamed)
    return joined((*parts, *_used(column.name, question)))


def _used(column: str, question: Question) -> tuple[Text, ...]:
    """Say which settings of the layer, its group and the map use a column; nothing if none does."""
    own, of_group, of_map = used_by(question.live.entry, column)
    told = (
        say("The layer's settings use it: {settings:, }.", settings=own),
        say("The settings of the layer's group use it: {settings:, }.", settings=of_group),
        say("The map's settings use it: {settings:, }.", settings=of_map),
    )
    return tuple(text for text, used in zip(told, (own, of_group, of_map), strict=True) if used)


def _renumbered_text(row: Renumbered) -> Text:
    if row.name:
        return say("{before} → {after} {name}", before=row.before, after=row.after, name=row.name)
    return say("{before} → {after}", before=row.before, after=row.after)


def _duplicate_text(duplicate: Duplicate) -> Text:
    named = tuple(
        say('"{name}" ({id})', name=name, id=umap_id or say("no uMap id"))
        for name, umap_id in zip(duplicate.names, duplicate.umap_ids, strict=True)
    )
    return say(
        'The id "{key}" is on the map {count} times: {both:and}. Give the copy another id.',
        key=duplicate.key,
        count=len(named),
        both=named,
    )


def _names(drift: Iterable[Drift]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in drift))
