"""Long answers, a screen at a time if a person sits at a terminal."""

from __future__ import annotations

import shutil

import click


def show(text: str) -> None:
    """Print a text; through the user's pager (PAGER, else less) if it is longer than the screen."""
    if text.count("\n") < shutil.get_terminal_size().lines - 1:
        click.echo(text)
    else:
        click.echo_via_pager(text)  # which prints it where nobody sits at a terminal
