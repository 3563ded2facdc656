"""The piece of shared memory by which PostgreSQL knows its folder: outlives a server that was killed."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Final

MEMORY_LINE: Final = 6  # of postmaster.pid, counted from 0: key and number of the piece
REMOVE: Final = 0  # IPC_RMID


def forget(data: Path) -> None:
    """Remove what a server on the database in DATA left. Only once it has ended: one that ended well left
    nothing, and no file that says so."""
    try:
        key, number = map(int, (data / "postmaster.pid").read_text("utf-8").split("\n")[MEMORY_LINE].split())
    except (OSError, ValueError, IndexError):
        return
    libc = ctypes.CDLL(None)
    if libc.shmget(key, 0, 0) == number:  # else it is gone, and the number may be another program's
        libc.shmctl(number, REMOVE, None)
