"""The aim of a rollback: what one run changed goes back, and what was changed since stays and is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from umap_bot.errors import UsageError
from umap_bot.model.base import Base, Known
from umap_bot.model.canon import Canon, Value, canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Delete, Field, Move, Update, point_of
from umap_bot.model.drift import Drift, DriftKind
from umap_bot.model.layer import GEOMETRY, Commit, Feature, Layer, Live
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Run
from umap_bot.model.undo import Undo
from umap_bot.reconcile.comparison import describe
from umap_bot.reconcile.identity import Standing
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.sides import Sides, look
from umap_bot.reconcile.slices import VALID_ID, cells_of, content, decode
from umap_bot.reconcile.threeway import cell_canonical, feature_name
from umap_bot.reconcile.undo.trace import Cell, Trace, back, traces, unmanaged_removed, writer
from umap_bot.reconcile.unmanaged import deletion, duplicates, unmanaged
from umap_bot.text import say


class Rollback(msgspec.Struct, frozen=True):
    """Undo what a run did to the map, where nobody changed it since. `later` are the runs after it."""

    run: Run
    policy: Policy
    later: tuple[Run, ...] = ()
    kind: Literal["rollback"] = "rollback"

    @property
    def commit(self) -> Commit:
        """Return the commit that the run was of. That its file is one of before is no news."""
        return replace(self.run.commit, blob="")

    @property
    def headers(self) -> dict[str, str]:
        """The columns' names in the run's file, by those that they have on the map, where the two differ."""
        return self.run.plan.context.headers if self.run.plan else {}

    def outcome(self, live: Live, base: Base | None) -> Outcome:
        """Put back what the run changed. Raise UsageError if the layer is not the run's any more."""
        done = traces(self.run)
        sides = look(live, _base_of(self.run, live, base), _touched(self.run, done), skip_unchanged=False)
        found = [each for trace in done.values() for each in _Undoing(trace, sides, self).found()]
        changes: list[Change] = [each for each in found if not isinstance(each, Drift)]
        stay = [each for each in found if isinstance(each, Drift)]
        changes += _brought_back(self.run, sides)
        plan = describe(sides, self.commit, self.policy, changes, self.kind)
        context = replace(
            plan.context,
            headers=self.headers,
            drift=tuple(sorted(stay, key=lambda one: (one.name, one.key, one.field))),
            unmanaged=tuple(replace(each, standing=True) for each in unmanaged(sides, Policy())),
            duplicates=tuple(duplicate for duplicate in duplicates(sides) if duplicate.key in done),
        )
        effects = replace(plan.effects, undo=_undo(self.run, done, sides.base, stay))
        return Outcome(Plan(effects=effects, context=context), sides)


class _Undoing(msgspec.Struct, frozen=True):
    """What undoing a run comes to for one feature."""

    trace: Trace
    sides: Sides
    aim: Rollback

    def found(self) -> Iterator[Change | Drift]:
        """Return what goes back, and what stays since somebody changed it."""
        trace, standing = self.trace, self.sides.identities.ours.get(self.trace.key)
        if trace.deleted:
            yield from self._put_back(trace.deleted, standing)
        elif standing is None:
            if not trace.created:  # else it is gone, as it is to be
                yield self._stays("", "deleted", None)
        elif trace.created:
            yield from self._take_away(standing)
        else:
            yield from self._cells(standing)

    def _put_back(self, delete: Delete, standing: Standing | None) -> Iterator[Change | Drift]:
        """Add a removed feature again, just as it was; never a second one of its key or uMap id."""
        stood = decode(delete.raw.encode())
        here = standing or _by_id(delete.umap_id, self.sides)
        if here is None:
            yield _again(delete)
        elif content(here.feature) != content(stood) and not self._is_undone():
            yield self._stays("", "again", here)

    def _is_undone(self) -> bool:
        """Tell whether it stands since this very run was undone: what people do to it now is theirs."""
        base = self.sides.base
        undone = base.undone.get(self.trace.key, {}) if base else {}
        return "" in undone and undone[""].run == self.aim.run.number

    def _take_away(self, standing: Standing) -> Iterator[Change | Drift]:
        """Remove an added feature, unless somebody changed what the file had put into it."""
        made, live = self.trace.made, cells_of(standing.feature)
        edited = [
            name for name in self._owned() if cell_canonical(name, made.get(name)) != _canon(name, live)
        ]
        if not edited:
            name = feature_name(None, standing.feature, self.trace.key)
            yield deletion(self.trace.key, name, standing, self.sides, "undo")
        for name in edited:
            yield self._stays(name, "edited", standing, Cell(None, made.get(name), None))

    def _owned(self) -> tuple[str, ...]:
        base = self.sides.base
        if base is None:
            return ()
        return (*(name for name in base.columns if name != base.key), *([GEOMETRY] if base.places else []))

    def _cells(self, standing: Standing) -> Iterator[Change | Drift]:
        """Put back the cells that still stand as the run left them."""
        live, parts = cells_of(standing.feature), list[Field | Move]()
        for name, cell in self._to_undo():
            now = _canon(name, live)
            if now == cell_canonical(name, cell.after):
                parts.append(back(name, live.get(name), cell))
            elif now != cell_canonical(name, cell.before):
                yield self._stays(name, "drift", standing, cell)
        if parts:
            yield self._update(standing, parts)

    def _to_undo(self) -> Iterator[tuple[str, Cell]]:
        """Return the cells to look at. A key that was put back tells who it is; only an adoption gave it."""
        base, key = self.sides.base, self.sides.desired.key
        for name, cell in self.trace.cells.items():
            adopted = self.aim.run.kind == "adopt" and not (base and self.trace.key in base.known)
            if name != key or adopted:
                yield name, cell

    def _update(self, standing: Standing, parts: list[Field | Move]) -> Update:
        move = next((part for part in parts if isinstance(part, Move)), None)
        fields = tuple(part for part in parts if isinstance(part, Field))
        then = Feature({field.name: field.after for field in fields if field.after is not UNSET})
        return Update(
            key=self.trace.key,
            name=feature_name(
                then, standing.feature, self.trace.name
            ),  # as people know it, not as it went wrong
            fields=fields,
            move=move,
            umap_id=standing.feature.umap_id,
            place=standing.place,
            at=point_of(move.after if move else standing.feature.geometry),
        )

    def _stays(
        self, field: str, kind: DriftKind, standing: Standing | None, cell: Cell | None = None
    ) -> Drift:
        live = cells_of(standing.feature).get(field) if standing and field else None
        value: Canon = _canon(field, {field: live}) if field else ("there" if standing else None)
        return Drift(
            key=self.trace.key,
            name=feature_name(None, standing.feature, self.trace.name) if standing else self.trace.name,
            field=field,
            kind=kind,
            outcome="keep",
            base=cell.after if cell else None,
            desired=cell.before if cell else None,
            live=live,
            header=self.aim.headers.get(field, field),
            at=point_of(standing.feature.geometry) if standing else None,
            by=writer(self.aim.later, self.trace.key, field, value),
        )


def _canon(name: str, cells: dict[str, Value]) -> Canon:
    return cell_canonical(name, cells.get(name))


def _again(delete: Delete) -> Create:
    """Return what adds a removed feature again, byte for byte; without a valid uMap id it gets one."""
    umap_id = delete.umap_id if VALID_ID.fullmatch(delete.umap_id or "") else None
    return replace(delete.inverse(), umap_id=umap_id)


def _by_id(umap_id: str | None, sides: Sides) -> Standing | None:
    """Return the feature of no known key that has this uMap id: they are random, so it is that one."""
    others = sides.identities.unmanaged if VALID_ID.fullmatch(umap_id or "") else ()
    return next((each for each in others if each.feature.umap_id == umap_id), None)


def _brought_back(run: Run, sides: Sides) -> Iterator[Create]:
    """Add again what people had drawn and policy removed, if nothing of it stands."""
    removed = list(unmanaged_removed(run))
    if not removed:
        return
    # Of no row: one of ours that has the same uMap id had it before, too, and is not this one.
    there = {each.feature.umap_id for each in sides.identities.unmanaged} - {None}
    says = {content(decode(raw)) for raw in sides.live.carried.features}
    for delete in removed:
        if delete.umap_id not in there and content(decode(delete.raw.encode())) not in says:
            yield _again(delete)


def _base_of(run: Run, live: Live, base: Base | None) -> Base | None:
    """Return base, if it is of the layer that the run changed, and by its key. Raise UsageError."""
    plan = run.plan
    if plan is None or plan.effects.layer_id != live.entry.layer_id:
        raise UsageError(
            say(
                'The layer "{layer}" is not the one that run {number} changed: it has been '
                "recreated since then.",
                layer=live.entry.name,
                number=run.number,
            ),
            way_out=say(
                "To get the layer as it was before that run: umap-bot export --backup {number}",
                number=run.number,
            ),
        )
    ours = base if base and base.layer_id == plan.effects.layer_id else None
    if ours is None and run.kind != "adopt":
        raise UsageError(
            say(
                "No sync of this layer has completed, so run {number} can't be rolled back.",
                number=run.number,
            ),
            way_out=say("First run: umap-bot sync"),
        )
    if ours and ours.key != plan.context.key:
        raise UsageError(
            say(
                'DATASET_KEY was "{then}" in run {number} and is now "{now}", so features can\'t be matched.',
                then=plan.context.key,
                number=run.number,
                now=ours.key,
            ),
            way_out=say("First roll back the later runs, starting with the newest: umap-bot rollback RUN"),
        )
    return ours


def _touched(run: Run, done: dict[str, Trace]) -> Layer:
    """Return the features that the run had to do with, as the side that they are identified by."""
    file, key = (run.plan.context.file, run.plan.context.key) if run.plan else ("", "")
    return Layer(file=file, key=key, columns=(), rows=dict.fromkeys(done, Feature({})), places=False)


def _undo(run: Run, done: dict[str, Trace], base: Base | None, stay: list[Drift]) -> Undo:
    """Say what base becomes where what the run did goes back."""
    if run.kind == "adopt" or base is None:
        return Undo(run.number)
    written = (name for trace in done.values() for name in trace.cells if name != GEOMETRY)
    columns = tuple(dict.fromkeys((*base.columns, *written)))  # one that vanished with the run comes again
    return Undo(
        run.number,
        said={key: _said(trace, base) for key, trace in done.items()},
        rows={key: _before(trace, run, base, columns) for key, trace in done.items()},
        left=_left(done, stay, base.key),
    )


def _left(done: dict[str, Trace], stay: list[Drift], key: str) -> dict[str, dict[str, Canon]]:
    """Return what the run had written in cells that people changed since, and in features they removed."""
    found: dict[str, dict[str, Canon]] = {}
    for each in stay:
        cells = found.setdefault(each.key, {})
        if each.field and not each.by:
            cells[each.field] = cell_canonical(each.field, each.base)
        elif each.kind == "deleted" and not each.by:
            wrote = done[each.key].cells.items()
            cells |= {name: cell_canonical(name, cell.after) for name, cell in wrote if name != key}
    return found


def _said(trace: Trace, base: Base) -> dict[str, Canon]:
    """Return what the file said in each cell that the run wrote, or in the whole row."""
    if trace.created or trace.deleted:
        return {"": _row_said(trace, base)}
    return {name: cell_canonical(name, cell.after) for name, cell in trace.cells.items()}


def _row_said(trace: Trace, base: Base) -> Canon:
    """Return the row of an added feature as the file had it, empty cells too; None of a removed one."""
    if trace.deleted or trace.created is None:
        return None
    made = trace.made
    cells: dict[str, Canon] = {name: canonical(made.get(name)) for name in base.columns}
    return {**cells, GEOMETRY: canonical_geometry(trace.created.geometry)} if base.places else cells


def _before(trace: Trace, run: Run, base: Base, columns: tuple[str, ...]) -> Known | None:
    """Return what base held: of a removed feature what stood, without what people had changed."""
    if trace.created:
        return base.known.get(trace.key) if trace.created.recreates else None
    if trace.deleted is None:
        cells = {name: cell.base for name, cell in trace.cells.items()}
        place = cells.pop(GEOMETRY, None)
        return _known(cells, place)
    stood = decode(trace.deleted.raw.encode())
    cells = {name: stood.properties[name] for name in columns if name in stood.properties}
    edits = {each.field: each.base for each in run.drift if each.key == trace.key and each.kind == "edited"}
    cells |= {name: value for name, value in edits.items() if name != GEOMETRY}
    return _known(cells, edits.get(GEOMETRY, stood.geometry if base.places else None))


def _known(cells: dict[str, Value], place: Value) -> Known:
    filled = {name: value for name, value in cells.items() if canonical(value) is not None}
    return Known.of(filled, place if isinstance(place, dict) else None)
