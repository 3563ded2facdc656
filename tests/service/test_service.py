"""The service: each layer on its schedule, never twice at once, stopped without breaking anything off."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

import pytest
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.blocking import BlockingScheduler

import umap_bot.service
from umap_bot.errors import BotError, DatasetError, LayerBusy, StateError, UnreachableError
from umap_bot.model.layer import Commit
from umap_bot.model.run import Run
from umap_bot.report.language import language
from umap_bot.run.lanes import Stopped
from umap_bot.run.passes import Ended
from umap_bot.schedule.schedule import Schedule
from umap_bot.schedule.ticks import Ticks
from umap_bot.schedule.trigger import ScheduleTrigger
from umap_bot.service import FIRST_PAUSE, LONGEST_PAUSE, Pass, Pauses, Service
from umap_bot.text import verbatim

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG = 30
"""Seconds after which what should have happened has failed to."""


class Soon(Schedule):
    """Due again at once, as a schedule whose time is always come."""

    def __init__(self, milliseconds: int) -> None:
        object.__setattr__(self, "pause", timedelta(milliseconds=milliseconds))

    def next_after(self, moment: datetime) -> datetime:
        return moment + self.pause  # type: ignore[attr-defined, no-any-return]  # set above: it is frozen

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def done(layer: str) -> Ended:
    return layer, Run(number=1, layer=layer, kind="sync", commit=Commit("c"), started=NOON, outcome="nothing")


@contextmanager
def serving(service: Service) -> Iterator[Thread]:
    thread = Thread(target=service.run)
    thread.start()
    try:
        yield thread
    finally:
        service.stop()
        thread.join(LONG)
        assert not thread.is_alive()


def service(make_pass: Pass, **schedules: Schedule) -> Service:
    return Service(schedules, make_pass, language("en"), jitter=0)


def yearly() -> Schedule:
    return Schedule.parse("0 0 1 1 *", "UTC")


def test_every_layer_runs_at_the_start_those_of_one_schedule_in_one_pass() -> None:
    passes: list[list[str]] = []
    seen = Event()

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        passes.append(list(layers))
        if len(passes) == 2:
            seen.set()
        return [done(layer) for layer in passes[-1]]

    monthly = Schedule.parse("0 0 1 * *", "UTC")
    with serving(service(make_pass, a=yearly(), b=monthly, c=yearly())):
        assert seen.wait(LONG)
    assert sorted(passes) == [["a", "c"], ["b"]]


def test_it_runs_again_when_it_is_due_and_never_twice_at_once() -> None:
    runs, at_once, lock, enough = 0, 0, Lock(), Event()

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        nonlocal runs, at_once
        assert lock.acquire(blocking=False), "two passes of one schedule at once"
        try:
            runs += 1
            if runs == 5:
                enough.set()
            return [done(layer) for layer in layers]
        finally:
            lock.release()

    with serving(service(make_pass, a=Soon(1))):
        assert enough.wait(LONG)


def test_a_layer_that_fails_does_not_stop_the_others_nor_the_service() -> None:
    rounds, enough = 0, Event()

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            enough.set()
        return [(layer, DatasetError(verbatim("row 3"))) if layer == "a" else done(layer) for layer in layers]

    with serving(service(make_pass, a=Soon(1), b=Soon(1))):
        assert enough.wait(LONG)


def test_trouble_before_any_run_is_logged_for_each_layer(caplog: pytest.LogCaptureFixture) -> None:
    seen = Event()

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        list(layers)
        seen.set()
        raise StateError(verbatim("The disk is full."))

    with serving(service(make_pass, a=yearly(), b=yearly())):
        assert seen.wait(LONG)
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "a: The disk is full.",
        "b: The disk is full.",
    ]


def test_stopped_in_a_run_it_ends_that_run_and_begins_no_other() -> None:
    began, go_on, asked = Event(), Event(), []

    def make_pass(layers: Sequence[str], stopped: Stopped) -> list[Ended]:
        ended = []
        for layer in layers:
            if stopped():
                break
            asked.append(layer)
            began.set()
            assert go_on.wait(LONG)
            ended.append(done(layer))
        return ended

    served = service(make_pass, a=yearly(), b=yearly())
    thread = Thread(target=served.run)
    thread.start()
    assert began.wait(LONG)
    stopper = Thread(target=served.stop)
    stopper.start()
    thread.join(0.05)
    assert thread.is_alive(), "it waits for the run under way"
    go_on.set()
    thread.join(LONG)
    stopper.join(LONG)
    assert not thread.is_alive()
    assert asked == ["a"]


def test_stopped_before_it_began_it_comes_back() -> None:
    served = service(lambda layers, _: [done(layer) for layer in layers], a=yearly())
    served.stop()
    served.run()


@pytest.mark.parametrize("error", [UnreachableError(verbatim("no answer")), StateError(verbatim("busy"))])
def test_pauses_grow_up_to_an_hour_and_end_with_a_success(error: BotError) -> None:
    pauses = Pauses()
    waits = []
    for _ in range(1000):  # six weeks
        again = pauses.after("a", error, NOON)
        assert again is not None
        waits.append(again - NOON)
    assert waits[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert set(waits[4:]) == {LONGEST_PAUSE}
    assert pauses.holds("a", NOON + LONGEST_PAUSE - timedelta(seconds=1))
    assert not pauses.holds("a", NOON + LONGEST_PAUSE)
    assert not pauses.holds("b", NOON)
    assert pauses.after("a", done("a")[1], NOON) is None
    assert not pauses.holds("a", NOON)
    assert pauses.after("a", error, NOON) == NOON + FIRST_PAUSE


@pytest.mark.parametrize(("room", "broken"), [(umap_bot.service, "line"), (Pauses, "after")])
def test_a_layer_that_cannot_be_noted_keeps_no_other_from_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, room: object, broken: str
) -> None:
    """Whatever fails in it: later layers are logged and tried again, and the failure is logged."""
    again = Event()
    sound = getattr(room, broken)

    def fails_for_a(*given: object) -> object:
        if "a" in given:
            raise OverflowError
        return sound(*given)

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        names = list(layers)
        if names == ["a", "b"]:
            return [(name, UnreachableError(verbatim("no answer"))) for name in names]
        if names == ["b"]:
            again.set()
        return [done(name) for name in names]

    monkeypatch.setattr(room, broken, fails_for_a)
    monkeypatch.setattr(umap_bot.service, "FIRST_PAUSE", timedelta())
    with serving(service(make_pass, a=yearly(), b=yearly())):
        assert again.wait(LONG)
    assert "b: no answer" in caplog.messages
    assert any(record.exc_info for record in caplog.records), "the failure itself is told"


@pytest.mark.parametrize("error", [DatasetError(verbatim("row 3")), LayerBusy(verbatim("another run"))])
def test_what_only_a_person_mends_is_looked_at_at_its_next_time(error: BotError) -> None:
    pauses = Pauses()
    assert pauses.after("a", error, NOON) is None
    assert not pauses.holds("a", NOON)


def test_a_run_is_one_line_of_the_log_with_its_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen = Event()

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        list(layers)
        seen.set()
        return [
            done("a"),
            ("b", LayerBusy(verbatim("Another run has b."))),
            ("c", DatasetError(verbatim("row 3:\nno\x1b[2J id"))),
        ]

    with serving(service(make_pass, a=yearly())):
        assert seen.wait(LONG)
    said = [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name == "umap_bot.service"
    ]
    assert said == [
        ("INFO", "a: run 1: nothing to do"),
        ("INFO", "b: Another run has b."),
        ("ERROR", "c: row 3:⏎no\\u001b[2J id"),
    ]


def test_its_trigger_is_the_one_that_reads_crontab_as_crontab_means_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """APScheduler's own reading has weekdays off by one: 24 Nov 2026 is a Tuesday."""
    added: list[object] = []
    monkeypatch.setattr(
        BlockingScheduler, "add_job", lambda _, job, trigger, *__, **___: added.append(trigger)
    )
    served = service(lambda layers, _: [], a=Schedule.parse("0 9 * * 1", "Europe/Paris"))
    monkeypatch.setattr(BlockingScheduler, "start", lambda _: None)
    served.run()
    (trigger,) = added
    assert isinstance(trigger, ScheduleTrigger)
    assert trigger.get_next_fire_time(None, NOON) == datetime(2026, 11, 30, 8, tzinfo=UTC)


def test_a_stop_while_a_retry_is_taken_off_the_list_is_a_clean_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """APScheduler then looks for the job where it is not, and raises."""
    service = Service({"a": Soon(1)}, lambda *_: [], language("en"))

    def start(_scheduler: BlockingScheduler) -> None:
        service.stop()
        raise JobLookupError("a")

    monkeypatch.setattr(BlockingScheduler, "start", start)
    service.run()
    service = Service({"a": Soon(1)}, lambda *_: [], language("en"))
    monkeypatch.setattr(service, "stop", lambda: None)
    with pytest.raises(JobLookupError):
        service.run()


@pytest.mark.parametrize("end", [done("a")[1], UnreachableError(verbatim("no answer"))])
def test_after_the_clock_was_set_back_runs_are_planned_anew(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, end: Run | BotError
) -> None:
    """By three hours, for the service; for APScheduler what it then plans is due at once."""
    monkeypatch.setattr(umap_bot.service, "LOOK", 0.01)
    monkeypatch.setattr(umap_bot.service, "_now", lambda: datetime.now(UTC) - timedelta(hours=3))
    monkeypatch.setattr(Ticks, "set_back", lambda _, now: now + timedelta(hours=3))
    passes, again = 0, Event()

    def make_pass(layers: Sequence[str], _: Stopped) -> list[Ended]:
        nonlocal passes
        passes += bool(layers)
        if passes == 2:
            again.set()
        return [(layer, end) for layer in layers]

    with serving(service(make_pass, a=Schedule.parse("0 * * * *", "UTC"))):
        assert again.wait(LONG)
    assert any(message.startswith("The clock was set back from ") for message in caplog.messages)


def test_a_clock_is_set_back_by_more_than_a_minute() -> None:
    ticks, minute = Ticks(NOON), timedelta(minutes=1)
    assert ticks.set_back(NOON) is None
    assert ticks.set_back(NOON - minute) is None
    assert ticks.set_back(NOON - 3 * minute) == NOON - minute
    assert ticks.set_back(NOON - 3 * minute) is None
    assert ticks.set_back(NOON + 60 * minute) is None


def test_a_pause_ends_with_the_clock_that_it_was_told_by() -> None:
    pauses = Pauses()
    pauses.after("a", UnreachableError(verbatim("no answer")), NOON)
    pauses.forget()
    assert not pauses.holds("a", NOON - timedelta(hours=3))
    assert pauses.after("a", UnreachableError(verbatim("no answer")), NOON) == NOON + 2 * FIRST_PAUSE
