"""`umap-bot serve`: every layer on its schedule, until it is stopped."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence, Set
from contextlib import AbstractContextManager, closing, nullcontext
from hashlib import sha256

import click
import msgspec

from umap_bot.cli import speech
from umap_bot.cli.options import layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import logs
from umap_bot.cli.signals import stopped_by_signals
from umap_bot.errors import SettingsError
from umap_bot.journal.turns import Place
from umap_bot.report.language import Language
from umap_bot.report.story.acts import USUAL
from umap_bot.run import passes
from umap_bot.run.lanes import Stopped
from umap_bot.run.passes import Ended
from umap_bot.schedule.schedule import Schedule
from umap_bot.service import Service
from umap_bot.settings import Settings
from umap_bot.sharing import SharedService
from umap_bot.text import say
from umap_bot.wiring import Wired, audience, file_of, journal, names_of_layers, place_of, wire_all


@click.command(name="serve")
@layers.chosen
@click.option(
    "--desk",
    metavar="HOST:PORT",
    help=say("Serve the desk, too, at this address: web pages to see, decide, sync and undo."),
)
def command(selection: Selection, desk: str | None) -> int:
    """Sync every layer on its schedule (SYNC_SCHEDULE), and once at the start, until SIGTERM or Ctrl-C.

    A run under way is ended first: its push is read back, and its layer given free. Settings are read at the
    start alone.

    Several of them that have one PostgreSQL (STATE_URL) share the layers. What another one has served well is
    not run at the start.
    """
    found = layers.settings(selection)
    served = layers.wired(selection)
    logs.begin(found[0].log_format, logging.INFO)
    service = _service(served, found, speech.tongue())
    with stopped_by_signals(service.stop), _desk(found, desk):
        service.run()
    return 0


def _desk(settings: Sequence[Settings], listen: str | None) -> AbstractContextManager[None]:
    """Return what serves the desk while it lasts, if it is wanted."""
    if listen is None:
        return nullcontext()
    from umap_bot.cli.commands.desk import desk_served  # noqa: PLC0415  only who has a desk waits

    return desk_served(settings, listen)


def _service(
    served: Sequence[Wired], settings: Sequence[Settings], tongue: Language
) -> Service | SharedService:
    """Return the service of a state file, or one that shares its database with others."""
    schedules = {each.work.job.layer: _schedule(each) for each in served}
    turns = served[0].journal.turns(_roster(served))
    if turns is None:
        return Service(schedules, Passes(settings, tongue), tongue)
    layers: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in served:
        layers[place_of(each.settings), each.work.site].append(each.work.job.layer)
    places = [Place(name, site, tuple(of_map)) for (name, site), of_map in layers.items()]
    # Its threads look at what is due all the time, over connections that a pass must not close.
    return SharedService(schedules, Passes(settings, tongue, closes=False), tongue, turns, places)


def _roster(served: Sequence[Wired]) -> str:
    """Name what is served and how: services of one roster share it, other settings are another roster."""
    layers = [
        (
            msgspec.structs.replace(each.work.job, neighbours=None),  # which they are, the layers say
            each.settings.sync_schedule,
            each.settings.sync_timezone,
            each.work.repository,
        )
        for each in served
    ]
    return sha256(msgspec.json.encode(layers, order="deterministic")).hexdigest()


class Passes:
    """Makes the passes of a service: all that one needs is wired anew, so that none inherits a session.

    That is its layers and those that are fed from the same files; for the pages, which tell of all, all.
    `closes`: between passes no connection to the state stays open.
    """

    def __init__(self, settings: Sequence[Settings], tongue: Language, *, closes: bool = True) -> None:
        names = names_of_layers(settings, journal(settings[0]).reader)
        self._layers = [(name, file_of(each), each) for name, each in zip(names, settings, strict=True)]
        self._named = len(settings) > 1
        self._tongue = tongue
        self._closes = closes

    def __call__(self, names: Sequence[str], stopped: Stopped) -> list[Ended]:
        wired = {each.work.job.layer: each for each in wire_all(self._needed({*names}))}
        first = next(iter(wired.values()))
        commands = layers.commands([*wired.values()], Selection(), USUAL.sync, named=self._named)
        hearers = audience([*wired.values()], self._tongue, commands=commands)
        works = [wired[name].work for name in names]
        with closing(first.journal) if self._closes else nullcontext():
            return passes.make_pass(works, first.journal, first.clock, hearers, stopped=stopped)

    def _needed(self, names: Set[str]) -> list[Settings]:
        files = {file for name, file, _ in self._layers if name in names}
        return [each for _, file, each in self._layers if file in files or each.report_site_dir]


def _schedule(wired: Wired) -> Schedule:
    if not wired.settings.sync_schedule:
        raise SettingsError(
            say("{layer} has no schedule.", layer=layers.called(wired)),
            way_out=say("Set SYNC_SCHEDULE; 0 6 * * * is every day at 6."),
        )
    return Schedule.parse(wired.settings.sync_schedule, wired.settings.sync_timezone)
