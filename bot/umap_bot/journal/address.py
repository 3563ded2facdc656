"""STATE_URL: which database."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from platformdirs import user_state_path
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from umap_bot.errors import StateError
from umap_bot.text import say

_FORMS: Final = say("Write sqlite:////folder/state.db or postgresql://user:password@host/database.")
_LONGEST: Final = 1000
_WORD: Final = re.compile(r"[A-Za-z0-9_+]{1,30}")
"""What may be told of it: whatever is longer, or has other characters, may be a secret in the wrong place."""


def default_url() -> str:
    """Return the URL of the SQLite file in the user's state folder."""
    return URL.create("sqlite", database=str(user_state_path("umap-bot") / "state.db")).render_as_string()


def folder_of(url: str) -> Path:
    """Return the folder of the state's file; the user's state folder if it is on a server, or not named.

    Raise StateError as `parse` does.
    """
    named = parse(url) if url else None
    if named is None or named.drivername != "sqlite":
        return user_state_path("umap-bot")
    return Path(named.database or "").absolute().parent


def parse(text: str) -> URL:
    """Return the URL, a `~` in a file's path as the user's home folder.

    Raise StateError if the text names no database that we can use. It is never quoted.
    """
    if len(text) > _LONGEST:
        raise StateError(
            say(
                "STATE_URL has {count} characters, but at most {most} are allowed.",
                count=len(text),
                most=_LONGEST,
            ),
            way_out=_FORMS,
        )
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # Not chained: the text may hold a password, and these errors quote it.
        raise _no_url() from None
    if not text.isprintable():
        raise _no_url()
    backend, _, driver = url.drivername.partition("+")
    if backend == "sqlite" and driver in ("", "pysqlite"):
        return _file(url, text)
    if backend in ("postgresql", "postgres"):
        return _server(url, text)
    named = url.drivername if _WORD.fullmatch(url.drivername) else "…"
    message = say(
        "STATE_URL is for a type of database that umap-bot does not support ({backend}).", backend=named
    )
    raise StateError(message, way_out=_FORMS)


def _no_url() -> StateError:
    return StateError(say("STATE_URL is not a valid URL."), way_out=_FORMS)


def _file(url: URL, text: str) -> URL:
    if url.host or not url.database or url.database.startswith((":memory:", "file:")):
        raise StateError(say("STATE_URL names no file."), way_out=_FORMS)
    _refuse_options(text.partition("?")[2], frozenset())
    try:
        file = Path(url.database).expanduser()
    except RuntimeError:
        raise StateError(
            say("STATE_URL begins with ~, but that home folder does not exist."), way_out=_FORMS
        ) from None
    return url.set(drivername="sqlite", database=str(file))


def _server(url: URL, text: str) -> URL:
    if text.count("@") > 1:
        raise StateError(
            say("STATE_URL has more than one @."),
            way_out=say("If the user name or password contains @, write it as %40."),
        )
    try:
        (url.host or "").encode("idna")
    except UnicodeError:
        raise StateError(say("STATE_URL contains an invalid host name."), way_out=_FORMS) from None
    with suppress(ImportError):  # it is told with the first connection
        from umap_bot.journal import server  # noqa: PLC0415  psycopg is slow to import, or not there

        _refuse_options(text.rpartition("@")[2].partition("?")[2], server.options())
    return url.set(drivername="postgresql+psycopg")


def _refuse_options(query: str, known: frozenset[str]) -> None:
    """Refuse what would be passed over without a word: an option of another name, or without a value."""
    options = parse_qsl(query, keep_blank_values=True)
    wrong = next((name for name, value in options if name not in known or not value), None)
    if wrong is None:
        return
    named = wrong if _WORD.fullmatch(wrong) else "…"
    raise StateError(
        say("STATE_URL contains an option that is not allowed: {name}.", name=named),
        way_out=say("Remove it from STATE_URL."),
    )
