"""Answers, tried on the real things: the map as a stranger and with its way in, git, the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final

from msgspec.structs import replace
from pydantic import ValidationError

from umap_bot.dataset.decode import FORMATS, decode
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.naming import check_names
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sources.https_file import HttpsFile
from umap_bot.dataset.sources.recognise import recognise
from umap_bot.dataset.sources.source import Fetched
from umap_bot.dataset.table import Table
from umap_bot.errors import DatasetError, SettingsError
from umap_bot.fetching import fetched_whole
from umap_bot.model.layer import Commit, Layer
from umap_bot.settings import Settings, problem_of
from umap_bot.text import say
from umap_bot.umap.entry import Page
from umap_bot.umap.map import UmapMap
from umap_bot.umap.ways.account import login_path, takes_password
from umap_bot.wiring import WallClock, dataset, live_map, recipe, wire

_ASSUMED: Final = {"UMAP_MAP_URL": "http://localhost/en/map/map_1", "DATASET_REPO": ".", "DATASET_PATH": "-"}


@dataclass(frozen=True, slots=True)
class PublicMap:
    """A map. `page` is what strangers are shown of it, None if nothing: it is a draft, private or deleted."""

    map: UmapMap
    page: Page | None


@dataclass(frozen=True, slots=True)
class OpenedMap:
    """A map with a way in that uMap took, and its page."""

    map: UmapMap
    page: Page


def settings_of(answers: Mapping[str, str]) -> Settings:
    """Return the settings that the answers so far make. Raise SettingsError, which repeats none of them."""
    try:
        return Settings.model_validate({**_ASSUMED, **{k: v for k, v in answers.items() if v}})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        problem = say("{name}: {problem}.", name=str(first["loc"][0]), problem=problem_of(first))
        raise SettingsError(problem) from None  # the chain would hold the values


def see(answers: Mapping[str, str]) -> PublicMap:
    """Look at the map without any right. Raise SettingsError, RefusedError, UnreachableError."""
    of = live_map(settings_of({"UMAP_MAP_URL": answers["UMAP_MAP_URL"]}), WallClock())
    if of.wire.get(of.address.settings).status == HTTPStatus.FORBIDDEN:
        return PublicMap(of, None)
    return PublicMap(of, of.look())


def enter(answers: Mapping[str, str]) -> OpenedMap:
    """Look at the map with the way in that the answers hold. Raise SettingsError, RefusedError,
    UnreachableError."""
    of = live_map(settings_of(answers), WallClock())
    return OpenedMap(of, of.enter())


def password_form(of: UmapMap) -> bool:
    """Return whether the site's login page takes a password. Raise RefusedError, UnreachableError."""
    return takes_password(of.wire.get(login_path(of.address)))


def is_table(text: str) -> bool:
    """Tell whether a person names a table on the web, and not a repository. Raise SourceError for a page of a
    site that we know, which is none of a table."""
    if not text.lower().startswith(("https://", "http://")):
        return False
    source = recognise(text)
    return not isinstance(source, HttpsFile) or PurePosixPath(source.address).suffix.lower() in FORMATS


def fetch(answers: Mapping[str, str]) -> Fetched:
    """Fetch the table at the address. Raise SourceError, SettingsError."""
    return fetched_whole(settings_of(answers))


def newest(answers: Mapping[str, str]) -> Commit:
    """Ask git for the newest version. Raise SettingsError, GitError."""
    return _repository(answers).head()


def read_table(answers: Mapping[str, str], came: Fetched | None = None) -> Table:
    """Read the file's columns and cells, which needs no key; `came` is what was fetched in place of one in
    git. Raise SettingsError, GitError, DatasetError."""
    settings = settings_of(answers)
    path = came.name if came else settings.dataset_path
    ending = PurePosixPath(path).suffix.lower()
    if ending not in FORMATS:
        raise DatasetError(
            say(
                "{file} has an extension that umap-bot can't read. It must be one of {endings:, }.",
                file=path,
                endings=tuple(FORMATS),
            )
        )
    data = came.data if came else _committed(answers, path)
    read, unit = FORMATS[ending]
    findings = Findings(path, unit)
    bare = Recipe(
        path=path,
        encoding=settings.dataset_encoding,
        delimiter=settings.dataset_delimiter,
        sheet=settings.dataset_sheet,
        columns=settings.dataset_columns,
        leave_out=settings.dataset_leave_out,
    )
    table = read(data, bare, findings)
    check_names(table, bare, findings)
    findings.stop()
    return table


def _committed(answers: Mapping[str, str], path: str) -> bytes:
    repository = _repository(answers)
    return repository.read(repository.head().sha, path)[1]


def read_layer(answers: Mapping[str, str], came: Fetched | None = None) -> Layer:
    """Read the file as a sync does. Raise SettingsError, GitError, DatasetError."""
    settings = settings_of(answers)
    if came:
        return decode(came.data, replace(recipe(settings), path=came.name))
    found = dataset(settings)
    return found.read(found.head())[1]


def _repository(answers: Mapping[str, str]) -> Repository:
    return wire(settings_of(answers)).repository
