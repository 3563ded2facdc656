"""Options that several commands share."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from bot.cli import speech
from bot.model.policy import Policy
from bot.settings import named_language
from bot.text import say

Command = TypeVar("Command", bound=Callable[..., Any])


def _in_its_language(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    """Answer in the language of the settings from here on, whatever else is wrong."""
    speech.choose(named_language(file))
    return file


env_file: Final = click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    is_eager=True,
    callback=_in_its_language,
    help=say("The settings' file. Default: .env in this folder."),
)
as_json: Final = click.option("--json", "as_json", is_flag=True, help=say("The answer as one JSON object."))
full: Final = click.option("--full", is_flag=True, help=say("Every line, however many."))
drift: Final = click.option(
    "--drift", type=click.Choice(["keep"]), help=say("This once: what people changed on the map stays.")
)
deleted: Final = click.option(
    "--deleted",
    type=click.Choice(["keep"]),
    help=say("This once: what people removed from the map stays away."),
)
foreign: Final = click.option(
    "--foreign", type=click.Choice(["keep"]), help=say("This once: what people added on the map stays.")
)


def once(command: Command) -> Command:
    """Add the options that decide this one time the other way."""
    return drift(deleted(foreign(command)))


def again(env_file: Path | None, drift: str | None, deleted: str | None, foreign: str | None) -> str:
    """Give the sync that does what was shown: without the same options its plan, and its code, are others."""
    chosen = {"--env-file": env_file, "--drift": drift, "--deleted": deleted, "--foreign": foreign}
    words = [str(word) for option, value in chosen.items() if value for word in (option, value)]
    return shlex.join(["umap-bot", "sync", *words])


def this_once(policy: Policy, drift: str | None, deleted: str | None, foreign: str | None) -> Policy:
    """Give the policy as the options of `once` change it."""
    keep: Final = "keep"
    return Policy(
        drift=keep if drift else policy.drift,
        deleted=keep if deleted else policy.deleted,
        foreign=keep if foreign else policy.foreign,
    )
