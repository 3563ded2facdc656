"""`umap-bot state`: the whole state as one file, and back, and in less room."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.cli.files.backups import STATE_ALONE
from umap_bot.cli.files.delivery import refuse_existing
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.settings import NOT_NEEDED
from umap_bot.text import Text, joined, say, say_n
from umap_bot.wiring import WallClock, journal, names_of_layers

FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.group(name="state")
def command() -> None:
    """Back up, restore, migrate or compact the state: the change log, its backups, and what was published
    last."""


@command.command(name="backup")
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help=say("Overwrite an existing file."))
@layers.manifest
@flags.env_file
def backup(file: Path, force: bool, manifest: Path | None, env_file: Path | None) -> int:
    """Write the whole state to FILE.

    FILE is an SQLite database, whatever STATE_URL is. It contains everything that was on the map, so keep it
    just as private.
    """
    refuse_existing(file, force=force)
    state = journal(layers.settings(Selection(env_file, manifest), STATE_ALONE)[0])
    runs = _runs(state.back_up(file))
    speech.tell(
        say(
            "Backed up the state from {place} to {file}: {runs}.",
            place=state.place,
            file=str(file),
            runs=runs,
        )
    )
    return 0


@command.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--force", is_flag=True, help=say("Overwrite a state that is not empty. The old one is lost."))
@layers.manifest
@flags.env_file
def restore(file: Path, force: bool, manifest: Path | None, env_file: Path | None) -> int:
    """Restore the state in FILE to the database of STATE_URL.

    Runs after FILE was written are not in it, so the next sync checks more closely.
    """
    state = journal(layers.settings(Selection(env_file, manifest), STATE_ALONE)[0])
    runs = _runs(state.restore(file, WallClock(), force=force))
    done = say(
        "Restored the state in {file} to {place}: {runs}.", file=str(file), place=state.place, runs=runs
    )
    speech.tell(joined((done, say("Next: umap-bot plan."))))
    return 0


@command.command(name="compact")
@layers.manifest
@flags.env_file
def compact(manifest: Path | None, env_file: Path | None) -> int:
    """Make the state smaller, and show how much space was freed.

    Deletes the oldest runs beyond STATE_KEEP_RUNS and STATE_KEEP_SIZE, and returns the free space to the
    disk. What was published last, decisions, approvals and what needs your approval are always kept. No sync
    may be running.
    """
    settings = layers.settings(Selection(env_file, manifest), STATE_ALONE)
    state = journal(settings[0])
    made = state.compact(
        names_of_layers([each for each in settings if each.umap_map_url != NOT_NEEDED], state.reader),
        WallClock(),
    )
    speech.tell(
        say(
            "Compacted the state of {place}: {runs} removed, {freed:.1f} MB freed, {left:.1f} MB left.",
            place=state.place,
            runs=_runs(made.runs),
            freed=max(made.before - made.after, 0) / 1e6,
            left=made.after / 1e6,
        )
    )
    return 0


def _runs(count: int) -> Text:
    return say_n("{count} run", "{count} runs", count)
