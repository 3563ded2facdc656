"""A person who watches a map of the real uMap, in a folder without any settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from umap_bot.cli.main import run
from umap_bot.sandbox.maps import MadeMap
from umap_bot.wiring import WallClock

Feature = dict[str, Any]


def point(umap_id: str, name: str, at: tuple[float, float] = (4.0, 45.0), **properties: Any) -> Feature:
    """A feature as uMap's editor saves it."""
    geometry = {"type": "Point", "coordinates": [*at]}
    return {
        "type": "Feature",
        "id": umap_id,
        "geometry": geometry,
        "properties": {"name": name, **properties},
    }


def collection(*features: Feature) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [*features]}


@dataclass
class Watcher:
    """`type` runs a command in this process; `requests` are those that it made."""

    made: MadeMap
    captured: pytest.CaptureFixture[str]
    requests: list[tuple[str, str]]

    def type(self, *words: str, code: int = 0) -> str:
        self.requests.clear()
        ended = run(words)
        out, err = self.captured.readouterr()
        assert ended == code, err
        return out

    def watch(self, *words: str) -> str:
        return self.type("watch", self.made.url, *words)

    def save(self, layer_id: str, *features: Feature, **settings: Any) -> None:
        """Save a layer as a person does."""
        now = {**self.made.settings(layer_id), **settings}
        version = self.made.read(layer_id)[1]
        assert self.made.save(layer_id, collection(*features), version, now).ok

    def runs(self, *words: str) -> list[dict[str, Any]]:
        """The log, oldest first."""
        found: list[dict[str, Any]] = json.loads(self.type("log", "--map", self.made.url, "--json", *words))[
            "runs"
        ]
        return found[::-1]


@pytest.fixture
def watcher(
    made_map: MadeMap,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Watcher:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)
    sent: list[tuple[str, str]] = []
    ask = requests.Session.request

    def noted(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        sent.append((method, url))
        return ask(session, method, url, **more)

    monkeypatch.setattr(requests.Session, "request", noted)
    return Watcher(made_map, capfd, sent)
