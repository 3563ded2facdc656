"""What people read of a session that ends."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from umap_bot.model.session import Session
from umap_bot.text import Text, say, say_n

LOGIN: Final = "umap-bot login"


def until(session: Session) -> Text:
    """Return until when it is good."""
    if session.known:
        return say("logged in until {ends:day}", ends=_day(session))
    return say("logged in until {ends:day} at the latest", ends=_day(session))


def deadline(session: Session, now: datetime) -> Text:
    """Return by when to log in again, or that it is too late."""
    left, ends = session.left(now), _day(session)
    if left > 0:
        return say_n(
            "Log in again before {ends:day} ({count} day)",
            "Log in again before {ends:day} ({count} days)",
            left,
            ends=ends,
        )
    if left == 0:
        return say("Log in again today, {ends:day}", ends=ends)
    if session.known:
        return say("Log in again: the session ended on {ends:day}", ends=ends)
    return say("Log in again: the session has ended, on {ends:day} at the latest", ends=ends)


def reminder(session: Session, now: datetime, login: str = LOGIN) -> Text:
    """Say the same in a report, with the command."""
    what = deadline(session, now)
    if session.left(now) < 0:
        return say("{what}. The command: {command}", what=what, command=login)
    return say("{what}: {command}", what=what, command=login)


def status_of(session: Session, now: datetime, login: str = LOGIN) -> Text:
    """Return until when it is good, or the same as a reminder."""
    return reminder(session, now, login) if session.is_near(now) else until(session)


def how_to(login: str = LOGIN) -> Text:
    """Return how to log in again, step by step."""
    return say(
        "Private window → log in to uMap → copy the cookie “sessionid” → {command} → close the window "
        "without logging out.",
        command=login,
    )


def _day(session: Session) -> datetime:
    """Return noon of the last day here: times are told in this machine's time zone, and a day is a day."""
    return datetime.combine(session.ends, time(12)).astimezone()
