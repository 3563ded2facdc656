"""What goes wrong with a database, in one line with its way out."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import StateError

HARMLESS: Final = (
    "Nothing on the map is lost with it; the next sync counts as a first one, and waits for your OK."
)

# By the beginning of SQLite's own name of the error (https://sqlite.org/rescode.html).
_SQLITE: Final[dict[str, tuple[str, str]]] = {
    "SQLITE_NOTADB": ("is not a database", f"Move the file away, or name another by STATE_URL. {HARMLESS}"),
    "SQLITE_CORRUPT": ("is damaged", f"Put a backup of the file in its place, or move it away. {HARMLESS}"),
    "SQLITE_FULL": ("can't grow: the disk is full", "Make room and run again; nothing is half written."),
    "SQLITE_BUSY": ("is in use by another program", "Run again when that one has ended."),
    "SQLITE_LOCKED": ("is in use by another program", "Run again when that one has ended."),
    "SQLITE_READONLY": ("can't be written", "Give this user the right to write the file and its folder."),
    "SQLITE_CANTOPEN": ("can't be opened", "Is it a file, and may this user write it and its folder?"),
    "SQLITE_PERM": ("can't be opened", "Give this user the right to write the file and its folder."),
    "SQLITE_IOERR": ("can't be read or written", "Look after the disk and the rights of file and folder."),
}


def state_error(error: SQLAlchemyError, place: str, secrets: tuple[str, ...]) -> StateError:
    """Give the StateError for an error of the database at `place`, with none of the secrets in it."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", "")
        for beginning, (what, way_out) in _SQLITE.items():
            if name.startswith(beginning):
                return StateError(f"The state database ({place}) {what}.", way_out=way_out)
    line = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
    for secret in secrets:
        line = line.replace(secret, "***")
    return StateError(
        f"The state database ({place}) can't be used: {line}",
        way_out="Does it run, and are address, user and password in STATE_URL right?",
    )


def file_error(error: OSError, place: str) -> StateError:
    reason = error.strerror or type(error).__name__
    return StateError(
        f"The state database ({place}) can't be made: {reason}.",
        way_out="Name a file in a folder that this user may write by STATE_URL.",
    )


def newer(place: str, found: int, known: int) -> StateError:
    return StateError(
        f"The state database ({place}) was written by a newer umap-bot (its tables have version {found}, "
        f"this program knows {known}).",
        way_out="Update umap-bot, or name another database by STATE_URL.",
    )


def unreadable(what: str) -> StateError:
    return StateError(
        f"The state database holds {what} that can't be read: it is damaged.",
        way_out=f"Put a backup of the database in its place, or move it away. {HARMLESS}",
    )
