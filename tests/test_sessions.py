"""Until when a session is good: said, heard of uMap, or reckoned from the first use that the state knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from umap_bot.journal.journal import SqlJournal
from umap_bot.model.session import Session
from umap_bot.sessions import STAGES, Cookie, Reminded, Sessions, due

LAYER, PLACE, VALUE = "e.org/map/1/a", "e.org/map/1/", "q8w7e6r5t4y3u2i1o0p9"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Life:
    """One state, and a clock that a test holds in its hand."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.journal = SqlJournal(f"sqlite:///{file}")
        self.now = NOON

    def of(self, value: str = VALUE, said: date | None = None, heard: datetime | None = None) -> Sessions:
        cookie = Cookie(PLACE, value, said, lambda: heard)
        return Sessions(self.journal, lambda: self.now, {LAYER: cookie})

    def found(self, value: str = VALUE, said: date | None = None, heard: datetime | None = None) -> Session:
        return self.of(value, said, heard).found()[LAYER]


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(tmp_path / "state.db")
    yield life
    life.journal.close()


def test_two_weeks_from_the_first_use(life: Life) -> None:
    life.of().note()
    life.now += 10 * DAY
    life.of().note()
    found = life.found()
    assert (found.ends, found.known) == (date(2026, 12, 8), False)


def test_a_look_writes_nothing(life: Life) -> None:
    assert life.found().ends == date(2026, 12, 8)
    assert not life.file.exists()


def test_another_cookie_is_used_for_the_first_time(life: Life) -> None:
    life.of().note()
    first = life.found()
    life.now += 3 * DAY
    life.of("another").note()
    assert life.found("another").ends == date(2026, 12, 11)
    assert life.found("another").mark != first.mark


def test_what_was_said_stands_above_what_is_reckoned(life: Life) -> None:
    life.of().note()
    found = life.found(said=date(2026, 11, 30))
    assert (found.ends, found.known) == (date(2026, 11, 30), True)


def test_an_end_that_umap_told_is_kept_if_it_is_later(life: Life) -> None:
    said = date(2026, 11, 30)
    life.of(said=said, heard=NOON + 14 * DAY).note()
    assert life.found(said=said).ends == date(2026, 12, 8)
    life.of(said=said, heard=NOON).note()
    assert life.found(said=said).ends == date(2026, 12, 8)
    assert life.found("another").known is False


def test_an_end_that_a_person_gave_for_a_cookie_holds_for_that_one(life: Life) -> None:
    life.of().note(date(2026, 12, 1))
    assert (life.found().ends, life.found().known) == (date(2026, 12, 1), True)
    assert life.found("another").ends == date(2026, 12, 8)


@pytest.mark.parametrize("left", range(-2, 8))
def test_reports_tell_of_it_whenever_a_message_would(life: Life, left: int) -> None:
    ends = life.now.date() + left * DAY
    reminded = due(Session(ends, known=True), life.now, None)
    assert [*life.of(said=ends).near()] == ([LAYER] if reminded else [])
    assert reminded is None or reminded.stage in STAGES


def test_a_reminder_that_an_older_version_stored_is_known() -> None:
    stored = b'{"mark":"a","ends":"2026-12-08","step":2}'
    assert msgspec.json.decode(stored, type=Reminded) == Reminded("a", date(2026, 12, 8), 2)
    assert msgspec.json.encode(Reminded("a", date(2026, 12, 8), 2)) == stored


def test_the_state_and_texts_hold_no_cookie_and_no_bare_digest_of_it(life: Life) -> None:
    life.of().note()
    other = SqlJournal(f"sqlite:///{life.file.with_name('other.db')}")
    Sessions(other, lambda: NOON, {LAYER: Cookie(PLACE, VALUE)}).note()
    name = Cookie(PLACE, VALUE).name
    first, second = life.journal.told(name), other.told(name)
    assert first != second, "the same cookie, under a salt of its own"
    life.journal.close()
    assert VALUE.encode() not in life.file.read_bytes()
    assert VALUE not in repr(Cookie(PLACE, VALUE))
    other.close()


def test_what_can_not_be_understood_is_written_anew(life: Life) -> None:
    life.journal.tell(Cookie(PLACE, VALUE).name, b"{")
    life.of().note()
    assert life.found().ends == date(2026, 12, 8)


def test_a_state_that_fails_fails_no_pass(life: Life, caplog: pytest.LogCaptureFixture) -> None:
    life.file.mkdir()
    life.of().end([], 0)
    assert "can't be written down" in caplog.text
