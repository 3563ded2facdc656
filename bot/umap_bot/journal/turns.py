"""Whose turn it is: when each map is due, and which of several services has claimed it.

A row is a map with all of its layers that the services keep: what is due of it is claimed as one, so that one
way in and one page serve all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, or_, select

from umap_bot.journal.leases import LENGTH, holder, is_dead
from umap_bot.journal.rows import time_text
from umap_bot.journal.schema import turn
from umap_bot.journal.store import Store, insert

LATE: Final = timedelta(minutes=1)
"""By which a turn may come after its time, so that not all come at the same second."""

FORGOTTEN: Final = timedelta(days=30)
"""After which the rows of a roster go that no service serves any more."""

_FREE: Final = dict.fromkeys(("token", "host", "place", "pid", "born", "expires"))
_HERE: Final = frozenset({"host", "place"})


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a layer is due, the exit code of its last run, and how many up to it failed in a row."""

    due: datetime
    code: int = 0
    failures: int = 0


class Place(msgspec.Struct, frozen=True):
    """A map: its name in the state, the site that it is on, and the layers that are kept."""

    map: str
    site: str
    layers: tuple[str, ...]


class Claim(msgspec.Struct, frozen=True):
    """What a service has of a map: the layers that are due, and how often in a row each has failed."""

    token: str
    map: str
    site: str
    layers: tuple[str, ...]
    failures: dict[str, int]


_layers: Final = msgspec.json.Decoder(dict[str, Turn])


class Turns:
    """What services share that have the same `roster`: the digest of layers and settings.

    A claim ends by itself as a lease does, or when its holder died on this machine. Every method is one
    transaction, and raises StateError.
    """

    def __init__(self, store: Store, roster: str) -> None:
        self._store = store
        self._roster = roster

    def enlist(self, places: Iterable[Place], now: datetime) -> None:
        """Begin with the service: what is new in this roster is due at once, and what did not end well.

        Of what another service of the roster has served well, the next time stands.
        """
        with self._store.write() as connection:
            rows = [self._row(place, now) for place in places]
            connection.execute(insert(connection, turn).on_conflict_do_nothing(), rows)
            mended = select(turn).where(turn.c.code > 0, self._claimable(connection, now))
            for row in connection.execute(mended.with_for_update(skip_locked=True)).all():
                layers = {
                    layer: Turn(now, each.code) if each.code else each
                    for layer, each in _layers.decode(row.layers).items()
                }
                self._put(connection, row.map, layers)
            forgotten = time_text(now - FORGOTTEN)
            connection.execute(turn.delete().where(turn.c.roster != self._roster, turn.c.due < forgotten))

    def no_later_than(self, latest: Mapping[str, datetime], now: datetime) -> None:
        """Bring forward what is due later than by its schedule: a clock was set back since it was planned.

        `latest` has the next time of each layer.
        """
        with self._store.write() as connection:
            late = select(turn).where(turn.c.due > time_text(now), self._claimable(connection, now))
            for row in connection.execute(late.with_for_update(skip_locked=True)).all():
                before = _layers.decode(row.layers)
                layers = {
                    layer: replace(each, due=min(each.due, latest.get(layer, each.due) + LATE))
                    for layer, each in before.items()
                }
                if layers != before:
                    self._put(connection, row.map, layers)

    def claim(self, now: datetime, beside: Collection[str] = ()) -> Claim | None:
        """Claim the map that has been due for longest, on none of the sites `beside`; None if none is."""
        with self._store.write() as connection:
            due = select(turn).where(
                turn.c.due <= time_text(now), turn.c.site.not_in(beside), self._claimable(connection, now)
            )
            first = due.order_by(turn.c.due, turn.c.map).limit(1)
            row = connection.execute(first.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            token = uuid4().hex
            values = holder() | {"token": token, "expires": time_text(now + LENGTH)}
            connection.execute(turn.update().where(*self._is(row.map)).values(values))
            layers = _layers.decode(row.layers).items()
            failures = {name: each.failures for name, each in layers if each.due <= now}
            return Claim(token, row.map, row.site, tuple(failures), failures)

    def renew(self, claim: Claim, now: datetime) -> bool:
        """Prolong a claim. Return False if it is over, and another service may have the map."""
        with self._store.write() as connection:
            mine = turn.update().where(*self._is(claim.map), turn.c.token == claim.token)
            return connection.execute(mine.values(expires=time_text(now + LENGTH))).rowcount > 0

    def end(self, claim: Claim, ended: Mapping[str, Turn]) -> None:
        """End a claim, with the next turns of the layers that had theirs. Others are due as before.

        Nothing is written if the claim is over.
        """
        with self._store.write() as connection:
            mine = select(turn.c.layers).where(*self._is(claim.map), turn.c.token == claim.token)
            layers = connection.execute(mine.with_for_update()).scalar()
            if layers is not None:
                self._put(connection, claim.map, {**_layers.decode(layers), **ended})

    def _claimable(self, connection: Connection, now: datetime) -> ColumnElement[bool]:
        held = select(turn).where(turn.c.roster == self._roster, turn.c.expires > time_text(now))
        ours = held.where(*(turn.c[name] == value for name, value in holder().items() if name in _HERE))
        dead = {row.token for row in connection.execute(ours) if is_dead(row)}
        over = (turn.c.expires <= time_text(now)) | (turn.c.expires > time_text(now + 2 * LENGTH))  # set back
        free = or_(turn.c.token.is_(None), over, turn.c.token.in_(sorted(dead)))
        return (turn.c.roster == self._roster) & free

    def _is(self, name: str) -> tuple[ColumnElement[bool], ...]:
        return turn.c.roster == self._roster, turn.c.map == name

    def _row(self, place: Place, now: datetime) -> dict[str, Any]:
        layers = dict.fromkeys(place.layers, Turn(now))
        return {"roster": self._roster, "map": place.map, "site": place.site, **_values(layers), **_FREE}

    def _put(self, connection: Connection, name: str, layers: Mapping[str, Turn]) -> None:
        connection.execute(turn.update().where(*self._is(name)).values({**_values(layers), **_FREE}))


def _values(layers: Mapping[str, Turn]) -> dict[str, Any]:
    return {
        "due": time_text(min(each.due for each in layers.values())),
        "code": max(each.code for each in layers.values()),
        "layers": msgspec.json.encode(layers),
    }
