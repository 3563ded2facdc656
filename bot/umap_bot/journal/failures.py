"""What goes wrong with a database, in one line with its way out."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from umap_bot.errors import StateError
from umap_bot.redaction import words_of_server
from umap_bot.text import Text, joined, say

_WITHOUT: Final = say(
    "Without one, the map stays as it is, but the change log, undo and decisions are lost: run umap-bot plan "
    "before the next sync. umap-bot validate and umap-bot export work meanwhile."
)

_IN_USE: Final = (say("is in use by another program"), say("Run again when that one has ended."))

# By the beginning of SQLite's own name of the error (https://sqlite.org/rescode.html).
_SQLITE: Final[dict[str, tuple[Text, Text]]] = {
    "SQLITE_NOTADB": (
        say("is not a database"),
        say("Move the file away, or name another by STATE_URL."),
    ),
    "SQLITE_CORRUPT": (
        say("is damaged"),
        joined((say("Move the file away, and restore a backup: umap-bot state restore FILE."), _WITHOUT)),
    ),
    "SQLITE_FULL": (
        say("can't grow: the disk is full"),
        say("Make room and run again; nothing is half written."),
    ),
    "SQLITE_BUSY": _IN_USE,
    "SQLITE_LOCKED": _IN_USE,
    "SQLITE_READONLY": (
        say("can't be written"),
        say("Give this user the right to write the file and its folder."),
    ),
    "SQLITE_CANTOPEN": (
        say("can't be opened"),
        say("Is it a file, and may this user write it and its folder?"),
    ),
    "SQLITE_PERM": (
        say("can't be opened"),
        say("Give this user the right to write the file and its folder."),
    ),
    "SQLITE_IOERR": (
        say("can't be read or written"),
        say("Look after the disk and the rights of file and folder."),
    ),
}

# PostgreSQL's own numbers (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_POSTGRESQL: Final[dict[str, tuple[Text, Text]]] = {
    "55P03": _IN_USE,
    "57014": (
        say("did not answer in time"),
        say("Look after the database and the network to it, and run again; nothing is half written."),
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
        way_out=say("Does it run, and are address, user and password in STATE_URL right?"),
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
        say("The state database ({place}) can't be made: {reason}.", place=place, reason=reason),
        way_out=say("Name a file in a folder that this user may write by STATE_URL."),
    )


def newer(place: str, found: int, known: int) -> StateError:
    return StateError(
        say(
            "The state database ({place}) was written by a newer umap-bot (its tables have version {found}, "
            "this program knows {known}).",
            place=place,
            found=found,
            known=known,
        ),
        way_out=say("Update umap-bot, or name another database by STATE_URL."),
    )


def unreadable(what: Text) -> StateError:
    return StateError(
        say("The state database holds {what} that can't be read: it is damaged.", what=what),
        way_out=joined(
            (
                say(
                    "Restore a backup: umap-bot state restore FILE --force. Or begin anew with another "
                    "STATE_URL."
                ),
                _WITHOUT,
            )
        ),
    )
