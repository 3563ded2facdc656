"""Parts of a plan: what can wait, or be decided, while all the rest goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

import msgspec
from msgspec.structs import replace

from umap_bot.model.canon import digest
from umap_bot.model.change import Change, Create, Delete, Update
from umap_bot.model.layer import GEOMETRY


class Part(msgspec.Struct, frozen=True):
    """One cell that would be written, or one feature that would come or go.

    `kind` is the change's. `cell` is a property's name or GEOMETRY, and "" for a whole feature. `value` is
    the digest of what both sides hold there, the map before and the file after: with another value it is
    another question, and another part. `key` is "" of a feature that a person added.
    """

    kind: Literal["create", "update", "delete"]
    key: str
    cell: str
    value: str


def parts_of(change: Change) -> tuple[Part, ...]:
    """Return the parts of a change: the cells of an update, or the whole of what comes or goes."""
    if isinstance(change, Delete) and change.why == "foreign":
        # Its key is its uMap id, which it may get, or change, at any save: it is known by what it holds.
        return (Part("delete", "", "", digest(replace(change, key="").effect())),)
    if not isinstance(change, Update):
        kind: Literal["create", "delete"] = "create" if isinstance(change, Create) else "delete"
        return (Part(kind, change.key, "", digest(change.effect())),)
    cells = [*(field.name for field in change.fields), *([GEOMETRY] if change.move else [])]
    return tuple(
        Part("update", change.key, cell, digest(_narrowed(change, {cell}).effect())) for cell in cells
    )


def split(
    changes: Iterable[Change], parts: Collection[Part]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return what is left of the changes without these parts, and what they would do, both in order."""
    keys = {part.key for part in parts}
    left: list[Change] = []
    taken: list[Change] = []
    for change in changes:
        own = parts_of(change) if change.key in keys or "" in keys else ()
        out = {part.cell for part in own if part in parts}
        if not isinstance(change, Update):
            (taken if out else left).append(change)
            continue
        taken += [_narrowed(change, out)] if out else []
        if not out:
            left.append(change)
        elif stays := {part.cell for part in own} - out:
            left.append(_narrowed(change, stays))
    return tuple(left), tuple(taken)


def _narrowed(update: Update, cells: Collection[str]) -> Update:
    """Return the update of these cells alone."""
    fields = tuple(field for field in update.fields if field.name in cells)
    return replace(update, fields=fields, move=update.move if GEOMETRY in cells else None)
