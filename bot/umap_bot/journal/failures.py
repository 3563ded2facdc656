"""What goes wrong with a database, in one line with its way out."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from umap_bot.errors import StateError
from umap_bot.redaction import words_of_server
from umap_bot.text import Text, joined, say

HARMLESS: Final = say(
    "Nothing on the map is lost with it; the next sync counts as a first one, and needs your approval."
)

# By the beginning of SQLite's own name of the error (https://sqlite.org/rescode.html).
_SQLITE: Final[dict[str, tuple[Text, Text]]] = {
    "SQLITE_NOTADB": (
        say("is not a database"),
        joined((say("Move the file away, or name another by STATE_URL."), HARMLESS)),
    ),
    "SQLITE_CORRUPT": (
        say("is damaged"),
        joined((say("Put a backup of the file in its place, or move it away."), HARMLESS)),
    ),
    "SQLITE_FULL": (
        say("can't grow: the disk is full"),
        say("Make room and run again; nothing is half written."),
    ),
    "SQLITE_BUSY": (say("is in use by another program"), say("Run again when that one has ended.")),
    "SQLITE_LOCKED": (say("is in use by another program"), say("Run again when that one has ended.")),
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


def state_error(error: SQLAlchemyError, place: str) -> StateError:
    """Return the StateError for an error of the database at `place`."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", "")
        for beginning, (what, way_out) in _SQLITE.items():
            if name.startswith(beginning):
                message = say("The state database ({place}) {trouble}.", place=place, trouble=what)
                return StateError(message, way_out=way_out)
    line = words_of_server(next(iter(str(cause).strip().splitlines()), type(cause).__name__))
    return StateError(
        say("The state database ({place}) can't be used: {reason}", place=place, reason=line),
        way_out=say("Does it run, and are address, user and password in STATE_URL right?"),
    )


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
        way_out=joined((say("Put a backup of the database in its place, or move it away."), HARMLESS)),
    )
