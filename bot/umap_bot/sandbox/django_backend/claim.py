"""`python -m django_backend.claim ANSWER RELEASE`: make a person's own PostGIS ours, or say why not.

The reason is written to the file ANSWER as a JSON list: one word, then what it is about. [] means that all is
well: then, and only then, the database was written to. One process does it at a time.
"""

# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.db import Error, OperationalError, connection
from django_backend.seed import seed

NUMBER = 0x756D6170  # of the lock; any that others are not likely to take
MARK = "umap_bot_sandbox"
MARKED_FOR = "SELECT release FROM umap_bot_sandbox"
MAKE_MARK = "CREATE TABLE umap_bot_sandbox AS SELECT %s::text AS release"

# All that people made: no system tables, and none that came with an extension (as PostGIS brings some).
TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname !~ '^pg_(toast|temp)'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2
"""


def claim(release: str) -> list[str]:
    """Take the database for RELEASE if it is empty, or was taken for it before; else give the reason."""
    try:
        cursor = connection.cursor()
    except OperationalError as error:
        return ["unreachable", _one_line(error)]
    cursor.execute("SELECT pg_advisory_lock(%s)", [NUMBER])  # until this process ends
    tables = _tables(cursor)
    if MARK in tables:
        cursor.execute(MARKED_FOR)
        ours = str(cursor.fetchone()[0])
        return [] if ours == release else ["release", ours]
    if tables:
        return ["tables", *tables]
    try:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        cursor.execute(MAKE_MARK, [release])
    except Error as error:
        return ["postgis", _one_line(error)]
    return []


def _one_line(error: Error) -> str:
    """What is wrong, without the server's advice below it."""
    return str(error).partition("\n")[0].strip(" .")


def _tables(cursor: Any) -> list[str]:
    cursor.execute(TABLES)
    return [name if schema == "public" else f"{schema}.{name}" for schema, name in cursor.fetchall()]


if __name__ == "__main__":
    django.setup()
    reason = claim(sys.argv[2])
    if not reason:
        seed()
    Path(sys.argv[1]).write_text(json.dumps(reason), "utf-8")
