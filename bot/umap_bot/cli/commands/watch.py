"""`umap-bot watch`: what people change on a map, without a file beside it."""

from __future__ import annotations

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import formats, progress, reminders
from umap_bot.errors import BotError
from umap_bot.run import passes
from umap_bot.text import say
from umap_bot.wiring import audience, sessions_of


@click.command(name="watch")
@click.argument("map_url", metavar="[MAP_URL]", required=False)
@layers.settings_files
@click.option("--wait", is_flag=True, help=say("If another run has the layer, wait until it has ended."))
@flags.full
@formats.chosen
def command(selection: Selection, map_url: str | None, wait: bool, full: bool, form: formats.Format) -> int:
    """Log what people changed on the map at MAP_URL since the last look. Nothing on it is changed.

    Without MAP_URL: the maps that umap-bot.toml names in [[watch]], or else UMAP_MAP_URL. Then read it with
    umap-bot log, show, history, status and report.

    Exit code: 0 done or nothing to do · 5 another run has the layer · 13, 14 the map can't be read.
    """
    wired = layers.watched(selection, map_url)
    if not wired:
        speech.tell(say("The map has no layers yet."))
        return 0
    login = flags.typed("login", selection.words)
    first = wired[0]
    commands = {each.work.job.layer: layers.about_watched(each) for each in wired}
    sync = flags.typed("watch", [map_url] if map_url else [], selection.words)
    hearers = audience(wired, speech.tongue(), sync, login, commands)
    patience = passes.PATIENCE if wait else passes.NONE
    with progress.shown(quiet=form != "text"):
        ended = passes.make_pass([each.work for each in wired], first.journal, first.clock, hearers, patience)
    by_layer = {each.work.job.layer: each for each in wired}
    shown = [formats.result_of(by_layer[layer], end, None, commands[layer]) for layer, end in ended]
    near = reminders.reminders_of(sessions_of(wired), first.clock.now(), login)
    if len(shown) == 1 and isinstance(shown[0].result, BotError):
        raise shown[0].result
    formats.show(reminders.with_reminders(shown, near, form), form, full=full)
    return passes.worst(ended)
