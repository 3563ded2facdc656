"""Which layers a command is about: those of the manifest or of `.env`, narrowed by --layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce, wraps
from operator import or_
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags
from umap_bot.cli.options.flags import Overrides
from umap_bot.errors import UsageError
from umap_bot.manifest import load_all
from umap_bot.model.hidden import Hidden
from umap_bot.report.story.acts import Commands
from umap_bot.settings import Settings
from umap_bot.text import Text, say, verbatim
from umap_bot.wiring import Wired, wire_all

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


NOT_NEEDED: Final = "-"
"""Stands in for a setting that is required, but not for this command."""


class Selection(NamedTuple):
    """Where the settings are, and which of their layers a command is about."""

    env_file: Path | None = None
    manifest: Path | None = None
    layer: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """Return the options as one would type them."""
        return [
            *(["--env-file", str(self.env_file)] if self.env_file else []),
            *(["--manifest", str(self.manifest)] if self.manifest else []),
            *(word for name in self.layer for word in ("--layer", name)),
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
) -> tuple[Wired, ...]:
    """Wire the chosen layers. `create`: one that its map does not have is made by the first push. `base`: the
    commit that was published last, if the state was lost. `by` is who decides by the overrides.

    Raise SettingsError, StateError, UsageError.
    """
    found = settings(selection)
    policies = [overrides.policy(each.policy) if overrides else each.policy for each in found]
    return narrowed(wire_all(found, policies, create=create, base=base, by=by), selection.layer)


def only(selection: Selection, overrides: Overrides | None = None) -> Wired:
    """Wire the one layer that is chosen. Raise UsageError if there are several."""
    return single(wired(selection, overrides))


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
