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
    "init": say("Set it up: asks, tries each answer, writes the settings."),
    "check": say("Can I reach everything? Settings, repository, file, map, the right to edit."),
    "plan": say("What would a sync do? Writes nothing, neither on the map nor in the log."),
    "sync": say("Make the layer what the file says, and write it down."),
    "adopt": say("Match features drawn by hand with the rows of the file."),
    "rollback": say("Undo what one run did; what was changed since stays."),
    "approve": say("Approve a plan that waits; the next sync carries it out."),
    "keep": say("Leave features, or one column of them, as they are on the map."),
    "decisions": say("Show what needs your approval, and what was decided."),
    "validate": say("Is this file good? The file alone, without a map."),
    "ids": say("Write ids into a copy of a file that has none."),
    "export": say("Write the layer as a file to keep in git: CSV, GeoJSON or XLSX."),
    "template": say("A popup text that shows the file's columns, to paste into uMap."),
    "log": say("What was done, newest first."),
    "show": say("What one run did, field by field."),
    "history": say("All that became of one feature, by the file and by people."),
    "report": say("The change log as web pages."),
    "status": say("Did it run? One line a layer."),
    "login": say("Log in again: give the bot the cookie of a browser's session."),
    "state": say("Keep the state as one file, or move it to another database."),
    "serve": say("Sync every layer on its schedule, until stopped."),
    "desk": say("Web pages to see, decide, sync and undo, for those who keep the map."),
    "completion": say("Print the completion script for bash, zsh or fish."),
    "sandbox": say("A real uMap on this machine, to try things on."),
    "demo": say("The whole story, told on a real uMap on this machine."),
}

MEANINGS: Final = {
    1: say("a bug of umap-bot"),
    2: say("there are changes to make"),
    3: say("approval needed"),
    4: say("the map kept changing"),
    5: say("another run has the layer"),
    6: say("not healthy"),
    10: say("settings"),
    11: say("the file"),
    12: say("the git repository"),
    13: say("uMap refuses"),
    14: say("not reachable"),
    15: say("the state database"),
    64: say("wrong use of the command"),
    70: say("the uMap on this machine"),
    130: say("stopped"),
}
EXIT_CODES: Final = {0: say("done or nothing to do"), **MEANINGS}


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
    """Keep the layers of a uMap equal to a dataset kept in git."""


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
        told = say("The whole answer could not be written to stdout: {reason}.", reason=reason)
        speech.show(f"umap-bot: {speech.spoken(told)}", err=True)
    if code:
        meaning = MEANINGS.get(code, say("unknown"))
        speech.tell(say("code {code}: {meaning}", code=code, meaning=meaning), err=True)
    return code
