"""An answer on a terminal: at its width, in its colours, with the way on as the last thing."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.commands.desk import Desk, rows
from umap_bot.cli.screen import coloured, fitted

CODE = "7K2M-9QXT-4HB0-D3WZ"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  + A b  column value", ["  + A b  column", "         value"]),
        ("      a note that is longer", ["      a note that is", "        longer"]),
        ("   3 · 30 Nov · file 532ad75", ["   3 · 30 Nov · file", "       532ad75"]),
        ("Some words of a sentence", ["Some words of a", "  sentence"]),
        ("12 % of the\u00a0features\u00a0:", ["12 % of", "  the\u00a0features\u00a0:"]),
        ("https://example.org/a/long/one x", ["https://example.org/a/long/one", "  x"]),
        ("", [""]),
    ],
)
def test_no_word_is_broken_and_each_line_goes_on_below_its_own(line: str, shown: list[str]) -> None:
    assert fitted(line, 20).split("\n") == shown


def test_a_command_stays_on_one_line_as_long_as_it_can() -> None:
    line = f"  → If it is right: umap-bot sync --approve {CODE}"
    assert fitted(line, 60).split("\n") == [
        "  → If it is right:",
        f"    umap-bot sync --approve {CODE}",
    ]
    long = f"To do it: umap-bot sync --layer 'Les cités' --approve {CODE}"
    assert fitted(long, 40).split("\n") == [
        "To do it:",
        "  umap-bot sync --layer 'Les cités' \\",
        f"  --approve {CODE}",
    ]


def test_signs_and_states_have_a_colour_and_names_have_none() -> None:
    assert coloured("  + EHPAD  x") == f"  {click.style('+', fg='green', bold=True)} EHPAD  x"
    assert click.style("SILENT", bold=True) in coloured("✗ Nord  SILENT: a run has been overdue")
    assert click.style("FAILED", bold=True) in coloured("   3 · 30 Nov · FAILED: no file")
    assert coloured("LES PARCS › layer") == "LES PARCS › layer"


def seen(desk: Desk, *words: str, lines: int = 100, **environment: str) -> str:
    """What a terminal of 60 columns shows of a command."""
    ours, theirs = pty.openpty()
    size = {"COLUMNS": "60", "LINES": str(lines), "TERM": "xterm", **environment}
    done = subprocess.Popen(
        [sys.executable, "-m", "umap_bot", *words],
        cwd=desk.folder,
        env={name: value for name, value in os.environ.items() if name != "NO_COLOR"} | size,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # the other end was closed
            break
    os.close(ours)
    done.wait()
    desk.said.append(shown.decode())
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_has_colours_unless_somebody_says_no(synced: Desk) -> None:
    green = click.style("✓", fg="green", bold=True)
    assert green in seen(synced, "status")
    for shown in (seen(synced, "status", NO_COLOR="1"), seen(synced, "status", TERM="dumb")):
        assert "✓ Cités" in shown
        assert "\x1b" not in shown
        assert max(map(len, shown.splitlines())) <= 60


def test_the_way_on_is_said_again_below_the_pager(synced: Desk, tmp_path: Path) -> None:
    synced.commit(rows(4))
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\nhead -n 1; echo LESS=$LESS\n", "utf-8")
    pager.chmod(0o755)
    shown = seen(synced, "plan", PAGER=str(pager), lines=5)
    below = shown.partition("LESS=FRX\n")[2]
    assert below.startswith("What you can do\n")
    assert "umap-bot sync --approve " in below
    assert below.endswith("exit code 3: approval needed\n")
