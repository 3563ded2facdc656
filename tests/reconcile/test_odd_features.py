"""uMap stores anything. A feature that nobody can read whole is carried as it is, or refused by its name."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from tests.reconcile.test_recovery import AT, layer
from tests.reconcile.test_rollback import carried_out
from tests.reconcile.worlds import base_left, live_of
from umap_bot.dataset.writing.export import Format, write
from umap_bot.errors import RefusedError
from umap_bot.journal import blobs, rows
from umap_bot.model.base import Base
from umap_bot.model.change import Change
from umap_bot.model.hidden import Hidden
from umap_bot.model.layer import Commit, Layer, Live, Push, Save
from umap_bot.model.plan import Plan
from umap_bot.model.policy import ForeignPolicy, Limits, Policy
from umap_bot.reconcile.aims import Adopt, Sync
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.guard.guard import guard
from umap_bot.reconcile.lost.likeness import Likeness, keyed
from umap_bot.reconcile.lost_saves import carry
from umap_bot.reconcile.slices import content, decode, ids
from umap_bot.reconcile.undo.rollback import Rollback
from umap_bot.report.formats import changes_geojson, markdown, record, terminal
from umap_bot.report.hide import without_columns
from umap_bot.report.language import language
from umap_bot.report.story.sentences import run_story
from umap_bot.umap.layer.overrun import overrun
from umap_bot.umap.layer.versions import Version

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DIGITS = "9" * 5000
POINT = json.dumps(AT)


def lists(deep: int, inner: str = "1") -> str:
    return "[" * deep + inner + "]" * deep


def objects(deep: int) -> str:
    return '{"k":' * deep + "1" + "}" * deep


def collections(deep: int) -> str:
    """Geometry collections in one another."""
    return '{"type":"GeometryCollection","geometries":[' * deep + POINT + "]}" * deep


UNREADABLE = {
    "a coordinate is infinite": ("", '{"type":"Point","coordinates":[1e999,45]}', ""),
    "a coordinate is as far below": ("", '{"type":"Point","coordinates":[4,-1e999]}', ""),
    "a coordinate has 5 000 digits": ("", f'{{"type":"Point","coordinates":[4.{DIGITS},{DIGITS}]}}', ""),
    "a property is infinite": (',"n":1e999', POINT, ""),
    "a property has 5 000 digits": (f',"n":{DIGITS}', POINT, ""),
    "a list holds it": (f',"n":[1,{{"k":-{DIGITS}}}]', POINT, ""),
    "objects in one another": (f',"n":{objects(330)}', POINT, ""),
    "lists in one another": (f',"n":{lists(900)}', POINT, ""),
    "deeper than any decoder goes": (f',"n":{lists(5000)}', POINT, ""),
    "a text in it looks like its end": (f',"n":{lists(400, json.dumps("]}"))}', POINT, ""),
    "a shape of 900 lists": ("", f'{{"type":"Polygon","coordinates":{lists(900)}}}', ""),
    "a style": (f',"_umap_options":{{"color":{objects(500)}}}', POINT, ""),
    "a member of its own": ("", POINT, f',"own":{objects(400)}'),
    "several at once": (',"n":1e999,"m":1e999', POINT, ',"own":1e999'),
}
READABLE = {
    "an integer that no float holds": ("", f'{{"type":"Point","coordinates":[{DIGITS[:400]},45]}}', ""),
    "a property of 400 digits": (f',"n":{DIGITS[:400]}', POINT, ""),
    "a number almost as large": (',"n":1e308', '{"type":"Point","coordinates":[1e308,-1e308]}', ""),
    "sixty lists": (f',"n":{lists(60)}', POINT, ""),
    "a geometry that is a list": ("", "[4,45]", ""),
    "coordinates that are an object": ("", '{"type":"Point","coordinates":{"x":4}}', ""),
    "a kind that is a number": ("", '{"type":7,"coordinates":[4,45]}', ""),
}
COLLECTIONS = {"collections in one another": ("", collections(200), "")}
ODD = {**UNREADABLE, **READABLE, **COLLECTIONS}
ODDS = pytest.mark.parametrize("odd", ODD)
UNREADABLES = pytest.mark.parametrize("odd", UNREADABLE)


def feature(odd: str, key: str = "", umap_id: str = "odd01", name: str = "Bron") -> bytes:
    """An odd feature, with blanks where people's own would not have them."""
    properties, geometry, others = ODD[odd]
    own = f'"id": "{key}",' if key else ""
    return (
        f'{{ "type":"Feature","properties":{{ {own}"name":"{name}"{properties} }},'
        f'"geometry":{geometry}, "id":"{umap_id}"{others}}}'
    ).encode()


FILE = layer(a={"name": "A", "q": "1"}, b={"name": "B"})
NEXT = layer(a={"name": "A", "q": "2"}, c={"name": "C"})


def published(*beside: bytes) -> tuple[Live, Base]:
    """A settled sync of FILE beside these features."""
    live, base = live_of([]), None
    aim = Sync(Commit("c1"), FILE, Policy())
    done = live_of([*beside, *apply(aim.outcome(live, None).plan, live).features])
    base = base_left(aim, done, None)
    assert base is not None
    return done, base


def planned(file: Layer, live: Live, base: Base | None, foreign: ForeignPolicy = "keep") -> Plan:
    """The plan of a sync, guarded, as the state keeps it."""
    plan = Sync(Commit("c2"), file, Policy(foreign=foreign)).outcome(live, base).plan
    plan = guard(plan, live, Limits(), ())
    assert blobs.decode(blobs.encode(plan), Plan).digest == plan.digest
    return plan


def is_collection(odd: str) -> bool:
    return odd in COLLECTIONS


@ODDS
def test_one_that_is_nobodys_is_carried_byte_for_byte(odd: str) -> None:
    own = feature(odd)
    live, base = published(own)
    if is_collection(odd):
        with pytest.raises(RefusedError, match=r"Feature 1 \(.*\) of the layer .* is a GeometryCollection"):
            planned(NEXT, live, base)
        return
    plan = planned(NEXT, live, base)
    assert [change.key for change in plan.effects.changes] == ["c", "a", "b"]
    done, after, run = carried_out(plan, live, base, 1)
    assert own in done.standing.features
    assert planned(NEXT, done, after).effects.changes == ()
    undone, _, _ = carried_out(Rollback(run, Policy()).outcome(done, after).plan, done, after, 2)
    assert set(undone.standing.features) == set(live.standing.features)


@ODDS
def test_with_a_key_of_ours_it_is_told_by_number_name_and_id(odd: str) -> None:
    live, base = published()
    ours = live.standing.features[0]
    umap_id = decode(ours).umap_id or ""
    live = live_of([*live.standing.features[1:], feature(odd, "a", umap_id, "A")])
    if odd in READABLE:
        plan = planned(FILE, live, base)
        assert planned(FILE, carried_out(plan, live, base, 1)[0], base).effects.changes == ()
        return
    told = rf'Feature 2 of the layer on the map, "A" \({umap_id}\), can\'t be read'
    for base_, file in ((base, FILE), (None, FILE), (base, NEXT)):
        with pytest.raises(RefusedError, match=told) as caught:
            planned(file, live, base_)
        assert caught.value.way_out


@UNREADABLES
def test_it_is_known_by_its_uMap_id_too(odd: str) -> None:  # noqa: N802  its name
    live, base = published()
    umap_id = decode(live.standing.features[0]).umap_id or ""
    live = live_of([feature(odd, "", umap_id), live.standing.features[1]])
    with pytest.raises(RefusedError, match=umap_id):
        planned(FILE, live, base)


@UNREADABLES
def test_an_adoption_leaves_it_alone(odd: str) -> None:
    """It could be matched by its name, but with a key it could never be synced."""
    own = feature(odd, name="A")
    live = live_of([own, feature(next(iter(READABLE)), umap_id="odd02", name="B")])
    plan = guard(Adopt(Commit("c1"), FILE, Policy()).outcome(live, None).plan, live, Limits(), ())
    assert [change.key for change in plan.effects.changes] == ["b"]
    assert apply(plan, live).features[0] == own


@pytest.mark.parametrize("odd", [*UNREADABLE, *READABLE])
def test_what_policy_removes_is_told_kept_and_brought_back(odd: str) -> None:
    own = feature(odd)
    live, base = published(own)
    plan = planned(FILE, live, base, "remove")
    assert [change.why for change in plan.effects.deletes] == ["foreign"]
    done, after, run = carried_out(plan, live, base, 1)
    assert own not in done.standing.features
    kept = [msgspec.json.decode(rows.json_text(change), type=Change) for change in run.applied]
    assert [change.effect() for change in kept] == [change.effect() for change in run.applied]
    for told in (run, without_columns(run, Hidden.of(("q", "n")))):
        assert "Bron" in terminal.render(run_story(told, NOON))
        assert "Bron" in markdown.render(run_story(told, NOON), language("fr"))
        assert json.loads(record.runs([told]))
        assert json.loads(changes_geojson.render(told))
    undone, _, _ = carried_out(Rollback(run, Policy()).outcome(done, after).plan, done, after, 2)
    assert own in undone.standing.features


@pytest.mark.parametrize("odd", [*UNREADABLE, *READABLE])
@pytest.mark.parametrize("form", ["csv", "geojson", "xlsx"])
def test_an_export_says_what_it_could_not_write(odd: str, form: Format) -> None:
    written = write([decode(feature(odd)), decode(feature("sixty lists", "a"))], form, f"a.{form}")
    assert sorted(written.keys) == ["a", "bron"]
    told = [note for note in written.notes if note.startswith("these values can't be read back")]
    assert bool(told) == (odd in UNREADABLE)
    assert all("of bron" in note.replace('"', "") for note in told)


@ODDS
def test_a_lost_save_that_holds_it_is_put_back_just_so(odd: str) -> None:
    live, _ = published()
    a, b = live.standing.features
    with_odd = feature(odd, "a", decode(a).umap_id or "", "A")
    lost = Save("v9", live.standing, live.standing, live_of([with_odd, b, feature(odd)]).standing)
    carried = carry([blobs.decode(blobs.encode(lost), Save)], live, "id").carried.features
    assert decode(carried[0]).unread == decode(with_odd).unread
    assert content(decode(carried[0])) == content(decode(with_odd))
    assert carried[1:] == (b, feature(odd))


@ODDS
def test_saves_and_versions_that_hold_it_can_be_compared(odd: str) -> None:
    live, _ = published()
    ours = live_of([*live.standing.features[1:], feature(odd)]).standing
    other = live_of([*live.standing.features, feature(odd)], "1700000000002")
    push = Push("1700000000000", live.standing, ours, ("1700000000000",))
    listed = [Version(f"170000000000{number}", "", number) for number in range(3)]
    content_of = {"1700000000001": ours, "1700000000000": live.standing}
    assert [
        save.version for save in overrun(push, other, listed, lambda each: content_of[each.version])
    ] == []
    likeness = Likeness(keyed(live_of([feature(odd, "a")]), "id"))
    assert likeness.look(Commit("c1"), FILE) in {True, False}


@ODDS
def test_its_uMap_id_is_known(odd: str) -> None:  # noqa: N802  its name
    assert ids([feature(odd)]) == ["odd01"]
    broken = feature(odd).replace(b'"odd01"', b"1e999")
    assert ids([broken]) == [None]
    assert decode(broken).umap_id is None
    assert ids([feature(odd).replace(b'"odd01"', b'["odd01"]')]) == [None]


def test_a_name_as_long_as_a_book_is_told_by_its_beginning() -> None:
    own = json.dumps({"type": "Feature", "properties": {"name": "é" * 100_000}, "geometry": None}).encode()
    live, base = published(own)
    (told,) = planned(FILE, live, base).context.unmanaged
    assert told.name == "é" * 1_000
