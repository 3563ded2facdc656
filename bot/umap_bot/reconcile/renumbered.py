"""Rows that stand under the id of another row: ids that were filled down again after rows were inserted,
removed or sorted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TypeVar

from umap_bot.model.base import Base
from umap_bot.model.drift import Renumbered
from umap_bot.model.layer import Layer
from umap_bot.model.mark import Mark, mark_of
from umap_bot.reconcile.names import fold
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.threeway import feature_name

Part = TypeVar("Part", bound=Hashable)


def renumbered(sides: Sides) -> tuple[Renumbered, ...]:
    """Return the rows that are what was published under another id, in the file's order.

    Such a row has that one's name and place; or its name or its place alone, if neither is what its own id
    had and no third row is like them. A row that only has a new id, while its old one is in no row, is not
    among them: that is a delete and a create, and asked about as such.
    """
    base, desired = sides.base, sides.desired
    if base is None:
        return ()
    aside = sides.unchanged.aside  # of these, name, place and id are what they were
    before = {
        key: mark
        for key, known in base.known.items()
        if key not in aside and (mark := mark_of(known.properties, known.geometry))
    }
    after = {
        key: mark for key in desired.rows if key not in aside and (mark := _mark_now(key, base, desired))
    }
    moved = dict(_moved(_placed(before), _placed(after)))
    # What has no coordinates in the file has only its name to be known by.
    in_file = {key: mark if desired.rows[key].geometry else (mark[0], b"") for key, mark in after.items()}
    others_before, others_after = _without_likes(before, in_file, moved)
    for part in (_name, _place):
        pairs = dict(_moved(_parts(part, others_before), _parts(part, others_after)))
        times: Counter[Hashable] = _times(part, base) if pairs else Counter()
        moved |= {new: old for new, old in pairs.items() if times[part(before[old])] == 1}
    return tuple(
        Renumbered(moved[key], key, feature_name(desired.rows[key], None, ""))
        for key in desired.rows
        if key in moved and (key in base.known or _is_in_file(moved[key], desired))
    )


def _mark_now(key: str, base: Base, desired: Layer) -> Mark | None:
    """Return a row's mark. One without coordinates leaves its feature where it was last published."""
    row, known = desired.rows[key], base.known.get(key)
    return mark_of(row.properties, row.geometry or (known.geometry if known else None))


def _without_likes(
    before: dict[str, Mark], after: dict[str, Mark], moved: Mapping[str, str]
) -> tuple[dict[str, Mark], dict[str, Mark]]:
    """Return the marks of ids that have nothing any more of what they were, and are not paired yet."""
    alike = {key for key in before.keys() & after.keys() if _are_alike(before[key], after[key])}
    gone = {*alike, *moved.values()}
    return (
        {key: mark for key, mark in before.items() if key not in gone},
        {key: mark for key, mark in after.items() if key not in alike and key not in moved},
    )


def _are_alike(one: Mark, other: Mark) -> bool:
    """Tell whether two marks have a name or a place in common."""
    return one[0] == other[0] or _name(one) == _name(other) or (bool(one[1]) and one[1] == other[1])


def _name(mark: Mark) -> str:
    return fold(mark[0])


def _place(mark: Mark) -> bytes:
    return mark[1]


def _parts(part: Callable[[Mark], Part], marks: Mapping[str, Mark]) -> dict[str, Part]:
    """Return one part of each mark, without those that have none."""
    return {key: found for key, mark in marks.items() if (found := part(mark))}


def _placed(marks: Mapping[str, Mark]) -> dict[str, Mark]:
    return {key: mark for key, mark in marks.items() if mark[1]}


def _times(part: Callable[[Mark], Hashable], base: Base) -> Counter[Hashable]:
    """Return how many rows had each name, or place, as last published: what several had tells nothing."""
    marks = (mark_of(known.properties, known.geometry) for known in base.known.values())
    return Counter(part(mark) for mark in marks if mark)


def _moved(before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[tuple[str, str]]:
    """Pair each id that has what another one had with that one."""
    had, has = _keys(before), _keys(after)
    for found, keys in has.items():
        yield from ((new, old) for old, new in _moves(had.get(found, []), keys))


def _keys(marks: Mapping[str, Part]) -> dict[Part, list[str]]:
    found: dict[Part, list[str]] = defaultdict(list)
    for key, mark in marks.items():
        found[mark].append(key)
    return found


def _moves(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """Pair the ids that a mark lost with those that it gained."""
    stayed = {*before} & {*after}
    lost, gained = ([key for key in keys if key not in stayed] for keys in (before, after))
    yield from zip(lost, gained, strict=False)


def _is_in_file(key: str, desired: Layer) -> bool:
    return key in desired.rows or key in desired.left_out
