"""Days on which clocks change. All times are UTC; what a clock on the wall shows stands beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from umap_bot.schedule.schedule import Schedule

PARIS, NEW_YORK, LORD_HOWE = "Europe/Paris", "America/New_York", "Australia/Lord_Howe"
AZORES, CHATHAM = "Atlantic/Azores", "Pacific/Chatham"
BEIRUT, ST_JOHNS, APIA = "Asia/Beirut", "America/St_Johns", "Pacific/Apia"

# line, zone, a moment before, the next times
CHANGES = {
    # Paris, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC
    "daily, in the gap: right after it": (
        ("30 2 * * *", PARIS, "2026-03-27 12:00"),
        ["2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"],
    ),
    "daily, at the gap's start": (
        ("0 2 * * *", PARIS, "2026-03-28 12:00"),
        ["2026-03-29 01:00", "2026-03-30 00:00"],
    ),
    "daily, at the gap's end": (
        ("0 3 * * *", PARIS, "2026-03-28 12:00"),
        ["2026-03-29 01:00", "2026-03-30 01:00"],
    ),
    "several in the gap and its end are one run": (
        ("0,20,40 2-3 * * *", PARIS, "2026-03-28 12:00"),
        ["2026-03-29 01:00", "2026-03-29 01:20", "2026-03-29 01:40", "2026-03-30 00:00"],
    ),
    "only on that Sunday": (("15 2 29 3 *", PARIS, "2026-01-01 00:00"), ["2026-03-29 01:00"]),
    "every ten minutes leap too": (
        ("*/10 * * * *", PARIS, "2026-03-29 00:40"),
        ["2026-03-29 00:50", "2026-03-29 01:00", "2026-03-29 01:10"],
    ),
    "every ten minutes of an hour that does not come": (
        ("*/10 2 * * *", PARIS, "2026-03-28 01:40"),
        ["2026-03-28 01:50", "2026-03-30 00:00"],
    ),
    "hourly leaps too": (
        ("30 * * * *", PARIS, "2026-03-29 00:00"),
        ["2026-03-29 00:30", "2026-03-29 01:30", "2026-03-29 02:30"],
    ),
    "every hour's two": (
        ("0 */2 * * *", PARIS, "2026-03-28 23:30"),
        ["2026-03-29 02:00", "2026-03-29 04:00"],
    ),
    # Paris, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC
    "daily, twice on the clock: the first": (
        ("30 2 * * *", PARIS, "2026-10-24 12:00"),
        ["2026-10-25 00:30", "2026-10-26 01:30"],
    ),
    "daily, asked between the two": (("30 2 * * *", PARIS, "2026-10-25 00:45"), ["2026-10-26 01:30"]),
    "daily, at three: once": (
        ("0 3 * * *", PARIS, "2026-10-24 12:00"),
        ["2026-10-25 02:00", "2026-10-26 02:00"],
    ),
    "hours written out run once": (
        ("0 1-3 * * *", PARIS, "2026-10-24 12:00"),
        ["2026-10-24 23:00", "2026-10-25 00:00", "2026-10-25 02:00"],
    ),
    "hourly is every hour that passes": (
        ("0 * * * *", PARIS, "2026-10-24 23:30"),
        ["2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 02:00"],
    ),
    "@hourly too": (("@hourly", PARIS, "2026-10-24 23:30"), ["2026-10-25 00:00", "2026-10-25 01:00"]),
    "every half hour": (
        ("*/30 * * * *", PARIS, "2026-10-25 00:00"),
        ["2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:30", "2026-10-25 02:00", "2026-10-25 02:30"],
    ),
    "every half hour of an hour that comes twice": (
        ("*/30 2 * * *", PARIS, "2026-10-24 12:00"),
        ["2026-10-25 00:00", "2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:30", "2026-10-26 01:00"],
    ),
    # New York, 8 March (07:00 UTC) and 1 November 2026 (06:00 UTC)
    "New York, spring": (
        ("30 2 * * *", NEW_YORK, "2026-03-07 00:00"),
        ["2026-03-07 07:30", "2026-03-08 07:00", "2026-03-09 06:30"],
    ),
    "New York, autumn": (
        ("30 1 * * *", NEW_YORK, "2026-10-31 00:00"),
        ["2026-10-31 05:30", "2026-11-01 05:30", "2026-11-02 06:30"],
    ),
    "New York, hourly in autumn": (
        ("30 * * * *", NEW_YORK, "2026-11-01 05:00"),
        ["2026-11-01 05:30", "2026-11-01 06:30", "2026-11-01 07:30"],
    ),
    # Lord Howe changes by half an hour: 4 October (02:00 becomes 02:30), 5 April (02:00 becomes 01:30)
    "Lord Howe, in the gap": (
        ("15 2 * * *", LORD_HOWE, "2026-10-02 00:00"),
        ["2026-10-02 15:45", "2026-10-03 15:30", "2026-10-04 15:15"],
    ),
    "Lord Howe, at the gap's end": (
        ("30 2 * * *", LORD_HOWE, "2026-10-03 00:00"),
        ["2026-10-03 15:30", "2026-10-04 15:30"],
    ),
    "Lord Howe, hourly over the gap: clocks show no 02:00": (
        ("0 * * * *", LORD_HOWE, "2026-10-03 14:00"),
        ["2026-10-03 14:30", "2026-10-03 16:00", "2026-10-03 17:00"],
    ),
    "Lord Howe, twice on the clock": (
        ("45 1 * * *", LORD_HOWE, "2026-04-03 00:00"),
        ["2026-04-03 14:45", "2026-04-04 14:45", "2026-04-05 15:15"],
    ),
    "Lord Howe, every half hour goes on": (
        ("*/30 * * * *", LORD_HOWE, "2026-04-04 14:00"),
        ["2026-04-04 14:30", "2026-04-04 15:00", "2026-04-04 15:30", "2026-04-04 16:00"],
    ),
    # Beirut changes at midnight: 29 March 2026 (00:00 becomes 01:00), 25 October (00:00 becomes 23:00)
    "Beirut, midnight does not come": (
        ("@daily", BEIRUT, "2026-03-28 00:00"),
        ["2026-03-28 22:00", "2026-03-29 21:00"],
    ),
    "Beirut, the day's last hour comes twice": (
        ("*/30 23 * * *", BEIRUT, "2026-10-24 12:00"),
        ["2026-10-24 20:00", "2026-10-24 20:30", "2026-10-24 21:00", "2026-10-24 21:30", "2026-10-25 21:00"],
    ),
    "Beirut, the day's last minute once": (
        ("59 23 * * *", BEIRUT, "2026-10-24 12:00"),
        ["2026-10-24 20:59", "2026-10-25 21:59"],
    ),
    # What cronsim does not get right, if it is asked with a time zone
    "the Azores, Sunday has no midnight": (
        ("*/30 1 * * sun", AZORES, "2027-03-27 12:00"),
        ["2027-03-28 01:00", "2027-03-28 01:30", "2027-04-04 01:00"],
    ),
    "Chatham, from 3:45 back to 2:45": (
        ("50 */3 * * *", CHATHAM, "2027-04-03 10:00"),
        ["2027-04-03 11:05", "2027-04-03 15:05", "2027-04-03 18:05"],
    ),
    # St John's, 29 October 2006: a minute of Sunday, then again the last hour of Saturday
    "a day that begins before the other has ended": (
        ("*/59 0,23 * * *", ST_JOHNS, "2006-10-29 01:00"),
        [
            *("2006-10-29 01:30", "2006-10-29 02:29", "2006-10-29 02:30"),  # 23:00, 23:59, 00:00
            *("2006-10-29 03:29", "2006-10-29 03:30", "2006-10-29 04:29"),  # 23:59, 00:00, 00:59
        ],
    ),
    # Samoa had no 30 December 2011
    "a day that did not come": (
        ("0 6 30 12 *", APIA, "2011-01-01 00:00"),
        ["2011-12-30 10:00", "2012-12-29 16:00"],
    ),
    "a day that did not come, of a line that goes by what passes": (
        ("*/30 6 30 12 *", APIA, "2011-01-01 00:00"),
        ["2012-12-29 16:00", "2012-12-29 16:30"],
    ),
    # UTC knows nothing of it
    "UTC, spring": (("30 2 * * *", "UTC", "2026-03-28 12:00"), ["2026-03-29 02:30", "2026-03-30 02:30"]),
    "UTC, autumn": (("30 2 * * *", "UTC", "2026-10-24 12:00"), ["2026-10-25 02:30", "2026-10-26 02:30"]),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_of_clocks(case: str) -> None:
    (line, zone, after), expected = CHANGES[case]
    schedule = Schedule.parse(line, zone)
    moments = [utc(after)]
    for _ in expected:
        moments.append(schedule.next_after(moments[-1]))
    assert moments[1:] == [utc(told) for told in expected]


@pytest.mark.parametrize("zone", [PARIS, NEW_YORK, LORD_HOWE, BEIRUT, "UTC"])
@pytest.mark.parametrize("hour", range(4))
def test_a_daily_line_runs_once_a_day_all_year(zone: str, hour: int) -> None:
    """366 runs from one year's end to the next, the least apart and the most by what clocks change."""
    schedule = Schedule.parse(f"45 {hour} * * *", zone)
    moments = [datetime(2025, 12, 31, 12, tzinfo=UTC)]
    while moments[-1] < datetime(2026, 12, 31, 12, tzinfo=UTC):
        moments.append(schedule.next_after(moments[-1]))
    runs = moments[1:]
    assert len(runs) == 366
    assert {23 <= (b - a).total_seconds() / 3600 <= 25 for a, b in pairwise(runs)} == {True}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
