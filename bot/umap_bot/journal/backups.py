"""The layer as it stood before a push: one copy, however many pushes found it so."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, select

from umap_bot.journal import blobs
from umap_bot.journal.schema import backup, intent
from umap_bot.journal.store import insert
from umap_bot.model.layer import Collection


def keep(connection: Connection, layer: str, standing: Collection) -> bytes:
    """Keep a layer as it stands. Return the digest by which it is found.

    The layer's own row is written before it, so that nobody prunes meanwhile.
    """
    data = blobs.encode(standing)
    digest = sha256(data).digest()
    values = {"layer": layer, "digest": digest, "data": data}
    connection.execute(insert(connection, backup).values(values).on_conflict_do_nothing())
    return digest


def find(connection: Connection, layer: str, digest: bytes) -> Collection:
    """Return what `keep` kept. Raise StateError if it is not there, or can't be read."""
    known = (backup.c.layer == layer, backup.c.digest == digest)
    return blobs.decode(connection.execute(select(backup.c.data).where(*known)).scalar() or b"", Collection)


def prune(connection: Connection, layer: str) -> None:
    """Let those go that no push of the layer refers to any more."""
    named = select(intent.c.before).where(intent.c.layer == layer)
    connection.execute(backup.delete().where(backup.c.layer == layer, backup.c.digest.not_in(named)))
