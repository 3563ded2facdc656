"""A schedule as APScheduler asks for it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from umap_bot.schedule.schedule import Schedule
from umap_bot.schedule.trigger import ScheduleTrigger

YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
LATE = timedelta(milliseconds=3)


def fired(line: str, zone: str) -> list[datetime]:
    """Return when a scheduler that wakes a little late would run, over a year."""
    trigger = ScheduleTrigger(Schedule.parse(line, zone))
    runs: list[datetime] = []
    at = trigger.get_next_fire_time(None, YEAR[0])
    while at < YEAR[1]:
        runs.append(at)
        at = trigger.get_next_fire_time(at, at + LATE)
    return runs


def test_hourly_is_every_hour_of_the_year() -> None:
    runs = fired("0 * * * *", "Europe/Paris")
    assert runs == [YEAR[0] + timedelta(hours=n) for n in range(1, 8760)]


def test_half_past_two_is_once_on_every_day_of_the_year() -> None:
    paris = ZoneInfo("Europe/Paris")
    runs = [run.astimezone(paris) for run in fired("30 2 * * *", "Europe/Paris")]
    assert [run.timetuple().tm_yday for run in runs] == list(range(1, 366))
    odd = [
        f"{run:%d %b %H:%M %z}"
        for run in runs
        if f"{run:%H:%M}" != "02:30" or (run.day, run.month) == (25, 10)
    ]
    assert odd == ["29 Mar 03:00 +0200", "25 Oct 02:30 +0200"]


def test_what_a_sleeping_machine_missed_is_one_run() -> None:
    trigger = ScheduleTrigger(Schedule.parse("0 6 * * *", "UTC"))
    last, now = datetime(2026, 1, 1, 6, tzinfo=UTC), datetime(2026, 1, 9, 12, tzinfo=UTC)
    assert trigger.get_next_fire_time(last, now) == datetime(2026, 1, 10, 6, tzinfo=UTC)


def test_a_clock_that_was_set_back_brings_no_run_twice() -> None:
    trigger = ScheduleTrigger(Schedule.parse("0 6 * * *", "UTC"))
    last = datetime(2026, 1, 2, 6, tzinfo=UTC)
    assert trigger.get_next_fire_time(last, last - timedelta(hours=1)) == last + timedelta(days=1)


def test_apscheduler_takes_it() -> None:
    schedule = Schedule.parse("0 6 * * mon-fri", "Europe/Paris")
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.start(paused=True)
    before = datetime.now(UTC)
    try:
        job = scheduler.add_job(print, ScheduleTrigger(schedule), misfire_grace_time=None, coalesce=True)
    finally:
        scheduler.shutdown()
    assert job.next_run_time in {schedule.next_after(before), schedule.next_after(datetime.now(UTC))}


def test_whoever_only_asks_when_the_next_run_is_due_imports_no_scheduler() -> None:
    code = "import sys, umap_bot.schedule.schedule as s, umap_bot.settings; s.next_due; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert "umap_bot.schedule.crontab" in loaded
    assert "apscheduler" not in loaded
