"""A uMap in memory: its lock that is not atomic, its merge, its list of versions, people with the map open.

It answers as `umap-protocol` 5 to 9 says of the real one; what the run is handed is `MemoryLayer`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from umap_bot.model.layer import Collection, Entry, Live, Push, Save

KEPT = 10
HEAD = (("type", b'"FeatureCollection"'),)

Features = list[dict[str, Any]]


def collection(features: Features) -> Collection:
    return Collection(HEAD, tuple(json.dumps(feature).encode() for feature in features))


def features_of(standing: Collection) -> Features:
    return [json.loads(raw) for raw in standing.features]


class MemoryUmap:
    """The server: one layer."""

    def __init__(self) -> None:
        self.clock = 0
        self.versions: list[tuple[str, Features]] = []
        self.store([])

    @property
    def version(self) -> str:
        return self.versions[-1][0]

    @property
    def live(self) -> Features:
        return self.versions[-1][1]

    def store(self, features: Features) -> str:
        self.clock += 1
        self.versions.append((f"v{self.clock}", json.loads(json.dumps(features))))
        del self.versions[:-KEPT]
        return self.version

    def get(self, version: str) -> Features | None:
        return next((features for name, features in self.versions if name == version), None)

    def post(self, features: Features, lock: str, *, unlocked: Callable[[], None] | None = None) -> bool:
        """Save on a version: True if confirmed. `unlocked` happens between the check and the storing."""
        if lock == self.version:
            if unlocked:
                unlocked()
            self.store(features)
            return True
        reference = self.get(lock)
        if reference is None:
            return False
        merged = merge(reference, self.live, features)
        if merged is None:
            return False
        if unlocked:
            unlocked()
        self.store(merged)
        return True


def merge(reference: Features, latest: Features, entrant: Features) -> Features | None:
    """uMap's merge: whole features, equal or not; None is a 412."""
    removed = [feature for feature in reference if feature not in entrant]
    added = [feature for feature in entrant if feature not in reference]
    merged = list(latest)
    for feature in removed:
        if feature not in merged:
            return None
        merged.remove(feature)
    return merged + added


class MemoryLayer:
    """The port LiveLayer over the server, with what may go wrong with a push."""

    def __init__(self, umap: MemoryUmap) -> None:
        self.umap = umap
        self.fault = ""
        self.before_push: Callable[[], None] | None = None
        self.inside_push: Callable[[], None] | None = None
        self.after_push: Callable[[], None] | None = None
        self.pushes = 0
        self.reads = 0

    def until(self, end: datetime) -> AbstractContextManager[None]:
        return nullcontext()  # it never waits

    def look(self) -> Entry:
        return Entry(
            map_id="1", map_name="Map", map_url="http://127.0.0.1/m", layer_id="layer", name="Layer",
            version=self.umap.version, release="3.8.1", editable=True,
        )  # fmt: skip

    def read(self) -> Live:
        self.reads += 1
        standing = collection(self.umap.live)
        known = tuple(name for name, _ in self.umap.versions)
        return Live(self.look(), self.umap.version, standing, standing, known)

    def push(self, wanted: Collection, on: Live) -> None:
        self.pushes += 1
        _happen(self, "before_push")
        fault, self.fault = self.fault, ""
        if fault == "request lost":
            return
        self.umap.post(features_of(wanted), on.version, unlocked=lambda: _happen(self, "inside_push"))
        _happen(self, "after_push")

    def overwritten(self, push: Push, live: Live) -> tuple[Save, ...]:
        """The set rule: new versions that were stored no later than ours.

        What was stored after ours began with it, or met a 412: a person decided, knowing of us.
        """
        new = [(name, features) for name, features in self.umap.versions if name not in push.known]
        ours = next((n for n, (_, features) in enumerate(new) if features == features_of(push.ours)), None)
        if ours is None:
            return ()  # it never came to stand, so it ran over nothing
        return tuple(Save(name, push.was, push.ours, collection(features)) for name, features in new[:ours])


def _happen(layer: MemoryLayer, when: str) -> None:
    event: Callable[[], None] | None = getattr(layer, when)
    setattr(layer, when, None)
    if event:
        event()
