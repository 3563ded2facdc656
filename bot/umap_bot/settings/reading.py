"""Reading the settings of one layer: `.env`, over it the environment."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError

from umap_bot.errors import SettingsError
from umap_bot.settings.model import KNOWN, PREFIXES, Settings
from umap_bot.settings.problems import as_settings_error, nearest
from umap_bot.settings.secrecy import hide_environment, hide_secrets, refuse_misplaced
from umap_bot.settings.way import refuse_unclear_way
from umap_bot.text import Text, say, verbatim

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
    values = {**(assumed or {}), **given(file, environ, must_exist=env_file is not None)}
    where = say(
        "Settings are in {file} and the environment; config.example.env explains each.", file=str(file)
    )
    return validated(kind, values, where)


def given(file: Path, environ: Mapping[str, str] | None = None, *, must_exist: bool) -> dict[str, str]:
    """Return what `.env` and the environment over it say, by the settings' names; an empty value is none.

    From here on no text holds a secret of it. Raise SettingsError for a file that isn't there or can't be
    read, and for an unknown name.
    """
    environ = os.environ if environ is None else environ
    values = _read(file, must_exist=must_exist)
    refuse_unknown(values, verbatim(str(file)))
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIXES)}
    refuse_unknown({name: value for name, value in ours.items() if nearest(name)}, say("the environment"))
    values |= {name: value for name, value in ours.items() if name in KNOWN}
    hide_secrets(values)
    hide_environment(environ)
    return {name: value for name, value in values.items() if value != ""}


def validated(kind: type[S], values: Mapping[str, object], where: Text) -> S:
    """Return the settings of one layer. `where` says where they are. Raise SettingsError, without a value."""
    refuse_misplaced({name: value for name, value in values.items() if isinstance(value, str)})
    try:
        settings = kind.model_validate(values)
    except ValidationError as error:
        raise as_settings_error(error, where) from None  # the chain would hold the values
    refuse_unclear_way(settings, where)
    return settings


def _read(file: Path, *, must_exist: bool) -> dict[str, str]:
    if not file.is_file():
        if must_exist:
            raise SettingsError(
                say("There is no file {file}.", file=str(file)),
                way_out=say("Name the settings' file by --env-file."),
            )
        return {}
    try:
        # Without interpolation: a `$` in a password is a `$`.
        values = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            say("{file} can't be read: it is no text in UTF-8, or not readable.", file=str(file))
        ) from error
    return {name: value or "" for name, value in values.items() if name.startswith(PREFIXES)}


def refuse_unknown(values: Mapping[str, str], where: Text) -> None:
    """Raise SettingsError for a name that no setting has. `where` says where it stands."""
    unknown = [name for name in values if name not in KNOWN]
    if unknown:
        name = unknown[0]
        near = nearest(name)
        hint = say("Did you mean {name}?", name=near) if near else say("config.example.env names them all.")
        raise SettingsError(
            say("{name} in {where} is no setting of umap-bot.", name=name, where=where), way_out=hint
        )


def named_language(env_file: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Return REPORT_LANGUAGE, even where the settings as a whole can't be used; "" if it is not named."""
    environ = os.environ if environ is None else environ
    written: dict[str, str] = {}
    with suppress(SettingsError):
        written = _read(env_file or Path(".env"), must_exist=False)
    return {**written, **environ}.get("REPORT_LANGUAGE", "")


def readable_by_others(file: Path) -> bool:
    """Return whether others on this machine can read a settings' file, and so the secrets in it."""
    return file.is_file() and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
