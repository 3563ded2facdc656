"""The account of a person's edits: what uMap confirmed to the browser, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.browser.writer.conftest import KEYS, Stage
from tests.browser.writer.editor import Saved
from umap_bot.model.canon import Canon, Value, canonical, canonical_geometry
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.run import Run

OWNED = frozenset({"name", "state", GEOMETRY})
WHOLE = ""


@dataclass
class Account:
    """`open` are edits that are not saved yet, by key and cell; `saved` those that uMap has confirmed.

    A cell is a property, the geometry, or WHOLE with None for a feature that was deleted. `drawn` are the
    names of a person's own markers. `recent` are the cells confirmed since the last balance; `forced` that a
    save went in without a lock, and with it all that the page held.
    """

    open: dict[tuple[str, str], Value] = field(default_factory=dict)
    saved: dict[tuple[str, str], Value] = field(default_factory=dict)
    open_drawn: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    recent: set[tuple[str, str]] = field(default_factory=set)
    forced: bool = False

    def edit(self, key: str, cell: str, value: Value) -> None:
        self.open[key, cell] = value

    def draw(self, name: str) -> None:
        self.open_drawn.append(name)

    def confirm(self, saved: Saved) -> None:
        """Enter what was open, if uMap has confirmed it."""
        if not saved.confirmed:
            return
        for (key, cell), value in self.open.items():
            if cell == WHOLE:  # with the feature goes what was in it
                self.saved = {of: kept for of, kept in self.saved.items() if of[0] != key}
            self.saved[key, cell] = value
        self.recent |= self.open.keys()
        self.drawn += self.open_drawn
        self.discard()

    def discard(self) -> None:
        """The browser has thrown away what was open."""
        self.open, self.open_drawn = {}, []

    def balance(self, stage: Stage, runs: list[Run]) -> None:
        """Every confirmed edit stands or is in the log with its value; nothing is doubled or made up."""
        logged = [drift for run in stage.runs for drift in _drift(run)]
        for (key, cell), value in self.saved.items():
            assert _stands(stage, key, cell, value) or _logged(logged, key, cell, value), (key, cell, value)
        features = stage.features
        names = Counter(each["properties"].get("name") for each in features if "id" not in each["properties"])
        assert names == Counter(self.drawn)
        assert sorted(each["properties"]["id"] for each in features if "id" in each["properties"]) == [*KEYS]
        assert len({each["id"] for each in features}) == len(features)
        for key, cells in stage.table.states[-1].items():
            properties = stage.feature(key)["properties"]
            assert {name: properties[name] for name in cells} == cells
        if not self.forced:
            told = {(drift.key, drift.field) for run in runs for drift in _drift(run) if drift.news}
            # What the person sent and uMap did not confirm, as on a busy machine, may be stored all the same.
            done = self.recent | self.open.keys()
            assert told <= done, f"said of somebody, but done by nobody: {told - done}"
        self.recent, self.forced = set(), False


def _drift(run: Run) -> list[Drift]:
    return [*run.drift, *(run.plan.context.drift if run.plan else ())]


def _stands(stage: Stage, key: str, cell: str, value: Value) -> bool:
    found = [each for each in stage.features if each["properties"].get("id") == key]
    if cell == WHOLE:
        return not found
    if cell == GEOMETRY:
        return [canonical_geometry(each["geometry"]) for each in found] == [_point(value)]
    return [canonical(each["properties"].get(cell)) for each in found] == [canonical(value)]


def _logged(logged: list[Drift], key: str, cell: str, value: Value) -> bool:
    if cell not in OWNED and cell != WHOLE:
        return False  # a person's own: it has to stand
    mine = [drift for drift in logged if (drift.key, drift.field) == (key, cell)]
    if cell == WHOLE:
        return any(drift.kind == "deleted" for drift in mine)
    if cell == GEOMETRY:
        places = [drift.live for drift in mine]
        return any(isinstance(place, dict) and canonical_geometry(place) == _point(value) for place in places)
    return any(canonical(drift.live) == canonical(value) for drift in mine)


def _point(coordinates: Value) -> Canon:
    return canonical_geometry({"type": "Point", "coordinates": coordinates})
