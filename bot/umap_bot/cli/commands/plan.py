"""`umap-bot plan`: what a sync would do."""

from __future__ import annotations

import click
from msgspec.structs import replace

from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.flags import Overrides
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import formats, progress, reminders
from umap_bot.cli.output.sources import tell_sources, with_sources
from umap_bot.errors import BotError
from umap_bot.report.hide import without_columns
from umap_bot.run.passes import code_of_plans, preview_all, sources_ended
from umap_bot.wiring import sessions_of


@click.command(name="plan")
@layers.chosen
@flags.overrides
@flags.create_layer
@flags.base
@flags.full
@formats.chosen
def command(
    selection: Selection,
    overrides: Overrides,
    create_layer: bool,
    base: str,
    full: bool,
    form: formats.Format,
) -> int:
    """Show what a sync would change. Writes nothing, neither to the map nor to the state.

    Exit code: 0 nothing to do · 2 changes to apply · 3 a sync would need your approval.
    """
    wired = layers.wired(selection, overrides, create=create_layer, base=base)
    words = (
        selection.words,
        overrides.words,
        flags.typed_base(base),
        ["--create-layer"] if create_layer else [],
    )
    with progress.shown(quiet=form != "text"):
        found = preview_all([each.work for each in wired], wired[0].journal, wired[0].clock)
    commands = layers.commands(wired, selection, flags.typed("sync", *words))
    near = reminders.reminders_of(
        sessions_of(wired), wired[0].clock.now(), flags.typed("login", selection.words)
    )
    sources = sources_ended([each.work for each in wired])
    tell_sources(sources)
    if len(found) == 1 and isinstance(found[0], BotError):
        reminders.tell_beside(near, found)
        raise without_columns(found[0], wired[0].settings.hidden_columns)
    shown = [
        formats.result_of(
            each,
            end,
            None if isinstance(end, BotError) else each.checked,
            replace(commands[each.work.job.layer], asked=False),  # a plan is not written down
        )
        for each, end in zip(wired, found, strict=True)
    ]
    whole = flags.typed("plan", *words, ["--full"])
    shown = reminders.with_reminders(shown, near, form)
    formats.show(with_sources(shown, sources, form), form, whole=whole, full=full)
    return code_of_plans([*found, *(end for _, end in sources if isinstance(end, BotError))])
