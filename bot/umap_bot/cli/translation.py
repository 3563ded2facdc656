"""The help of commands, and what click itself says, in the language of this process.

Click's sentences are listed here so that the catalogues have them; click asks gettext for their translation.
"""

from __future__ import annotations

import gettext
import inspect
import os
from copy import copy
from typing import Final, TypeVar

import click

from umap_bot.report.language import CATALOGUES, DOMAIN, Code, Language

Command = TypeVar("Command", bound=click.Command)


def click_text(singular: str, plural: str = "") -> tuple[str, str]:
    """Return a sentence of click's. The catalogues find it by this call, so it is given word for word."""
    return singular, plural


CLICK_TEXTS: Final = (
    click_text("Usage:"),
    click_text("Options"),
    click_text("Commands"),
    click_text("Positional arguments"),
    click_text("default: {default}"),
    click_text("Show this message and exit."),
    click_text("%(prog)s, version %(version)s"),
    click_text("Error: {message}"),
    click_text("Try '{command} {option}' for help."),
    click_text("Missing command."),
    click_text("Missing argument"),
    click_text("Missing option"),
    click_text("No such option {name!r}."),
    click_text("No such command {name!r}."),
    click_text("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    click_text("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    click_text("Option {name!r} does not take a value."),
    click_text("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    click_text("Invalid value: {message}"),
    click_text("Invalid value for {param_hint}: {message}"),
    click_text("Choose from:\n\t{choices}"),
    click_text("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    click_text("{value!r} is not a valid {number_type}."),
    click_text("{value} is not in the range {range}."),
    click_text("{name} {filename!r} is a directory."),
    click_text("{name} {filename!r} does not exist."),
    click_text("file"),
    click_text("path"),
    click_text("Aborted!"),
)


def translate_click(code: Code) -> None:
    """Have click print its own sentences in this language from now on."""
    # gettext, which click asks, knows the language by this variable alone. Our children get none of it.
    os.environ["LANGUAGE"] = code
    gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
    gettext.textdomain(DOMAIN)


def in_language(command: Command, tongue: Language) -> Command:
    """Return a copy of the command whose texts are in this language; the command stays as it is."""
    said = copy(command)
    said.help = "\n\n".join(tongue.words(part) for part in paragraphs(command.help or ""))
    said.params = [_parameter(parameter, tongue) for parameter in command.params]
    if isinstance(said, click.Group):
        said.commands = {name: in_language(each, tongue) for name, each in said.commands.items()}
    return said


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a docstring, each as one line: so the catalogues have them."""
    return [" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n") if part.strip()]


def _parameter(parameter: click.Parameter, tongue: Language) -> click.Parameter:
    if not isinstance(parameter, click.Option) or not parameter.help:
        return parameter
    said = copy(parameter)
    said.help = tongue.words(parameter.help)
    return said
