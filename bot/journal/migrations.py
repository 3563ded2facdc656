"""Steps from one shape of the tables to the next. Imported only if a database is behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, select

from bot.journal.schema import schema

Step: TypeAlias = Callable[[Operations], None]

STEPS: Final[Mapping[int, Step]] = {}
"""From a version's number to what makes the next one of it."""


def upgrade(connection: Connection, steps: Mapping[int, Step], target: int) -> None:
    """Bring the tables to `target`, all steps in the caller's transaction.

    The row of the version is locked first: two programs that start on one PostgreSQL upgrade it once.
    """
    version = connection.execute(select(schema.c.version).with_for_update()).scalar_one()
    operations = Operations(MigrationContext.configure(connection))
    for number in range(version, target):
        steps[number](operations)
    connection.execute(schema.update().values(version=max(version, target)))
