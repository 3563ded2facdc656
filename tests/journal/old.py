"""Databases as earlier programs left them, written by those: tables and rows, as SQL for either kind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy import make_url

SHAPES = Path(__file__).parent / "shapes"


def load(url: str, version: int) -> None:
    """Make one of that shape. The layer was synced, then held, then git failed, then a push was killed."""
    address = make_url(url)
    name = address.get_backend_name()
    statements = (SHAPES / f"{version}.{name}.sql").read_text("utf-8")
    if name == "sqlite":
        file = Path(address.database or "")
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(statements)
        return
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as server:
        server.execute(statements.encode())
