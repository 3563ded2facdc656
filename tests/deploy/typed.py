"""Commands of ours in a file that is deployed: what is typed after `umap-bot`, and whether it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Final

import click

from umap_bot.cli.main import COMMANDS

_TYPED: Final = re.compile(
    r"""(?:^|[\s/"'(])umap-bot +([a-z]+(?:[ \t]+(?:"[^"]*"|[^\s;&|<>)"]+))*)""", re.MULTILINE
)


def commands(text: str) -> Iterator[list[str]]:
    """Return the words of each command; comments are left out."""
    code = "\n".join(
        line.partition(" #")[0] for line in text.splitlines() if not line.lstrip().startswith("#")
    )
    for typed in _TYPED.findall(code.replace('\\"', '"')):
        yield [word.strip("\"'") for word in typed.split()]


def is_there(words: list[str]) -> bool:
    """Tell whether a command and all its options exist."""
    name, *rest = words
    if name not in COMMANDS:
        return False
    command: click.Command = import_module(f"umap_bot.cli.commands.{name}").command
    options = {spelled for each in command.params for spelled in each.opts}
    return all(word.partition("=")[0] in options for word in rest if word.startswith("-"))
