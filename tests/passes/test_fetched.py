"""Tables on the web feed layers: the map is what they say, and each of their states is a commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dataset.sources.served import Site, served
from tests.passes.fetched_day import HALVES, TABLES, Day
from umap_bot.run.passes import sources_ended, sync_all
from umap_bot.sandbox.maps import MadeMap
from umap_bot.wiring import WallClock, Wired


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


def sync(wired: tuple[Wired, ...]) -> None:
    sync_all([each.work for each in wired], wired[0].journal, wired[0].clock)


def lived(day: Day, quarters: int) -> None:
    """Let the time go by, and see that all is as it should be."""
    for _ in range(quarters):
        day.pass_by(sync)
    day.quiet(sync)
    for table in TABLES:
        assert day.commits(table) == day.given[table]
        for half in HALVES:
            assert day.on_map(table, half) == day.at_source(table, half)
    assert [day.all_commits(table) for table in TABLES[:2]] == [len(day.given[table]) for table in TABLES[:2]]


@pytest.fixture
def day(made_map: MadeMap, folder: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Day:
    day = Day(folder, site, made_map, seed=23)
    monkeypatch.setattr(WallClock, "now", lambda _: day.now)
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)
    return day


def test_six_layers_of_three_tables_with_faults(day: Day, site: Site) -> None:
    """The whole day: tests/hostile/test_fetched_day.py."""
    lived(day, 2)
    wired = day.wired()
    sync(wired)
    assert sorted(site.asked) == [(f"/{table}.csv", 304, "") for table in sorted(TABLES)]
    assert sources_ended([each.work for each in wired]) == []
