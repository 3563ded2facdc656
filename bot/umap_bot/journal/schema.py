"""The tables, and the number of their shape.

Times are text, ISO 8601 in UTC with microseconds, so that they sort as they stand and read the same in both
databases. Names begin with `bot_`: on a shared PostgreSQL they meet nobody else's.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_mock_engine,
    inspect,
    select,
)
from sqlalchemy.engine.mock import MockConnection
from sqlalchemy.schema import ExecutableDDLElement

VERSION: Final = 8
"""The shape of the tables and of what their blobs hold. Raise it with a step in `migrations`."""

metadata = MetaData()

schema = Table("bot_schema", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

lease = Table(
    "bot_lease",
    metadata,
    Column("layer", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("born", Text, nullable=False),
    Column("taken_at", Text, nullable=False),
    Column("expires", Text, nullable=False),
)

state = Table(
    "bot_layer",
    metadata,
    Column("layer", Text, primary_key=True),
    Column("base", LargeBinary),
    Column("stamp", Text),
    Column("last_push", LargeBinary),
    Column("checked", Text),  # when file and map were last seen to agree
    Column("checks", Integer, nullable=False, default=0),  # how often since the last run, nothing being new
    Column("seen", LargeBinary),  # what the last settled run saw of the map
    Column("series", Integer),  # the run that the next is taken into, if it ends in the same way
    Column("waiting", Text),  # what waits for a person since the last settled run, JSON
)

run = Table(
    "bot_run",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("layer", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),  # the commit, JSON
    Column("started", Text, nullable=False),
    Column("ended", Text),
    Column("outcome", Text, nullable=False),
    Column("plan", LargeBinary),
    Column("digest", Text),  # the plan's
    Column("plan_code", Text),  # of a held one: the code that approves it
    Column("pushes", Integer, nullable=False, default=0),
    Column("approved", Text, nullable=False, default=""),  # the fingerprint of a plan that a person approved
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("approved_at", Text),
    Column("error", Text, nullable=False, default=""),  # the text with what it was made of, JSON; or ""
    Column("code", Integer, nullable=False, default=0),
    Column("repeats", Integer, nullable=False, server_default="0"),  # runs that were taken into this one
    Column("again", Text),  # when the last of them ended
    Column("size", BigInteger, nullable=False, server_default="0"),  # about, with all that hangs on it
    Index("bot_run_layer", "layer", "number"),
    Index("bot_run_plan_code", "plan_code"),
    sqlite_autoincrement=True,  # a number is never given twice
)


def _of_run() -> Column[int]:
    return Column("run", ForeignKey("bot_run.number", ondelete="CASCADE"), nullable=False, index=True)


intent = Table(
    "bot_intent",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_run(),
    Column("layer", Text, nullable=False),
    Column("plan", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),  # the fingerprint of what a person had approved; "" without
    Column("pushed", Text, nullable=False),  # the digest of the body
    Column("before", LargeBinary, nullable=False),  # the digest of the backup
    Column("version", Text, nullable=False),
    Column("looked", Boolean, nullable=False, default=False),
    Column("settings", LargeBinary),  # the layer's, with the backup; none in those from before shape 3
    Index("bot_intent_layer", "layer", "looked"),
    sqlite_autoincrement=True,
)

backup = Table(
    "bot_backup",
    metadata,
    Column("layer", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),  # of the data: what stood twice is kept once
    Column("data", LargeBinary, nullable=False),
)

change = Table(
    "bot_change",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_run(),
    Column("layer", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False),
    Index("bot_change_key", "layer", "key"),
)

drift = Table(
    "bot_drift",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_run(),
    Column("layer", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("mark", Text, nullable=False),  # tells one entry of a run from another
    Column("content", Text, nullable=False),
    UniqueConstraint("run", "mark", name="bot_drift_once"),
    Index("bot_drift_key", "layer", "key"),
)

lost_save = Table(
    "bot_debt",  # the name of old, which costs nothing to keep
    metadata,
    Column("id", Integer, primary_key=True),
    Column("layer", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("save", LargeBinary),  # none: it was put back, and the same save is not lost again
    UniqueConstraint("layer", "version", name="bot_debt_once"),
)

approval = Table(
    "bot_approval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("layer", Text, nullable=False),
    Column("digest", Text, nullable=False),  # the plan's fingerprint; none if no run was held with it
    Column("code", Text),  # the plan's; none in those from before shape 6, which are of no use any more
    Column("given_at", Text, nullable=False),
    Column("given_by", Text, nullable=False, server_default=""),
    Column("source", Text),  # the commit, JSON
    Column("policy", Text),  # the policy that the plan was made with, JSON
    Column("spent_by", Integer),  # the run that settled with it
    Index("bot_approval_layer", "layer"),
)

decision = Table(
    "bot_decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("layer", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("cell", Text, nullable=False),
    Column("content", Text, nullable=False),  # the decision, JSON
    Column("made_at", Text, nullable=False),
    Column("ended_at", Text),  # when it was taken back, or both sides agreed or had other values
    Index("bot_decision_layer", "layer", "ended_at"),
    sqlite_autoincrement=True,
)

access = Table(
    "bot_access",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("link", Text, nullable=False),  # the digest of the invitation's secret
    Column("cookie", Text),  # that of the session's, once the invitation was opened
    Column("invited_at", Text, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("opened_at", Text),
    Column("seen_at", Text),
    Column("ended_at", Text),
    Index("bot_access_link", "link", unique=True),
    Index("bot_access_cookie", "cookie", unique=True),
    sqlite_autoincrement=True,
)

deed = Table(
    "bot_deed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("said", Text, nullable=False),  # what was done, the text with what it was made of, JSON
    Column("layer", Text, nullable=False),
    Column("run", Integer),
    Index("bot_deed_layer", "layer"),
    Index("bot_deed_run", "run"),
    sqlite_autoincrement=True,
)

told = Table(
    "bot_told",
    metadata,
    Column("layer", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),  # what people were told of the layer, as the teller wrote it
)

source = Table(
    "bot_source",
    metadata,
    Column("name", Text, primary_key=True),  # of an address with the file that its table is committed as
    Column("data", LargeBinary, nullable=False),  # what is known of it (`SourceState`), JSON
)

turn = Table(
    "bot_turn",
    metadata,
    Column("roster", Text, primary_key=True),  # names the layers and settings that several services share
    Column("map", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("due", Text, nullable=False),  # when the first of its layers is
    Column("code", Integer, nullable=False),  # the highest exit code of its layers' last runs
    Column("layers", LargeBinary, nullable=False),  # of each of them when it is due, and its code; JSON
    Column("token", Text),  # of the claim of the service that serves it just now, and who that is
    Column("host", Text),
    Column("place", Text),
    Column("pid", Integer),
    Column("born", Text),
    Column("expires", Text),
    Index("bot_turn_due", "roster", "due", "map"),
)


def version_of(connection: Connection) -> int | None:
    """Return the shape's number; None if our tables are not there."""
    if not inspect(connection).has_table(schema.name):
        return None
    return connection.execute(select(schema.c.version)).scalar()


def create(connection: Connection) -> None:
    """Make the tables in a database that has none of ours."""
    for statement in _statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    connection.execute(schema.insert().values(version=VERSION))


@cache
def _statements(dialect: str) -> tuple[str, ...]:
    """Return what makes the tables: to work it out takes much longer than to do it."""
    made: list[str] = []

    def note(sql: ExecutableDDLElement, *_: object) -> None:
        made.append(str(sql.compile(dialect=engine.dialect)))

    engine: MockConnection = create_mock_engine(f"{dialect}://", note)
    metadata.create_all(engine, checkfirst=False)
    return tuple(made)
