"""What every test stands on: no internet, nobody's settings, and a real uMap for those that ask for one."""

from __future__ import annotations

import itertools
import logging
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
import requests
from sqlalchemy import Connection, Engine, create_engine, event

from umap_bot.http import trust
from umap_bot.sandbox.browser import open_session
from umap_bot.sandbox.cache import cache_folder
from umap_bot.sandbox.database import own_database
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.prepare import Prepared, prepare
from umap_bot.sandbox.server import Sandbox
from umap_bot.sandbox.spec import Spec

OUR_NAMES = (
    *("UMAP_", "DATASET_", "SYNC_", "GUARD_", "WATCH_"),
    *("STATE_", "REPORT_", "NOTIFY_", "DESK_", "LOG_", "SECRETS_"),
)
HOMES = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")

# The machine's own, found before a test's HOME hides it: what is prepared once serves every run.
MACHINE_CACHE = cache_folder().parent


# Each test has a state file of its own, and each file its engine, which would compile every statement anew:
# a third of what a test computes. So engines of SQLite share here what they have compiled.
_COMPILED: dict[Any, Any] = {}
_DIALECT = create_engine("sqlite://").dialect.__class__
_DIALECT.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
_DIALECT.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]


@event.listens_for(Engine, "engine_connect")
def _what_was_compiled(connection: Connection) -> None:
    if isinstance(connection.dialect, _DIALECT):
        connection.execution_options(compiled_cache=_COMPILED)


@event.listens_for(Engine, "connect")
def _without_a_wait_for_the_disk(connection: object, _record: object) -> None:
    """A power cut alone could tell, and here are many thousands of transactions."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(autouse=True)
def _only_this_machine() -> None:
    """No test reaches the internet. (The sandbox is prepared by child processes, which may.)"""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A service that a test starts in this process begins a log of its own."""
    loggers = [logging.getLogger(name) for name in (None, "urllib3", "apscheduler")]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        if (logger.level, logger.handlers) != (level, handlers):
            logger.setLevel(level)
            logger.handlers[:] = handlers


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are nobody's home, one after the other. (`mktemp` looks through all that are there.)"""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> None:
    """No test sees the settings, the home, the state or the language of whoever runs it."""
    for name in os.environ:
        if name.startswith(OUR_NAMES) or name in trust.NAMES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", "")
    home = next(homes)
    home.mkdir(mode=0o700)
    for name in HOMES:
        monkeypatch.setenv(name, str(home if name == "HOME" else home / name.lower()))


@pytest.fixture(scope="session")
def sandbox_cache() -> Path:
    """Where the machine keeps prepared sandboxes, for commands that are told where."""
    return MACHINE_CACHE


@pytest.fixture(scope="session")
def sandbox_spec() -> Spec:
    """The uMap that the tests run on: the newest for this Python, or what the environment names
    (`SANDBOX_UMAP=2.9.3`, `SANDBOX_PYTHON=/usr/bin/python3.13` for the Python that uMap itself runs on)."""
    return Spec(Path(os.environ.get("SANDBOX_PYTHON") or sys.executable), os.environ.get("SANDBOX_UMAP", ""))


@pytest.fixture(scope="session")
def prepared(sandbox_spec: Spec, sandbox_cache: Path) -> Prepared:
    """What sandboxes are started from: half a minute on a new machine, nothing later."""
    return prepare(sandbox_spec, cache=sandbox_cache)


@pytest.fixture(scope="session")
def umap(prepared: Prepared) -> Iterator[Sandbox]:
    """A running uMap, one for each worker. Tests share it: make a map of your own.

    `SANDBOX_DATABASE=postgresql://…` names an empty PostGIS for its tables (`make test-postgis`).
    """
    url = os.environ.get("SANDBOX_DATABASE")
    with Sandbox(prepared, database=own_database(url) if url else None) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def token(umap: Sandbox) -> dict[str, str]:
    """A cookie that a browser gets with its first page: for more than one, since a page takes its time."""
    with open_session(umap.url) as session:
        return session.cookies.get_dict()


@pytest.fixture
def made_map(umap: Sandbox, token: dict[str, str], request: pytest.FixtureRequest) -> Iterator[MadeMap]:
    """A fresh public map without layers, with the right to edit it."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.update(token)
    with new_map(umap.url, str(request.node.name)[:100], session=session) as made:
        yield made
