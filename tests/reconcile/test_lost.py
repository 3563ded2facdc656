"""Base found anew: of the version nearest to the map, of one that is named, or brought up to later ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from msgspec.structs import replace

from tests.reconcile.worlds import World, base_left, dump, live_of, worlds
from umap_bot.errors import DatasetError
from umap_bot.model.base import Base, Origin
from umap_bot.model.canon import Geometry
from umap_bot.model.layer import Commit, Feature, Layer, Live
from umap_bot.model.policy import Policy
from umap_bot.model.run import Intent, Run
from umap_bot.model.seen import Seen
from umap_bot.model.state import LayerState
from umap_bot.reconcile.aims import Sync, sides_of
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.lost.later import Later
from umap_bot.reconcile.lost.likeness import Likeness, keyed
from umap_bot.reconcile.lost.rebuilt import rebuilt
from umap_bot.reconcile.recovery import recover
from umap_bot.reconcile.slices import decode
from umap_bot.reconcile.threeway import edited
from umap_bot.run import origin
from umap_bot.run.origin import regained
from umap_bot.text import say

LIKENESS = Origin(how="likeness", commit=Commit("c1"))


def row(key: str, **cells: str) -> Feature:
    place: Geometry = {"type": "Point", "coordinates": [int(key), 1]}
    return Feature({"id": key, "name": f"n{key}", "q": "1", **cells}, place)


def layer(*rows: Feature, columns: tuple[str, ...] = ("id", "name", "q")) -> Layer:
    named = {str(one.properties["id"]): one for one in rows}
    return Layer(file="f.csv", key="id", columns=columns, rows=named, places=True)


TEN = layer(*(row(str(number)) for number in range(10)))


def with_row(before: Layer, key: str, **cells: str) -> Layer:
    return replace(before, rows={**before.rows, key: row(key, **cells)})


def without(before: Layer, key: str) -> Layer:
    return replace(before, rows={other: one for other, one in before.rows.items() if other != key})


def published(of: Layer, edit: Callable[[dict[str, Feature]], None] | None = None) -> Live:
    """The map after a sync of this, and after what a person did then."""
    empty = live_of([])
    stands = apply(Sync(Commit("c"), of, Policy()).outcome(empty, None).plan, empty)
    features = {str(one.properties["id"]): one for one in map(decode, stands.features)}
    if edit:
        edit(features)
    return live_of([raw(one) for one in features.values()], "v2")


def raw(feature: Feature) -> bytes:
    members = {"properties": feature.properties, "geometry": feature.geometry, "id": feature.umap_id}
    return dump({"type": "Feature", **members, **feature.others})


def setting(key: str, **cells: str) -> Callable[[dict[str, Feature]], None]:
    def edit(features: dict[str, Feature]) -> None:
        features[key] = replace(features[key], properties={**features[key].properties, **cells})

    return edit


def nearest(live: Live, *versions: Layer) -> Origin | None:
    """Of versions c0 (the newest), c1, …"""
    likeness = Likeness(keyed(live, "id"))
    for number, version in enumerate(versions):
        likeness.look(Commit(f"c{number}"), version)
    return likeness.nearest()


@given(worlds())
def test_base_made_anew_is_the_base_that_the_run_left(world: World) -> None:
    empty = live_of([])
    stands = apply(Sync(Commit("c1"), world.published, Policy()).outcome(empty, None).plan, empty)
    anew = rebuilt(world.published, LIKENESS, live_of(list(stands.features)), None)
    known = {key: replace(one, raw="") for key, one in world.base.known.items()}
    assert anew == replace(world.base, known=known, origin=LIKENESS)


@given(worlds())
def test_of_the_likeliest_version_nothing_goes_that_is_not_just_as_it_says(world: World) -> None:
    base = rebuilt(world.published, LIKENESS, world.live, None)
    # What was the file's then and is now: a cell that is people's, then or now, keeps no feature.
    columns = tuple(name for name in base.columns if name not in world.desired.seeds)
    places = base.places and world.desired.owns_geometry
    for policy in (world.policy, Policy("overwrite", "recreate", "remove")):
        plan = replace(world.sync(), policy=policy).outcome(world.live, base).plan
        for delete in plan.effects.deletes:
            assert delete.why in {"row", "double"}
            if delete.why == "row":
                known, live = base.known[delete.key], decode(delete.raw.encode())
                assert edited(known, live, columns, geometry=places) == ()


@given(worlds())
def test_what_a_guess_left_is_left_by_the_next_run_too(world: World) -> None:
    policy = Policy("overwrite", "recreate", "remove")
    sync = replace(world.sync(), policy=policy)
    base = rebuilt(world.published, LIKENESS, world.live, None)
    plan = sync.outcome(world.live, base).plan
    done = live_of(list(apply(plan, world.live).features), "v3")
    intent = Intent(1, plan, done.standing.digest, world.live.standing, "v2")
    (applied,) = recover((intent,), base, done.standing)
    after = base_left(sync, done, applied.base)
    left = {decode(raw).properties.get("id") for raw in done.carried.features}
    again = sync.outcome(done, after).plan
    assert {delete.key for delete in again.effects.deletes if delete.why == "row"} == set()
    gone = {decode(delete.raw.encode()).properties.get("id") for delete in again.effects.deletes}
    assert (
        not {key for key in gone & left if isinstance(key, str) and key.strip()} or again.context.duplicates
    )


def test_the_published_version_is_the_nearest_with_a_persons_edit() -> None:
    live = published(TEN, setting("3", name="mine"))
    assert nearest(live, without(TEN, "7"), TEN) == Origin(
        how="likeness", commit=Commit("c1"), differing=1, cells=40
    )


def test_a_tie_is_none() -> None:
    live = published(TEN, setting("3", name="mine"))
    assert nearest(live, with_row(TEN, "3", name="now"), TEN) is None


def test_a_version_with_the_same_rows_is_no_tie_and_the_newest_counts() -> None:
    origin = nearest(published(TEN), TEN, with_row(TEN, "3", name="then"), TEN)
    assert origin is not None
    assert origin.commit == Commit("c0")


def test_more_than_a_tenth_of_the_cells_is_none() -> None:
    def many(count: int) -> Live:
        def edit(features: dict[str, Feature]) -> None:
            for key in list(features)[:count]:
                setting(key, name="mine")(features)

        return published(TEN, edit)

    assert nearest(many(4), TEN) is not None
    assert nearest(many(5), TEN) is None


def test_a_feature_on_one_side_counts_with_all_its_cells() -> None:
    live = published(TEN)
    one_more, one_less = with_row(TEN, "11"), without(TEN, "9")
    assert nearest(live, one_more) == Origin(how="likeness", commit=Commit("c0"), differing=4, cells=44)
    assert nearest(live, one_less) == Origin(
        how="likeness", commit=Commit("c0"), differing=4, cells=40, unknown=("9",)
    )


def test_a_column_that_a_version_does_not_have_counts_against_it() -> None:
    """Newer or older: what stands in it on the map was published."""
    narrow = ("id", "name")
    rows = [Feature({"id": str(n), "name": f"n{n}"}, row(str(n)).geometry) for n in range(10)]
    live = published(TEN)
    for versions in ((TEN, layer(*rows, columns=narrow)), (layer(*rows, columns=narrow), TEN)):
        origin = nearest(live, *versions)
        assert origin is not None
        assert versions[int(origin.commit.sha[1:])] is TEN


def test_nothing_more_is_looked_at_once_all_is_as_a_version_says() -> None:
    likeness = Likeness(keyed(published(TEN), "id"))
    assert not likeness.look(Commit("c0"), without(TEN, "7"))
    assert likeness.look(Commit("c1"), TEN)


def test_a_property_of_a_persons_own_may_be_a_column_of_an_older_version() -> None:
    likeness = Likeness(keyed(published(TEN, setting("1", note="?")), "id"))
    assert not likeness.look(Commit("c0"), TEN)


def orphans_of(
    live: Live, base: Base | None, desired: Layer, policy: Policy | None = None
) -> tuple[str, ...]:
    outcome = Sync(Commit("c"), desired, policy or Policy()).outcome(live, base)
    return outcome.plan.context.orphans


def test_what_we_made_and_no_version_explains_is_asked_about_once() -> None:
    live, now = published(TEN), without(TEN, "9")
    guess = rebuilt(now, replace(LIKENESS, unknown=("9",)), live, None)
    named = rebuilt(now, Origin(how="named", commit=Commit("c1")), live, None)
    assert orphans_of(live, None, now) == orphans_of(live, guess, now) == ("n9",)
    # A version has it: then likeness has judged. A person said which it is. The state knows.
    for base in (replace(guess, origin=LIKENESS), named, replace(guess, origin=None)):
        assert orphans_of(live, base, now) == ()
    assert orphans_of(live, None, TEN) == ()


def test_a_feature_that_people_made_is_none_of_ours_whatever_its_identifier() -> None:
    theirs = replace(row("9"), umap_id="Other")
    live = live_of([*published(without(TEN, "9")).carried.features, raw(theirs)])
    assert orphans_of(live, None, without(TEN, "9")) == ()


def test_what_was_left_by_a_person_s_word_stays_whatever_policy_does() -> None:
    live, now = published(TEN), without(TEN, "9")
    policy = Policy("overwrite", "recreate", "remove")
    for base in (None, rebuilt(now, replace(LIKENESS, unknown=("9",)), live, None)):
        after = base_left(Sync(Commit("c"), now, policy), live, base)
        plan = Sync(Commit("c2"), now, policy).outcome(live, after).plan
        assert (plan.effects.changes, plan.context.orphans) == ((), ())


def test_of_two_with_one_identifier_the_one_as_published_is_ours() -> None:
    live = published(TEN, setting("3", name="mine"))
    raws = [*live.carried.features, raw(replace(row("3"), umap_id="Other"))]
    base = rebuilt(TEN, LIKENESS, live_of(raws), None)
    assert base.known["3"].umap_id == "Other"


# The file's history, and the time there is


class History:
    """A dataset of versions, the oldest first; each takes `seconds` to read on the clock."""

    def __init__(self, *versions: Layer | None, seconds: int = 0) -> None:
        self.versions = versions
        self.asked = 0
        self.time = datetime(2026, 11, 25, tzinfo=UTC)
        self.seconds = seconds

    def now(self) -> datetime:
        return self.time

    def pause(self, seconds: float) -> None:
        raise NotImplementedError

    def head(self) -> Commit:
        return Commit(str(len(self.versions) - 1))

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        self.time += timedelta(seconds=self.seconds)
        version = self.versions[int(commit.sha)]
        if version is None:
            raise DatasetError(say("a row is wrong"))
        return commit, version

    def history(self, head: Commit, since: str = "") -> tuple[Commit, ...]:
        self.asked += 1
        return tuple(Commit(str(n)) for n in range(int(head.sha), int(since or -1), -1))

    def named(self, name: str, head: Commit) -> tuple[Commit, bool]:
        return Commit(name), int(name) <= int(head.sha)


def likeliest(history: History, live: Live, *before: Run) -> Base | None:
    """Of a layer of which the state knows no base, and these runs."""
    return regained(LayerState(history=before), "", history.head(), history, live, history)


def test_there_is_time_for_some_versions_and_the_others_are_counted() -> None:
    changing = [with_row(TEN, "3", name=str(number)) for number in range(40)]
    history = History(*changing, seconds=10)
    live = published(changing[-2], setting("1", note="?"))
    base = likeliest(history, live)
    assert base is not None
    assert base.origin is not None
    assert (base.commit, base.origin.skipped) == ("38", 28)


def test_versions_that_do_not_decode_are_left_out() -> None:
    history = History(TEN, None, None, without(TEN, "7"))
    base = likeliest(history, published(TEN))
    assert base is not None
    assert base.commit == "0"


def test_without_identifiers_or_after_an_adoption_nobody_asks_for_the_history() -> None:
    history = History(TEN)
    drawn = live_of([raw(Feature({"name": "mine"}, row("1").geometry))])
    assert likeliest(history, drawn) is None
    assert likeliest(history, live_of([])) is None
    adoption = Run(number=1, layer="l", kind="adopt", commit=Commit("0"), started=history.now())
    assert likeliest(history, published(TEN), adoption) is None
    assert history.asked == 0


# A state that is older than the map


def settled(of: Layer, commit: str = "0") -> Base:
    live = published(of)
    base = base_left(Sync(Commit(commit), of, Policy()), live, None)
    assert base is not None
    return base


def brought_up(base: Base, live: Live, *versions: Layer) -> Base | None:
    """`versions` are those after base, the oldest first, the last the newest."""
    later = Later(sides_of(live, base, versions[-1], skip_unchanged=True), base)
    for number, version in reversed(list(enumerate(versions, 1))):
        later.look(Commit(str(number)), version)
    return later.base()


def test_cells_that_a_later_version_had_are_nobodys() -> None:
    then, now = with_row(TEN, "3", name="then"), with_row(TEN, "3", name="now")
    base = brought_up(settled(TEN), published(then, setting("3", q="mine")), then, now)
    assert base is not None
    assert base.origin == Origin(how="later", commit=Commit("1"), differing=1)
    plan = Sync(Commit("2"), now, Policy("keep")).outcome(published(then, setting("3", q="mine")), base).plan
    assert [(one.key, one.field, one.live) for one in plan.context.drift] == [("3", "q", "mine")]
    assert [(change.key, [one.name for one in change.fields]) for change in plan.effects.updates] == [
        ("3", ["name"])
    ]


def test_a_row_that_came_and_went_goes_only_if_nobody_touched_it() -> None:
    then = with_row(TEN, "11")
    base = brought_up(settled(TEN), published(then), then, TEN)
    assert base is not None
    assert [
        one.key
        for one in Sync(Commit("2"), TEN, Policy()).outcome(published(then), base).plan.effects.deletes
    ] == ["11"]
    assert brought_up(settled(TEN), published(then, setting("11", name="mine")), then, TEN) is None


def test_a_persons_copy_of_a_row_that_came_and_went_stays() -> None:
    then = with_row(TEN, "11")
    copy = raw(replace(row("11"), umap_id="Other"))
    live = live_of([*published(TEN).carried.features, copy])
    assert brought_up(settled(TEN), live, then, TEN) is None


def test_what_policy_left_on_the_map_is_not_taken_for_published() -> None:
    then = with_row(TEN, "3", name="then")
    live = published(TEN, setting("3", name="then"))
    base = settled(TEN)
    kept = replace(base.kept, cells={"3": {"name": "then"}})
    assert brought_up(replace(base, kept=kept), live, then, TEN) is None


def test_history_is_asked_for_only_if_somebody_stored_something_that_neither_side_explains() -> None:
    newer = with_row(TEN, "3", name="now")
    history = History(TEN, newer)
    seen = Seen(name="Layer", release="3.8.1", known=("v1", "v2"))
    base = settled(TEN)

    def ask(live: Live, known: Seen | None) -> Base | None:
        state = LayerState(base=base, seen=known)
        assert regained(state, "", history.head(), history, live, history) is None
        sides = sides_of(live, base, newer, skip_unchanged=True)
        return origin.brought_up(state, sides, history.head(), history, history)

    assert ask(published(TEN, setting("3", name="mine")), seen) is None  # nobody stored anything since
    assert ask(published(TEN), None) is None
    assert ask(published(newer), None) is None
    assert history.asked == 0
    assert ask(published(TEN, setting("3", name="mine")), None) is None
    assert history.asked == 1
