"""`umap-bot desk`: web pages for those who keep the map."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final, get_args

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import logs
from umap_bot.cli.signals import stopped_by_signals
from umap_bot.errors import SettingsError, UsageError
from umap_bot.model.access import Access, Role
from umap_bot.settings import Settings, approver
from umap_bot.text import Text, say
from umap_bot.wiring import WallClock, journal

log = logging.getLogger(__name__)

LISTEN: Final = "127.0.0.1:8765"

_listen: Final = click.option(
    "--listen",
    metavar="HOST:PORT",
    default=LISTEN,
    show_default=True,
    help=say("Where the desk listens. Beyond this machine it needs DESK_URL."),
)


@click.group(name="desk", invoke_without_command=True)
@_listen
@layers.manifest
@flags.env_file
@click.pass_context
def command(context: click.Context, listen: str, manifest: Path | None, env_file: Path | None) -> int:
    """Serve the desk until stopped: web pages to see, decide, sync and undo.

    People enter by a link that umap-bot desk invite prints. To serve the desk and sync on the schedule:
    umap-bot serve --desk HOST:PORT
    """
    if context.invoked_subcommand:
        return 0
    found = layers.settings(Selection(env_file, manifest))
    logs.begin(found[0].log_format, logging.INFO)
    stopped = Event()
    with stopped_by_signals(stopped.set), desk_served(found, listen):
        stopped.wait()
    return 0


@command.command(name="invite")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(get_args(Role)),
    default="reader",
    show_default=True,
    help=say("A reader sees everything; a keeper also decides, syncs, undoes and invites."),
)
@_listen
@layers.manifest
@flags.env_file
def invite(name: str, role: Role, listen: str, manifest: Path | None, env_file: Path | None) -> int:
    """Print a link by which NAME enters the desk. It works once, within 7 days.

    Opening it signs that browser in. What NAME does at the desk stands in the log under this name.
    """
    found = layers.settings(Selection(env_file, manifest))
    if not name.strip():
        raise UsageError(say("NAME is empty."), way_out=say("Name the person: umap-bot desk invite Anne"))
    called = approver(name)
    link = _door(found[0], listen)
    secret = journal(found[0]).accesses.invite(called, role, approver(), WallClock().now())
    speech.tell(say("Send this link to {name}. It works once, within 7 days:", name=called), err=True)
    speech.answer(f"{link}/door/{secret}")
    return 0


@command.command(name="people")
@click.option("--end", "ended", type=click.IntRange(1), metavar="NUMBER", help=say("End this access."))
@layers.manifest
@flags.env_file
def people(ended: int | None, manifest: Path | None, env_file: Path | None) -> int:
    """Show who was invited to the desk and who is signed in, or end an access."""
    found = layers.settings(Selection(env_file, manifest))
    accesses, now = journal(found[0]).accesses, WallClock().now()
    if ended is not None:
        access = accesses.end(ended, now)
        if access is None:
            raise UsageError(
                say("There is no access {number} in force.", number=ended),
                way_out=say("To list them: umap-bot desk people"),
            )
        speech.tell(say("Ended the access of {name}.", name=access.name))
        return 0
    working = [each for each in accesses.all() if each.works(now)]
    for each in working:
        speech.tell(_line(each))
    if not working:
        speech.tell(say("Nobody has access. To invite somebody: umap-bot desk invite NAME --role keeper"))
    return 0


def _line(access: Access) -> Text:
    if access.seen:
        return say(
            "{number} {name} ({role}) · signed in; last seen {time}",
            number=access.number,
            name=access.name,
            role=access.role,
            time=access.seen,
        )
    return say(
        "{number} {name} ({role}) · invited {time}; the link was not opened so far",
        number=access.number,
        name=access.name,
        role=access.role,
        time=access.invited,
    )


def _door(settings: Settings, listen: str) -> str:
    """Return the address of the desk. Raise SettingsError."""
    from umap_bot.desk.place import listening_at, place_of  # noqa: PLC0415  only who has the extra gets here

    return place_of(settings, *listening_at(listen)).origin


@contextmanager
def desk_served(settings: Sequence[Settings], listen: str) -> Iterator[None]:
    """Serve the desk within, in threads of its own. Raise SettingsError if it can't be."""
    try:
        from umap_bot.desk.desk import Desk  # noqa: PLC0415  an extra, and slow to import
        from umap_bot.desk.place import listening_at, place_of  # noqa: PLC0415  the same
        from umap_bot.desk.server import served  # noqa: PLC0415  the same
    except ImportError as error:
        raise SettingsError(
            say("The desk requires Python packages that are not installed."),
            way_out=say("To install them: {command}", command="pip install '.[desk]'"),
        ) from error
    host, port = listening_at(listen)
    place = place_of(settings[0], host, port)
    with served(Desk(settings, place, speech.tongue()), host, port):
        log.info("%s", speech.tongue().say(say("The desk is open at {address}", address=place.origin)))
        yield
