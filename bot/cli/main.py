"""The front door: finds the command, and turns every end into an exit code and one last line."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from tempfile import mkstemp
from typing import Final

import click

from bot.errors import BotError, DatasetError
from bot.redaction import redact
from bot.report.terminal import clean, one_line

COMMANDS: Final = {
    "init": "Set it up: asks, tries each answer, writes the settings.",
    "check": "Can I reach everything? Settings, repository, file, map, the right to edit.",
    "plan": "What would a sync do? Writes nothing, neither on the map nor in the log.",
    "sync": "Make the layer what the file says, and write it down.",
    "adopt": "Match features drawn by hand with the rows of the file.",
    "approve": "Give your OK to a plan that waits; the next sync takes it up.",
    "validate": "Is this file good? The file alone, without a map.",
    "export": "Write the layer as a file to keep in git: CSV, GeoJSON or XLSX.",
    "template": "A popup text that shows the file's columns, to paste into uMap.",
    "log": "What was done, newest first.",
    "show": "What one run did, field by field.",
    "sandbox": "A real uMap on this machine, to try things on.",
    "demo": "The whole story, told on a real uMap on this machine.",
}

MEANINGS: Final = {
    1: "a bug of umap-bot",
    2: "there are changes to make",
    3: "waiting for your OK",
    4: "the map kept changing",
    5: "another run has the layer",
    6: "not healthy",
    10: "settings",
    11: "the file",
    12: "the git repository",
    13: "uMap refuses",
    14: "not reachable",
    15: "the state database",
    64: "wrong use of the command",
    70: "the uMap on this machine",
    130: "stopped",
}

CODES: Final = "Exit codes: 0 done or nothing to do · " + " · ".join(
    f"{code} {meaning}" for code, meaning in MEANINGS.items()
)


class Commands(click.Group):
    """Finds each command in the module of its name, and imports no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"bot.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):  # from the table: no command is imported for it
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, epilog=CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("umap-bot"), prog_name="umap-bot")
def commands() -> None:
    """Keep the layers of a uMap equal to a dataset kept in git."""


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a ✓ that an old console lacks is no bug of ours
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code. Answers go to stdout, all else to stderr."""
    try:
        code = commands.main(args=list(arguments), prog_name="umap-bot", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return _ended(64)
    except BotError as error:
        safe = clean if isinstance(error, DatasetError) else one_line  # only a file has several problems
        click.echo(safe(redact(f"umap-bot: {error}")), err=True)
        return _ended(error.code)
    except (click.Abort, KeyboardInterrupt):
        return _ended(130)
    except BrokenPipeError:
        # The reader of our answer has gone (`| head`); Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  the one place where a bug ends: it is told, kept and coded
        click.echo(f"umap-bot: a bug: {type(error).__name__}. The trace is in {_keep_trace()}", err=True)
        return _ended(1)
    return _ended(code if isinstance(code, int) else 0)


def _ended(code: int) -> int:
    if code:
        click.echo(f"code {code}: {MEANINGS.get(code, 'unknown')}", err=True)
    return code


def _keep_trace() -> Path:
    """Write the trace where only its owner can read it: it may name things that are nobody else's."""
    handle, name = mkstemp(prefix="umap-bot-trace-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(redact(traceback.format_exc()))
    return Path(name)
