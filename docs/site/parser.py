"""The commands with their arguments and options, as the command line's own parser has them."""

from __future__ import annotations

from importlib import import_module
from typing import Final, NamedTuple

import click

from umap_bot.cli.main import COMMANDS, commands
from umap_bot.cli.translation import in_language, translate_click
from umap_bot.report.language import Language

PROGRAM: Final = "umap-bot"


class Option(NamedTuple):
    """An option as it is typed (`-n, --number INTEGER`), and what its help says of it."""

    typed: str
    help: str


class Command(NamedTuple):
    """A command as it is typed, its usage after that, its paragraphs and its options.

    `summary` is the line that the list of commands has, "" for a command of a command.
    """

    typed: str
    usage: str
    summary: str
    paragraphs: tuple[str, ...]
    options: tuple[Option, ...]


def program(tongue: Language) -> Command:
    """Return the program itself, with the options that stand before any command."""
    return _read(commands, PROGRAM, "", tongue)


def all_commands(tongue: Language) -> tuple[Command, ...]:
    """Return every command, in the order of the list, each followed by the commands that it has."""
    found = []
    for name, does in COMMANDS.items():
        command: click.Command = import_module(f"umap_bot.cli.commands.{name}").command
        typed = f"{PROGRAM} {name}"
        found.append(_read(command, typed, tongue.say(does), tongue))
        if isinstance(command, click.Group):
            found += [_read(each, f"{typed} {sub}", "", tongue) for sub, each in command.commands.items()]
    return tuple(found)


def _read(command: click.Command, typed: str, summary: str, tongue: Language) -> Command:
    translate_click(tongue.code)
    spoken = in_language(command, tongue)
    context = click.Context(spoken, info_name=typed, help_option_names=["-h", "--help"])
    records = (
        parameter.get_help_record(context)
        for parameter in spoken.get_params(context)
        if isinstance(parameter, click.Option)  # the paragraphs tell of arguments
    )
    return Command(
        typed,
        " ".join(spoken.collect_usage_pieces(context)),
        summary,
        tuple((spoken.help or "").split("\n\n")),
        # The help of --help itself was translated when somebody first asked for it, perhaps in English.
        tuple(Option(typed, tongue.words(told)) for typed, told in filter(None, records)),
    )
