"""The judge of the soak finds each thing that could be wrong."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.soak.ledger import Feature, Ledger, Row, read, write


def row(key: str, zone: str = "a", **cells: str) -> Row:
    return {
        "id": key,
        "name": key.upper(),
        "state": "planned",
        "zone": zone,
        "lat": "45.5",
        "lon": "4.5",
        **cells,
    }


def feature(of: Row, **more: Any) -> Feature:
    properties = {name: of[name] for name in ("id", "name", "state", "zone")} | more
    place = {"type": "Point", "coordinates": [float(of["lon"]), float(of["lat"])]}
    return {"type": "Feature", "id": of["id"] * 5, "geometry": place, "properties": properties}


OWN: Feature = {
    "type": "Feature",
    "id": "H0001",
    "geometry": {"type": "Point", "coordinates": [6.5, 44.0]},
    "properties": {"name": "Ours"},
}
FILE = write([row("k1"), row("k2"), row("k3", "b")])


def ledger(*, keeps: bool = False) -> Ledger:
    found = Ledger("A", "f.csv", "a", keeps)
    found.own["H0001"] = "Ours"
    found.notes["k1"] = "seen"
    found.cells["k2", "state"] = "open"
    return found


def good(*, keeps: bool = False) -> list[Feature]:
    second = feature(row("k2", state="open" if keeps else "planned"))
    return [feature(row("k1"), note="seen"), second, deepcopy(OWN)]


@pytest.mark.parametrize("keeps", [False, True])
def test_nothing_is_wrong_with_what_file_people_and_policy_want(keeps: bool) -> None:
    assert ledger(keeps=keeps).wrong(FILE, good(keeps=keeps)) == []


def test_the_other_policys_value_is_wrong() -> None:
    assert ledger().wrong(FILE, good(keeps=True)) == ["A: k2.state is 'open', not 'planned'"]
    assert ledger(keeps=True).wrong(FILE, good()) == ["A: k2.state is 'planned', not 'open'"]


def test_what_people_took_down_stays_away_only_where_that_is_kept() -> None:
    without = [each for each in good(keeps=True) if each["properties"].get("id") != "k1"]
    kept, lost = ledger(keeps=True), ledger()
    kept.taken_down("k1")
    lost.taken_down("k1")
    assert kept.wrong(FILE, without) == []
    assert kept.wrong(FILE, good(keeps=True)) == ["A: k1 stands, and should not"]
    assert "A: k1 is missing" in lost.wrong(FILE, without)


def test_whatever_is_missing_double_or_too_much_is_told() -> None:
    of = ledger()
    assert of.wrong(FILE, good()[1:])[0] == "A: k1 is missing"
    assert of.wrong(FILE, good()[:2]) == ["A: H0001, drawn by hand, is gone"]
    assert of.wrong(FILE, [*good(), good()[1]]) == ["A: k2 stands 2 times"]
    assert of.wrong(FILE, [*good(), feature(row("k3", "b"))]) == ["A: k3 stands, and should not"]
    assert of.wrong(FILE, [*good(), {**OWN, "id": "Other"}]) == ["A: Other was drawn by nobody"]


def test_a_place_or_a_note_that_is_not_as_it_was_left_is_told() -> None:
    moved, bare = good(), good()
    moved[1]["geometry"]["coordinates"] = [1.0, 2.0]
    del bare[0]["properties"]["note"]
    assert ledger().wrong(FILE, moved) == ["A: k2 is at [1.0, 2.0], not [4.5, 45.5]"]
    assert ledger().wrong(FILE, bare) == ["A: the note of k1 is None, not 'seen'"]


def test_a_file_is_read_as_it_was_written() -> None:
    assert [each["id"] for each in read(FILE)] == ["k1", "k2", "k3"]
