"""Which rows are what was published under another id. The plain cases are folders of tests/scenarios."""

from __future__ import annotations

import pytest

from tests.reconcile.worlds import base_left, live_of
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.model.layer import Commit
from umap_bot.model.policy import Policy
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply

Row = tuple[str, float]


def sync(rows: list[Row], *, places: bool = True) -> Sync:
    """A file of names and latitudes, with the ids 1, 2, 3…"""
    lines = ["id,name,lat,lon" if places else "id,name"]
    for number, (name, latitude) in enumerate(rows, 1):
        lines.append(f"{number},{name},{latitude},4.5" if places else f"{number},{name}")
    return Sync(Commit("c"), decode("\n".join(lines).encode(), Recipe(path="a.csv")), Policy())


def told(before: list[Row], after: list[Row], *, places: bool = True) -> list[tuple[str, str]]:
    first, empty = sync(before), live_of([])
    live = live_of(list(apply(first.outcome(empty, None).plan, empty).features), "v2")
    plan = sync(after, places=places).outcome(live, base_left(first, live, None)).plan
    return [(each.before, each.after) for each in plan.context.renumbered]


NAMES = [("Bron", 45.1), ("Lyon", 45.2), ("Givors", 45.3), ("Roanne", 45.4), ("Vienne", 45.5)]
SHIFTED = [("2", "3"), ("3", "4"), ("4", "5"), ("5", "6")]


@pytest.mark.parametrize("places", [True, False])
@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("edit", ["{0}", " {0}", "« {0} »"])
def test_a_row_inserted_and_names_edited(edit: str, upper: bool, places: bool) -> None:
    edited = [(edit.format(name.upper() if upper else name), latitude) for name, latitude in NAMES[1:]]
    assert told(NAMES, [NAMES[0], ("Tarare", 46.0), *edited], places=places) == SHIFTED


def test_other_names_at_the_same_places() -> None:
    after = [NAMES[0], ("Tarare", 46.0), *((f"{name} (69)", latitude) for name, latitude in NAMES[1:])]
    assert told(NAMES, after) == SHIFTED


def test_fewer_decimals() -> None:
    after = [NAMES[0], ("Tarare", 46.0), *((name, round(latitude)) for name, latitude in NAMES[1:])]
    assert told(NAMES, after) == SHIFTED


def test_names_that_repeat_tell_nothing() -> None:
    before = [(name, 45 + number / 10) for number, name in enumerate("CCCPVX")]
    after = [(name, 45 + number / 10) for number, name in enumerate("CCVCVX")]
    assert told(before, after, places=False) == []


def test_a_place_that_is_called_otherwise_or_moves_is_itself() -> None:
    assert told(NAMES, [("Lyon", 45.1), ("Bron", 45.2), *NAMES[2:]]) == []
    assert told(NAMES, [("Bron", 45.2), ("Lyon", 45.1), *NAMES[2:]]) == []
