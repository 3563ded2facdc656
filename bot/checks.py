"""What `check` looks at, one thing after the other; what fails says how to mend it and stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from bot.errors import BotError
from bot.model.layer import Commit
from bot.report.words import features, moment, rows
from bot.settings import readable_by_others
from bot.wiring import Wired


class Finding(msgspec.Struct, frozen=True):
    """One line: what was looked at, what was found. `code` is the exit code of a failure, 0 of a success."""

    what: str
    text: str
    way_out: str = ""
    code: int = 0
    notes: tuple[str, ...] = ()


def check(wired: Wired, env_file: Path) -> Iterator[Finding]:
    """Look at settings, repository, file, map, layer, right to edit and state, in this order."""
    yield _settings(env_file)
    commits: list[Commit] = []
    yield _tried("repository", lambda: _repository(wired, commits))
    if commits:
        yield _tried("file", lambda: _file(wired, commits[0]))
    yield _tried("map", lambda: _map(wired))
    yield _tried("layer", lambda: _layer(wired))
    yield _tried("state", lambda: _state(wired))


def _tried(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except BotError as error:
        return Finding(what, error.message, error.way_out, error.code)


def _settings(env_file: Path) -> Finding:
    if not env_file.is_file():
        return Finding("settings", "from the environment")
    warning = f"Others on this machine can read {env_file}, and the secrets in it: chmod 600 {env_file}"
    return Finding("settings", str(env_file), notes=(warning,) if readable_by_others(env_file) else ())


def _repository(wired: Wired, commits: list[Commit]) -> Finding:
    head = wired.work.dataset.head()
    commits.append(head)
    return Finding("repository", f"{wired.settings.dataset_repo}, newest version {head.short}")


def _file(wired: Wired, head: Commit) -> Finding:
    commit, layer = wired.work.dataset.read(head)
    by = ", ".join(part for part in (commit.author, moment(commit.date)) if part)
    places = (
        "with coordinates" if layer.places else "without coordinates: it can change features, not add any"
    )
    text = f"{layer.file}, {by}: {rows(len(layer.rows))}, {places}, columns {', '.join(layer.columns)}"
    return Finding("file", text, notes=layer.warnings)


def _map(wired: Wired) -> Finding:
    access = wired.map.access()
    name = access.layers[0].map_name if access.layers else wired.map.address.url
    return Finding("map", f"{name}, uMap {access.release}, way in: {access.kind}")


def _layer(wired: Wired) -> Finding:
    live = wired.work.layer.read()
    entry = live.entry
    text = f'"{entry.name}", {features(len(live.standing.features))}'
    if entry.remote:
        return Finding(
            "layer", f"{text}; it shows remote data ({entry.remote}), which can't be written to", code=13
        )
    if entry.group:
        return Finding("layer", f"{text}; it is a group of layers", "Set UMAP_LAYER to one in it.", 13)
    if not entry.editable:
        return Finding("layer", f"{text}; it may be read, not edited", wired.map.way_in.advice, 13)
    return Finding("layer", f"{text}; may be edited")


def _state(wired: Wired) -> Finding:
    recall = wired.journal.peek(wired.work.job.layer, wired.clock)
    last = next(iter(recall.history), None)
    said = f"last change {moment(last.ended)}" if last else "no sync of this layer so far"
    return Finding("state", f"{wired.journal.place}; {said}")
