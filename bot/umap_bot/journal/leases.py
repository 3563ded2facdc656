"""Who has a layer: one row each, so that machines that share a database share the work."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, bindparam, select

from umap_bot.errors import LayerBusy, StateError
from umap_bot.journal.rows import moment, time_text
from umap_bot.journal.schema import lease
from umap_bot.journal.store import insert
from umap_bot.text import say

LENGTH: Final = timedelta(minutes=10)
"""From when it was taken, or from the last write: longer than anything that a run does between two writes."""


_CONFIRM: Final = (
    lease.update()
    .where(lease.c.layer == bindparam("of"), lease.c.token == bindparam("by"))
    .values(expires=bindparam("until"))
)
"""Said at each write, so it is made once."""


def take(connection: Connection, layer: str, now: datetime) -> str:
    """Take the layer if it is free, if its lease is over, if its holder died on this machine, or if the lease
    is another machine's and of a clock that was set back since.

    Return the token of this grant. Raise LayerBusy.
    """
    token = uuid4().hex
    values = holder() | {
        "layer": layer,
        "token": token,
        "taken_at": time_text(now),
        "expires": time_text(now + LENGTH),
    }
    if _put(connection, values, lease.c.expires <= time_text(now)):
        return token
    standing = connection.execute(select(lease).where(lease.c.layer == layer)).first()
    if (
        standing
        and (is_dead(standing) or _is_ahead(standing, now))
        and _put(connection, values, lease.c.token == standing.token)
    ):
        return token
    raise _busy(layer, standing)


def _put(connection: Connection, values: dict[str, Any], free: ColumnElement[bool]) -> bool:
    """Write a grant down where the layer has none, or one that may go. Tell whether it stands."""
    statement = insert(connection, lease).values(values)
    statement = statement.on_conflict_do_update(index_elements=[lease.c.layer], set_=values, where=free)
    return connection.execute(statement.returning(lease.c.token)).first() is not None


def confirm(connection: Connection, layer: str, token: str, now: datetime) -> None:
    """See that the grant still stands, prolong it, and let nobody take it before this transaction ends.

    Raise StateError if another run has the layer.
    """
    grant = {"of": layer, "by": token, "until": time_text(now + LENGTH)}
    if connection.execute(_CONFIRM, grant).rowcount == 0:
        raise _taken(layer)


def give_back_confirmed(connection: Connection, layer: str, token: str) -> None:
    """End the grant with what is written in this transaction. Raise StateError as `confirm` does."""
    if not give_back(connection, layer, token):
        raise _taken(layer)


def give_back(connection: Connection, layer: str, token: str) -> bool:
    """End the grant. Tell whether it still stood."""
    mine = lease.delete().where(lease.c.layer == layer, lease.c.token == token)
    return connection.execute(mine).rowcount > 0


def refuse_held(connection: Connection, now: datetime) -> None:
    """Raise LayerBusy if a run has any layer, unless its lease is over or its holder died on this machine."""
    held = connection.execute(select(lease).where(lease.c.expires > time_text(now))).all()
    alive = next((each for each in held if not is_dead(each)), None)
    if alive is not None:
        raise _busy(alive.layer, alive)


def _taken(layer: str) -> StateError:
    return StateError(
        say(
            "This run of {layer} took too long: its lease has expired, and another run has taken over.",
            layer=layer,
        ),
        way_out=say("This run changes nothing more. The next run resumes where it stopped."),
    )


def _busy(layer: str, holder: Row[Any] | None) -> LayerBusy:
    if holder is None:  # it was given back just now
        return LayerBusy(
            say("Another run is working on the layer {layer}.", layer=layer),
            way_out=say("Run the command again."),
        )
    # A number of a process is a name: it gets no thousands' marks.
    message = say(
        "Another run is working on the layer {layer}: process {pid} on {host}, since {since}.",
        layer=layer,
        pid=str(holder.pid),
        host=holder.host,
        since=moment(holder.taken_at),
    )
    way_out = say(
        "Run the command again when it has ended, or after {time} at the latest.", time=moment(holder.expires)
    )
    return LayerBusy(message, way_out=way_out)


def holder() -> dict[str, Any]:
    """Return who this process is, as columns."""
    pid = os.getpid()
    return {"host": socket.gethostname(), "place": _place(), "pid": pid, "born": _birth(pid) or ""}


def _place() -> str:
    """Name where process numbers mean what they mean here: two containers may share a host's name."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def is_dead(holder: Row[Any]) -> bool:
    """Tell whether the holder is a process of this machine that is no more. Unsure means no."""
    if holder.host != socket.gethostname() or holder.place != _place() or os.name != "posix":
        return False
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's, and alive; perhaps under the number of one that is dead
    birth = _birth(holder.pid)
    return birth is not None and bool(holder.born) and birth != holder.born


def _is_ahead(holder: Row[Any], now: datetime) -> bool:
    """Tell whether a lease of another machine lasts longer than any that a right clock gives: it would last
    for as long as the clock was set back. Its run, if there is one, writes nothing any more."""
    elsewhere = holder.host != socket.gethostname() or holder.place != _place()
    return elsewhere and moment(holder.expires) > now + 2 * LENGTH


def _birth(pid: int) -> str | None:
    """Return when a process started, in the kernel's ticks; "" if it has ended; None if it can't be told."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        fields = stat.rpartition(")")[2].split()  # the name before may hold blanks and brackets
        return "" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return None
