"""What one comparison of the sides comes to: the plan, and the base that a run leaves which settles on it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from umap_bot.model.base import Base, Kept, Known
from umap_bot.model.canon import Canon
from umap_bot.model.change import Delete
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY, Layer
from umap_bot.model.pairing import Pairing
from umap_bot.model.plan import Plan, cells_changed
from umap_bot.reconcile.identity import Standing, key_of
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.skip_unchanged import row_digest
from umap_bot.reconcile.slices import content, decode, kept_ids
from umap_bot.reconcile.threeway import cell_canonical
from umap_bot.reconcile.undo.redo import remembered
from umap_bot.reconcile.undo.retreat import with_cells
from umap_bot.reconcile.unmanaged import orphans


class Outcome(msgspec.Struct, frozen=True):
    """What an aim comes to on these sides. `pairing` is of an adoption: how all was matched."""

    plan: Plan
    sides: Sides
    pairing: Pairing = Pairing()

    def base_after(self, plan: Plan) -> Base | None:
        """Return the base that a run leaves which settles on `plan`, this plan as it was guarded.

        None leaves base as it is: after a held run; after an adoption, since the sync after it compares field
        by field; after a rollback, since base went back with what was applied.
        """
        settles = plan.effects.kind == "sync" and not plan.verdict.held
        return _base(plan, self.sides) if settles else None


def _base(plan: Plan, sides: Sides) -> Base:
    desired, before = sides.desired, sides.base
    deleted = {drift.key for drift in _left_by_policy(plan) if drift.kind == "deleted"}
    known = _standing(sides)
    known.update((key, _known(desired, key, None, "", before)) for key in deleted)
    known.update((key, before.known[key]) for key in sides.waiting if before)
    stays = _as_it_was(plan)
    _leave(known, stays, sides)
    return Base(
        layer_id=sides.live.entry.layer_id,
        commit=plan.context.commit.sha,
        key=desired.key,
        columns=tuple(dict.fromkeys((*desired.owned, *_columns(stays), *_columns_waiting(sides)))),
        places=desired.owns_geometry,
        known=known,
        kept=_kept(plan, deleted, sides),
        encoding=desired.reading.encoding,
        undone=remembered(sides),
    )


def _columns_waiting(sides: Sides) -> Iterator[str]:
    """Return the properties that base goes on owning for rows that wait, though the file has them no more:
    else they would stay on the map when these rows are read again."""
    gone = [name for name in sides.base_columns if name not in sides.desired.columns]
    waiting = [sides.base.known[key].properties for key in sides.waiting] if gone and sides.base else []
    return (name for name in gone if any(name in properties for properties in waiting))


def _standing(sides: Sides) -> dict[str, Known]:
    """Return the rows whose features stand on the map."""
    known = _aside(sides.base, sides) if sides.base else {}
    for key, standing in sides.identities.ours.items():
        if key in sides.desired.rows:
            known[key] = _known(
                sides.desired, key, standing, sides.unchanged.digests[standing.place], sides.base
            )
    return known


def _aside(base: Base, sides: Sides) -> dict[str, Known]:
    """Return the rows that were set aside, with what they were read from this time."""
    known = {key: base.known[key] for key in sides.unchanged.aside}
    for key, row in known.items():
        source = sides.desired.sources.get(key, "")
        if source and row.source != source:
            known[key] = row.read_again(sides.desired.rows[key].properties, source)
        elif row.source != source:
            known[key] = msgspec.structs.replace(row, source="")
    return known


def _known(desired: Layer, key: str, standing: Standing | None, raw: str, base: Base | None) -> Known:
    row = desired.rows[key]
    before = base.known.get(key) if base else None
    # A row that lost its coordinates leaves its feature where it was put: that is what was last published.
    geometry = row.geometry or (before.geometry if before else None)
    umap_id = standing.feature.umap_id if standing else None
    source = desired.sources.get(key, "")
    return Known.of(row.properties, geometry, umap_id, row_digest(row), raw, source)


def _as_it_was(plan: Plan) -> dict[str, set[str]]:
    """Return what base says as before, since it is not done: what waits, and what a person decided to leave.

    Key → cells; "" is the whole feature.
    """
    found: dict[str, set[str]] = {}
    for key, cell in cells_changed((*plan.verdict.waiting, *plan.verdict.kept)):
        found.setdefault(key, set()).add(cell)
    return found


def _leave(known: dict[str, Known], stays: dict[str, set[str]], sides: Sides) -> None:
    """Let base say what it said of cells and features that stay as they are on the map."""
    for key, cells in stays.items():
        then = sides.base.known.get(key) if sides.base else None
        if "" not in cells:
            known[key] = with_cells(known[key], cells, then)
        elif then is not None:
            known[key] = then


def _columns(stays: dict[str, set[str]]) -> list[str]:
    """Return the properties that base goes on owning, though the file has them no more."""
    cells = [cell for cells in stays.values() for cell in sorted(cells)]
    return [cell for cell in dict.fromkeys(cells) if cell not in {"", GEOMETRY}]


def _kept(plan: Plan, deleted: set[str], sides: Sides) -> Kept:
    cells: dict[str, dict[str, Canon]] = {}
    for drift in _left_by_policy(plan):
        if drift.kind in ("drift", "conflict"):
            cells.setdefault(drift.key, {})[drift.field] = cell_canonical(drift.field, drift.live)
    if sides.base:  # of a row that waits, what was decided stands
        waiting = sides.waiting
        cells |= {key: found for key, found in sides.base.kept.cells.items() if key in waiting}
        deleted = deleted | (sides.base.kept.deleted & waiting)
    unmanaged = {theirs.content for theirs in plan.context.unmanaged} - _asked_of(plan)
    edited = {drift.key for drift in _left_by_policy(plan) if drift.kind == "edited"}
    left = {content(sides.identities.ours[key].feature) for key in edited}
    left |= unmanaged & (sides.base.kept.left if sides.base else frozenset())
    left |= _perhaps_ours(sides)
    rows = _rows_left(edited, sides)
    return Kept(cells, frozenset(deleted), frozenset(unmanaged | left), frozenset(left), rows)


def _left_by_policy(plan: Plan) -> list[Drift]:
    """Return the edits that policy leaves. What a person decided is found anew in each run."""
    decided = set(cells_changed(plan.verdict.kept))
    return [
        drift
        for drift in plan.context.drift
        if drift.outcome == "keep" and not {(drift.key, drift.field), (drift.key, "")} & decided
    ]


def _asked_of(plan: Plan) -> set[str]:
    """Return the features, added on the map, of which a person is asked whether they go, or said so."""
    parts = (*plan.verdict.waiting, *plan.verdict.kept)
    deletes = (change for change in parts if isinstance(change, Delete) and change.why == "foreign")
    return {content(decode(change.raw.encode())) for change in deletes}


def _rows_left(edited: set[str], sides: Sides) -> dict[str, Known]:
    """Return the rows, not in the file now, of features that stay: when they come back, base needs them."""
    if sides.base is None:
        return {}
    rows = dict(sides.base.kept.rows)
    for key in sorted(edited):
        umap_id = sides.identities.ours[key].feature.umap_id
        rows[key] = msgspec.structs.replace(sides.base.known[key], umap_id=umap_id)
    standing = set(kept_ids(sides.ids)) - {None} if rows else set()
    return {
        key: row for key, row in rows.items() if key not in sides.desired.rows and row.umap_id in standing
    }


def _perhaps_ours(sides: Sides) -> set[str]:
    """Return the unmanaged features that may have been ours, after a lost state: without base those that we
    made, with the likeliest one all that have an identifier."""
    if sides.base is None:
        return {content(each.feature) for each in orphans(sides)}
    if not sides.base.is_guess:
        return set()
    unmanaged = (one.feature for one in sides.identities.unmanaged)
    return {content(feature) for feature in unmanaged if key_of(feature, sides.desired.key)}
