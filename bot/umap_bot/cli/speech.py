"""The language that this process answers in, and the way of its words to the terminal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextvars import ContextVar

import click

from umap_bot.cli import translation
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
    answer(spoken(text), err=err)


def spoken(text: str) -> str:
    """Return the words of a text as `tell` prints them: line breaks are those of our own sentences alone."""
    lines = (rewritten(line, _in_one_line) for line in lines_of(as_text(text)))
    return "\n".join(clean(redact_data(tongue().say(line))) for line in lines)


def _in_one_line(_place: str, words: str) -> str:
    return one_line(words)


def answer(text: str, *, err: bool = False) -> None:
    """Print an answer that is rendered already. Nothing in it is a command to the CI runner that may keep
    it."""
    click.echo(terminal.inert(redact_data(text)), err=err)


def page(text: str) -> None:
    """Print a rendered answer; by the user's pager (PAGER, else less) if it is longer than the screen."""
    text = redact_data(text)
    if text.count("\n") < shutil.get_terminal_size().lines - 1:
        answer(text)
    else:
        click.echo_via_pager(terminal.inert(text))  # which prints it where nobody sits at a terminal
