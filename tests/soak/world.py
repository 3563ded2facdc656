"""Twenty layers of five maps, and those who work on them: a committer to the files, people on the maps."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from random import Random
from threading import Event, Thread

from tests.soak.ledger import Feature, Ledger, Row, read, write
from umap_bot.sandbox.maps import MadeMap, new_map

AUTHOR = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false")
EMPTY = {"type": "FeatureCollection", "features": []}
MAPS = 5
ROWS = 12
FEWEST = 6
"""Rows that a file keeps for each layer: an emptied one would wait for a person."""


def chance(seed: int) -> Random:
    """Chance that can be lived again."""
    return Random(seed)  # noqa: S311  no secret hangs on it


class World:
    """`ledgers` goes from a layer's id to what must stand on it. The lock guards files and ledgers' rows."""

    def __init__(self, folder: Path, umap: str, through: Callable[[str], str], seed: int) -> None:
        self.folder, self.repository = folder, folder / "data"
        self.random = chance(seed)  # the committer's
        self.hand = chance(seed + 1)  # people's
        self.numbers = count(1)
        self.maps: list[MadeMap] = []
        self.ledgers: dict[str, Ledger] = {}
        self.map_of: dict[str, MadeMap] = {}
        self.moved: set[str] = set()
        self.commits = self.saves = self.refused = 0
        self._through = through
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", self.repository], check=True)
        for number in range(MAPS):
            self._add_map(number, new_map(umap, f"Carte {number}"))
        self._write_settings()
        self.commit("the beginning")

    def _add_map(self, number: int, made: MadeMap) -> None:
        self.maps.append(made)
        shared, own, kept = (f"{name}-{number}.csv" for name in ("shared", "own", "kept"))
        for name, file, zone in (("A", shared, "a"), ("B", shared, "b"), ("C", own, ""), ("D", kept, "")):
            layer_id = made.add_layer(f"{name} {number}", EMPTY)
            self.ledgers[layer_id] = Ledger(f"{name} {number}", file, zone, keeps=name == "D")
            self.map_of[layer_id] = made
        for file, zones in ((shared, "ab"), (own, "x"), (kept, "x")):
            rows = [self._row(zone) for zone in zones for _ in range(ROWS)]
            self.file(file).write_text(write(rows), "utf-8")

    def _row(self, zone: str) -> Row:
        number = next(self.numbers)
        place = {"lat": f"{45 + number / 1000:.3f}", "lon": f"{4 + number / 1000:.3f}"}
        return {"id": f"k{number}", "name": f"Lieu {number}", "state": "planned", "zone": zone, **place}

    def _write_settings(self) -> None:
        lines = [f'dataset_repo = "{self.repository}"', 'sync_schedule = "* * * * *"']
        lines += ['sync_deleted = "recreate"', "guard_deletes = 100", "guard_updates = 100"]
        lines += ["guard_creates = 10000"]
        env = [f"STATE_URL=sqlite:///{self.state}", "LOG_FORMAT=json"]
        for number, made in enumerate(self.maps):
            lines += [f"[map.m{number}]", f'umap_map_url = "{self._through(made.url)}"']
            lines += [f'umap_edit_link = "env:LINK_{number}"']
            env += [f"LINK_{number}={self._through(made.edit_link)}"]
        for layer_id, ledger in self.ledgers.items():
            lines += ["[[layer]]", f'map = "m{self.maps.index(self.map_of[layer_id])}"']
            lines += [f'umap_layer = "{ledger.name}"', f'dataset_path = "{ledger.file}"']
            lines += [f'dataset_filter = {{ zone = "{ledger.zone}" }}'] if ledger.zone else []
            lines += ['sync_drift = "keep"', 'sync_deleted = "keep"'] if ledger.keeps else []
        (self.folder / "umap-bot.toml").write_text("\n".join(lines) + "\n", "utf-8")
        (self.folder / ".env").write_text("\n".join(env) + "\n", "utf-8")
        (self.folder / ".env").chmod(0o600)

    @property
    def state(self) -> Path:
        return self.folder / "state.db"

    def file(self, name: str) -> Path:
        return self.repository / name

    def git(self, *words: str) -> None:
        subprocess.run(["git", *AUTHOR, "-C", self.repository, *words], check=True, capture_output=True)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        self.commits += 1

    # The committer.

    def change_files(self) -> None:
        """Commit one to three changes of one file."""
        name = self.random.choice(sorted({ledger.file for ledger in self.ledgers.values()}))
        rows = read(self.file(name).read_text("utf-8"))
        ledgers = [ledger for ledger in self.ledgers.values() if ledger.file == name]
        for _ in range(self.random.randint(1, 3)):
            self._change(rows, ledgers)
        for ledger in ledgers:
            ledger.changes += 1
        self.file(name).write_text(write(rows), "utf-8")
        self.commit(f"a change of {name}")

    def _change(self, rows: list[Row], ledgers: list[Ledger]) -> None:
        row = self.random.choice(rows)
        spare = sum(other["zone"] == row["zone"] for other in rows) > FEWEST
        deed = self.random.choice(("cell", "cell", "place", "add", "remove", "move"))
        if deed == "cell":
            row[self.random.choice(("name", "state"))] = f"Fichier {next(self.numbers)}"
        elif deed == "place":
            row["lat"] = f"{46 + next(self.numbers) / 1000:.3f}"
        elif deed == "add":
            rows.append(self._row(row["zone"]))
        elif spare and not ledgers[0].keeps and deed == "remove":
            rows.remove(row)
            self._forget(row, ledgers)
        elif spare and ledgers[0].zone and deed == "move" and row["id"] not in self.moved:
            self.moved.add(row["id"])
            row["zone"] = "b" if row["zone"] == "a" else "a"
            self._forget(row, ledgers)

    @staticmethod
    def _forget(row: Row, ledgers: list[Ledger]) -> None:
        for ledger in ledgers:
            ledger.lost(row["id"])

    # People.

    def edit_map(self) -> None:
        """Save one change of one layer, as its editor does."""
        layer_id = self.hand.choice(sorted(self.ledgers))
        ledger, made = self.ledgers[layer_id], self.map_of[layer_id]
        body, version = made.read(layer_id)
        features: list[Feature] = json.loads(body)["features"]
        ours = [feature for feature in features if "id" in feature["properties"]]
        if not ours:
            return
        note = self._deed(ledger, features, self.hand.choice(ours))
        saved = made.save(layer_id, {"type": "FeatureCollection", "features": features}, version)
        if saved.status_code != 200:
            self.refused += 1  # somebody saved meanwhile; a person would try again
            return
        self.saves += 1
        ledger.saves += 1
        note()

    def _deed(self, ledger: Ledger, features: list[Feature], one: Feature) -> Callable[[], object]:
        """Change the features, and give what to write down of it once it is saved."""
        key, word = one["properties"]["id"], f"Main {next(self.numbers)}"
        deed = self.hand.choice(("cell", "cell", "note", "note", "draw", "remove", "place"))
        if deed == "cell":
            cell = self.hand.choice(("name", "state"))
            one["properties"][cell] = word
            return lambda: ledger.cells.update({(key, cell): word})
        if deed == "note":
            one["properties"]["note"] = word
            return lambda: ledger.notes.update({key: word})
        if deed == "draw":
            return self._draw(ledger, features, word)
        if deed == "remove":
            features.remove(one)
            return lambda: ledger.taken_down(key)
        if not ledger.keeps:
            one["geometry"]["coordinates"] = [5.5, 47 + next(self.numbers) / 1000]
        return lambda: None

    def _draw(self, ledger: Ledger, features: list[Feature], word: str) -> Callable[[], object]:
        own = f"H{next(self.numbers):04}"
        place = {"type": "Point", "coordinates": [6.5, 44 + next(self.numbers) / 1000]}
        features.append({"type": "Feature", "id": own, "geometry": place, "properties": {"name": word}})
        return lambda: ledger.own.update({own: word})

    # The judge.

    def wrong(self) -> list[str]:
        """Say what does not stand as it should, over all layers."""
        told: list[str] = []
        for layer_id, ledger in self.ledgers.items():
            features = json.loads(self.map_of[layer_id].read(layer_id)[0])["features"]
            told += ledger.wrong(self.file(ledger.file).read_text("utf-8"), features)
        return told


class Busy:
    """Does something again and again, at random pace, until it is told to stop."""

    def __init__(self, deed: Callable[[], None], seconds: float, seed: int) -> None:
        self._deed, self._seconds, self._random = deed, seconds, chance(seed)
        self._stop = Event()
        self.failure: BaseException | None = None
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Busy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._random.expovariate(1 / self._seconds)):
            try:
                self._deed()
            except Exception as error:  # noqa: BLE001  a thread's end is seen by nobody: the test asks
                self.failure = error
                return


def closing(world: World) -> Iterator[World]:
    """For a fixture: the maps' sessions end with it."""
    yield world
    for made in world.maps:
        made.close()
