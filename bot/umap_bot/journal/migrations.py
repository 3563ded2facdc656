"""Steps from one shape of the tables to the next. Imported only if a database is behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Integer, LargeBinary, Text, column, select, table

from umap_bot.journal import texts
from umap_bot.journal.schema import schema
from umap_bot.text import verbatim

Step: TypeAlias = Callable[[Operations], None]


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


STEPS: Final[Mapping[int, Step]] = {1: _repeats_and_texts, 2: _settings_of_backups}
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
