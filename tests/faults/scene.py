"""A layer that is in step with its file, a file that has moved on, and a proxy between bot and uMap."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from umap_bot.errors import BotError
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.base import Base
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.layer import Commit, Feature, Layer
from umap_bot.model.policy import Limits, Policy
from umap_bot.model.run import Run
from umap_bot.run.job import Job
from umap_bot.run.run import run_once
from umap_bot.sandbox.maps import MadeMap
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import open_map
from umap_bot.umap.wire import Bounds

NAME = "Cités"
AGENT = "umap-bot/0 (tests)"
TYPE: dict[str, Any] = {"type": "FeatureCollection"}
Rows = dict[str, dict[str, Any]]


class RushingClock:
    """The port Clock: a pause is over at once, and the time has passed all the same."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.waited: list[float] = []

    def now(self) -> datetime:
        return self.time

    def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.time += timedelta(seconds=seconds)


class Table:
    """The port Dataset, in memory: every state of the file is a commit."""

    def __init__(self, *states: Rows) -> None:
        self.states = list(states)

    def commit(self, rows: Rows) -> None:
        self.states.append(rows)

    def head(self) -> Commit:
        return Commit(f"{len(self.states):040}")

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        rows = self.states[int(commit.sha) - 1]
        features = {key: Feature({"id": key, **cells}, _place(int(key))) for key, cells in rows.items()}
        columns = ("id", *dict.fromkeys(name for cells in rows.values() for name in cells))
        return commit, Layer(file="cites.csv", key="id", columns=columns, rows=features, places=True)

    def history(self, head: Commit, since: str = "") -> tuple[Commit, ...]:
        numbers = range(int(head.sha), int(since or 0), -1)
        return tuple(Commit(f"{number:040}", blob=str(number)) for number in numbers)

    def named(self, name: str, head: Commit) -> tuple[Commit, bool]:
        raise NotImplementedError


def _place(number: int) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [4 + number / 1000, 45.5]}


def rows(count: int, **cells: str) -> Rows:
    return {str(key): {"name": f"Cité {key}", "state": "planned", **cells} for key in range(1, count + 1)}


def moved_on(before: Rows) -> Rows:
    """The file's next commit: a row changed, the last one gone, one more."""
    *kept, _last = before
    changed = {"1": {**before["1"], "state": "open"}}
    return {key: before[key] for key in kept} | changed | {"900": {"name": "Neuve", "state": "planned"}}


@dataclass
class Bot:
    """One bot: a state database and a way to the map. Every run is a process of its own, as for cron."""

    url: str
    edit_link: str
    table: Table
    state: Path
    policy: Policy = field(default_factory=Policy)
    bounds: Bounds | None = None
    layer_name: str = NAME
    clock: RushingClock = field(default_factory=RushingClock)
    requests: int = 0

    @property
    def journal(self) -> SqlJournal:
        return SqlJournal(f"sqlite:///{self.state}")

    @property
    def job(self) -> Job:
        return Job(layer=self.layer_name, policy=self.policy, limits=Limits())

    def run(self) -> Run:
        """Run once. Raise what the run raises."""
        opened = open_map(
            self.url,
            edit_link=self.edit_link,
            agent=AGENT,
            pause=self.clock.pause,
            now=self.clock.now,
            bounds=self.bounds,
        )
        journal = self.journal
        try:
            return run_once(self.job, self.table, UmapLayer(opened, self.layer_name), journal, self.clock)
        finally:
            self.requests = opened.wire.requests
            journal.close()

    def code(self) -> int:
        """Run once, and return the exit code."""
        try:
            return self.run().code
        except BotError as error:
            return error.code


def on_the_map(made: MadeMap, layer_id: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(made.read(layer_id)[0])["features"]
    return features


def edited(features: list[dict[str, Any]], key: str, **cells: Any) -> list[dict[str, Any]]:
    """Return the features as a person leaves them who fills in some cells of one."""
    return [
        {**feature, "properties": {**feature["properties"], **cells}}
        if feature["properties"].get("id") == key
        else feature
        for feature in features
    ]


def content(features: list[dict[str, Any]]) -> list[Any]:
    """Return what features hold, uMap ids and order left out."""
    held = [
        [canonical(feature["properties"]), canonical_geometry(feature["geometry"])] for feature in features
    ]
    return sorted(held, key=json.dumps)
