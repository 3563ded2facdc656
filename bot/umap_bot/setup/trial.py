"""Answers, tried on the real things: the map as a stranger and with its way in, git, the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final

from pydantic import ValidationError

from umap_bot.dataset.decode import FORMATS
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.naming import check_names
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Table
from umap_bot.errors import DatasetError, SettingsError
from umap_bot.model.layer import Commit, Layer
from umap_bot.settings import Settings, problem_of
from umap_bot.text import say
from umap_bot.umap.entry import Page
from umap_bot.umap.map import UmapMap
from umap_bot.umap.ways.account import login_path, takes_password
from umap_bot.wiring import WallClock, dataset, live_map, wire

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


def newest(answers: Mapping[str, str]) -> Commit:
    """Ask git for the newest version. Raise SettingsError, GitError."""
    return _repository(answers).head()


def read_table(answers: Mapping[str, str]) -> Table:
    """Read the file's columns and cells, which needs no key. Raise SettingsError, GitError, DatasetError."""
    settings = settings_of(answers)
    path = settings.dataset_path
    ending = PurePosixPath(path).suffix.lower()
    if ending not in FORMATS:
        raise DatasetError(
            say(
                "{file} has an extension that umap-bot can't read. It must be one of {endings:, }.",
                file=path,
                endings=tuple(FORMATS),
            )
        )
    repository = _repository(answers)
    _, data = repository.read(repository.head().sha, path)
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


def read_layer(answers: Mapping[str, str]) -> Layer:
    """Read the file as a sync does. Raise SettingsError, GitError, DatasetError."""
    found = dataset(settings_of(answers))
    return found.read(found.head())[1]


def _repository(answers: Mapping[str, str]) -> Repository:
    return wire(settings_of(answers)).repository
