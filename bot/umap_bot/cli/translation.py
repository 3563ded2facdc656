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


def heard(singular: str, plural: str = "") -> tuple[str, str]:
    """Name a sentence of click's, word for word, for the catalogues."""
    return singular, plural


HEARD: Final = (
    heard("Usage:"),
    heard("Options"),
    heard("Commands"),
    heard("Positional arguments"),
    heard("default: {default}"),
    heard("Show this message and exit."),
    heard("%(prog)s, version %(version)s"),
    heard("Error: {message}"),
    heard("Try '{command} {option}' for help."),
    heard("Missing command."),
    heard("Missing argument"),
    heard("Missing option"),
    heard("No such option {name!r}."),
    heard("No such command {name!r}."),
    heard("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    heard("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    heard("Option {name!r} does not take a value."),
    heard("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    heard("Invalid value: {message}"),
    heard("Invalid value for {param_hint}: {message}"),
    heard("Choose from:\n\t{choices}"),
    heard("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    heard("{value!r} is not a valid {number_type}."),
    heard("{value} is not in the range {range}."),
    heard("{name} {filename!r} is a directory."),
    heard("{name} {filename!r} does not exist."),
    heard("file"),
    heard("path"),
    heard("Aborted!"),
)


def teach(code: Code) -> None:
    """Let click speak this language from now on."""
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
