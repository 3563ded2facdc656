"""Reading the settings of one layer: `.env`, over it the environment."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from umap_bot.errors import SettingsError
from umap_bot.settings.env_file import glance, misspelt, written
from umap_bot.settings.model import KNOWN, PREFIXES, Settings
from umap_bot.settings.problems import as_settings_error, nearest, unknown
from umap_bot.settings.secrecy import hide_environment, hide_secrets, refuse_misplaced
from umap_bot.settings.way import refuse_unclear_way
from umap_bot.text import Text, say

S = TypeVar("S", bound=Settings)


def load(
    kind: type[S],
    env_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    assumed: Mapping[str, str] | None = None,
) -> S:
    """Return the settings of `.env` here (or of the file named), and over them those of the environment.

    `kind` is the class of the result. `assumed` are values for what may be missing.

    Raise SettingsError: for a file that isn't there, an unknown name, a wrong or missing value. No text of
    it holds a value, which may be a secret.
    """
    file = env_file or Path(".env")
    found = given(file, environ, must_exist=env_file is not None)
    where = say(
        "Settings come from {file} and the environment. config.example.env explains each.", file=str(file)
    )
    required = {name.upper() for name, field in kind.model_fields.items() if field.is_required()}
    if not assumed and required.isdisjoint(found) and not file.is_file():
        raise _no_settings()
    return validated(kind, with_assumed(found, assumed or {}), where)


def with_assumed(found: Mapping[str, object], assumed: Mapping[str, str]) -> dict[str, object]:
    """Return settings with values for those that are missing. What is fetched lacks neither repository nor
    path: it has its own."""
    fetched = {"DATASET_REPO", "DATASET_PATH"} if found.get("DATASET_URL") else set[str]()
    return {**{name: value for name, value in assumed.items() if name not in fetched}, **found}


def _no_settings() -> SettingsError:
    return SettingsError(
        say("This folder has no settings: there is no .env and no umap-bot.toml."),
        way_out=say("To set up umap-bot here: umap-bot init. If you have settings, go to their folder."),
    )


def given(file: Path, environ: Mapping[str, str] | None = None, *, must_exist: bool) -> dict[str, str]:
    """Return what `.env` and the environment over it say, by the settings' names; an empty value is none.

    From here on no text holds a secret of it. Raise SettingsError for a file that isn't there or can't be
    read, a line of it that is no setting, and an unknown name.
    """
    environ = os.environ if environ is None else environ
    own = written(file, must_exist=must_exist)
    values = {name: value for name, value in own.items() if name in KNOWN}
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIXES)}
    refuse_unknown({name: value for name, value in ours.items() if nearest(name)}, say("the environment"))
    _refuse_misspelt(environ)
    values |= {name: value for name, value in ours.items() if name in KNOWN}
    hide_secrets(values)
    hide_environment(environ)
    return {name: value for name, value in values.items() if value != ""}


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    """Raise SettingsError for a variable that would be a setting but for its capitals or signs: what it was
    set for would be left at its default, without a word."""
    for name in environ:
        if meant := misspelt(name):
            raise SettingsError(
                say("{name} in {where} is no setting of umap-bot.", name=name, where=say("the environment")),
                way_out=say("Did you mean {name}?", name=meant),
            )


def validated(kind: type[S], values: Mapping[str, object], where: Text) -> S:
    """Return the settings of one layer. `where` says where they are. Raise SettingsError, without a value."""
    refuse_misplaced({name: value for name, value in values.items() if isinstance(value, str)})
    try:
        settings = kind.model_validate(values)
    except ValidationError as error:
        raise as_settings_error(error, where) from None  # the chain would hold the values
    refuse_unclear_way(settings, where)
    return settings


def refuse_unknown(values: Mapping[str, str], where: Text) -> None:
    """Raise SettingsError for a name that no setting has. `where` says where it stands."""
    for name in values:
        if name not in KNOWN:
            raise unknown(name, where)


def named_language(file: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Return REPORT_LANGUAGE, even where the settings as a whole can't be used; "" if it is not named."""
    environ = os.environ if environ is None else environ
    name = "REPORT_LANGUAGE"
    return environ[name] if name in environ else glance(file or Path(".env"), name)


def readable_by_others(file: Path) -> bool:
    """Return whether others on this machine can read a settings' file, and so the secrets in it."""
    return file.is_file() and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
