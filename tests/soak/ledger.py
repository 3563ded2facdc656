"""What people and the file did, and what must stand by that. Nothing of the bot's own code is used here."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

HEAD = ("id", "name", "state", "zone", "lat", "lon")
OWNED = ("id", "name", "state", "zone")
Row = dict[str, str]
Feature = dict[str, Any]


def read(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text)))


def write(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEAD, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@dataclass
class Ledger:
    """Of one layer. `keeps`: its policy lets people's values and deletions stand; else the file wins.

    `cells` are values that people gave to cells of the file, `notes` those that they added beside it, `gone`
    the features that they removed, `own` what they drew. `changes` counts those of the file, `saves` theirs.
    """

    name: str
    file: str
    zone: str
    keeps: bool
    cells: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    own: dict[str, str] = field(default_factory=dict)
    changes: int = 1
    saves: int = 0

    def rows(self, text: str) -> dict[str, Row]:
        """The rows that the file gives to this layer."""
        return {row["id"]: row for row in read(text) if not self.zone or row["zone"] == self.zone}

    def lost(self, key: str) -> None:
        """The file, or a person, took a feature away: what people wrote on it went with it."""
        self.notes.pop(key, None)

    def taken_down(self, key: str) -> None:
        """A person removed a feature from the map."""
        self.gone.add(key)
        self.lost(key)

    def wrong(self, text: str, features: list[Feature]) -> list[str]:
        """Say what does not stand as file, people and policy want it; nothing if all does."""
        standing = by_key(features)
        wanted = self.rows(text)
        if self.keeps:
            wanted = {key: row for key, row in wanted.items() if key not in self.gone}
        told = [f"{key} is missing" for key in wanted.keys() - standing.keys()]
        told += [f"{key} stands, and should not" for key in standing.keys() - wanted.keys() - {""}]
        told += [f"{key} stands {len(held)} times" for key, held in standing.items() if key and len(held) > 1]
        for key in wanted.keys() & standing.keys():
            told += self._cells_wrong(key, wanted[key], standing[key][0])
        drawn = {feature.get("id"): feature["properties"].get("name") for feature in standing.get("", [])}
        told += [f"{own}, drawn by hand, is gone" for own in self.own if drawn.get(own) != self.own[own]]
        told += [f"{own} was drawn by nobody" for own in drawn.keys() - self.own.keys()]
        return [f"{self.name}: {each}" for each in told]

    def _cells_wrong(self, key: str, row: Row, feature: Feature) -> list[str]:
        properties = feature["properties"]
        kept = {name: value for (of, name), value in self.cells.items() if of == key and self.keeps}
        told = [
            f"{key}.{name} is {properties.get(name)!r}, not {wanted!r}"
            for name, wanted in {**{name: row[name] for name in OWNED}, **kept}.items()
            if str(properties.get(name, "")) != wanted
        ]
        place = [float(row["lon"]), float(row["lat"])]
        if feature["geometry"]["coordinates"][:2] != place:
            told.append(f"{key} is at {feature['geometry']['coordinates']}, not {place}")
        if key in self.notes and properties.get("note") != self.notes[key]:
            told.append(f"the note of {key} is {properties.get('note')!r}, not {self.notes[key]!r}")
        return told


def by_key(features: list[Feature]) -> dict[str, list[Feature]]:
    """Features by their key, those without one under ""."""
    found: defaultdict[str, list[Feature]] = defaultdict(list)
    for feature in features:
        found[str(feature["properties"].get("id", ""))].append(feature)
    return dict(found)
