"""A new row that says what somebody drew is that feature; one that is merely alike is asked about."""

from __future__ import annotations

import pytest

from umap_bot.model.base import Base, Known
from umap_bot.model.canon import Geometry, Value
from umap_bot.model.layer import Feature, Layer
from umap_bot.reconcile.identity import Identities, Standing
from umap_bot.reconcile.taken_over import with_taken_over

HERE: Geometry = {"type": "Point", "coordinates": [4.1, 45.1]}
BESIDE: Geometry = {"type": "Point", "coordinates": [4.1001, 45.1]}
BASE = Base(layer_id="l", commit="c", key="id", columns=("id", "name"), places=True, known={})


def row(name: str, key: str = "lac", geometry: Geometry | None = HERE) -> Feature:
    return Feature({"id": key, "name": name}, geometry)


def matched(*rows: Feature, drawn: list[dict[str, Value]], base: Base | None = BASE) -> dict[str, int]:
    """Which of the drawn features, all at one place, is which row."""
    desired = Layer(
        file="f",
        key="id",
        columns=("id", "name"),
        rows={str(each.properties["id"]): each for each in rows},
        places=True,
    )
    standings = tuple(Standing(at, Feature(properties, HERE)) for at, properties in enumerate(drawn))
    found = with_taken_over(Identities({}, (), {}, standings), base, desired)
    assert len(found.ours) + len(found.unmanaged) == len(drawn)
    return {key: standing.place for key, standing in found.ours.items()}


def test_a_row_that_says_just_that_is_the_feature_whatever_else_people_wrote() -> None:
    assert matched(row("Le lac"), drawn=[{"name": "x"}, {"name": "Le lac", "note": "mine"}]) == {"lac": 1}


@pytest.mark.parametrize(
    ("rows", "drawn"),
    [
        ((row("Le lac"),), [{"name": "Le Lac"}]),
        ((row("Le lac", geometry=BESIDE),), [{"name": "Le lac"}]),
        ((row("Le lac", geometry=None),), [{"name": "Le lac"}]),
        ((row("Le lac"), row("Le lac", "lac-2")), [{"name": "Le lac"}]),
        ((row("Le lac"),), [{"name": "Le lac"}, {"name": "Le lac"}]),
        ((row("Le lac"),), [{"name": "Le lac", "id": "mine"}]),
        ((row(""),), [{}]),
    ],
    ids=["another name", "beside", "no place", "two rows", "two features", "an id of its own", "no words"],
)
def test_what_is_not_sure_is_nobodys(rows: tuple[Feature, ...], drawn: list[dict[str, Value]]) -> None:
    assert matched(*rows, drawn=drawn) == {}


def test_a_row_that_was_published_before_is_no_new_one() -> None:
    base = Base(
        layer_id="l", commit="c", key="id", columns=("id", "name"), places=True,
        known={"lac": Known.of({"id": "lac", "name": "Le lac"}, HERE)},
    )  # fmt: skip
    assert matched(row("Le lac"), drawn=[{"name": "Le lac"}], base=base) == {}
    assert matched(row("Le lac"), drawn=[{"name": "Le lac"}], base=None) == {}
