"""A cache of a test's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def empty_cache() -> Iterator[Path]:
    """Not below pytest's own folder: as root, PostgreSQL runs as nobody, who can't walk there."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
