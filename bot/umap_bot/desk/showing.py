"""What the pages show of runs, of settings and of people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec
from pydantic import SecretStr

from umap_bot.desk import captions
from umap_bot.desk.desk import Desk, Kept
from umap_bot.model.access import INVITED, Access
from umap_bot.model.natural import natural
from umap_bot.model.run import Run
from umap_bot.reconcile.names import fold
from umap_bot.report.hide import NAME, without_columns
from umap_bot.report.log import summary
from umap_bot.report.settling import settlers
from umap_bot.settings import SECRETS, Settings
from umap_bot.text import NOTHING, Text

FOUND: Final = 100
"""How many features a search shows."""

_ON_DISK: Final = frozenset({"DATASET_SSH_KEY", "REPORT_SITE_DIR"})
"""Settings that name a place on the machine."""


class RunLine(msgspec.Struct, frozen=True):
    """A run in a list. `settled`: what it asked, nobody is asked any more; `layer`: of several, which."""

    run: Run
    settled: bool
    what: Text
    layer: Text


def run_lines(desk: Desk, layers: Sequence[Kept], runs: Sequence[Run]) -> list[RunLine]:
    """Return runs as a list shows them. `runs` may be of several of the layers."""
    of_name = {each.name: each for each in layers}
    oldest = {run.layer: run for run in runs if run.waits}  # of each layer: the newest come first
    later = [run for first in oldest.values() for run in desk.reader.runs_after(first)]
    done = settlers({run.number: run for run in (*runs, *later)}.values())
    return [
        RunLine(
            run,
            run.number in done,
            summary(without_columns(run, of_name[run.layer].hidden), done.get(run.number)),
            of_name[run.layer].state.shown if len(layers) > 1 else NOTHING,
        )
        for run in runs
    ]


def newest(desk: Desk, layers: Iterable[Kept], limit: int, before: int | None = None) -> list[Run]:
    """Return the newest runs of layers, below a number."""
    found = [
        run
        for each in layers
        for run in desk.reader.runs(limit=limit, layer=each.name, before=before, plans=False)
    ]
    return sorted(found, key=lambda run: run.number, reverse=True)[:limit]


def features(desk: Desk, layers: Iterable[Kept], words: str) -> list[tuple[Kept, str, str]]:
    """Return the features of the log whose id or name holds these words: layer, id, name.

    Case, accents and hyphens do not matter.
    """
    wanted = fold(words)
    found = [
        (each, key, "" if NAME in each.hidden else name)
        for each in layers
        for key, name in sorted(desk.reader.names(each.name), key=lambda named: natural(named[1]))
        if key and (wanted in fold(key) or (NAME not in each.hidden and wanted in fold(name)))
    ]
    return [(layer, key, name or key) for layer, key, name in found[:FOUND]]


def told_settings(settings: Settings) -> Iterator[tuple[str, str | None]]:
    """Return the settings that are set, by name; None for what nobody may read: secrets, and places on this
    machine."""
    for field in sorted(settings.model_fields_set):
        name, value = field.upper(), getattr(settings, field)
        if value in (None, "", (), {}):
            continue
        yield name, None if _is_private(name, value) else _written(value)


def _is_private(name: str, value: object) -> bool:
    if name in (*SECRETS, *_ON_DISK) or isinstance(value, SecretStr):
        return True
    return name == "DATASET_REPO" and not _is_public(str(value))


def _is_public(url: str) -> bool:
    """Return whether an address is one of the web, without a password in it."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and not parts.password


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items())
    return str(value)


def people(found: Iterable[Access], now: datetime) -> list[tuple[Access, Text, bool]]:
    """Return invitations and sessions, each with how it stands with it, and whether it still works."""
    return [(each, _status(each, now), each.works(now)) for each in found]


def _status(access: Access, now: datetime) -> Text:
    if access.ended:
        return captions.ended(access.ended)
    if not access.works(now):
        return captions.expired()
    return captions.seen(access.seen) if access.seen else captions.invited_until(access.invited + INVITED)
