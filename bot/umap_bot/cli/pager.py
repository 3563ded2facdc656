"""Long answers, a screen at a time if a person sits at a terminal."""

from __future__ import annotations

import shutil
import sys

import click


def show(text: str) -> None:
    """Print a text; through the user's pager (PAGER, else less or more) if it is longer than the screen."""
    rows = shutil.get_terminal_size().lines
    if sys.stdout.isatty() and sys.stdin.isatty() and text.count("\n") >= rows - 1:
        click.echo_via_pager(text + "\n")
    else:
        click.echo(text)
