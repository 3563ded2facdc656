"""What goes wrong with a database, in one line with its way out."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from umap_bot.errors import StateError
from umap_bot.redaction import words_of_server
from umap_bot.text import Text, joined, say

_WITHOUT: Final = say(
    "Without a backup, the map stays as it is, but the change log, rollbacks and "
    "decisions are lost; before the next sync, run: umap-bot plan. Meanwhile, umap-bot "
    "validate and umap-bot export still work."
)

_IN_USE: Final = (
    say("is in use by another program"),
    say("Run the command again when that program has ended."),
)

# By the beginning of SQLite's own name of the error (https://sqlite.org/rescode.html).
_SQLITE: Final[dict[str, tuple[Text, Text]]] = {
    "SQLITE_NOTADB": (
        say("is not a database"),
        say("Move the file away, or set STATE_URL to another file."),
    ),
    "SQLITE_CORRUPT": (
        say("is damaged"),
        joined((say("Move the file away, and restore a backup: umap-bot state restore FILE"), _WITHOUT)),
    ),
    "SQLITE_FULL": (
        say("can't grow: the disk is full"),
        say("Free up disk space and run the command again. Nothing is half-written."),
    ),
    "SQLITE_BUSY": _IN_USE,
    "SQLITE_LOCKED": _IN_USE,
    "SQLITE_READONLY": (
        say("can't be written"),
        say("Give this user write access to the file and its folder."),
    ),
    "SQLITE_CANTOPEN": (
        say("can't be opened"),
        say("Check that it is a file, and that this user can write to it and its folder."),
    ),
    "SQLITE_PERM": (
        say("can't be opened"),
        say("Give this user write access to the file and its folder."),
    ),
    "SQLITE_IOERR": (
        say("can't be read or written"),
        say("Check the disk, and the permissions of the file and its folder."),
    ),
}

# PostgreSQL's own numbers (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_POSTGRESQL: Final[dict[str, tuple[Text, Text]]] = {
    "55P03": _IN_USE,
    "57014": (
        say("did not answer in time"),
        say(
            "Check the database and its network connection, then run the command again. Nothing "
            "is half-written."
        ),
    ),
}


def state_error(error: SQLAlchemyError, place: str) -> StateError:
    """Return the StateError for an error of the database at `place`."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if known := _known(cause):
        what, way_out = known
        return StateError(
            say("The state database ({place}) {trouble}.", place=place, trouble=what), way_out=way_out
        )
    line = words_of_server(next(iter(str(cause).strip().splitlines()), type(cause).__name__))
    return StateError(
        say("The state database ({place}) can't be used: {reason}", place=place, reason=line),
        way_out=say(
            "Check that it is running, and that the address, user and password in STATE_URL are correct."
        ),
    )


def _known(cause: BaseException) -> tuple[Text, Text] | None:
    """Return what is wrong and the way out, if the database's own name for it tells."""
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", "")
        return next((told for beginning, told in _SQLITE.items() if name.startswith(beginning)), None)
    return _POSTGRESQL.get(getattr(cause, "sqlstate", None) or "")


def file_error(error: OSError, place: str) -> StateError:
    reason = error.strerror or type(error).__name__
    return StateError(
        say("The state database ({place}) can't be created: {reason}.", place=place, reason=reason),
        way_out=say("Set STATE_URL to a file in a folder that this user can write to."),
    )


def newer(place: str, found: int, known: int) -> StateError:
    return StateError(
        say(
            "The state database ({place}) was written by a newer umap-bot (its tables have "
            "version {found}, and this program supports version {known}).",
            place=place,
            found=found,
            known=known,
        ),
        way_out=say("Update umap-bot, or set STATE_URL to another database."),
    )


def unreadable(what: Text) -> StateError:
    return StateError(
        say("The state database is damaged: it contains {what} that can't be read.", what=what),
        way_out=joined(
            (
                say(
                    "Restore a backup: umap-bot state restore FILE --force. Or start again with another "
                    "STATE_URL."
                ),
                _WITHOUT,
            )
        ),
    )
