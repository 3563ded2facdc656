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
from umap_bot.errors import BotError, SettingsError
from umap_bot.journal.turns import Place
from umap_bot.manifest import has_layers, load_watched
from umap_bot.model.layer import Commit
from umap_bot.model.run import Run
from umap_bot.report.language import Language
from umap_bot.report.story.acts import USUAL
from umap_bot.run import passes
from umap_bot.run.lanes import Stopped
from umap_bot.run.passes import Ended
from umap_bot.schedule.schedule import Schedule
from umap_bot.service import Service, line
from umap_bot.settings import Settings
from umap_bot.sharing import SharedService
from umap_bot.text import say
from umap_bot.wiring import (
    WallClock,
    Wired,
    audience,
    file_of,
    journal,
    names_of_layers,
    origin_of,
    place_of,
    watched_place,
    wire_all,
    wire_watched,
)


@click.command(name="serve")
@layers.chosen
@click.option(
    "--desk",
    metavar="HOST:PORT",
    help=say("Serve the desk, too, at this address: web pages to see, decide, sync and undo."),
)
def command(selection: Selection, desk: str | None) -> int:
    """Sync every layer at startup, and then on its schedule (SYNC_SCHEDULE), until SIGTERM or Ctrl-C.

    When stopped, it completes the run in progress: the result is verified, and the layer is released.
    Settings are read once, at startup.

    Several instances with the same PostgreSQL (STATE_URL) share the layers. At startup, an instance skips the
    layers that another one has already synced successfully.
    """
    watched = load_watched(selection.env_file, selection.manifest) if not selection.layer else ()
    kept = not watched or has_layers(selection.manifest)
    found = layers.settings(selection) if kept else ()
    served = layers.wired(selection) if kept else ()
    first = (*found, *watched)[0]
    speech.choose(first.report_language)
    logs.begin(first.log_format, logging.INFO)
    service = _service(served, found, watched, speech.tongue())
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
    served: Sequence[Wired], settings: Sequence[Settings], watched: Sequence[Settings], tongue: Language
) -> Service | SharedService:
    """Return the service of a state file, or one that shares its database with others.

    A watched map is served as one layer: which layers it has, each pass sees.
    """
    schedules = {each.work.job.layer: _schedule(each.settings, layers.called(each)) for each in served}
    schedules |= {watched_place(each): _schedule(each, each.umap_map_url) for each in watched}
    turns = journal((*settings, *watched)[0]).turns(_roster(served, watched))
    if turns is None:
        return Service(schedules, Passes(settings, tongue, watched), tongue)
    of_maps: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in served:
        of_maps[place_of(each.settings), each.work.site].append(each.work.job.layer)
    places = [Place(name, site, tuple(of_map)) for (name, site), of_map in of_maps.items()]
    places += [Place(name, origin_of(each), (name,)) for each in watched for name in [watched_place(each)]]
    # Its threads look at what is due all the time, over connections that a pass must not close.
    passes = Passes(settings, tongue, watched, closes=False)
    return SharedService(schedules, passes, tongue, turns, places)


def _roster(served: Sequence[Wired], watched: Sequence[Settings]) -> str:
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
    maps = [(watched_place(each), each.sync_schedule, each.sync_timezone) for each in watched]
    told = [*layers, *maps] if maps else layers
    return sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()


class Passes:
    """Makes the passes of a service: all that one needs is wired anew, so that none inherits a session.

    That is its layers and those that are fed from the same files; for the pages, which tell of all, all.
    `closes`: between passes no connection to the state stays open.
    """

    def __init__(
        self,
        settings: Sequence[Settings],
        tongue: Language,
        watched: Sequence[Settings] = (),
        *,
        closes: bool = True,
    ) -> None:
        names = names_of_layers(settings, journal(settings[0]).reader) if settings else []
        self._watched = {watched_place(each): each for each in watched}
        self._layers = [(name, file_of(each), each) for name, each in zip(names, settings, strict=True)]
        self._named = len(settings) > 1
        self._tongue = tongue
        self._closes = closes

    def __call__(self, names: Sequence[str], stopped: Stopped) -> list[Ended]:
        kept = [name for name in names if name not in self._watched]
        ended = self._sync(kept, stopped) if kept else []
        return ended + [
            (name, self._look(self._watched[name], stopped)) for name in names if name in self._watched
        ]

    def _look(self, settings: Settings, stopped: Stopped) -> Run | BotError:
        """Watch a map. Return the end of one of its layers for all: the gravest, else one with news."""
        try:
            wired = layers.with_site(wire_watched(settings, look=True), self._site())
        except BotError as error:
            return error
        if not wired:  # a map without layers
            now = WallClock().now()
            none = Run(number=0, layer="", kind="watch", commit=Commit(sha=""), started=now, ended=now)
            return msgspec.structs.replace(none, outcome="nothing")
        first = wired[0]
        commands = {each.work.job.layer: layers.about_watched(each) for each in wired}
        hearers = audience(wired, self._tongue, commands=commands)
        with closing(first.journal) if self._closes else nullcontext():
            ended = passes.make_pass(
                [each.work for each in wired], first.journal, first.clock, hearers, stopped=stopped
            )
        return max((end for _, end in ended), key=_weight)

    def _site(self) -> list[tuple[str, Settings]]:
        return [
            *((name, each) for name, _, each in self._layers),
            *(named for each in self._watched.values() for named in layers.watched_site(each)),
        ]

    def _sync(self, names: Sequence[str], stopped: Stopped) -> list[Ended]:
        needed = wire_all(self._needed({*names}), commits=True)
        needed = layers.with_site(needed, self._site()) if self._watched else needed
        wired = {each.work.job.layer: each for each in needed}
        first = next(iter(wired.values()))
        commands = layers.commands([*wired.values()], Selection(), USUAL.sync, named=self._named)
        hearers = audience([*wired.values()], self._tongue, commands=commands)
        works = [wired[name].work for name in names]
        with closing(first.journal) if self._closes else nullcontext():
            ended = passes.make_pass(works, first.journal, first.clock, hearers, stopped=stopped)
        for source, end in passes.sources_ended(works):
            line(source, end, self._tongue)
        return ended

    def _needed(self, names: Set[str]) -> list[Settings]:
        files = {file for name, file, _ in self._layers if name in names}
        return [each for _, file, each in self._layers if file in files or each.report_site_dir]


def _weight(end: Run | BotError) -> tuple[int, bool]:
    return end.code, isinstance(end, Run) and end.outcome == "done"


def _schedule(settings: Settings, name: str) -> Schedule:
    if not settings.sync_schedule:
        raise SettingsError(
            say("{layer} has no schedule.", layer=name),
            way_out=say("Set SYNC_SCHEDULE. For example, 0 6 * * * means every day at 6:00."),
        )
    return Schedule.parse(settings.sync_schedule, settings.sync_timezone)
