"""What uMap confirmed to people, and what must have become of it when all is calm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.machine.memory_journal import MemoryMemory
from tests.machine.memory_umap import MemoryUmap
from tests.machine.people import Edit
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.change import Delete
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY, Feature
from umap_bot.model.plan import cells_changed
from umap_bot.model.policy import Policy

UNOWNED = ("note", "color")


@dataclass
class Ledger:
    """`last` is the newest confirmed edit of each cell, by uMap id; `keys` whose feature each id was first,
    `had` all keys that each had. `apart` is what may be other than the file: key and cell.
    """

    umap: MemoryUmap
    last: dict[tuple[str, str], Any] = field(default_factory=dict)
    all: list[Edit] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    had: set[tuple[str, str]] = field(default_factory=set)
    apart: frozenset[tuple[str, str]] = frozenset()

    def confirmed(self, edits: list[Edit]) -> None:
        self.see()
        for edit in edits:
            self.all.append(edit)
            if edit.cell == "":
                self.last = {at: value for at, value in self.last.items() if at[0] != edit.umap_id}
            self.last[edit.umap_id, edit.cell] = edit.value

    def see(self) -> None:
        """Remember whose feature each uMap id is, as long as its key says so."""
        for _, features in self.umap.versions:
            for feature in features:
                key = feature["properties"].get("id")
                if key in ("a", "b", "c", "d"):
                    self.keys.setdefault(feature["id"], key)
                    self.had.add((feature["id"], key))

    def check(self, rows: dict[str, Feature], policy: Policy, memory: MemoryMemory) -> None:
        """Look whether all is as it must be, but for what waits or a person decided to leave."""
        self.see()
        self.apart = apart(memory)
        live = {feature["id"]: feature for feature in self.umap.live}
        assert len(live) == len(self.umap.live), "a uMap id stands twice"
        self._every_row_once(rows, live, policy, memory)
        for (umap_id, cell), value in list(self.last.items()):
            if self._deleted(umap_id, memory) or umap_id.startswith("cln"):
                del self.last[umap_id, cell]  # with its row; the log has it whole
                continue
            self._kept(umap_id, cell, value, live, rows, policy, memory)
        self._nobody_is_blamed(memory)

    def _every_row_once(
        self, rows: dict[str, Feature], live: dict[str, Any], policy: Policy, memory: MemoryMemory
    ) -> None:
        standing = [feature["properties"].get("id") for feature in live.values()]
        kept_away = set(memory.base.kept.deleted if memory.base else ())
        kept_away |= {key for key, cell in self.apart if cell == "" and key in rows}
        for key in rows:
            stands = standing.count(key)
            if self.has_duplicates:
                assert stands or key in kept_away, f"{key} is missing"
            else:
                assert stands == (0 if key in kept_away else 1), f"{key} stands {stands} times"
        if policy.drift != "keep":
            for feature in live.values():
                row = rows.get(feature["properties"].get("id"))
                if row and not self.has_duplicates:
                    self._as_the_file_says(feature, row, memory)

    @property
    def has_duplicates(self) -> bool:
        """A person made a copy, or gave one feature the key of another: who is who is theirs to say."""
        return any(
            edit.umap_id.startswith("cln") or (edit.cell == "id" and edit.value == "a") for edit in self.all
        )

    def _as_the_file_says(self, feature: dict[str, Any], row: Feature, memory: MemoryMemory) -> None:
        key = str(row.properties["id"])
        kept = set(memory.base.kept.cells.get(key, {}) if memory.base else ())
        kept |= {cell for owner, cell in self.apart if owner == key}
        for name in ("name", "q"):
            if name not in kept:
                now = canonical(feature["properties"].get(name))
                assert now == canonical(row.properties[name]), f"{name} is not as the file says"
        if GEOMETRY not in kept:
            now = canonical_geometry(feature["geometry"])
            assert now == canonical_geometry(row.geometry), "the place is not as the file says"

    def _kept(
        self,
        umap_id: str,
        cell: str,
        value: Any,
        live: dict[str, Any],
        rows: dict[str, Feature],
        policy: Policy,
        memory: MemoryMemory,
    ) -> None:
        """A confirmed edit stands, or policy decided otherwise and the log has it."""
        key = self.keys.get(umap_id)
        feature = live.get(umap_id)
        if cell == "":
            if value is None:  # deleted by a person
                told = any(drift.kind == "deleted" and drift.key == key for _, drift in memory.told)
                rewritten = any(key not in rows for rows in self.history)  # its row went, and came again
                excused = told or rewritten or key is None or self.has_duplicates
                assert feature is None or excused, f"{key} came back without a word"
            elif (umap_id, "note") not in self.last:
                assert feature is not None or _stands(value, live), f"{value} is gone"
            return
        if feature is None:
            by_person = any(edit.umap_id == umap_id and edit.cell == "" for edit in self.all)
            assert by_person, f"{umap_id} is gone with {cell}"
            return
        now = _cell(feature, cell)
        if now == _canonical(cell, value):
            return
        assert cell not in UNOWNED, f"{cell} of {umap_id}: {value} is gone, {now} stands"
        told = any(
            drift.key == key and _field(cell) == drift.field and _told_value(drift) == _canonical(cell, value)
            for _, drift in memory.told
        )
        row = rows.get(key or "")
        same = row is not None and self._was_the_files(key, cell, value, memory)
        assert told or same or key is None, f"{cell} of {key}: {value} is gone without a word, {now} stands"

    def _was_the_files(self, key: str | None, cell: str, value: Any, memory: MemoryMemory) -> bool:
        """The person wrote what the file said then: no edit at all."""
        return any(
            commit_row is not None and _row_cell(commit_row, cell) == _canonical(cell, value)
            for commit_row in (rows.get(key or "") for rows in self.history)
        )

    history: list[dict[str, Feature]] = field(default_factory=list)

    def _deleted(self, umap_id: str, memory: MemoryMemory) -> bool:
        """Of a feature and its copy the log may name the one alone: they have one key."""
        key = self.keys.get(umap_id) if self.has_duplicates else None
        return any(
            isinstance(change, Delete) and (change.umap_id == umap_id or (key and change.key == key))
            for _, change in memory.changes
        )

    def _nobody_is_blamed(self, memory: MemoryMemory) -> None:
        """Each edit that the log tells of was made by somebody."""
        for number, drift in memory.told:
            if drift.by:
                continue  # a later run of ours wrote it, and that is what is said
            ids = {umap_id for umap_id, key in self.had if key == drift.key}
            if drift.field == "":
                assert any(edit.umap_id in ids and edit.cell == "" for edit in self.all), (number, drift)
                continue
            made = [value for edit in self.all if edit.umap_id in ids for value in _values(edit, drift.field)]
            assert _told_value(drift) in made, (number, drift)


def apart(memory: MemoryMemory) -> frozenset[tuple[str, str]]:
    """Return what the last settled sync left on the map: it waits for a person, or one decided so."""
    settled = (run.plan for run in reversed(memory.runs) if run.kind == "sync" and run.settled and run.plan)
    last = next(settled, None)
    return frozenset(cells_changed((*last.verdict.waiting, *last.verdict.kept)) if last else ())


def _stands(value: dict[str, Any], live: dict[str, Any]) -> bool:
    """Tell whether all that a person drew stands: as their own copy of it, which nobody can tell from it."""
    drawn = (value["properties"], value["geometry"])
    return any((feature["properties"], feature["geometry"]) == drawn for feature in live.values())


def _values(edit: Edit, field: str) -> list[Any]:
    """Return what an edit put into a cell: itself, or by drawing or copying the whole feature."""
    if edit.cell == "":
        cell = "geometry" if field == GEOMETRY else field
        return [_cell(edit.value, cell)] if edit.value else []
    return [_canonical(edit.cell, edit.value)] if _field(edit.cell) == field else []


def _field(cell: str) -> str:
    return GEOMETRY if cell == "geometry" else cell


def _canonical(cell: str, value: Any) -> Any:
    return canonical_geometry(value) if cell == "geometry" else canonical(value)


def _cell(feature: dict[str, Any], cell: str) -> Any:
    if cell == "geometry":
        return canonical_geometry(feature["geometry"])
    if cell == "color":
        return canonical(feature["properties"].get("_umap_options", {}).get("color"))
    return canonical(feature["properties"].get(cell))


def _row_cell(row: Feature, cell: str) -> Any:
    if cell == "geometry":
        return canonical_geometry(row.geometry)
    return canonical(row.properties.get(cell))


def _told_value(drift: Drift) -> Any:
    if drift.field == GEOMETRY:
        return canonical_geometry(drift.live if isinstance(drift.live, dict) else None)
    return canonical(drift.live)
