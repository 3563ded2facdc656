"""The language that this process answers in, and the way of its words to the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from contextvars import ContextVar

import click

from umap_bot.cli import screen, translation
from umap_bot.redaction import redact_data
from umap_bot.report.formats import terminal
from umap_bot.report.formats.terminal import clean, one_line
from umap_bot.report.language import Language, code_of, language
from umap_bot.report.quotations import rewritten
from umap_bot.text import as_text, lines_of

_tongue: ContextVar[Language] = ContextVar("tongue")


def tongue() -> Language:
    """Return the language of the answers."""
    return _tongue.get(language("en"))


def begin(environ: Mapping[str, str]) -> None:
    """Use the language of the environment, until the settings name another."""
    _tongue.set(language(code_of(environ)))
    translation.translate_click(tongue().code)


def choose(named: str) -> None:
    """Use this language, if one is named."""
    if named:
        begin({**os.environ, "REPORT_LANGUAGE": named})


def tell(text: str, *, err: bool = False) -> None:
    """Print a text in the language of this process. Nothing in it can steer the terminal."""
    show(spoken(text), err=err)


def spoken(text: str) -> str:
    """Return the words of a text as `tell` prints them: line breaks are those of our own sentences alone."""
    lines = (rewritten(line, _in_one_line) for line in lines_of(as_text(text)))
    return "\n".join(clean(redact_data(tongue().say(line))) for line in lines)


def _in_one_line(_place: str, words: str) -> str:
    return one_line(words)


def answer(text: str, *, err: bool = False) -> None:
    """Print an answer that programs read, as it is rendered. Nothing in it is a command to the CI runner that
    may keep it."""
    click.echo(_safe(text), err=err)


def show(text: str, *, err: bool = False) -> None:
    """Print a rendered answer that people read; on a terminal it is laid out for it."""
    told = _safe(text)
    click.echo(
        screen.laid_out(told) if screen.is_terminal(sys.stderr if err else sys.stdout) else told, err=err
    )


def page(text: str, way_on: str = "") -> None:
    """Print a rendered answer that people read; by the user's pager (PAGER, else less) if it is longer than
    the screen. `way_on`, what to do next, is said again below the pager's end."""
    if not screen.is_terminal(sys.stdout):
        answer(text)
        return
    told = screen.laid_out(_safe(text))
    if told.count("\n") < shutil.get_terminal_size().lines - 1 or not _has_pager():
        click.echo(told)
        return
    less = os.environ.setdefault("LESS", "FRX")  # colours, and the last screen stays to be read
    click.echo_via_pager(told, color="R" in less.upper())
    if way_on:
        show(way_on)


def _has_pager() -> bool:
    """Return whether somebody sits there who can leave a pager."""
    return screen.is_terminal(sys.stdin) and os.environ.get("TERM") != "dumb"


def _safe(text: str) -> str:
    return terminal.inert(redact_data(text))
