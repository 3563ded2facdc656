"""Several services share what is due: each map is claimed by one of them, with all of it that is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text

from tests.journal.made import NOON
from tests.journal.test_leases import start
from umap_bot.journal import schema
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.leases import LENGTH
from umap_bot.journal.store import Store
from umap_bot.journal.turns import FORGOTTEN, Claim, Place, Turn, Turns

HOUR = timedelta(hours=1)
PLACES = (
    Place("un", "a", ("un/1", "un/2")),
    Place("deux", "a", ("deux/1",)),
    Place("trois", "b", ("trois/1",)),
)
ROSTER = "the same layers and settings"
LONG = 30

Opened = Callable[..., Turns]


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    with closing(Store(url)):
        yield lambda roster=ROSTER: Turns(Store(url), roster)


@pytest.fixture
def on_server(on_postgres: str) -> Iterator[Turns]:
    with closing(Store(on_postgres)) as store:
        yield Turns(store, ROSTER)


@pytest.fixture
def turns(opened: Opened) -> Turns:
    turns = opened()
    turns.enlist(PLACES, NOON)
    return turns


def claimed(turns: Turns, later: timedelta = timedelta(), beside: set[str] | None = None) -> Claim:
    claim = turns.claim(NOON + later, beside or set())
    assert claim is not None
    return claim


def test_a_map_is_claimed_once_with_all_of_it_that_is_due(turns: Turns, opened: Opened) -> None:
    found = [claimed(turns), claimed(opened()), claimed(turns)]
    assert [each.map for each in found] == ["deux", "trois", "un"]
    assert [each.layers for each in found] == [("deux/1",), ("trois/1",), ("un/1", "un/2")]
    assert len({each.token for each in found}) == 3
    assert turns.claim(NOON) is None


def test_sites_that_a_service_is_at_are_left_to_others(turns: Turns) -> None:
    assert claimed(turns, beside={"a"}).map == "trois"
    assert turns.claim(NOON, {"a"}) is None
    assert turns.claim(NOON, {"a", "b"}) is None
    assert claimed(turns).site == "a"


def test_each_layer_has_its_next_turn_and_a_map_is_due_with_the_first_of_them(turns: Turns) -> None:
    claim = claimed(turns, beside={"b"})
    turns.end(claim, {"deux/1": Turn(NOON + 3 * HOUR)})
    claim = claimed(turns, beside={"b"})
    turns.end(claim, {"un/1": Turn(NOON + HOUR, 14), "un/2": Turn(NOON + 2 * HOUR)})
    assert turns.claim(NOON + HOUR - timedelta(seconds=1), {"b"}) is None
    assert claimed(turns, HOUR, {"b"}).layers == ("un/1",)


def test_what_had_no_turn_before_the_stop_is_due_as_before(turns: Turns) -> None:
    claim = next(each for each in (claimed(turns) for _ in PLACES) if each.map == "un")
    turns.end(claim, {"un/1": Turn(NOON + HOUR)})
    assert claimed(turns).layers == ("un/2",)


def test_a_claim_ends_by_itself_unless_it_is_renewed(turns: Turns, opened: Opened) -> None:
    claim = claimed(turns, beside={"a"})
    soon = LENGTH - timedelta(seconds=1)
    assert turns.renew(claim, NOON + soon)
    assert opened().claim(NOON + LENGTH, {"a"}) is None
    taken = claimed(opened(), soon + LENGTH, {"a"})
    assert taken.map == claim.map
    assert not turns.renew(claim, NOON + soon + LENGTH)
    turns.end(claim, {"trois/1": Turn(NOON + 9 * HOUR)})
    assert opened().renew(taken, NOON + soon + LENGTH), "nothing was written"


def test_a_claim_of_a_clock_that_was_set_back_is_over(turns: Turns, opened: Opened) -> None:
    claim = claimed(turns, beside={"a"})
    turns.renew(claim, NOON + 3 * HOUR)
    assert opened().claim(NOON + 3 * HOUR, {"a"}) is None
    assert claimed(opened(), beside={"a"}).map == claim.map


def test_what_a_dead_service_of_this_machine_had_is_free_at_once(turns: Turns, url: str) -> None:
    with start("claiming", url, ROSTER) as service:
        assert service.stdout.readline() == "deux\n"
        assert claimed(turns).map == "trois"
        service.kill()
        service.wait(LONG)
        assert claimed(turns).map == "deux"


def test_what_is_due_later_than_its_schedule_says_is_brought_forward(turns: Turns) -> None:
    """As after a clock that was set back by three hours: all was planned by the clock from before."""
    for _ in PLACES:
        claim = claimed(turns)
        turns.end(claim, {layer: Turn(NOON + 4 * HOUR, 14, 2) for layer in claim.layers})
    turns.no_later_than({"un/1": NOON + HOUR, "un/2": NOON + 5 * HOUR, "deux/1": NOON + HOUR}, NOON)
    assert turns.claim(NOON + HOUR) is None
    minute = timedelta(minutes=1)
    both = [claimed(turns, HOUR + minute), claimed(turns, HOUR + minute)]
    assert [(each.map, each.layers) for each in both] == [("deux", ("deux/1",)), ("un", ("un/1",))]
    assert both[0].failures == {"deux/1": 2}
    assert turns.claim(NOON + HOUR + minute) is None


def test_what_is_served_just_now_is_not_brought_forward(turns: Turns) -> None:
    claim = claimed(turns)
    turns.no_later_than(dict.fromkeys(claim.layers, NOON - HOUR), NOON)
    assert turns.renew(claim, NOON)


def test_a_start_changes_no_turn_but_of_what_did_not_end_well(turns: Turns, opened: Opened) -> None:
    for _ in PLACES:
        claim = claimed(turns)
        codes = (
            dict.fromkeys(claim.layers, 0) | {"un/2": 13}
            if claim.map == "un"
            else dict.fromkeys(claim.layers, 0)
        )
        turns.end(claim, {layer: Turn(NOON + HOUR, code) for layer, code in codes.items()})
    again = opened()
    again.enlist(PLACES, NOON + HOUR / 2)
    assert claimed(again, HOUR / 2).layers == ("un/2",)
    assert again.claim(NOON + HOUR / 2) is None


def test_a_start_takes_nothing_from_a_service_that_has_it(turns: Turns, opened: Opened) -> None:
    for _ in PLACES:
        claim = claimed(turns)
        turns.end(claim, {layer: Turn(NOON, 14) for layer in claim.layers})
    mine = [claimed(turns) for _ in PLACES]
    opened().enlist(PLACES, NOON)
    assert opened().claim(NOON) is None
    assert all(turns.renew(each, NOON) for each in mine)


def test_other_settings_are_another_roster_and_are_due_at_once(
    turns: Turns, opened: Opened, url: str
) -> None:
    for _ in PLACES:
        claim = claimed(turns)
        turns.end(claim, {layer: Turn(NOON + HOUR) for layer in claim.layers})
    changed = opened("changed")
    changed.enlist(PLACES[:1], NOON)
    assert claimed(changed).layers == ("un/1", "un/2")
    assert turns.claim(NOON) is None
    opened("much later").enlist(PLACES[:1], NOON + HOUR + FORGOTTEN + timedelta(seconds=1))
    with Store(url).read() as connection:
        rosters = set(connection.execute(select(schema.turn.c.roster)).scalars())
    assert rosters == {"much later"}


def test_services_that_claim_at_the_same_moment_share_the_maps(on_server: Turns, on_postgres: str) -> None:
    places = [Place(f"map {number:02}", "a", (f"{number}/1", f"{number}/2")) for number in range(40)]
    on_server.enlist(places, NOON)
    together = Barrier(4)

    def serve(_: int) -> list[Claim]:
        turns = Turns(Store(on_postgres), ROSTER)
        together.wait(LONG)
        found = []
        while (claim := turns.claim(NOON)) is not None:
            found.append(claim)
        return found

    with ThreadPoolExecutor(4) as services:
        found = [claim for claims in services.map(serve, range(4)) for claim in claims]
    assert sorted((claim.map, claim.layers) for claim in found) == [
        (each.map, each.layers) for each in places
    ]


def test_one_that_is_being_claimed_is_passed_over_and_not_waited_for(
    on_server: Turns, on_postgres: str
) -> None:
    on_server.enlist(PLACES, NOON)
    with Store(on_postgres).write() as other:
        other.execute(text("SELECT * FROM bot_turn WHERE map = 'deux' FOR UPDATE"))
        assert claimed(on_server).map == "trois"


def test_a_state_file_is_shared_by_nobody(journal: SqlJournal, url: str) -> None:
    assert (journal.turns(ROSTER) is None) == url.startswith("sqlite")
