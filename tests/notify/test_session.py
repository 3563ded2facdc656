"""Reminders of a session that ends: the rule as a table, and as messages that arrive."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest

from tests.notify.made import DAY, HOUR, LAYER, WEEK, held, refused, run, unreachable
from tests.notify.passes import Passes
from tests.notify.receivers import Web
from umap_bot.errors import SessionEnded, StateError
from umap_bot.model.session import Session
from umap_bot.sessions import Reminded, due
from umap_bot.text import say

END = date(2026, 12, 8)
PLACE = "umap.example.org/map/484645/"
SESSION = Session(END, known=True, place=PLACE, mark="a")


def at(days: int, hour: int = 7) -> datetime:
    """A moment so many days before the end."""
    return datetime(2026, 12, 8, hour, tzinfo=UTC) - days * DAY


def follow(days: list[int], sessions: list[Session] | None = None) -> list[int | None]:
    """Return what people are told on these days before the end, all messages arriving."""
    before: Reminded | None = None
    steps: list[int | None] = []
    for number, left in enumerate(days):
        session = sessions[number] if sessions else SESSION
        step = due(session, at(left), before)
        steps.append(step.stage if step else None)
        before = msgspec.json.decode(msgspec.json.encode(step), type=Reminded) if step else before
    return steps


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -9], [None, None, 5, None, None, 2, 1, None, -1, None, None]),
        ([5, 5, 2, 2, 1, 1, -1, -1], [5, None, 2, None, 1, None, -1, None]),
        ([4, 3, 1, 0], [5, None, 1, None]),
        ([3, -3], [5, -1]),
        ([0, -1], [1, -1]),
        ([-1, -1], [-1, None]),
        ([6], [None]),
    ],
)
def test_when_people_are_told(days: list[int], told: list[int | None]) -> None:
    assert follow(days) == told


def test_another_cookie_and_another_end_begin_anew() -> None:
    other = msgspec.structs.replace(SESSION, mark="b")
    later = msgspec.structs.replace(SESSION, ends=END + 7 * DAY)
    assert follow([5, 5, 5], [SESSION, other, other]) == [5, 5, None]
    assert follow([1, 1, -2], [SESSION, later, later]) == [1, None, 5]


@pytest.mark.parametrize(
    ("hour", "zone", "left"),
    [(23, -5, 4), (23, 0, 5), (1, 14, 6), (12, 14, 6), (19, -5, 4), (18, -5, 5)],
)
def test_a_day_is_one_by_utc_whatever_the_clock_of_the_machine(hour: int, zone: int, left: int) -> None:
    now = datetime(2026, 12, 3, hour, 30, tzinfo=timezone(timedelta(hours=zone)))
    assert SESSION.left(now) == left


class Watched(Passes):
    """Passes over layers that are reached with a session."""

    def __init__(self, hook: Web) -> None:
        super().__init__(urls=f"json://{hook.place}/", sessions=self.found)
        self.session = SESSION
        self.layers = [LAYER]
        self.broken = False
        self.now = at(7)

    def found(self) -> dict[str, Session]:
        if self.broken:
            raise StateError(say("The disk is full."))
        return dict.fromkeys(self.layers, self.session)


@pytest.fixture
def passes(hook: Web) -> Watched:
    return Watched(hook)


def subjects(hook: Web) -> list[str]:
    return [subject for subject, _ in hook.messages]


def ended() -> SessionEnded:
    return SessionEnded(say("The session has ended."), way_out=say("Log in again: umap-bot login"))


def test_runs_that_find_nothing_new_remind(passes: Watched, hook: Web) -> None:
    for _ in range(10 * 4):
        passes.go(run(), 6 * HOUR)
    assert subjects(hook) == [
        "[Map 484645] Log in again before 8 Dec 2026 (5 days)",
        "[Map 484645] Log in again before 8 Dec 2026 (2 days)",
        "[Map 484645] Log in again before 8 Dec 2026 (1 day)",
        "[Map 484645] Log in again: the session ended on 8 Dec 2026",
    ]
    assert hook.messages[0][1] == (
        "Private window → log in to uMap → copy the cookie “sessionid” → umap-bot login → close the window "
        "without logging out."
    )


def test_one_session_of_several_layers_is_one_message(passes: Watched, hook: Web) -> None:
    passes.layers = [LAYER, f"{LAYER} 2", f"{PLACE}3"]
    passes.all([(layer, run()) for layer in passes.layers], 2 * DAY)
    passes.all([(passes.layers[1], run())])
    assert len(hook.messages) == 1


def test_a_reminder_that_does_not_arrive_is_sent_again(passes: Watched, hook: Web) -> None:
    hook.status = 500
    passes.go(run(), 2 * DAY)
    hook.status, sent = 200, len(hook.messages)
    passes.go(run())
    passes.go(run())
    assert subjects(hook)[sent:] == ["[Map 484645] Log in again before 8 Dec 2026 (5 days)"]


def test_the_end_is_told_once_and_silence_follows_until_a_new_one_works(passes: Watched, hook: Web) -> None:
    passes.go(ended(), 8 * DAY)
    for _ in range(5):
        passes.go(ended(), WEEK)
    assert subjects(hook) == ["[Map 484645] Log in again: the session has ended"]
    assert "What to do: Log in again: umap-bot login" in hook.messages[0][1]
    passes.session = msgspec.structs.replace(SESSION, ends=passes.now.date() + 14 * DAY, mark="b")
    passes.go(run())
    passes.go(run())
    assert subjects(hook)[1:] == ["[Map 484645] Working again (down for 35 days)"]


def test_other_troubles_are_told_beside_it(passes: Watched, hook: Web) -> None:
    for end in (ended(), unreachable(), ended(), refused(), ended()):
        passes.go(end)
    assert [subject.removeprefix("[Map 484645] ") for subject in subjects(hook)] == [
        "Log in again: the session has ended",
        "uMap does not answer",
        "uMap refuses access to the bot",
    ]


def test_a_session_refused_early_is_no_reminder(passes: Watched, hook: Web) -> None:
    passes.go(ended(), 2 * DAY)
    assert subjects(hook) == ["[Map 484645] Log in again: the session has ended"]


def test_a_reminder_comes_beside_what_else_there_is_to_tell(passes: Watched, hook: Web) -> None:
    passes.go(held(), 2 * DAY)
    assert len(hook.messages) == 2


def test_without_the_state_all_else_is_told(
    passes: Watched, hook: Web, caplog: pytest.LogCaptureFixture
) -> None:
    passes.broken = True
    passes.go(held(), 2 * DAY)
    assert len(hook.messages) == 1
    assert "When the session ends can't be told" in caplog.text
