"""A desk whose layer is kept by a service, with a proxy between service and uMap."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.commands.conftest import desk, folder, synced, ten_cites, traffic
from tests.commands.desk import Desk
from tests.faults.conftest import proxy
from tests.faults.proxy import Proxy
from tests.journal.conftest import on_postgres, server

__all__ = ["desk", "folder", "on_postgres", "proxied", "proxy", "server", "synced", "ten_cites", "traffic"]


@pytest.fixture
def proxied(desk: Desk, proxy: Proxy) -> Desk:
    """Served on a schedule that does not come due: the run at the start does the work."""
    desk.settings(
        UMAP_MAP_URL=proxy.through(desk.made.url),
        UMAP_EDIT_LINK=proxy.through(desk.made.edit_link),
        SYNC_SCHEDULE="0 0 1 1 *",
        LOG_FORMAT="json",
    )
    return desk


def table(desk: Desk, query: str) -> list[Any]:
    """Ask the state database itself."""
    with closing(sqlite3.connect(desk.state)) as database:
        return database.execute(query).fetchall()
