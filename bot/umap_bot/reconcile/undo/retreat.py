"""Base as it goes back, where a rollback undid what a run had done."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from umap_bot.model.base import Base, Kept, Known, Undone
from umap_bot.model.canon import Canon
from umap_bot.model.change import Change, Create, Update
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.undo import Undo
from umap_bot.reconcile.slices import content, decode
from umap_bot.reconcile.undo.trace import is_of_file


def retreat(base: Base, undo: Undo, changes: Iterable[Change], by: int) -> Base:
    """Return base after what run `by` undid: each cell as it was before the undone run, and remembered so."""
    known, undone, columns = dict(base.known), dict(base.undone), dict.fromkeys(base.columns)
    kept = base.kept
    for change in changes:
        key, said = change.key, undo.said.get(change.key, {})
        if isinstance(change, Update):
            said = {name: said[name] for name in _touched(change) if name in said}
            if key in known:
                known[key] = with_cells(known[key], said, undo.rows.get(key))
            elif key in kept.rows:
                rows = {**kept.rows, key: with_cells(kept.rows[key], said, undo.rows.get(key))}
                kept = msgspec.structs.replace(kept, rows=rows)
            columns.update(dict.fromkeys(name for name in said if name != GEOMETRY))
            undone[key] = {**undone.get(key, {}), **_remembered(said, undo.run, by)}
        elif isinstance(change, Create) and not is_of_file(change, base.key):
            kept = _left_alone(kept, change)  # what policy had removed, and a person wanted back
        else:
            known.pop(key, None)
            if row := undo.rows.get(key):
                umap_id = change.umap_id if isinstance(change, Create) else None
                known[key] = msgspec.structs.replace(row, umap_id=umap_id, row="", raw="", source="")
            undone[key] = {**undone.get(key, {}), **_remembered({"": said.get("")}, undo.run, by)}
    for key, said in undo.left.items():
        known_so = {name: one for name, one in undone.get(key, {}).items() if one.run == undo.run}
        undone[key] = {**undone.get(key, {}), **_remembered(said, undo.run, by), **known_so}
    remembered = {key: cells for key, cells in undone.items() if cells}
    return msgspec.structs.replace(base, known=known, undone=remembered, columns=tuple(columns), kept=kept)


def _touched(update: Update) -> list[str]:
    return [*(field.name for field in update.fields), *([GEOMETRY] if update.move else [])]


def _remembered(said: dict[str, Canon], run: int, by: int) -> dict[str, Undone]:
    return {name: Undone(value, run, by) for name, value in said.items()}


def with_cells(known: Known, names: Iterable[str], then: Known | None) -> Known:
    """Return a row with these cells as they were then. Its digests no longer say where not to look."""
    properties, geometry = known.properties, known.geometry
    before = then.properties if then else {}
    for name in names:
        if name == GEOMETRY:
            geometry = then.geometry if then else None
            continue
        properties.pop(name, None)
        if name in before:
            properties[name] = before[name]
    return Known.of(properties, geometry, known.umap_id)


def _left_alone(kept: Kept, create: Create) -> Kept:
    own = content(decode(create.raw.encode()))
    return msgspec.structs.replace(kept, unmanaged=kept.unmanaged | {own}, left=kept.left | {own})
