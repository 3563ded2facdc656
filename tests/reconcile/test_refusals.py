"""What can't be approved: each refusal by itself, what it says, and what comes close to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from tests.plans import but
from tests.reconcile.test_rules import LIMITS, PLAN, live
from umap_bot.errors import BotError, DatasetError, RefusedError
from umap_bot.model.layer import Collection, Live
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Limits
from umap_bot.reconcile.guard import refusals
from umap_bot.reconcile.guard.guard import guard
from umap_bot.reconcile.guard.refusals import Refusal
from umap_bot.text import verbatim

POINT = {"type": "Point", "coordinates": [4.9117, 45.73467]}
COLLECTION = {"type": "GeometryCollection", "geometries": [POINT]}


def entry(**members: Any) -> Live:
    fresh = live()
    return replace(fresh, entry=replace(fresh.entry, **members))


def holding(*features: dict[str, Any]) -> Live:
    slices = tuple(json.dumps(feature).encode() for feature in features)
    collection = Collection((), slices)
    return replace(live(), standing=collection, carried=collection)


def feature(geometry: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def refused(refuse: Refusal, on: Live, of: Plan = PLAN, limits: Limits = LIMITS) -> BotError:
    with pytest.raises(BotError) as caught:
        refuse(of, on, limits)
    with pytest.raises(type(caught.value), match=caught.value.message[:10]):
        guard(of, on, limits, ())  # it is one of those that the guard asks
    return caught.value


def test_remote_data_is_refused() -> None:
    error = refused(refusals.remote, entry(remote="https://example.org/cites.geojson"))
    assert isinstance(error, RefusedError)
    assert error.message == ('The layer "Cités" shows remote data, so nobody would see changes made to it.')
    assert error.way_out == (
        "It shows https://example.org/cites.geojson. Set UMAP_MAP_URL and UMAP_LAYER to the "
        "layer that holds the data."
    )


def test_a_group_is_refused() -> None:
    error = refused(refusals.group, entry(group=True))
    assert isinstance(error, RefusedError)
    assert error.message == '"Cités" is a group of layers, not a layer.'
    assert error.way_out == "Set UMAP_LAYER to one of the layers in it."


def test_a_layer_that_may_not_be_edited_is_refused() -> None:
    error = refused(refusals.not_editable, entry(editable=False, way_on=verbatim("Ask Ada.")))
    assert isinstance(error, RefusedError)
    assert error.message == 'The layer "Cités" can be read but not edited with this sign-in method.'
    assert error.way_out == "Ask Ada."


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_collection_of_geometries_is_refused_wherever_it_stands(place: int) -> None:
    features = [feature(POINT), feature(POINT)]
    features.insert(place, feature(COLLECTION))
    error = refused(refusals.breaks_editor, holding(*features))
    assert isinstance(error, RefusedError)
    assert error.message == (
        f'Feature {place + 1} (no uMap id) of the layer "Cités" is a GeometryCollection. uMap\'s editor '
        "stops loading there, and the next save by a person would lose the features after it."
    )


def test_a_collection_of_geometries_is_named_by_its_umap_id() -> None:
    on = holding({**feature(COLLECTION), "id": "AbC12"})
    assert "Feature 1 (AbC12) of" in refused(refusals.breaks_editor, on).message


def test_a_collection_of_geometries_that_a_lost_save_would_bring_back_is_refused() -> None:
    """The guard looks at what would be pushed, debts included, not only at what stands."""
    on = replace(holding(feature(COLLECTION)), standing=Collection((), ()))
    assert "GeometryCollection" in refused(refusals.breaks_editor, on).message


@pytest.mark.parametrize(
    "harmless",
    [feature(POINT, note="GeometryCollection"), feature(None, type="GeometryCollection"), feature(POINT)],
    ids=["in a text", "in a property", "not at all"],
)
def test_the_word_alone_is_not_refused(harmless: dict[str, Any]) -> None:
    refusals.breaks_editor(PLAN, holding(harmless), LIMITS)


def test_a_file_without_rows_is_refused_as_the_datasets_fault() -> None:
    error = refused(refusals.empty, live(), but(PLAN, rows=0))
    assert isinstance(error, DatasetError)
    assert error.message == "cites.csv has no rows."
    assert error.way_out == (
        "Restore the rows. If you want the layer to be empty, set DATASET_MAY_BE_EMPTY=yes."
    )


def test_a_file_of_one_row_or_one_that_may_be_empty_is_not_refused() -> None:
    refusals.empty(but(PLAN, rows=1), live(), LIMITS)
    refusals.empty(but(PLAN, rows=0), live(), Limits(may_be_empty=True))


def test_a_layer_as_it_should_be_is_not_refused() -> None:
    on = holding(feature(POINT))
    for refuse in refusals.REFUSALS:
        refuse(PLAN, on, LIMITS)
    assert guard(PLAN, on, LIMITS, ()).verdict.objections == ()


def test_a_refusal_comes_before_any_objection() -> None:
    with pytest.raises(RefusedError, match="group of layers"):
        guard(but(PLAN, first=True, total=9), entry(group=True), LIMITS, ())
