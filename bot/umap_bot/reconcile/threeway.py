"""The tables of the three-way: base, desired and live in, what is to stand out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, Literal

import msgspec
from msgspec import UNSET

from umap_bot.model.base import Known
from umap_bot.model.canon import Canon, Value, canonical, canonical_geometry, digest
from umap_bot.model.change import Field, Move, distance, point_of
from umap_bot.model.drift import Drift, DriftOutcome
from umap_bot.model.layer import GEOMETRY, NAME, Feature, Layer
from umap_bot.model.policy import DriftPolicy

Verdict = Literal["same", "take", "drift", "conflict"]

BESIDE: Final = 10.0
"""Metres within which a point drawn by hand is at the place that its row says: nobody draws more exactly."""


class Scope(msgspec.Struct, frozen=True):
    """What the tables are read with: the dataset, the properties that are or were owned, the policy.

    `first`: the layer has no base, so nothing can be called a person's edit and the file's value is taken.
    `asked` are cells, with the digest of what the map holds there, whose proposal was refused: of them a
    person is asked, or has said that the file wins.
    """

    desired: Layer
    columns: tuple[str, ...]
    drift: DriftPolicy
    first: bool
    asked: Collection[tuple[str, str, str]] = ()

    def outcome(self, key: str, cell: str, live: Canon, *, standing: bool) -> DriftOutcome:
        """Return what comes of a person's edit of a cell."""
        if self.drift == "propose":
            return "hold" if (key, cell, digest(live)) in self.asked else "keep"
        return "keep" if standing and self.drift == "hold" else self.drift


class Pair(msgspec.Struct, frozen=True):
    """One feature on its three sides. `base` is None if base has no such row."""

    key: str
    base: Known | None
    row: Feature
    live: Feature


class Settled(msgspec.Struct, frozen=True):
    """What is to be written to one feature, and what a person had changed in it."""

    fields: tuple[Field, ...] = ()
    move: Move | None = None
    drift: tuple[Drift, ...] = ()


class Cell(msgspec.Struct, frozen=True):
    """One cell on its three sides: a property, or the geometry."""

    name: str
    base: Value
    desired: Value
    live: Value

    def canonical(self) -> tuple[Canon, Canon, Canon]:
        base, desired, live = (
            cell_canonical(self.name, side) for side in (self.base, self.desired, self.live)
        )
        return base, desired, live


def cell_canonical(name: str, value: Value) -> Canon:
    """Return the canonical form of a cell: of the property of that name, or of the geometry."""
    if name == GEOMETRY:
        return canonical_geometry(value if isinstance(value, dict) else None)
    return canonical(value)


def judge(base: Canon, desired: Canon, live: Canon) -> Verdict:
    """Read the table of fields (None is a value on all three sides)."""
    if desired == live:
        return "same"
    if live == base:
        return "take"
    return "drift" if desired == base else "conflict"


def settle(pair: Pair, scope: Scope, kept: dict[str, Canon]) -> Settled:
    """Compare the owned cells of a feature that stands on both sides."""
    fields: list[Field] = []
    move: Move | None = None
    drift: list[Drift] = []
    for cell in _cells(pair, scope):
        verdict = _verdict(cell, pair, scope)
        if verdict == "same":
            continue
        if verdict != "take":
            drift.append(_drift(cell, verdict, pair, scope, kept))
            if drift[-1].outcome == "keep":
                continue
        if cell.name == GEOMETRY:
            move = Move(pair.live.geometry, pair.row.geometry)
        else:
            fields.append(_field(cell, pair.live))
    return Settled(tuple(fields), move, tuple(drift))


def _cells(pair: Pair, scope: Scope) -> Iterator[Cell]:
    base = pair.base.properties if pair.base else {}
    for name in scope.columns:
        yield Cell(name, base.get(name), pair.row.properties.get(name), pair.live.properties.get(name))
    # A row without coordinates leaves the geometry alone: taking it away would take the feature away.
    if scope.desired.owns_geometry and canonical_geometry(pair.row.geometry) is not None:
        yield Cell(GEOMETRY, pair.base.geometry if pair.base else None, pair.row.geometry, pair.live.geometry)


def _verdict(cell: Cell, pair: Pair, scope: Scope) -> Verdict:
    base, desired, live = cell.canonical()
    if cell.name == scope.desired.key and isinstance(live, str) and live.strip() == pair.key:
        return "same"  # outer white space is no part of a key
    verdict = judge(base, desired, live)
    # No row ever said its place: it was drawn there and not moved, as one is that was matched with its row.
    drawn = cell.name == GEOMETRY and base is None and _is_beside(pair.row, pair.live)
    return "take" if (scope.first or drawn) and verdict != "same" else verdict


def _is_beside(row: Feature, live: Feature) -> bool:
    if not all(side.geometry and side.geometry.get("type") == "Point" for side in (row, live)):
        return False
    there, here = point_of(row.geometry), point_of(live.geometry)
    return there is not None and here is not None and distance(there, here) <= BESIDE


def _drift(cell: Cell, verdict: Verdict, pair: Pair, scope: Scope, kept: dict[str, Canon]) -> Drift:
    """Name a person's edit: what policy makes of it, and where in the file it can be kept."""
    # A cell that the file changed since is news, even if policy had left the map's value there before.
    standing = verdict == "drift" and cell.name in kept and kept[cell.name] == cell.canonical()[2]
    outcome = scope.outcome(pair.key, cell.name, cell.canonical()[2], standing=standing)
    return Drift(
        key=pair.key,
        name=feature_name(pair.row, pair.live, pair.key),
        field=cell.name,
        kind="conflict" if verdict == "conflict" else "drift",
        # Who may edit what is the file's own: not its key, nor what it keeps off the map.
        outcome="overwrite" if cell.name in (scope.desired.key, *scope.desired.unpublished) else outcome,
        base=cell.base,
        desired=cell.desired,
        live=cell.live,
        standing=standing and outcome != "hold",  # what is asked is told as news
        line=scope.desired.lines.get(pair.key),
        header=scope.desired.headers.get(cell.name, cell.name),
        at=point_of(pair.live.geometry),
    )


LONGEST_NAME: Final = 1_000
"""Characters of a name that are told, and compared (`fold`)."""


def _field(cell: Cell, live: Feature) -> Field:
    after = UNSET if canonical(cell.desired) is None else cell.desired
    return Field(cell.name, before=live.properties.get(cell.name, UNSET), after=after)


def feature_name(row: Feature | None, live: Feature | None, key: str) -> str:
    """Return what people call a feature: its name in the file, else on the map, else its key.

    Of a name as long as a book it is the beginning: it stands in every line about the feature.
    """
    for feature in (row, live):
        name = canonical(feature.properties.get(NAME)) if feature else None
        if isinstance(name, str) and name.strip():
            return name.strip()[:LONGEST_NAME]
    return key


def edited(
    published: Known | Feature, live: Feature, columns: tuple[str, ...], *, geometry: bool
) -> tuple[str, ...]:
    """Return the owned cells of a feature that are not as this row, as it was published, says."""
    properties = published.properties
    cells = [
        name for name in columns if canonical(properties.get(name)) != canonical(live.properties.get(name))
    ]
    place = canonical_geometry(published.geometry)
    if geometry and place is not None and place != canonical_geometry(live.geometry):
        cells.append(GEOMETRY)
    return tuple(cells)
