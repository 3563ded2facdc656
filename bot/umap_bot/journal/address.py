"""STATE_URL: which database."""

from __future__ import annotations

from typing import Final

from platformdirs import user_state_path
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from umap_bot.errors import StateError
from umap_bot.text import say

_FORMS: Final = say("Write sqlite:////folder/state.db or postgresql://user:password@host/database.")


def default_url() -> str:
    """Return the URL of the SQLite file in the user's state folder."""
    return URL.create("sqlite", database=str(user_state_path("umap-bot") / "state.db")).render_as_string()


def parse(text: str) -> URL:
    """Raise StateError if the text names no database that we can use. It is never quoted."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # Not chained: the text may hold a password, and these errors quote it.
        raise StateError(say("STATE_URL is no URL."), way_out=_FORMS) from None
    backend = url.drivername.partition("+")[0]
    if backend == "sqlite":
        if not url.database or url.database.startswith((":memory:", "file:")):
            raise StateError(say("STATE_URL names no file."), way_out=_FORMS)
        return url.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        if "@" in f"{url.host}{url.database}":  # the end of a password, which would be shown with the host
            raise StateError(
                say("STATE_URL has an @ in the user's name or the password."),
                way_out=say("Write it as {spelling}.", spelling="%40"),
            )
        return url.set(drivername="postgresql+psycopg")
    message = say("STATE_URL names a database that umap-bot can't use ({backend}).", backend=backend)
    raise StateError(message, way_out=_FORMS)
