"""Tables that are fetched: settings become feeds, one for each address with the file that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, reduce
from hashlib import sha256
from operator import or_
from pathlib import Path
from typing import TypeAlias

import msgspec

from umap_bot import progress
from umap_bot.dataset.git.branch import Branch
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sources.feed import Feed, Place
from umap_bot.dataset.sources.source import Fetched, NotModified, Source
from umap_bot.errors import BotError, SettingsError, SourceError
from umap_bot.journal.address import folder_of
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.hidden import Hidden
from umap_bot.model.source_state import SourceState
from umap_bot.ports import Clock
from umap_bot.report.hide import without_columns
from umap_bot.settings import Settings
from umap_bot.text import say

Name: TypeAlias = tuple[str, ...]
"""What makes a feed: address, token, repository with branch, and path."""


def repository_of(settings: Settings) -> Name:
    """Name a repository, which for what is fetched is our own unless there is another one, with the way to
    it: place, branch, token, key."""
    secret = settings.dataset_push_token if settings.dataset_url else settings.dataset_token
    token = secret.get_secret_value() if secret else ""
    own = own_repository(settings)
    place = str(own) if own else settings.dataset_repo
    return place, settings.dataset_ref, token, settings.dataset_ssh_key


def own_repository(settings: Settings) -> Path | None:
    """Return the folder of our own repository, beside the state; None if there is another one."""
    if settings.dataset_repo or not settings.dataset_url:
        return None
    state = settings.state_url.get_secret_value() if settings.state_url else ""
    return folder_of(state) / "sources" / f"{_digest(settings.dataset_url)}.git"


def name_of_repository(settings: Settings) -> str:
    """Name a repository alike on every machine, whose state may be elsewhere."""
    own = settings.dataset_url and not settings.dataset_repo
    return f"source {_digest(settings.dataset_url)}" if own else settings.dataset_repo


def name_of_feed(settings: Settings) -> Name | None:
    """Name what is fetched for a layer; None for one whose file is in git."""
    if not settings.dataset_url:
        return None
    token = settings.dataset_token.get_secret_value() if settings.dataset_token else ""
    return settings.dataset_url, token, *repository_of(settings), settings.dataset_path


def feeds_of(
    layers: Sequence[Settings],
    recipes: Sequence[Recipe],
    repositories: Mapping[Name, Repository],
    journal: SqlJournal,
    clock: Clock,
    *,
    commits: bool = False,
) -> dict[Name, Feed]:
    """Return what is fetched for these layers, by its name: layers of one address have it fetched once.

    `commits`: what is new is committed and written down; else it is only looked at. Raise SettingsError if
    two addresses would be committed as one file.
    """
    named: dict[Name, list[tuple[Settings, Recipe]]] = {}
    for settings, recipe in zip(layers, recipes, strict=True):
        if name := name_of_feed(settings):
            named.setdefault(name, []).append((settings, recipe))
    _refuse_one_file(named)
    return {
        name: _feed(readers, repositories, journal, clock, commits=commits) for name, readers in named.items()
    }


def _refuse_one_file(names: Iterable[Name]) -> None:
    """Raise SettingsError for two addresses in one repository, unless it is said which is which file."""
    paths: dict[Name, list[str]] = {}
    for _, _, *repository, path in names:
        paths.setdefault(tuple(repository), []).append(path)
    for several in paths.values():
        if several[1:] and (len({*several}) < len(several) or "" in several):
            raise SettingsError(
                say("Several addresses (DATASET_URL) would be committed to the same file."),
                way_out=say("Set another DATASET_PATH for each of them."),
            )


def _feed(
    readers: Sequence[tuple[Settings, Recipe]],
    repositories: Mapping[Name, Repository],
    journal: SqlJournal,
    clock: Clock,
    *,
    commits: bool,
) -> Feed:
    first = readers[0][0]
    recipes = {msgspec.json.encode(recipe): recipe for _, recipe in readers}
    hidden = reduce(or_, (settings.hidden_columns for settings, _ in readers))
    branch = Branch(repositories[repository_of(first)], first.dataset_ref, own_repository(first))
    return Feed(
        partial(source_at, first),
        Place(branch, first.dataset_path),
        [recipes[mark] for mark in sorted(recipes)],
        StoredMemory(journal, key_of(first), clock),
        clock.now,
        commits=commits,
        hide=hiding(hidden),
    )


def source_at(settings: Settings) -> Source:
    """Return the source at DATASET_URL. Raise SourceError, SettingsError."""
    from umap_bot.dataset.sources.recognise import recognise  # noqa: PLC0415  only who has one waits for it

    token = settings.dataset_token.get_secret_value() if settings.dataset_token else ""
    return recognise(settings.dataset_url, token, plain=settings.secrets_over_http)


def fetched_whole(settings: Settings) -> Fetched:
    """Return what is at DATASET_URL now. Raise SourceError, SettingsError."""
    source = source_at(settings)
    progress.step(say("Fetching the data from {address}", address=source.address))
    came = source.fetch()
    if isinstance(came, NotModified):  # it was not asked whether it is
        raise SourceError(say("{address} did not send its data.", address=source.address))
    return came


def source_name(settings: Settings) -> str:
    """Return the name by which messages and log know a source; "" if the address is none."""
    try:
        return source_at(settings).address
    except BotError:
        return ""


def hiding(columns: Hidden) -> Callable[[BotError], BotError]:
    def hide(error: BotError) -> BotError:
        return without_columns(error, columns)

    return hide


def key_of(settings: Settings) -> str:
    """Return the name by which the state knows what is fetched: no part of it can be read in that."""
    return _digest("\n".join((settings.dataset_url, name_of_repository(settings), settings.dataset_path)))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


class StoredMemory:
    """What the state keeps of one table that is fetched."""

    def __init__(self, journal: SqlJournal, key: str, clock: Clock) -> None:
        self._journal = journal
        self._key = key
        self._clock = clock

    def known(self) -> SourceState:
        return self._journal.source(self._key)

    def keep(self, known: SourceState) -> None:
        self._journal.keep_source(self._key, known)

    def failed(self, name: str, error: BotError) -> None:
        self._journal.note_failure(name, "sync", error.text, SourceError.code, self._clock)

    def works_again(self, name: str) -> None:
        self._journal.works_again(name)
