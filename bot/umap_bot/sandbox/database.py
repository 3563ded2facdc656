"""Where a sandbox's uMap keeps its tables: our own PostgreSQL, or a person's PostGIS named by URL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from umap_bot.errors import SandboxError
from umap_bot.text import say

SCHEMES: Final = ("postgresql", "postgres", "postgis")
LOCAL: Final = "127.0.0.1"
OUR_USER: Final = "postgres"


@dataclass(frozen=True, slots=True)
class Database:
    """What Django is told of a database. `host` may be the folder of a socket; `options` are libpq's."""

    engine: str
    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    def django(self) -> dict[str, object]:
        """Return the same under Django's names, with the password."""
        named = {"NAME": self.name, "USER": self.user, "PASSWORD": self.password, "HOST": self.host}
        return {"ENGINE": self.engine, "PORT": self.port or "", "OPTIONS": dict(self.options), **named}

    def __str__(self) -> str:
        """Return it for people, without secrets."""
        where = f"{self.host}:{self.port}" if self.port else self.host
        return f"{self.name} ({where})"


def local(port: int, password: str) -> Database:
    """Return the database of the PostgreSQL that we started on `port`."""
    return Database("django_backend", LOCAL, port, OUR_USER, OUR_USER, password)


def own_database(url: str) -> Database:
    """Return a person's own PostGIS: postgresql://USER:PASSWORD@HOST:PORT/NAME?OPTIONS (of libpq).

    Without a password that of PGPASSWORD is taken. Raise SandboxError, which never shows the URL.
    """
    read = _parsed(url)
    options = {name: value for name, value in read.query.items() if isinstance(value, str)}
    return Database(
        engine="django.contrib.gis.db.backends.postgis",
        host=read.host or options.pop("host", "") or LOCAL,
        port=read.port or 0,
        name=read.database or "",
        user=read.username or "",
        password=str(read.password or os.environ.get("PGPASSWORD", "")),
        options=options,
    )


def _parsed(url: str) -> URL:
    if url.count("@") > 1:  # a part of the password would pass for the host, and be shown
        raise _unfit()
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):  # its own words hold the URL
        raise _unfit() from None
    if read.drivername not in SCHEMES or not read.database or not read.username:
        raise _unfit()
    return read


def _unfit() -> SandboxError:
    return SandboxError(
        say("That is not the URL of a PostGIS database."),
        way_out=say(
            "Write postgresql://USER@HOST:PORT/NAME, with the password in PGPASSWORD; or "
            "postgresql://USER:PASSWORD@HOST:PORT/NAME, with %40 for an @ in the password."
        ),
    )
