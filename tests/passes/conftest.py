"""Three layers of two maps, one repository with two files, and a manifest; nothing was run yet."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.commands.conftest import folder, secrets_in, traffic
from tests.commands.desk import Desk, rows
from tests.passes.fleet import ALL, NORTH, OWN, PARKS, SHARED, Fleet, towns
from umap_bot import redaction
from umap_bot.sandbox.maps import new_map
from umap_bot.sandbox.server import Sandbox
from umap_bot.wiring import WallClock

__all__ = ["fleet", "folder", "synced", "traffic"]  # two fixtures are those of the command line's tests

EMPTY = {"type": "FeatureCollection", "features": []}


@pytest.fixture
def fleet(
    umap: Sandbox,
    folder: Path,
    traffic: tuple[list[tuple[str, str]], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Fleet]:
    """At its end every word and every file is looked through for the secret edit links."""
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)
    caplog.set_level(logging.DEBUG)
    with ExitStack() as maps:
        one = maps.enter_context(new_map(umap.url, "Les cités"))
        two = maps.enter_context(new_map(umap.url, "Les parcs"))
        said: list[str] = []
        desks = {
            name: Desk(folder, made, made.add_layer(name, EMPTY), capfd, *traffic, said)
            for name, made in zip(ALL, (one, one, two), strict=True)
        }
        fleet = Fleet(folder, desks)
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", fleet.any.repository], check=True)
        links = f"LINK_UN={one.edit_link}\nLINK_DEUX={two.edit_link}\n"
        fleet.any.env.write_text(f"{links}STATE_URL=sqlite:///{fleet.any.state}\n", "utf-8")
        fleet.any.env.chmod(0o600)
        fleet.manifest()
        fleet.any.commit(rows(5), "Five parks", OWN)
        fleet.any.commit(towns(), "Twelve cités", SHARED)
        yield fleet
        logged = caplog.text + repr([record.args for record in caplog.records])
        for name in (NORTH, PARKS):
            assert secrets_in(desks[name], logged) == []


@pytest.fixture
def synced(fleet: Fleet) -> Fleet:
    """The same after a first sync."""
    fleet.done("sync")
    return fleet
