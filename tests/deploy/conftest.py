"""The template as a repository with a remote, and a GitHub on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.github import GitHub, made
from tests.deploy.repository import Template


@pytest.fixture
def github() -> Iterator[GitHub]:
    with made() as github:
        yield github


@pytest.fixture
def template(tmp_path: Path) -> Template:
    return Template.made(tmp_path)
