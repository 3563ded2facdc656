"""Which layers a command is about: those of the manifest or of `.env`, narrowed by --layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce, wraps
from operator import or_
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags
from umap_bot.cli.options.flags import Overrides
from umap_bot.errors import SettingsError, UsageError
from umap_bot.manifest import NO_FILE, has_layers, load_all, load_watched
from umap_bot.model.hidden import Hidden
from umap_bot.report.story.acts import Commands
from umap_bot.settings import NOT_NEEDED, Settings, load
from umap_bot.text import Text, say, verbatim
from umap_bot.wiring import Wired, of_map, watched_place, wire_all, wire_watched

Command = TypeVar("Command", bound=Callable[..., Any])

manifest: Final = click.option(
    "--manifest",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say(
        "The manifest, which describes several layers. Default: umap-bot.toml in the current folder, "
        "if present."
    ),
)
layer: Final = click.option(
    "--layer", multiple=True, metavar="NAME", help=say("Only this layer. Repeatable.")
)


watched_map: Final = click.option(
    "--map",
    "map_url",
    metavar="MAP_URL",
    default="",
    help=say("A map that is watched, instead of the layers of the settings."),
)


class Selection(NamedTuple):
    """Where the settings are, and which of their layers a command is about; or the map that is watched."""

    env_file: Path | None = None
    manifest: Path | None = None
    layer: tuple[str, ...] = ()
    map_url: str = ""

    @property
    def words(self) -> list[str]:
        """Return the options as one would type them."""
        return [
            *(["--env-file", str(self.env_file)] if self.env_file else []),
            *(["--manifest", str(self.manifest)] if self.manifest else []),
            *(word for name in self.layer for word in ("--layer", name)),
            *(["--map", self.map_url] if self.map_url else []),
        ]


def chosen(command: Command) -> Command:
    """Add the options that choose layers; the command gets them as `selection`."""

    @wraps(command)
    def collected(
        *, env_file: Path | None, manifest: Path | None, layer: tuple[str, ...], **more: Any
    ) -> Any:
        return command(selection=Selection(env_file, manifest, layer), **more)

    return cast(
        "Command", flags.env_file(manifest(layer(collected)))
    )  # click keeps no type of what it decorates


def settings_files(command: Command) -> Command:
    """Add the options that say where the settings are; the command gets them as `selection`."""

    @wraps(command)
    def collected(*, env_file: Path | None, manifest: Path | None, **more: Any) -> Any:
        return command(selection=Selection(env_file, manifest), **more)

    return cast("Command", flags.env_file(manifest(collected)))


def logged(command: Command) -> Command:
    """Add the options that choose layers whose log is read, with --map for a map that is watched."""

    @wraps(command)
    def collected(*, selection: Selection, map_url: str, **more: Any) -> Any:
        return command(selection=selection._replace(map_url=map_url), **more)

    return cast("Command", watched_map(chosen(collected)))


def settings(selection: Selection, assumed: Mapping[str, str] | None = None) -> tuple[Settings, ...]:
    """Load the settings of all layers, and answer in their language. Raise SettingsError.

    `assumed` are values for what may be missing.
    """
    found = load_all(selection.env_file, selection.manifest, assumed=assumed)
    speech.choose(found[0].report_language)
    return found


def named(found: Sequence[Settings], names: Sequence[str]) -> list[Settings]:
    """Return the settings of the layers of these names, all if there are none.

    Raise UsageError if none fits.
    """
    chosen = [each for each in found if not names or each.umap_layer in names]
    if not chosen:
        raise UsageError(
            say('There is no layer "{name}" in the settings.', name=names[0]),
            way_out=say("To list the layers: umap-bot status"),
        )
    return chosen


def hidden_columns(found: Sequence[Settings]) -> Hidden:
    """Return the columns that no report shows, of any of the layers."""
    return reduce(or_, (each.hidden_columns for each in found))


def wired(
    selection: Selection,
    overrides: Overrides | None = None,
    *,
    create: bool = False,
    base: str = "",
    by: str = "",
    commits: bool = False,
) -> tuple[Wired, ...]:
    """Wire the chosen layers. `create`: one that its map does not have is made by the first push. `base`: the
    commit that was published last, if the state was lost. `by` is who decides by the overrides. `commits`:
    what is fetched is committed, not only looked at.

    Raise SettingsError, StateError, UsageError.
    """
    found = settings(selection)
    policies = [overrides.policy(each.policy) if overrides else each.policy for each in found]
    kept = wire_all(found, policies, create=create, base=base, by=by, commits=commits)
    beside = load_watched(selection.env_file, selection.manifest)
    if beside:  # pages tell of all that the manifest names
        kept = with_site(kept, [*kept[0].site, *(one for each in beside for one in watched_site(each))])
    return narrowed(kept, selection.layer)


def watched(selection: Selection, map_url: str | None, *, look: bool = True) -> tuple[Wired, ...]:
    """Wire the layers of the map at this address, else of those that the settings have watched, else of the
    one that they name. `look`: ask the maps which layers they have.

    Raise SettingsError, StateError; RefusedError and UnreachableError for a map that was never seen.
    """
    found = _watched_settings(selection, map_url)
    speech.choose(found[0].report_language)
    wired = [wire_watched(each, look=look) for each in found]
    site = [named for each in wired for one in each[:1] for named in one.site]
    if map_url is None and has_layers(selection.manifest):
        site = [*(named for one in _kept(selection)[:1] for named in one.site), *site]
    return with_site([one for each in wired for one in each], site)


def with_site(found: Sequence[Wired], site: Sequence[tuple[str, Settings]]) -> tuple[Wired, ...]:
    """Return the same as parts of these pages."""
    own = [named for each in found for named in each.site]
    pages = tuple({**dict(site), **dict(own)}.items())
    return tuple(replace(each, site=pages) for each in found)


def watched_site(settings: Settings) -> tuple[tuple[str, Settings], ...]:
    """Return the layers of a watched map that have pages, as the state knows them."""
    return tuple((each.work.job.layer, each.settings) for each in wire_watched(settings, look=False))


def about_watched(wired: Wired, selection: Selection | None = None) -> Commands:
    """Return what people type about a watched layer: its map's address names it where no settings do."""
    words = selection.words if selection else []
    return Commands(chosen=(*words, *(() if words else ("--map", wired.settings.umap_map_url))))


def _watched_settings(selection: Selection, map_url: str | None) -> tuple[Settings, ...]:
    if map_url is None and (found := load_watched(selection.env_file, selection.manifest)):
        return found
    assumed = {**NO_FILE, **({"UMAP_MAP_URL": map_url} if map_url else {})}
    if map_url is None:
        return load_all(selection.env_file, selection.manifest, assumed=assumed)[:1]
    return (of_map(load(Settings, selection.env_file, assumed=assumed), map_url),)


def seen(selection: Selection) -> tuple[Wired, ...]:
    """Wire the chosen layers whose log is to be read: those that are kept, and those that are watched.

    Nothing is asked of the map. Raise SettingsError, StateError, UsageError.
    """
    if selection.map_url:
        found = watched(selection, selection.map_url, look=False)
        if not found:
            raise UsageError(
                say("umap-bot has not watched this map yet."),
                way_out=say("To begin: {command}", command=flags.typed("watch", [selection.map_url])),
            )
        return narrowed(found, selection.layer)
    kept = _kept(selection)
    own = [*(each.settings for each in kept), *load_watched(selection.env_file, selection.manifest)]
    if not own:
        own = [*load_all(selection.env_file, selection.manifest, assumed=NO_FILE)]
    speech.choose(own[0].report_language)
    maps = {watched_place(each): each for each in own}
    beside = [one for each in maps.values() for one in wire_watched(each, look=False)]
    found = (*kept, *beside)
    if not found:
        raise UsageError(
            say("umap-bot has not watched any map yet."),
            way_out=say("To begin: {command}", command="umap-bot watch"),
        )
    return narrowed(with_site(found, [named for each in found for named in each.site]), selection.layer)


def _kept(selection: Selection) -> tuple[Wired, ...]:
    """Wire the layers that are kept equal to a file, if the settings name any."""
    if not has_layers(selection.manifest):
        return ()
    try:
        return wire_all(settings(selection))
    except SettingsError:
        with suppress(SettingsError):  # what is wrong is told of the settings as they are
            if all(each.dataset_path == NOT_NEEDED for each in settings(selection, NO_FILE)):
                return ()
        raise


def only(selection: Selection, overrides: Overrides | None = None, *, commits: bool = False) -> Wired:
    """Wire the one layer that is chosen. Raise UsageError if there are several."""
    return single(wired(selection, overrides, commits=commits))


def single(found: Sequence[Wired]) -> Wired:
    """Return the one layer that was wired. Raise UsageError if there are several."""
    if len(found) > 1:
        raise UsageError(
            say("This command works on one layer, but there are {count}.", count=len(found)),
            way_out=say("Choose one with --layer: {names:, }.", names=tuple(map(called, found))),
        )
    return found[0]


def called(wired: Wired) -> str:
    """Return the name that --layer knows a layer by."""
    return wired.settings.umap_layer or wired.work.job.layer


def shown(wired: Wired) -> Text:
    """Return what people read for a layer: its name, else the title of its map, else the map's number."""
    name = wired.settings.umap_layer or (wired.map.latest.name if wired.map.latest else "")
    return verbatim(name) if name else say("map {map}", map=wired.map.address.map_id)


def commands(
    found: Sequence[Wired], selection: Selection, sync: str, *, named: bool = False
) -> dict[str, Commands]:
    """Return what people type about each of these layers, by its name in the state.

    `sync` is such a run of all of them. `named`: there are others beside these, so one has to be named.
    """
    words = selection._replace(layer=()).words
    several = named or len(found) > 1 or bool(selection.layer)
    return {
        each.work.job.layer: Commands(
            sync=sync,
            chosen=(*words, *(("--layer", called(each)) if several else ())),
            filtered=tuple(each.settings.dataset_filter),
            fetched=bool(each.settings.dataset_url),
        )
        for each in found
    }


def narrowed(found: Sequence[Wired], names: Sequence[str]) -> tuple[Wired, ...]:
    """Return the layers of these names, all if there are none. Raise UsageError for one that is not there."""
    known = {name for each in found for name in (called(each), each.work.job.layer)}
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise UsageError(
            say('There is no layer "{name}" in the settings.', name=unknown),
            way_out=say("Layers in the settings: {names:, }.", names=tuple(map(called, found))),
        )
    wanted = set(names)
    return tuple(each for each in found if not wanted or {called(each), each.work.job.layer} & wanted)
