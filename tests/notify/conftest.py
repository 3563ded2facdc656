"""Receivers for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notify import receivers


@pytest.fixture
def hook() -> Iterator[receivers.Web]:
    """A receiver of messages by webhook."""
    with receivers.web() as server:
        yield server


@pytest.fixture
def other_hook() -> Iterator[receivers.Web]:
    """A second one."""
    with receivers.web() as server:
        yield server


@pytest.fixture
def watcher() -> Iterator[receivers.Web]:
    """A receiver of pings."""
    with receivers.web() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[receivers.Post]:
    """A mail server."""
    with receivers.post() as server:
        yield server
