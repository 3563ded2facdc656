"""A day of three tables on the web that feed six layers: changes, faults and other committers, seeded."""

from __future__ import annotations

import csv
import io
import json
import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.commands.desk import AUTHOR
from tests.dataset.sources.served import Site
from umap_bot.sandbox.maps import MadeMap
from umap_bot.settings import Settings
from umap_bot.wiring import Wired, wire_all

MORNING: Final = datetime(2026, 11, 24, 6, tzinfo=UTC)
TABLES: Final = ("parks", "schools", "clinics")
HALVES: Final = ("north", "south")
FAULTS: Final = ("error", "login", "half")
HEAD: Final = ("id", "name", "half", "note", "lat", "lon")
EMPTY: Final = {"type": "FeatureCollection", "features": []}

Row = dict[str, str]


class Day:
    """Three tables, six layers of one map. The third table goes to a repository that others push to."""

    def __init__(self, folder: Path, site: Site, made: MadeMap, seed: int) -> None:
        self.now = MORNING
        self.folder = folder
        self.site = site
        self.made = made
        self.random = random.Random(seed)  # noqa: S311  a day that can be lived again
        self.faulty = True
        self.rows = {table: [self._row(number) for number in range(12)] for table in TABLES}
        self.given: dict[str, list[str]] = {table: [] for table in TABLES}
        self.numbers = iter(range(100, 10_000))
        self.shared = folder / "shared.git"
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", self.shared], check=True)
        self.layers = {
            (table, half): made.add_layer(f"{table} {half}", EMPTY) for table in TABLES for half in HALVES
        }
        site.fault = self._fault
        for table in TABLES:
            self._publish(table)

    def pass_by(self, sync: Callable[[tuple[Wired, ...]], None]) -> None:
        """Let a quarter of an hour pass in which people change tables, or push; then sync all layers."""
        self.now += timedelta(minutes=15)
        for table in TABLES:
            if self.random.random() < 0.4:
                self._change(table)
                self._publish(table)
        if self.random.random() < 0.2:
            self._push_something_else()
        sync(self.wired())
        self._note()

    def quiet(self, sync: Callable[[tuple[Wired, ...]], None]) -> None:
        """Sync without faults and changes."""
        self.faulty = False
        self.now += timedelta(minutes=15)
        sync(self.wired())
        self._note()

    def wired(self) -> tuple[Wired, ...]:
        return wire_all([self._settings(*layer) for layer in self.layers], commits=True)

    def commits(self, table: str) -> list[str]:
        """The contents of the table in all commits that changed it, oldest first."""
        repository = self.shared if table == "clinics" else self._own(table)
        log = self._git(repository, "log", "--reverse", "--format=%H", "main", "--", f"{table}.csv")
        return [self._git(repository, "show", f"{sha}:{table}.csv") for sha in log.split()]

    def all_commits(self, table: str) -> int:
        return int(self._git(self._own(table), "rev-list", "--count", "main"))

    def on_map(self, table: str, half: str) -> dict[str, Row]:
        """What the layer shows, by id."""
        features = json.loads(self.made.read(self.layers[table, half])[0])["features"]
        return {
            feature["properties"]["id"]: {
                **{name: feature["properties"].get(name, "") for name in HEAD[:4]},
                "lat": str(feature["geometry"]["coordinates"][1]),
                "lon": str(feature["geometry"]["coordinates"][0]),
            }
            for feature in features
        }

    def at_source(self, table: str, half: str) -> dict[str, Row]:
        return {row["id"]: row for row in self.rows[table] if row["half"] == half}

    def _settings(self, table: str, half: str) -> Settings:
        values = {
            "UMAP_MAP_URL": self.made.url,
            "UMAP_LAYER": f"{table} {half}",
            "UMAP_EDIT_LINK": self.made.edit_link,
            "DATASET_URL": f"{self.site.url}/{table}.csv",
            "DATASET_FILTER": f"half={half}",
            "GUARD_DELETES": "100",
            "GUARD_UPDATES": "100",
            "GUARD_CREATES": "1000",
            "STATE_URL": f"sqlite:///{self.folder / 'state.db'}",
            **({"DATASET_REPO": str(self.shared)} if table == "clinics" else {}),
        }
        return Settings.model_validate(values).one_of_several()

    def _row(self, number: int) -> Row:
        return {
            "id": f"r{number}",
            "name": f"Place {number}",
            "half": HALVES[number % 2],
            "note": "",
            "lat": f"45.{number % 12 + 100}5",
            "lon": f"4.{number % 12 + 100}5",
        }

    def _change(self, table: str) -> None:
        rows, kind = self.rows[table], self.random.choice(["note", "move", "add", "remove"])
        row = self.random.choice(rows)
        if kind == "note":
            row["note"] = f"at {self.now:%H:%M}"
        elif kind == "move":
            row["lat"] = f"45.{self.random.randint(1000, 1110)}5"
        elif kind == "add":
            rows.append(self._row(next(self.numbers)))
        elif len(rows) > 10:
            rows.remove(row)

    def _publish(self, table: str) -> None:
        lines = io.StringIO()
        writer = csv.DictWriter(lines, HEAD, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows[table])
        self.site.tables[f"/{table}.csv"] = lines.getvalue()

    def _fault(self) -> str:
        if self.faulty and self.random.random() < 0.1:
            return self.random.choice(FAULTS)
        return ""

    def _note(self) -> None:
        """Note which tables were given whole: those states must be commits."""
        for path, status, fault in self.site.asked:
            table = path.strip("/").removesuffix(".csv")
            now = self.site.tables[path].strip()
            if (status, fault) == (200, "") and self.given[table][-1:] != [now]:
                self.given[table].append(now)
        self.site.asked.clear()

    def _push_something_else(self) -> None:
        clone = self.folder / "clone"
        if not self._git(self.shared, "for-each-ref"):
            return
        if not clone.exists():
            subprocess.run(["git", "clone", "--quiet", self.shared, clone], check=True)
        self._git(clone, "pull", "--quiet", "--rebase", "origin", "main")
        (clone / "notes.txt").write_text(f"{self.now}\n")
        self._git(clone, "add", "notes.txt")
        self._git(clone, "commit", "--quiet", "--message", "Notes")
        self._git(clone, "push", "--quiet", "origin", "HEAD:main")

    def _own(self, table: str) -> Path:
        found = [
            folder
            for folder in (self.folder / "sources").glob("*.git")
            if f"{table}.csv" in self._git(folder, "ls-tree", "--name-only", "main")
        ]
        return found[0]

    def _git(self, folder: Path, *words: str) -> str:
        done = subprocess.run(["git", *AUTHOR, "-C", folder, *words], capture_output=True, check=True)
        return done.stdout.decode().strip()
