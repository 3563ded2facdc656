"""Any line, any moment: what a schedule says is what a look at every minute finds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.schedule.reference import NAMES, Reference
from umap_bot.schedule.crontab import read_line
from umap_bot.schedule.schedule import Schedule

ENDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
# Each with a change of its clocks, in UTC.
CHANGES = {
    "Europe/Paris": [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)],
    "America/New_York": [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)],
    "Australia/Lord_Howe": [datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)],
    "Asia/Beirut": [datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 21, tzinfo=UTC)],
    "Atlantic/Azores": [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)],
    "Pacific/Chatham": [datetime(2026, 4, 4, 14, tzinfo=UTC), datetime(2026, 9, 26, 14, tzinfo=UTC)],
    "America/St_Johns": [datetime(2006, 4, 2, 3, 31, tzinfo=UTC), datetime(2006, 10, 29, 2, 31, tzinfo=UTC)],
    "Pacific/Apia": [datetime(2011, 12, 30, 10, tzinfo=UTC)],
    "UTC": [datetime(2026, 2, 28, 12, tzinfo=UTC)],
}


@st.composite
def fields(draw: st.DrawFn, at: int) -> str:
    return ",".join(draw(st.lists(parts(at), min_size=1, max_size=3)))


@st.composite
def parts(draw: st.DrawFn, at: int) -> str:
    low, high = ENDS[at]
    step = (
        draw(st.sampled_from(["", "", "/2", "/3", "/7", "/12"]))
        if at < 3
        else draw(st.sampled_from(["", "/2"]))
    )
    if draw(st.booleans()):
        return f"*{step}"
    first, last = sorted((draw(st.integers(low, high)), draw(st.integers(low, high))))
    names = {number: name for name, number in NAMES[at].items()}
    words = [draw(st.sampled_from([str(n), names.get(str(n), f"{n:02}").upper()])) for n in (first, last)]
    # 5-5/2 is refused like 5/2: cronsim reads both as 5-59/2, and Debian's cron the first as 5.
    return draw(st.sampled_from([words[0], f"{words[0]}-{words[1]}{step if first < last else ''}"]))


lines = st.tuples(*(fields(at) for at in range(5))).map(" ".join)
# The hours around the changes: nearly all lines of these run then.
night_lines = st.tuples(
    fields(0),
    st.sampled_from(["*", "*/2", "0-3", "1,2", "2", "0,23", "1-4/2"]),
    *(fields(at) for at in (2, 3, 4)),
).map(" ".join)


@st.composite
def places(draw: st.DrawFn) -> tuple[str, datetime]:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = draw(st.sampled_from(CHANGES[zone]))
    hours = draw(st.sampled_from([2, 26]))
    return zone, change + timedelta(seconds=draw(st.integers(-hours * 3600, hours * 3600)))


@given(line=lines | night_lines, place=places())
@settings(deadline=None, max_examples=200)
def test_the_next_time_is_the_first_minute_that_is_due(line: str, place: tuple[str, datetime]) -> None:
    zone, moment = place
    found = next_time(line, zone, moment)
    until = moment + timedelta(hours=30)
    due = Reference(line).next_after(moment, ZoneInfo(zone), until)
    assert found == due if due else found > until


@given(
    line=st.tuples(*(fields(at) for at in (2, 3, 4))).map(" ".join),
    start=st.dates(date(2020, 1, 1), date(2120, 1, 1)),
)
@settings(deadline=None, max_examples=200)
def test_the_next_day_is_the_first_that_is_named(line: str, start: date) -> None:
    line = f"0 12 {line}"
    found = next_time(line, "UTC", datetime(start.year, start.month, start.day, 13, tzinfo=UTC)).date()
    reference = Reference(line)
    between = (start + timedelta(days=ahead) for ahead in range(1, (found - start).days))
    assert reference.day(found)
    assert not any(reference.day(day) for day in between)


@given(line=lines)
@settings(deadline=None)
def test_a_line_is_refused_only_if_none_of_its_days_comes(line: str) -> None:
    days = (date(2000, 1, 1) + timedelta(days=ahead) for ahead in range(41 * 366))
    comes = any(map(Reference(line).day, days))
    told = refusal(line)
    assert (told == "") is comes
    assert comes or "does not exist" in told


@given(
    line=st.text(st.sampled_from("0123456789*/-,@ monfrijaL#?\t\u00a0٣"), max_size=24) | st.text(max_size=12)
)
@settings(deadline=None, max_examples=300)
def test_any_text_is_a_line_or_a_settings_error(line: str) -> None:
    told = refusal(line)
    assert not told or ("; for example, " in told and "\n" not in told)


def refusal(line: str) -> str:
    """Return what is wrong with a line, "" if nothing is."""
    try:
        read_line(line)
    except ValueError as error:
        return str(error)
    return ""


def next_time(line: str, zone: str, moment: datetime) -> datetime:
    """Return the next time of a line of which a day comes."""
    assume("does not exist" not in refusal(line))
    return Schedule.parse(line, zone).next_after(moment)
