"""Fast and slow: the same pairs, the same plan, the same warnings as where each is looked at beside each."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.reconcile import reference
from tests.reconcile.test_lost import nearest, raw
from tests.reconcile.test_pairing import METRE, file, paired
from tests.reconcile.test_rules import asked, create, delete, plan
from tests.reconcile.worlds import World, edits, live_of, worlds
from umap_bot.model.drift import Unmanaged
from umap_bot.model.layer import Commit, Feature, Layer
from umap_bot.model.plan import Objection
from umap_bot.model.run import Intent
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.guard import suspicions
from umap_bot.reconcile.identity import Standing
from umap_bot.reconcile.recovery import advance, recover
from umap_bot.reconcile.slices import decode

NAMES = st.sampled_from(["Bron", "BRON", "Brôn", "Caen", "L'Isle", "L’Isle-", "–", "", "Lyon 8e"])
TOWNS = st.sampled_from(
    [(4.0, 45.0), (4.0, 45.1), (179.9999, 10.0), (-179.9999, 10.0), (0.0, 90.0), (90.0, 89.9999)]
)


@st.composite
def near_a_town(draw: st.DrawFn, metres: tuple[float, ...]) -> tuple[float, float] | None:
    """A point so many metres off a town, about; or none."""
    longitude, latitude = draw(TOWNS)
    north, east = (draw(st.sampled_from((0.0, *metres))) * METRE for _ in "ne")
    return draw(st.sampled_from([(longitude + east, min(latitude + north, 90.0))] * 9 + [None]))


# Look-alikes

things = st.tuples(NAMES, near_a_town((0.5, 0.999, 1.001, -0.8, 30.0)))


@given(st.lists(things, max_size=12), st.lists(things, max_size=8), st.lists(things, max_size=8))
def test_the_same_look_alikes(new: list[Any], there: list[Any], leaving: list[Any]) -> None:
    """Of what stands on the map, of what would go because policy says so, and of rows that go."""
    creates = [create(f"{name}", at) for name, at in new]
    foreign = [delete(name, at, why="foreign") for name, at in there[::2]]
    rows = [delete(name, at) for name, at in leaving]
    unmanaged = tuple(Unmanaged(name, "c", at=at) for name, at in there[1::2])
    found = plan(*creates, *foreign, *rows, unmanaged=unmanaged)
    assert _named(asked(suspicions.look_alikes, found)) == reference.resembling(creates, there)
    assert _named(asked(suspicions.rekeyed, found)) == reference.resembling(creates, leaving)


def _named(found: list[Objection]) -> tuple[str, ...]:
    return tuple(name for objection in found for name in objection.features)


# Pairs


@st.composite
def drawings(draw: st.DrawFn, most: int = 10) -> list[Feature]:
    features = draw(
        st.lists(st.tuples(NAMES, near_a_town((60.0, 450.0, -300.0, 520.0, 12_000.0))), max_size=most)
    )
    return [_feature(name, at) for name, at in features]


def _feature(name: str, at: tuple[float, float] | None) -> Feature:
    return Feature({"name": name}, {"type": "Point", "coordinates": list(at)} if at else None)


@given(drawings(), drawings(), st.sampled_from([500.0, 100.0, 0.0, 30_000.0]))
def test_the_same_pairs_and_the_same_doubts(rows: list[Feature], on: list[Feature], near: float) -> None:
    _compare(rows, on, near)


def _compare(rows: list[Feature], on: list[Feature], near: float) -> None:
    desired = file(**{f"r{number}": one for number, one in enumerate(rows)})
    drawn = [Standing(place, replace(one, umap_id=f"u{place:04}")) for place, one in enumerate(on)]
    found, wanted = paired(desired, drawn, near=near), reference.pairs(desired.rows, drawn, near)
    assert {one.key: (one.feature.reference, one.how) for one in found.sure} == wanted.sure
    doubts = {one.key: (str(one.why), [each.reference for each in one.candidates]) for one in found.doubtful}
    assert doubts == wanted.doubtful
    assert {one.key for one in (*found.rows, *found.unplaced)} == {*desired.rows} - {
        *wanted.sure,
        *wanted.doubtful,
    }
    told = {umap_id for umap_id, _ in wanted.sure.values()}.union(
        *(ids for _, ids in wanted.doubtful.values())
    )
    assert {one.reference for one in found.features} == {one.feature.umap_id for one in drawn} - told


@pytest.mark.parametrize("seed", range(5))
def test_the_same_pairs_of_many_in_heaps(seed: int) -> None:
    random = Random(seed)  # noqa: S311  which world, no secret

    def one() -> Feature:
        at = 4 + random.choice((0, 0.05)) + random.gauss(0, 0.01), 45 + random.gauss(0, 0.01)
        return _feature(f"Cité {random.randrange(120)}", None if random.random() < 0.05 else at)

    rows, on = ([one() for _ in range(150)] for _ in range(2))
    _compare(rows, on, 500.0)


# Recovery


@given(worlds(), st.data())
def test_the_same_changes_stand(world: World, data: st.DataObject) -> None:
    """Of a push that came to stand, or did not, or in part, with what people made of it since."""
    plan = world.sync().outcome(world.live, world.base).plan
    pushed = apply(plan, world.live)
    features = data.draw(st.permutations([*pushed.features, *world.live.standing.features]))
    kept = features[: data.draw(st.integers(0, len(features)))]
    now = live_of([raw for one in kept for raw in data.draw(edits(one))], "v3").standing
    for stands in (pushed, world.live.standing, now):
        (found,) = recover((Intent(7, plan, pushed.digest, world.live.standing, "v2"),), world.base, stands)
        wanted = reference.standing(plan, pushed.features, stands.features)
        assert found.changes == wanted
        assert found.base == advance(world.base, plan, wanted, 7)


# Likeness


COLUMNS = (("id", "name", "q", "n"), ("id", "name", "q"), ("id", "name"), ("id", "q"))


def _row(random: Random, key: str) -> Feature:
    cells = {
        name: random.choice(["1", 1, "2", "", None]) for name in ("name", "q", "n") if random.random() < 0.7
    }
    row = _feature("", random.choice([None, (4.0, 45.0), (4.0, 45.0), (4.0, 46.0)]))
    return replace(row, properties={"id": key, **cells})


@given(st.integers(0, 2**32))
def test_the_same_version_is_the_nearest(seed: int) -> None:
    """Versions have most rows in common, whatever their columns are; what stands is nearly one of them."""
    random = Random(seed)  # noqa: S311  which world, no secret
    pool = {key: [_row(random, key) for _ in range(random.choice([1, 1, 2]))] for key in "abcdef"}
    history = []
    for _ in range(random.randrange(5)):
        rows = {key: random.choice(rows) for key, rows in pool.items() if random.random() < 0.9}
        columns, places = random.choice(COLUMNS), random.random() < 0.8
        history.append(Layer(file="f.csv", key="id", columns=columns, rows=rows, places=places))
    on = [*random.choice(history).rows.values()] if history else []
    on += [_row(random, random.choice("afgx")) for _ in range(random.choice([0, 0, 1, 3]))]
    live = live_of([raw(one) for one in on])
    named = [(Commit(f"c{number}"), version) for number, version in enumerate(history)]
    decoded = [decode(each) for each in live.carried.features]
    assert nearest(live, *history) == reference.nearest(decoded, named)
