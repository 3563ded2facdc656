"""A desk over the folder of the command line's tests; at its end no page has told a secret or a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from tests.commands.conftest import desk, folder, ten_cites, traffic
from tests.commands.desk import Desk as Folder
from tests.desk.room import Hall, Room
from umap_bot.desk.app import app
from umap_bot.desk.desk import Desk
from umap_bot.desk.jobs import Jobs
from umap_bot.desk.place import place_of
from umap_bot.manifest import load_all
from umap_bot.report.language import language

__all__ = ["desk", "folder", "hall", "hall_of", "room_of", "synced", "ten_cites", "traffic"]

NOWHERE = {
    "UMAP_MAP_URL": "https://umap.example/en/map/cites_1",
    "UMAP_LAYER": "Cités",
    "DATASET_REPO": "https://git.example/labo/cartes",
    "DATASET_PATH": "cites.csv",
}

PORT = 8765


@pytest.fixture
def hall_of(folder: Path) -> Iterator[Callable[..., Hall]]:
    """Return what makes a desk of settings."""
    made: list[Hall] = []

    def new(**given: str) -> Hall:
        lines = "".join(f"{name}={value}\n" for name, value in {**NOWHERE, **given}.items())
        env = folder / "hall.env"
        env.write_text(f"{lines}STATE_URL=sqlite:///{folder}/hall.db\n", "utf-8")
        made.append(Hall(*_opened(env)))
        return made[-1]

    yield new
    for each in made:
        each.jobs.stop()


@pytest.fixture
def hall(hall_of: Callable[..., Hall]) -> Hall:
    return hall_of()


@pytest.fixture
def room_of() -> Iterator[Callable[[Folder], Room]]:
    """Return what makes a desk of a person's folder."""
    made: list[Room] = []

    def new(of: Folder) -> Room:
        made.append(Room(*_opened(of.env), of))
        return made[-1]

    yield new
    for each in made:
        each.jobs.stop()


@pytest.fixture
def synced(desk: Folder, room_of: Callable[[Folder], Room]) -> Room:
    """Ten rows in git, and on the map by a first sync."""
    desk.done("sync")
    return room_of(desk)


def _opened(env: Path) -> tuple[Desk, Jobs, ASGIApp]:
    settings = load_all(env, None)
    found = Desk(settings, place_of(settings[0], "127.0.0.1", PORT), language("en"))
    jobs = Jobs(found.now, found.journal.unforeseen)
    return found, jobs, app(found, jobs)
