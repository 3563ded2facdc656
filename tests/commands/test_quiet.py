"""A run with nothing new is cheap: it imports nothing that it has no use for."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import accumulate

import pytest

from tests.commands.desk import Desk, changed, rows

LOADED = """
import json, sys
from umap_bot.cli.main import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""
HEAVY = {
    "bs4",
    "alembic",
    "apscheduler",
    "jinja2",
    "psycopg",
    "markdown",
    "apprise",
    "openpyxl",
    "feedgenerator",
}
OTHERS = ("notify", "publishing", "reconcile", "report.site", "run.attempt", "run.step", "sandbox", "service")
DECODERS = ("decode", "delimited", "geojson", "places", "sheets", "writing")
NOT_WHEN_IDLE = {f"umap_bot.{name}" for name in (*OTHERS, *(f"dataset.{name}" for name in DECODERS))}


def loaded(desk: Desk, *words: str) -> tuple[int, set[str]]:
    """Return the exit code of a command, and what it imported: modules, and the packages that they are in."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], cwd=desk.folder, capture_output=True, check=True
    )
    code, names = json.loads(done.stderr.splitlines()[-1])
    return code, {above for name in names for above in accumulate(name.split("."), "{}.{}".format)}


def test_an_idle_sync(synced: Desk) -> None:
    code, names = loaded(synced, "sync")
    assert code == 0
    assert {"requests", "sqlalchemy"} <= names
    assert names & (HEAVY | NOT_WHEN_IDLE) == set()


def test_what_an_idle_sync_does_without_is_what_a_busy_one_needs(synced: Desk) -> None:
    """So that none of the names above is one that nothing has."""
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    code, names = loaded(synced, "sync")
    assert code == 0
    assert {
        f"umap_bot.{name}" for name in ("reconcile", "run.attempt", "run.step", "dataset.decode")
    } <= names


def test_a_look_at_the_log_asks_for_even_less(synced: Desk) -> None:
    code, names = loaded(synced, "log")
    assert code == 0
    assert names & HEAVY == set()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["foo"]], ids=" ".join)
def test_the_help_imports_no_command(desk: Desk, words: list[str]) -> None:
    _, names = loaded(desk, *words)
    assert names & (HEAVY | {"requests", "sqlalchemy", "pydantic", "dotenv"}) == set()
