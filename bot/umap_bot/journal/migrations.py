"""Steps from one shape of the tables to the next. Imported only if a database is behind."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Final, TypeAlias

import msgspec
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, Text, column, select, table

from umap_bot.journal import texts
from umap_bot.journal.schema import schema
from umap_bot.text import verbatim

Step: TypeAlias = Callable[[Operations], None]
Members: TypeAlias = dict[str, msgspec.Raw]
"""A JSON object, each value as it is written: long numbers and odd texts go through byte for byte."""


def _repeats_and_texts(operations: Operations) -> None:
    """Runs count their repeats, what was seen and told is kept, and errors can be said in other languages."""
    operations.add_column("bot_layer", Column("seen", LargeBinary))
    operations.add_column("bot_layer", Column("series", Integer))
    operations.add_column("bot_run", Column("repeats", Integer, nullable=False, server_default="0"))
    operations.add_column("bot_run", Column("again", Text))
    operations.create_table(
        "bot_told", Column("layer", Text, primary_key=True), Column("data", LargeBinary, nullable=False)
    )
    run = table("bot_run", column("number"), column("error"))
    connection = operations.get_bind()
    for row in connection.execute(select(run).where(run.c.error != "")).all():
        error = texts.write(verbatim(row.error))
        connection.execute(run.update().where(run.c.number == row.number).values(error=error))


def _settings_of_backups(operations: Operations) -> None:
    """Backups hold the layer's settings beside its features."""
    operations.add_column("bot_intent", Column("settings", LargeBinary))


_PARTS: Final = {
    "effects": ("kind", "layer_id", "policy", "changes", "ids", "undo"),
    "context": (
        *("layer_name", "map_name", "map_url", "version", "commit", "file", "key", "first", "published"),
        *("anew", "ours", "total", "rows", "drift", "unmanaged", "duplicates", "unplaced", "awaited"),
        *("gone_columns", "news_of_map", "same_as", "guess", "warnings"),
    ),
    "verdict": ("objections", "held", "redo", "withheld", "whole"),
}
_NEW_NAMES: Final = {
    "strangers": "unmanaged",
    "clones": "duplicates",
    "pending": "unplaced",
    "waiting": "awaited",
}


def _plans_of_parts(operations: Operations) -> None:
    """A plan has parts: effects, context and verdict; and some of what is kept has other names."""
    connection = operations.get_bind()
    _remake(connection, "bot_run", "number", "plan", _plan)
    _remake(connection, "bot_intent", "id", "plan", _plan)
    _remake(connection, "bot_layer", "layer", "base", _base)


def _remake(connection: Connection, name: str, key: str, blob: str, remade: Callable[[bytes], bytes]) -> None:
    """Remake the blobs of a table, one at a time. One that can't be read stays: who reads it is told."""
    rows = table(name, column(key), column(blob, LargeBinary))
    keys = connection.execute(select(rows.c[key]).where(rows.c[blob].is_not(None))).scalars().all()
    for each in keys:
        this = rows.c[key] == each
        data = connection.execute(select(rows.c[blob]).where(this)).scalar_one()
        with suppress(zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            data = remade(data)
        connection.execute(rows.update().where(this).values({blob: data}))


def _plan(data: bytes) -> bytes:
    plan = _renamed(_members(zlib.decompress(data)))
    parts = {part: {name: plan[name] for name in names if name in plan} for part, names in _PARTS.items()}
    return zlib.compress(msgspec.json.encode(parts), 1)


def _base(data: bytes) -> bytes:
    base = _members(zlib.decompress(data))
    kept = _renamed(_members(base.get("kept", b"{}")))
    return zlib.compress(msgspec.json.encode({**base, "kept": kept}), 1)


def _members(data: bytes | msgspec.Raw) -> Members:
    return msgspec.json.decode(data, type=Members)


def _renamed(members: Members) -> Members:
    return {_NEW_NAMES.get(name, name): value for name, value in members.items()}


def _turns(operations: Operations) -> None:
    """Several services share what is due."""
    operations.create_table(
        "bot_turn",
        Column("roster", Text, primary_key=True),
        Column("map", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("site", "due")),
        Column("code", Integer, nullable=False),
        Column("layers", LargeBinary, nullable=False),
        *(Column(name, Text) for name in ("token", "host", "place")),
        Column("pid", Integer),
        *(Column(name, Text) for name in ("born", "expires")),
    )
    operations.create_index("bot_turn_due", "bot_turn", ["roster", "due", "map"])


def _waiting_and_codes(operations: Operations) -> None:
    """People decide on parts of plans, and what waits is kept with the layer. Plans that wait are found by
    their code, and approvals and runs say who gave their OK."""
    operations.add_column("bot_layer", Column("waiting", Text))
    operations.create_table(
        "bot_decision",
        Column("id", Integer, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("layer", "key", "cell", "content", "made_at")),
        Column("ended_at", Text),
        sqlite_autoincrement=True,
    )
    operations.create_index("bot_decision_layer", "bot_decision", ["layer", "ended_at"])
    operations.add_column("bot_run", Column("plan_code", Text))
    operations.add_column("bot_run", Column("approved_by", Text, nullable=False, server_default=""))
    operations.add_column("bot_run", Column("approved_at", Text))
    operations.drop_index("bot_run_digest", "bot_run")
    operations.create_index("bot_run_plan_code", "bot_run", ["plan_code"])
    operations.add_column("bot_approval", Column("code", Text))
    operations.add_column("bot_approval", Column("given_by", Text, nullable=False, server_default=""))
    connection = operations.get_bind()
    _remake(connection, "bot_run", "number", "plan", _with_undone)
    _remake(connection, "bot_intent", "id", "plan", _with_undone)


def _with_undone(data: bytes) -> bytes:
    """What a rollback undid is a fact that is told, and no more a part of the verdict."""
    plan = _members(zlib.decompress(data))
    verdict, context = _members(plan["verdict"]), _members(plan["context"])
    lists = [msgspec.json.decode(verdict.get(name, b"[]"), type=list[msgspec.Raw]) for name in _UNDONE]
    undone = [each for several in lists for each in several]
    if not undone:
        return data
    context["undone"] = msgspec.Raw(msgspec.json.encode(undone))
    return zlib.compress(msgspec.json.encode({**plan, "context": context}), 1)


_UNDONE: Final = ("withheld", "redo")


def _backups_once(operations: Operations) -> None:
    """Equal backups are kept once, found by their digest, and each run knows how large it is."""
    operations.add_column("bot_run", Column("size", BigInteger, nullable=False, server_default="0"))
    backup = operations.create_table(
        "bot_backup",
        Column("layer", Text, primary_key=True),
        Column("digest", LargeBinary, primary_key=True),
        Column("data", LargeBinary, nullable=False),
    )
    intent = table("bot_intent", column("id"), column("layer"), column("before", LargeBinary))
    connection = operations.get_bind()
    known: set[tuple[str, bytes]] = set()
    for number in connection.execute(select(intent.c.id)).scalars().all():
        this = intent.c.id == number
        row = connection.execute(select(intent.c.layer, intent.c.before).where(this)).one()
        digest = sha256(row.before).digest()
        if (row.layer, digest) not in known:
            known.add((row.layer, digest))
            connection.execute(backup.insert().values(layer=row.layer, digest=digest, data=row.before))
        connection.execute(intent.update().where(this).values(before=digest))
    operations.execute(
        "UPDATE bot_run SET size = coalesce(length(plan), 0)"
        " + coalesce((SELECT sum(length(content) + 2 * (length(c.layer) + length(key)) + 60)"
        " FROM bot_change c WHERE run = number), 0)"
        " + coalesce((SELECT sum(length(content) + 2 * (length(d.layer) + length(key)) + 60)"
        " FROM bot_drift d WHERE run = number), 0)"
        " + coalesce((SELECT sum(length(i.plan) + coalesce(length(i.settings), 0))"
        " FROM bot_intent i WHERE i.run = number), 0)"
        " + coalesce((SELECT sum(length(data)) FROM bot_backup WHERE bot_backup.layer = bot_run.layer"
        " AND bot_backup.digest IN (SELECT i.before FROM bot_intent i WHERE i.run = number)), 0)"
    )


def _sources(operations: Operations) -> None:
    """Tables are fetched from where they live, and what was seen of each is kept."""
    operations.create_table(
        "bot_source", Column("name", Text, primary_key=True), Column("data", LargeBinary, nullable=False)
    )


def _desk(operations: Operations) -> None:
    """People enter the desk by invitations, and what they do there is kept."""
    operations.create_table(
        "bot_access",
        Column("id", Integer, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("name", "role", "link")),
        Column("cookie", Text),
        *(Column(name, Text, nullable=False) for name in ("invited_at", "invited_by")),
        *(Column(name, Text) for name in ("opened_at", "seen_at", "ended_at")),
        sqlite_autoincrement=True,
    )
    operations.create_index("bot_access_link", "bot_access", ["link"], unique=True)
    operations.create_index("bot_access_cookie", "bot_access", ["cookie"], unique=True)
    operations.create_table(
        "bot_deed",
        Column("id", Integer, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("at", "by", "said", "layer")),
        Column("run", Integer),
        sqlite_autoincrement=True,
    )
    operations.create_index("bot_deed_layer", "bot_deed", ["layer"])
    operations.create_index("bot_deed_run", "bot_deed", ["run"])


def _fetched_and_desk(operations: Operations) -> None:
    _sources(operations)
    _desk(operations)


STEPS: Final[Mapping[int, Step]] = {
    1: _repeats_and_texts,
    2: _settings_of_backups,
    3: _plans_of_parts,
    4: _turns,
    5: _waiting_and_codes,
    6: _backups_once,
    7: _fetched_and_desk,
}
"""From a version's number to what makes the next one of it. A step names tables itself: it stays as it is
when they change again."""


def upgrade(connection: Connection, steps: Mapping[int, Step], target: int) -> None:
    """Bring the tables to `target`, all steps in the caller's transaction.

    The row of the version is locked first: two programs that start on one PostgreSQL upgrade it once.
    """
    version = connection.execute(select(schema.c.version).with_for_update()).scalar_one()
    operations = Operations(MigrationContext.configure(connection))
    for number in range(version, target):
        steps[number](operations)
    connection.execute(schema.update().values(version=max(version, target)))
