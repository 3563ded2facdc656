"""The file of a generated world, and what becomes of it from one version to the next."""

from __future__ import annotations

import csv
import io
import json
from copy import deepcopy
from random import Random
from typing import Any, Final

WORDS: Final = (
    "", "x", "10", "10.0", "007", "true", "é", "e\u0301", " x ", "Saint-Étienne", "1e3", "un, deux",
)  # fmt: skip
PLACE: Final = ("lat", "lon")

Row = dict[str, str]


class Table:
    """A file as a person keeps it. Each change is drawn."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._rows: list[Row] = []
        self._number = 0
        self._versions: list[tuple[list[str], list[Row]]] = []
        self._renamed: dict[str, str] = {}
        self.columns = ["id", "name", "zone", "n", "note", "code"][: draw.choice([4, 5, 5, 6, 6, 6])]
        self.has_places = draw.random() < 0.93
        self.ending = draw.choice([".csv", ".csv", ".csv", ".geojson"])
        for _ in range(draw.choice([0, 1, 3, 4, 6, 8, 12])):
            self.add()

    @property
    def keys(self) -> list[str]:
        return [row["id"] for row in self._rows]

    @property
    def rename(self) -> dict[str, str]:
        """Which column a person says was renamed, and what it was called."""
        return {
            new: old for new, old in self._renamed.items() if new in self.columns and old not in self.columns
        }

    def row(self) -> Row:
        """Return any row, often the first; one that is in no file, if it has none."""
        if not self._rows:
            return dict.fromkeys([*self.columns, *PLACE], "")
        return self._rows[0] if self._draw.random() < 0.3 else self._draw.choice(self._rows)

    def column(self) -> str:
        return self._draw.choice(self.columns[1:])

    def encoded(self, encoding: str) -> bytes:
        """Return the file's bytes."""
        self._versions.append((list(self.columns), deepcopy(self._rows)))
        return self._csv().encode(encoding, "replace") if self.ending == ".csv" else self._geojson()

    def _csv(self) -> str:
        text, places = io.StringIO(), PLACE if self.has_places else ()
        table = csv.DictWriter(text, [*self.columns, *places], restval="", extrasaction="ignore")
        table.writeheader()
        table.writerows(self._rows)
        return text.getvalue()

    def _geojson(self) -> bytes:
        features = [
            {
                "type": "Feature",
                "properties": {name: typed(row.get(name, "")) for name in self.columns},
                "geometry": _geometry(row) if self.has_places else None,
            }
            for row in self._rows
        ]
        return json.dumps({"type": "FeatureCollection", "features": features}).encode()

    # Changes.

    def change(self, keys_of_map: set[str]) -> None:
        """Change something, whatever it is; a new row may have a key that stands on the map already."""
        if self._draw.random() < 0.04 and (free := keys_of_map.difference(self.keys)):
            self.add()
            self._rows[-1]["id"] = min(free)
        else:
            getattr(self, self._draw.choice(CHANGES))()

    def add(self) -> None:
        self._number += 1
        row = {"id": f"k{self._number}", "code": f"c{self._number}", "name": self._name(), **self._place()}
        row |= {"zone": self._draw.choice("aaab"), "n": self._word(), "note": self._word()}
        self._rows.append(row)
        if self._draw.random() < 0.08:
            self._rows[-1] |= {"lat": "", "lon": ""}

    def add_many(self) -> None:
        for _ in range(22):
            self.add()

    def write(self) -> None:
        self.row()[self.column()] = self._word()

    def name(self) -> None:
        self.row()["name"] = self._name()

    def move(self) -> None:
        self.row().update(self._place())

    def swap_place(self) -> None:
        row = self.row()
        row["lat"], row["lon"] = row["lon"], row["lat"]

    def clear_place(self) -> None:
        self.row().update(lat="", lon="")

    def remove(self) -> None:
        if self._rows:
            self._rows.remove(self.row())

    def remove_half(self) -> None:
        del self._rows[::2]

    def replace_all(self) -> None:
        self._rows.clear()
        if self._draw.random() < 0.7:
            self.add()

    def rekey(self) -> None:
        self._number += 1
        self.row()["id"] = f"k{self._number}"

    def reorder(self) -> None:
        self._draw.shuffle(self._rows)

    def add_column(self) -> None:
        name = self._new_column()
        self.columns.insert(self._draw.randint(1, len(self.columns)), name)
        for row in self._rows:
            row[name] = self._word()

    def remove_column(self) -> None:
        if len(self.columns) > 2:
            self.columns.remove(self.column())

    def rename_column(self) -> None:
        """Call a column something else; a person may say so in the settings."""
        old, new = self.column(), self._new_column()
        self.columns[self.columns.index(old)] = new
        for row in self._rows:
            row[new] = row.get(old, "")
        if self._draw.random() < 0.4:
            self._renamed[new] = old

    def go_back(self) -> None:
        """Let the file be again what it was."""
        if self._versions:
            columns, rows = self._draw.choice(self._versions)
            self.columns, self._rows = list(columns), deepcopy(rows)

    def _word(self) -> str:
        return self._draw.choice(WORDS)

    def _name(self) -> str:
        return f"Cité {self._draw.randint(1, 30)}"

    def _new_column(self) -> str:
        self._number += 1
        return f"col{self._number}"

    def _place(self) -> Row:
        latitude, longitude = self._draw.randint(44_500, 46_500), self._draw.randint(3_000, 7_000)
        return {"lat": str(latitude / 1000), "lon": str(longitude / 1000)}


CHANGES: Final = (
    *["write"] * 6, *["add"] * 3, *["remove"] * 4, *["move", "name", "rekey", "go_back"] * 2, "swap_place",
    "clear_place", "add_many", "remove_half", "replace_all", "reorder", "add_column",
    *["remove_column"] * 2, "rename_column",
)  # fmt: skip


def typed(text: str) -> Any:
    """Return the number or the like that a text spells; else the text, None for an empty one."""
    try:
        return json.loads(text)
    except ValueError:
        return text or None


def _geometry(row: Row) -> Any:
    if not row["lat"]:
        return None
    place = [float(row["lon"]), float(row["lat"])]
    if row.get("zone") == "b":
        return {"type": "LineString", "coordinates": [place, [place[0] + 1, place[1]]]}
    return {"type": "Point", "coordinates": place}
