"""A command as its help shows it in the language of this process."""

from __future__ import annotations

import inspect
from copy import copy
from typing import TypeVar

import click

from umap_bot.report.language import Language

Command = TypeVar("Command", bound=click.Command)


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
