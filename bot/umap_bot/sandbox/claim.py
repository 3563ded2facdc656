"""A person's own PostGIS: taken for a sandbox only if it is empty, or was taken before."""

from __future__ import annotations

import json
from typing import Final

from umap_bot.errors import SandboxError
from umap_bot.sandbox.database import Database
from umap_bot.sandbox.web import Instance
from umap_bot.text import Text, say, say_n

NAMED: Final = 3
EMPTY: Final = say("Use a separate, empty database.")


def claim(instance: Instance, database: Database, release: str) -> None:
    """Make uMap's tables in the database that `instance` uses. What it holds is never touched.

    Raise SandboxError if it can't be reached, holds tables that no sandbox made, has no PostGIS.
    """
    answer = instance.folder / "claim.json"
    instance.run(say("Creating uMap's tables"), "-m", "django_backend.claim", str(answer), release)
    reason: list[str] = json.loads(answer.read_text("utf-8"))
    if reason:
        message, way_out = _words(str(database), reason[0], reason[1:])
        raise SandboxError(message, way_out=way_out)


def _words(database: str, reason: str, about: list[str]) -> tuple[Text, Text]:
    if reason == "tables":
        return _tables(database, about), EMPTY
    if reason == "release":
        held = say(
            "The database {database} was made for uMap {release}.", database=database, release=about[0]
        )
        return held, EMPTY
    if reason == "postgis":
        return say("The database {database} can't be used: {why}.", database=database, why=about[0]), say(
            "Ask its administrator to install PostGIS on the server, then in the database: CREATE "
            "EXTENSION postgis."
        )
    return say("The database {database} can't be reached: {why}.", database=database, why=about[0]), say(
        "Check the address, the user and the password."
    )


def _tables(database: str, names: list[str]) -> Text:
    return say_n(
        "The database {database} has a table that no sandbox created ({names:, }).",
        "The database {database} has {count} tables that no sandbox created ({names:, }).",
        len(names),
        database=database,
        names=(*names[:NAMED], *(["…"] if len(names) > NAMED else [])),
    )
