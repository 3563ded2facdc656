"""The service that shares its database: what becomes of a map after each end of its pass."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.service.test_service import LONG, done, yearly
from umap_bot import sharing
from umap_bot.errors import BotError, DatasetError, LayerBusy, StateError, UnreachableError
from umap_bot.journal.store import Store
from umap_bot.journal.turns import Claim, Place, Turns
from umap_bot.report.language import language
from umap_bot.run.lanes import Stopped
from umap_bot.run.passes import Ended
from umap_bot.schedule.schedule import Schedule
from umap_bot.schedule.ticks import Ticks
from umap_bot.service import FIRST_PAUSE, Pass
from umap_bot.sharing import BUSY, SharedService
from umap_bot.text import verbatim

PLACE = Place("m", "a", ("m/1", "m/2"))
OTHER = Place("n", "b", ("n/1",))
DAILY = Schedule.parse("0 6 * * *", "UTC")


@pytest.fixture
def turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    monkeypatch.setattr(sharing, "LOOK", 0.01)
    with closing(Store(f"sqlite:///{tmp_path / 'state.db'}")) as store:
        yield Turns(store, "roster")


@contextmanager
def serving(
    turns: Turns, make_pass: Pass, *places: Place, schedule: Schedule | None = None
) -> Iterator[None]:
    schedules = {layer: schedule or yearly() for place in places for layer in place.layers}
    service = SharedService(schedules, make_pass, language("en"), turns, places)
    thread = Thread(target=service.run)
    thread.start()
    try:
        yield
    finally:
        service.stop()
        thread.join(LONG)
        assert not thread.is_alive()


def due(turns: Turns, after: timedelta) -> Claim | None:
    """What another service finds due, so long after now."""
    return turns.claim(datetime.now(UTC) + after)


def served(turns: Turns, end: Callable[[str], Ended], schedule: Schedule | None = None) -> None:
    """Let a service serve the map once, with this end of each layer's run."""
    seen = Event()

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        seen.set()
        return [end(layer) for layer in layers]

    with serving(turns, make_pass, PLACE, schedule=schedule):
        assert seen.wait(LONG)


def test_after_the_clock_was_set_back_runs_are_planned_anew(
    turns: Turns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All was planned for the next year; by the schedule that it has now, it is due within a day."""
    served(turns, done)
    assert due(turns, timedelta(hours=25)) is None
    now = datetime.now(UTC) - timedelta(hours=3)
    monkeypatch.setattr(sharing, "_now", lambda: now)
    looks, seen = iter([now + timedelta(hours=3)]), Event()

    def set_back(_ticks: Ticks, _now: datetime) -> datetime | None:
        before = next(looks, None)
        if before is None:
            seen.set()
        return before

    monkeypatch.setattr(Ticks, "set_back", set_back)
    with serving(turns, lambda *_: [], PLACE, schedule=DAILY):
        assert seen.wait(LONG)
    assert len([each for each in caplog.messages if each.startswith("The clock was set back from ")]) == 1
    assert due(turns, timedelta(hours=25))


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (UnreachableError(verbatim("no answer")), FIRST_PAUSE),
        (LayerBusy(verbatim("another run")), BUSY),
        (DatasetError(verbatim("row 3")), timedelta(days=1)),
    ],
    ids=["passing", "busy", "a person's"],
)
def test_a_layer_in_trouble_is_due_again_when_that_may_help(
    turns: Turns, error: BotError, pause: timedelta
) -> None:
    served(turns, lambda layer: (layer, error) if layer == "m/1" else done(layer), DAILY)
    soon = DAILY.next_after(datetime.now(UTC)) - datetime.now(UTC)
    if pause < soon:
        assert due(turns, min(pause, soon) - timedelta(seconds=30)) is None
    again = due(turns, min(pause, soon) + timedelta(seconds=31))
    assert again
    assert "m/1" in again.layers


def test_pauses_grow_whichever_service_fails_and_begin_anew_after_success(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    monkeypatch.setattr(sharing, "_now", lambda: now)
    ends = iter([True, *[False] * 6, True, False])

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        away = UnreachableError(verbatim("no answer"))
        return [done(layer) for layer in layers] if next(ends) else [(layer, away) for layer in layers]

    def is_due(minutes: int) -> bool:
        claim = turns.claim(now + timedelta(minutes=minutes))
        if claim:
            turns.end(claim, {})
        return claim is not None

    schedules = dict.fromkeys(PLACE.layers, yearly())
    one, other = (
        SharedService(schedules, make_pass, language("en"), turns, [PLACE], jitter=0) for _ in range(2)
    )
    assert one._serve_next()
    assert not other._serve_next()
    now, pauses = yearly().next_after(now), list[int | None]()
    for service in (one, other) * 4:
        assert service._serve_next()
        found = next((minutes for minutes in range(1, 61) if is_due(minutes)), None)
        pauses.append(found)
        now = now + timedelta(minutes=found) if found else yearly().next_after(now)
    assert pauses == [5, 10, 20, 40, 60, 60, None, 5]


def test_layers_of_a_map_are_due_together_a_little_after_their_time(turns: Turns) -> None:
    served(turns, done)
    then = yearly().next_after(datetime.now(UTC))
    assert turns.claim(then - timedelta(seconds=1)) is None
    found = [turns.claim(then + timedelta(seconds=second)) for second in range(31)]
    assert [each.layers for each in found if each] == [PLACE.layers]


def test_trouble_before_any_run_is_logged_for_each_layer(
    turns: Turns, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(layer: str) -> Ended:
        raise StateError(verbatim("The disk is full."))

    served(turns, fails)
    assert [message for message in caplog.messages if "disk" in message] == [
        "m/1: The disk is full.",
        "m/2: The disk is full.",
    ]


def test_a_bug_in_one_pass_is_logged_and_other_maps_go_on(
    turns: Turns, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Event()

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        if "n/1" not in layers:
            raise OverflowError
        seen.set()
        return [done(layer) for layer in layers]

    with serving(turns, make_pass, PLACE, OTHER):
        assert seen.wait(LONG)
    assert any(record.exc_info for record in caplog.records), "the bug itself is told"
    assert due(turns, timedelta(minutes=9)) is None
    assert due(turns, timedelta(minutes=11)), "its claim has ended"


def test_a_database_that_can_not_be_reached_is_told_and_asked_again(
    turns: Turns, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, enlist, tries = Event(), Turns.enlist, 0

    def fails_at_first(turns: Turns, *given: object) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise StateError(verbatim("No answer."))
        enlist(turns, *given)  # type: ignore[arg-type]

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        seen.set()
        return [done(layer) for layer in layers]

    monkeypatch.setattr(Turns, "enlist", fails_at_first)
    with serving(turns, make_pass, PLACE):
        assert seen.wait(LONG)
    assert [(each.levelno, each.getMessage()) for each in caplog.records[:1]] == [
        (logging.ERROR, "No answer.")
    ]


def test_a_service_whose_claim_is_over_begins_no_run_and_writes_no_turn(turns: Turns) -> None:
    told: list[bool] = []
    seen = Event()

    def make_pass(layers: Sequence[str], stopped: Stopped) -> list[Ended]:
        told.append(stopped())
        assert due(turns, timedelta(minutes=11)), "another service has it now"
        told.append(stopped())
        seen.set()
        return []

    with serving(turns, make_pass, PLACE):
        assert seen.wait(LONG)
    assert told == [False, True]
    assert due(turns, timedelta(minutes=12)) is None


def test_a_state_that_can_not_be_asked_before_a_run_stops_no_pass(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run itself asks it too, and its end says so."""
    told: list[bool] = []
    seen = Event()

    def fails(*_: object) -> bool:
        raise StateError(verbatim("No answer."))

    def make_pass(layers: Sequence[str], stopped: Stopped) -> list[Ended]:
        told.append(stopped())
        seen.set()
        return [done(layer) for layer in layers]

    monkeypatch.setattr(Turns, "renew", fails)
    with serving(turns, make_pass, PLACE):
        assert seen.wait(LONG)
    assert told == [False]


def test_a_service_is_at_a_site_once_at_a_time(turns: Turns) -> None:
    """Four maps of one site, and as many threads."""
    places = [Place(name, "a", (f"{name}/1",)) for name in "wxyz"]
    under_way, seen = 0, Event()
    most: list[int] = []

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        nonlocal under_way
        under_way += 1
        most.append(under_way)
        if len(most) == len(places):
            seen.set()
        under_way -= 1
        return [done(layer) for layer in layers]

    with serving(turns, make_pass, *places):
        assert seen.wait(LONG)
    assert most == [1, 1, 1, 1]


def test_stopped_before_it_began_it_comes_back(turns: Turns) -> None:
    service = SharedService({}, lambda layers, _: [], language("en"), turns, [PLACE])
    service.stop()
    service.run()
    assert due(turns, timedelta()) is None


def test_a_thread_whose_turn_to_look_comes_after_the_stop_claims_nothing(turns: Turns) -> None:
    """While another one waited for the database, which was away."""
    service = SharedService({}, lambda layers, _: [], language("en"), turns, [PLACE])
    turns.enlist([PLACE], datetime.now(UTC))
    service.stop()
    assert not service._serve_next()
