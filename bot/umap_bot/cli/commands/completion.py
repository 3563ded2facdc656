"""`umap-bot completion`: the script that has a shell complete our commands."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

SHELLS: Final = ("bash", "zsh", "fish")
PROGRAM: Final = "umap-bot"
VARIABLE: Final = "_UMAP_BOT_COMPLETE"
"""By which the script asks the program what fits; click looks for this name."""


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
def command(shell: str) -> int:
    """Print the script that completes commands, options and files in SHELL: bash, zsh or fish.

    bash: add source <(umap-bot completion bash) to ~/.bashrc.

    zsh: add source <(umap-bot completion zsh) to ~/.zshrc, below compinit.

    fish: add umap-bot completion fish | source to ~/.config/fish/config.fish.
    """
    click.echo(script(shell), nl=False)
    return 0


def script(shell: str) -> str:
    """Return the completion script of a shell, one of `SHELLS`."""
    completion = get_completion_class(shell)
    assert completion is not None, shell  # noqa: S101  of `SHELLS`, all of which click knows
    return completion(click.Command(PROGRAM), {}, PROGRAM, VARIABLE).source()
