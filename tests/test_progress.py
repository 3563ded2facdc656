"""What is told to whoever watches, and that it costs nothing where nobody does."""

from __future__ import annotations

from umap_bot import progress
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.text import Text, say


class Noted:
    def __init__(self) -> None:
        self.told: list[str] = []

    def show(self, place: Text | None, step: Text | None) -> None:
        self.told.append(" · ".join(part for part in (place, step) if part))


def test_nobody_watches_unless_somebody_says_so() -> None:
    noted, items = Noted(), [1, 2]
    assert progress.counted(items, lambda count: say("{count}", count=count)) is items
    with progress.watched_by(noted):
        progress.step(say("one"))
        progress.layer(1, 2)
        progress.layer(1, 1)
        progress.layer(1, 0)
        progress.step(say("two"))
    progress.step(say("three"))
    assert noted.told == ["one", "Layer 1 of 2", "Layer 1 of 2 · two"]
    with progress.watched_by(noted):
        progress.step(say("four"))
    assert noted.told[3:] == ["four"]


def test_the_rows_of_a_file_are_counted_by_the_thousand() -> None:
    noted = Noted()
    lines = "".join(f"r{number},45.1,4.2\n" for number in range(2_500))
    with progress.watched_by(noted):
        layer = decode(f"id,lat,lon\n{lines}".encode(), Recipe(path="a.csv", key="id"))
    assert noted.told == [f"Reading the file: {count} rows" for count in ("0", "1000", "2000")]
    assert layer == decode(f"id,lat,lon\n{lines}".encode(), Recipe(path="a.csv", key="id"))
