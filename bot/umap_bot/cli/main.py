"""The front door: finds the command, and turns every end into an exit code and one last line."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import click
from click.shell_completion import CompletionItem

from umap_bot import traces
from umap_bot.cli import speech, streams
from umap_bot.cli.translation import in_language
from umap_bot.errors import BotError, DatasetError
from umap_bot.redaction import redact
from umap_bot.report.formats.terminal import one_line
from umap_bot.text import joined, say

COMMANDS: Final = {
    "init": say("Create the settings file by answering a few questions."),
    "check": say("Check the settings, the repository, the file and access to the map."),
    "plan": say("Show what a sync would change, without changing anything."),
    "sync": say("Update the layer to match the file, and log the run."),
    "watch": say("Log what people change on a map, without a file."),
    "adopt": say("Match features drawn by hand with the rows of the file."),
    "rollback": say("Undo what one run did. Later changes are kept."),
    "fetch": say("Fetch the data from where it lives, and commit what is new."),
    "approve": say("Approve a plan. The next sync applies it."),
    "keep": say("Keep features, or one of their columns, as they are on the map."),
    "decisions": say("Show what needs your approval and what has been decided."),
    "propose": say("Propose edits made on the map as changes to the file, on a branch."),
    "validate": say("Check a file on its own, without a map."),
    "ids": say("Add ids to a copy of a file that has none."),
    "export": say("Export a layer as a CSV, GeoJSON or XLSX file to keep in git."),
    "template": say("Print a popup template for uMap that shows the file's columns."),
    "log": say("List the runs, newest first."),
    "show": say("Show what one run changed, field by field."),
    "history": say("Show every change to one feature."),
    "report": say("Write the change log as web pages."),
    "status": say("Show the state of each layer."),
    "login": say("Renew the browser session that the bot uses."),
    "state": say("Back up, restore, migrate or compact the state."),
    "serve": say("Sync every layer on its schedule until stopped."),
    "desk": say("Serve web pages to see, decide, sync and undo, for those who keep the map."),
    "completion": say("Print the completion script for bash, zsh or fish."),
    "sandbox": say("Run a real uMap on this machine, to try things out."),
    "demo": say("Run a demo on a real uMap on this machine."),
}

MEANINGS: Final = {
    1: say("a bug in umap-bot"),
    2: say("changes to apply"),
    3: say("approval needed"),
    4: say("the map kept changing"),
    5: say("another run is using the layer"),
    6: say("a layer was not verified in time"),
    10: say("a problem with the settings"),
    11: say("a problem with the file"),
    12: say("a problem with the git repository"),
    13: say("uMap refused access"),
    14: say("a server can't be reached"),
    15: say("a problem with the state database"),
    16: say("a problem with the data source"),
    64: say("wrong usage"),
    70: say("a problem with the sandbox"),
    130: say("stopped"),
}
EXIT_CODES: Final = {0: say("done, or nothing to do"), **MEANINGS}


class Commands(click.Group):
    """Finds each command in the module of its name, and imports no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"umap_bot.cli.commands.{cmd_name}").command
        _imported()
        return in_language(command, speech.tongue())

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        tongue = speech.tongue()
        fitting = [name for name in COMMANDS if name.startswith(incomplete)]  # the same: from the table
        commands = [CompletionItem(name, help=tongue.say(COMMANDS[name])) for name in fitting]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        tongue = speech.tongue()
        with formatter.section(tongue.words("Commands")):  # from the table: no command is imported for it
            formatter.write_dl([(name, tongue.say(does)) for name, does in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        told = joined((joined((str(code), meaning)) for code, meaning in EXIT_CODES.items()), " · ")
        formatter.write_paragraph()
        formatter.write_text(speech.tongue().say(say("Exit codes: {codes}", codes=told)))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="umap-bot", prog_name="umap-bot", help=say("Show the version and exit."))
def commands() -> None:
    """Keep uMap layers in sync with a spreadsheet, CSV or GeoJSON file in git."""


COLLECTOR: Final = (100_000, 20, 50)
"""When Python looks for cycles (`gc.set_threshold`). A large layer is a million values that stay to the end
of a run, and hardly a cycle: with Python's own numbers, looking takes a quarter of the run."""


def main() -> None:
    gc.disable()  # until the command is imported
    gc.set_threshold(*COLLECTOR)
    streams.begin()
    code = run(sys.argv[1:])
    gc.freeze()  # the process ends: Python need not look through all of it for garbage, twice
    sys.exit(code)


def _imported() -> None:
    """Leave modules, functions and classes out of every search for garbage: none of them is ever some.

    That is a fifth of what a run with nothing new costs.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Answers go to stdout, all else to stderr."""
    speech.begin(os.environ)
    spoken = in_language(commands, speech.tongue())
    try:
        code = spoken.main(args=list(arguments), prog_name="umap-bot", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return _ended(64)
    except BotError as error:
        speech.show(f"umap-bot: {_told(error)}", err=True)
        return _ended(error.code)
    except (click.Abort, KeyboardInterrupt):
        return _ended(130)
    except Exception as error:  # noqa: BLE001  a bug ends here: it is told, kept and coded
        bug = traces.kept(error)
        speech.show(f"umap-bot: {_told(bug)}", err=True)
        return _ended(1)
    return _ended(code if isinstance(code, int) else 0)


def _told(error: BotError) -> str:
    if isinstance(error, DatasetError):  # only a file has several problems, a line each
        return speech.spoken(error.text)
    return one_line(redact(speech.tongue().say(error.text)))


def _ended(code: int) -> int:
    if lost := streams.loss():  # the work is done, or was refused, whatever became of its answer
        reason = lost.strerror or type(lost).__name__
        told = say("The output could not be written completely: {reason}.", reason=reason)
        speech.show(f"umap-bot: {speech.spoken(told)}", err=True)
    if code:
        meaning = MEANINGS.get(code, say("unknown"))
        speech.tell(say("exit code {code}: {meaning}", code=code, meaning=meaning), err=True)
    return code
