"""Rows that stand under the id of another row: ids that were filled down again after rows were inserted,
removed or sorted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from umap_bot.model.base import Base
from umap_bot.model.drift import Renumbered
from umap_bot.model.layer import Layer
from umap_bot.model.mark import Mark, mark_of
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.threeway import feature_name


def renumbered(sides: Sides) -> tuple[Renumbered, ...]:
    """Return the rows whose name and place were published under another id, in the file's order.

    A row that only has a new id, while its old one is in no row, is not among them: that is a delete and a
    create, and asked about as such.
    """
    base, desired = sides.base, sides.desired
    if base is None:
        return ()
    aside = sides.unchanged.aside  # of these, mark and id are what they were
    before = _by_mark(
        (key, mark_of(known.properties, known.geometry))
        for key, known in base.known.items()
        if key not in aside
    )
    after = _by_mark((key, _mark_now(key, base, desired)) for key in desired.rows if key not in aside)
    moved = {new: old for mark, keys in after.items() for old, new in _moves(before.get(mark, []), keys)}
    return tuple(
        Renumbered(moved[key], key, feature_name(desired.rows[key], None, ""))
        for key in desired.rows
        if key in moved and (key in base.known or _is_in_file(moved[key], desired))
    )


def _mark_now(key: str, base: Base, desired: Layer) -> Mark | None:
    """Return a row's mark. One without coordinates leaves its feature where it was last published."""
    row, known = desired.rows[key], base.known.get(key)
    return mark_of(row.properties, row.geometry or (known.geometry if known else None))


def _by_mark(marked: Iterable[tuple[str, Mark | None]]) -> dict[Mark, list[str]]:
    found: dict[Mark, list[str]] = defaultdict(list)
    for key, mark in marked:
        if mark is not None:
            found[mark].append(key)
    return found


def _moves(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """Pair the ids that a mark lost with those that it gained."""
    stayed = {*before} & {*after}
    lost, gained = ([key for key in keys if key not in stayed] for keys in (before, after))
    yield from zip(lost, gained, strict=False)


def _is_in_file(key: str, desired: Layer) -> bool:
    return key in desired.rows or key in desired.left_out
