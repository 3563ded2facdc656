"""A run with nothing new is cheap: it imports nothing that it has no use for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.commands.desk import Desk

LOADED = """
import json, sys
from umap_bot.cli.main import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]), file=sys.stderr)
"""
HEAVY = {"bs4", "alembic", "apscheduler", "jinja2", "psycopg", "markdown"}


def loaded(desk: Desk, *words: str) -> tuple[int, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], cwd=desk.folder, capture_output=True, check=True
    )
    code, names = json.loads(done.stderr.splitlines()[-1])
    return code, set(names)


def test_an_idle_sync(synced: Desk) -> None:
    code, names = loaded(synced, "sync")
    assert code == 0
    assert {"requests", "sqlalchemy"} <= names
    assert names & HEAVY == set()


def test_a_look_at_the_log_asks_for_even_less(synced: Desk) -> None:
    code, names = loaded(synced, "log")
    assert code == 0
    assert names & HEAVY == set()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["foo"]], ids=" ".join)
def test_the_help_imports_no_command(desk: Desk, words: list[str]) -> None:
    _, names = loaded(desk, *words)
    assert names & (HEAVY | {"requests", "sqlalchemy", "pydantic", "dotenv"}) == set()
