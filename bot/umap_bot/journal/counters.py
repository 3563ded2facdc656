"""The numbers that a database gives to its rows: never one twice, also after it was filled from elsewhere."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Integer, Table, func, inspect, select, text


def counted(table: Table) -> Column[int] | None:
    """Return the column whose values the database makes, None if the table has none."""
    column = table.autoincrement_column
    return column if column is not None and isinstance(column.type, Integer) else None


def last(connection: Connection, table: Table) -> int:
    """Return the last number that was given, or that a row has; 0 if there is none."""
    column = counted(table)
    if column is None:
        return 0
    highest: int = connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
    if connection.dialect.name == "postgresql":
        query = text("SELECT pg_sequence_last_value(CAST(:sequence AS regclass))")  # none: not called yet
        given = connection.execute(query, {"sequence": _sequence(connection, column)}).scalar()
        return max(highest, given or 0)
    return max(highest, _noted(connection, table))


def go_on_after(connection: Connection, table: Table, number: int) -> None:
    """Let the next number be the one after `number`."""
    column = counted(table)
    if column is None or not number:
        return
    if connection.dialect.name == "postgresql":
        sequence = _sequence(connection, column)
        connection.execute(
            text("SELECT setval(:sequence, :number)"), {"sequence": sequence, "number": number}
        )
    elif table.dialect_options["sqlite"]["autoincrement"]:  # else SQLite goes on after the highest row
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        noted = {"name": table.name, "number": number}
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), noted)


def _sequence(connection: Connection, column: Column[int]) -> str:
    of = {"table": column.table.name, "column": column.name}
    name: str = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), of).scalar_one()
    return name


def _noted(connection: Connection, table: Table) -> int:
    if not inspect(connection).has_table("sqlite_sequence"):
        return 0
    query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return connection.execute(query, {"name": table.name}).scalar() or 0
