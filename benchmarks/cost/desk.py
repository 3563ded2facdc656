"""A map, a repository and settings: what a person has who runs the bot, with as many rows as are wanted."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from random import Random
from typing import Any

from umap_bot.sandbox.maps import MadeMap, new_map

HEAD = (
    "id",
    "nom",
    "commune",
    "departement",
    "type",
    "adresse",
    "statut",
    "annee",
    "description",
    "lat",
    "lon",
)
OURS = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgSign=false")
Rows = list[dict[str, str]]


def rows(count: int) -> Rows:
    """Return rows of 11 columns, spread over a country."""
    random = Random(count)
    return [_row(number, random) for number in range(count)]


def _row(number: int, random: Random) -> dict[str, str]:
    return {
        "id": f"cite-{number}",
        "nom": f"Cité éducative n° {number}",
        "commune": f"Commune {number % 977}",
        "departement": f"{number % 95 + 1:02}",
        "type": ("école", "collège", "lycée")[number % 3],
        "adresse": f"{number % 300} rue de la République",
        "statut": "labellisée",
        "annee": str(2015 + number % 10),
        "description": f"Établissement public ; {number * 7919 % 10007} élèves",
        "lat": f"{random.uniform(42.5, 50.5):.6f}",
        "lon": f"{random.uniform(-4.5, 7.5):.6f}",
    }


def changed(table: Rows, number: int) -> Rows:
    """Return the rows with another description in one of a hundred (at least one)."""
    count = max(1, len(table) // 100)
    random = Random(number)
    chosen = set(random.sample(range(len(table)), count))
    return [
        {**row, "description": f"Révision {number}"} if place in chosen else row
        for place, row in enumerate(table)
    ]


def as_csv(table: Rows) -> str:
    lines = io.StringIO()
    writer = csv.DictWriter(lines, HEAD, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return lines.getvalue()


def as_geojson(table: Rows) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {name: value for name, value in row.items() if name not in {"lat", "lon"}},
            "geometry": {"type": "Point", "coordinates": [float(row["lon"]), float(row["lat"])]},
        }
        for row in table
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


WRITERS = {"csv": as_csv, "geojson": as_geojson}


class Desk:
    """One layer of one map, kept equal to one file. Programs are to be run in `folder`, where `.env` is."""

    def __init__(self, folder: Path, site: str, kind: str, features: list[Any] | None = None) -> None:
        self.folder, self.kind = folder, kind
        self.made: MadeMap = new_map(site, folder.name)
        collection = {"type": "FeatureCollection", "features": features or []}
        self.layer = self.made.add_layer("Cités", collection)
        self.repository = folder / "data"
        self.repository.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch=main")
        self.settings_are(
            {
                "UMAP_MAP_URL": self.made.url,
                "UMAP_LAYER": "Cités",
                "UMAP_EDIT_LINK": self.made.edit_link,
                "DATASET_REPO": str(self.repository),
                "DATASET_PATH": f"cites.{kind}",
                "DATASET_RENAME": "nom=name",
                "STATE_URL": f"sqlite:///{folder / 'state.db'}",
            }
        )

    def settings_are(self, given: dict[str, str]) -> None:
        env = self.folder / ".env"
        env.touch(mode=0o600)
        env.write_text("".join(f"{name}={value}\n" for name, value in given.items()), "utf-8")

    @property
    def address(self) -> str:
        """Where anybody gets the layer's content."""
        return f"{self.made.url.split('/map/')[0]}/datalayer/{self.made.id}/{self.layer}/"

    @property
    def state(self) -> int:
        """Bytes of the state's file."""
        return (self.folder / "state.db").stat().st_size

    def commit(self, table: Rows) -> None:
        (self.repository / f"cites.{self.kind}").write_text(WRITERS[self.kind](table), "utf-8")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "--message", "rows")

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *OURS, "-C", self.repository, *words], check=True)  # noqa: S603, S607  ours
