"""What `check` looks at, one thing after the other; what fails says how to mend it and stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from bot.errors import BotError
from bot.model.layer import Commit, Entry, Layer
from bot.report.popup import shown_nowhere
from bot.report.words import features, moment, rows
from bot.settings import readable_by_others
from bot.umap.access import Everyone
from bot.umap.page import settings_of_json
from bot.umap.shown import shown_by
from bot.umap.ways import way_in
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
    desired: list[Layer] = []
    if commits:
        yield _tried("file", lambda: _file(wired, commits[0], desired))
    yield _tried("map", lambda: _map(wired))
    yield _tried("layer", lambda: _layer(wired, desired))
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


def _file(wired: Wired, head: Commit, desired: list[Layer]) -> Finding:
    commit, layer = wired.work.dataset.read(head)
    desired.append(layer)
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


def _layer(wired: Wired, desired: list[Layer]) -> Finding:
    live = wired.work.layer.read()
    entry = live.entry
    text = f'"{entry.name}", {features(len(live.standing.features))}'
    if entry.remote:
        shown = shown_by(wired.map, entry)
        if shown:
            return Finding(
                "layer", f"{text}; {shown.sentence}", f"Point UMAP_MAP_URL at that map: {shown.map_url}", 13
            )
        return Finding(
            "layer", f"{text}; it shows remote data ({entry.remote}), which can't be written to", code=13
        )
    if entry.group:
        return Finding("layer", f"{text}; it is a group of layers", "Set UMAP_LAYER to one in it.", 13)
    if not entry.editable:
        return Finding("layer", f"{text}; it may be read, not edited", _way_on(wired, entry), 13)
    by = " by everyone: no secret is needed" if isinstance(wired.map.way_in, Everyone) else ""
    return Finding("layer", f"{text}; may be edited{by}", notes=_unseen(wired, entry, desired))


def _way_on(wired: Wired, entry: Entry) -> str:
    """Give what to do about a layer that may not be edited, by the page's state."""
    way = way_in(entry, owned=wired.map.latest is not None and wired.map.latest.owned)
    return f"{way.why} {way.way_out}" if way.kind == "none" else wired.map.way_in.advice


def _unseen(wired: Wired, entry: Entry, desired: list[Layer]) -> tuple[str, ...]:
    """Tell how many of the file's columns no popup shows: after the first sync it looks as before."""
    of_map = settings_of_json(wired.map.wire.get(wired.map.address.settings).body)
    count = sum(len(shown_nowhere(layer, entry.settings, of_map)) for layer in desired)
    if not count:
        return ()
    are = "1 column is" if count == 1 else f"{count} columns are"
    return (f"{are} shown nowhere on the map: umap-bot template prints a popup text that shows them.",)


def _state(wired: Wired) -> Finding:
    recall = wired.journal.peek(wired.work.job.layer, wired.clock)
    last = next(iter(recall.history), None)
    said = f"last change {moment(last.ended)}" if last else "no sync of this layer so far"
    return Finding("state", f"{wired.journal.place}; {said}")
