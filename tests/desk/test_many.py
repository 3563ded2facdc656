"""A desk of several layers, two of which one file feeds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.commands.desk import Desk as Folder
from tests.commands.desk import text
from tests.desk.room import Room
from tests.passes.conftest import fleet
from tests.passes.fleet import NORTH, PARKS, SOUTH, Fleet, towns

__all__ = ["fleet"]


@pytest.fixture
def north(fleet: Fleet, room_of: Callable[[Folder], Room]) -> tuple[Room, str]:
    """All layers in sync, and the path of the first one's page."""
    fleet.done("sync")
    room = room_of(fleet.any)
    return room, f"/layers/{room.desk.layers()[0].id}"


def test_a_file_that_feeds_several_layers_is_synced_to_all_of_them(
    fleet: Fleet,
    north: tuple[Room, str],
) -> None:
    room, page = north
    anne = room.person("Anne", "keeper")
    home = anne.open("/").words
    assert all(name in home for name in (NORTH, SOUTH, PARKS))
    tried = anne.upload(f"{page}/file", "cites.csv", text(towns(c1=SOUTH)).encode())
    assert "Cité 1" in tried.words
    assert "read back and verified" in anne.press(tried, "Publish this file, and sync").words
    assert "c1" not in fleet.keys(NORTH)
    assert "c1" in fleet.keys(SOUTH)
    log = anne.open("/log").words
    assert SOUTH in log
    assert PARKS in log
    assert anne.open(page).words.count("Started this run") >= 1
