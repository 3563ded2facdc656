"""uMap stores anything: features that nobody can read whole, on the real one, from export to rollback."""

from __future__ import annotations

import pytest

from tests.commands.desk import FILE, Desk, changed, rows
from tests.reconcile.test_odd_features import COLLECTIONS, UNREADABLE, feature
from umap_bot.umap.layer.body import decode

ODD = [
    "a coordinate is infinite",
    "a property has 5 000 digits",
    "objects in one another",
    "lists in one another",
    "a style",
]


def stands(desk: Desk) -> tuple[bytes, ...]:
    return decode(desk.body).features


def put(desk: Desk, *features: bytes) -> None:
    """Somebody stores these features, by uMap's own API."""
    _, version = desk.made.read(desk.layer_id)
    body = b'{"type":"FeatureCollection","features":[' + b",".join(features) + b"]}"
    assert desk.made.save(desk.layer_id, body, version).status_code == 200


@pytest.mark.parametrize("odd", ODD)
def test_beside_the_file_it_is_carried_from_export_to_rollback(desk: Desk, odd: str) -> None:
    assert odd in UNREADABLE
    own = feature(odd, name="Elsewhere")
    table = rows(4)
    desk.commit(table)
    put(desk, own)
    desk.done("sync", "--approve", desk.held("sync"))
    assert stands(desk)[0] == own

    exported = desk.done("export", "--output", "map.csv")
    assert "can't be read back (number too large, or nested too deeply)" in exported.err
    assert "elsewhere" in (desk.folder / "map.csv").read_text("utf-8")
    desk.done("export", "--format", "umap", "--output", "map.umap")
    assert own in (desk.folder / "map.umap").read_bytes()

    desk.commit(changed(table, "c1", commune="Lyon"))
    assert desk.type("plan", "--json").runs[0]["counts"]["update"] == 1
    desk.done("sync")
    assert own in stands(desk)
    desk.done("rollback", "2")
    assert own in stands(desk)
    assert desk.done("export", "--backup", "latest", "--output", "was.geojson")
    assert own in (desk.folder / "was.geojson").read_bytes()


@pytest.mark.parametrize("odd", ODD)
def test_drawn_by_hand_it_is_not_matched(desk: Desk, odd: str) -> None:
    desk.commit(rows(2))
    own, plain = feature(odd, name="Cité 1"), feature("sixty lists", umap_id="hand2", name="Cité 2")
    put(desk, own, plain)
    desk.done("adopt", "--approve", desk.held("adopt"))
    assert stands(desk)[0] == own
    assert b'"c2"' in stands(desk)[1]


@pytest.mark.parametrize("odd", [*ODD, *COLLECTIONS])
def test_in_a_feature_of_the_file_it_is_told_with_the_way_out(desk: Desk, odd: str) -> None:
    table = rows(3)
    desk.commit(table)
    desk.done("sync")
    one, two, three = stands(desk)
    put(desk, one, feature(odd, "c2", name="Cité 2"), three)
    before, versions = desk.body, desk.versions
    for words in (("plan",), ("sync",), ("rollback", "1"), ("adopt",)):
        said = desk.type(*words)
        assert said.code == 13, said
        assert 'Feature 2 of the layer on the map, "Cité 2" (odd01), can\'t be read' in said.err
        assert "“Versions”" in said.err
    assert (desk.body, desk.versions) == (before, versions)
    put(desk, one, two, three)
    desk.commit(changed(table, "c2", commune="Lyon"), file=FILE)
    desk.done("sync")


def test_half_of_a_character_stops_nothing(desk: Desk) -> None:
    """uMap's editor stores one where a text is cut; the browser shows it as a replacement character."""
    table = rows(6)
    desk.commit(table)
    desk.done("sync")
    one, two, *others = stands(desk)
    own = b'{"type":"Feature","id":"Siege","properties":{"name":"\\ud83d"},"geometry":null}'
    edited = two.replace(b'"Ville 2"', b'"Ville \\ud83d"').replace(b'"name"', b'"note":"\\udE00","name"')
    put(desk, one, edited, *others, own)
    desk.commit(changed(table, "c3", commune="Lyon"))
    said = desk.done("sync")
    assert "Ville \ufffd" in said.out
    assert own in stands(desk)
    assert b'"note":"\\udE00"' in stands(desk)[1]
    assert b'"Ville 2"' in stands(desk)[1]
    desk.done("rollback", "2")
    assert own in stands(desk)


@pytest.mark.parametrize(
    "value",
    ["NaN", "[" * 5000 + "]" * 5000],
    ids=["no JSON, so no browser shows the layer", "deeper than any decoder goes"],
)
def test_what_nobody_can_read_at_all_is_named_with_the_way_out(desk: Desk, value: str) -> None:
    desk.commit(rows(3))
    desk.done("sync")
    put(desk, *stands(desk), b'{"type":"Feature","id":"odd01","properties":{"n":%b}}' % value.encode())
    before = desk.body
    for word in ("plan", "sync"):
        said = desk.type(word)
        assert said.code == 13, said
        assert "It is feature 4 (odd01). In uMap, open the layer" in said.err
    assert desk.body == before
