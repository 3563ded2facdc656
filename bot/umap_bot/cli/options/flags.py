"""Options that several commands share."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import click

from umap_bot.cli import speech
from umap_bot.model.policy import Policy
from umap_bot.settings import named_language
from umap_bot.text import say

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
    help=say("The settings file. Default: .env in the current folder."),
)
as_json: Final = click.option(
    "--json", "as_json", is_flag=True, help=say("Print the result as one JSON object.")
)
full: Final = click.option("--full", is_flag=True, help=say("Show everything; don't truncate."))
drift: Final = click.option(
    "--drift", type=click.Choice(["keep"]), help=say("Keep what has been edited on the map so far.")
)
deleted: Final = click.option(
    "--deleted",
    type=click.Choice(["keep"]),
    help=say("Do not restore what has been removed on the map so far."),
)
foreign: Final = click.option(
    "--foreign",
    type=click.Choice(["keep"]),
    help=say("Leave untouched what has been added on the map so far."),
)

by: Final = click.option(
    "--by",
    metavar="NAME",
    default="",
    help=say("Your name, for the log. Default: the user who started the CI job, otherwise the system user."),
)

create_layer: Final = click.option(
    "--create-layer",
    is_flag=True,
    help=say("Create the layer on the first sync if the map has none with that name."),
)
base: Final = click.option(
    "--base",
    metavar="COMMIT",
    default="",
    help=say("The version of the file that was published last, in case the state was lost."),
)


class Overrides(NamedTuple):
    """Policies that this run replaces by `keep`."""

    drift: str | None = None
    deleted: str | None = None
    foreign: str | None = None

    @property
    def words(self) -> list[str]:
        """Return the options as one would type them."""
        chosen = {"--drift": self.drift, "--deleted": self.deleted, "--foreign": self.foreign}
        return [word for option, value in chosen.items() if value for word in (option, value)]

    def policy(self, policy: Policy) -> Policy:
        """Return the policy with what is replaced."""
        keep: Final = "keep"
        return Policy(
            drift=keep if self.drift else policy.drift,
            deleted=keep if self.deleted else policy.deleted,
            foreign=keep if self.foreign else policy.foreign,
        )


def overrides(command: Command) -> Command:
    """Add --drift, --deleted and --foreign; the command gets them as `overrides`."""

    @wraps(command)
    def collected(*, drift: str | None, deleted: str | None, foreign: str | None, **more: Any) -> Any:
        return command(overrides=Overrides(drift, deleted, foreign), **more)

    return cast("Command", drift(deleted(foreign(collected))))  # click keeps no type of what it decorates


def typed(command: str, *options: Sequence[str]) -> str:
    """Return a command as one would type it. It needs all of these options to make the same plan again."""
    return shlex.join(["umap-bot", command, *(word for words in options for word in words)])


def typed_base(base: str) -> list[str]:
    """Return --base as one would type it."""
    return ["--base", base] if base else []
