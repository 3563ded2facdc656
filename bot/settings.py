"""Settings from `.env` and the environment, typed. Secrets are `SecretStr`: they print as stars."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import unquote

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import SettingsError
from bot.model.policy import Area, DeletedPolicy, DriftPolicy, ForeignPolicy, Limits, Policy
from bot.redaction import hide

PREFIXES: Final = ("UMAP_", "DATASET_", "SYNC_", "GUARD_", "STATE_", "REPORT_", "NOTIFY_", "LOG_")


def _names(value: object) -> object:
    """Split a list with commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _pairs(value: object) -> object:
    """Split `column=name,…` into a mapping."""
    if not isinstance(value, str):
        return value
    parts = [part.partition("=") for part in value.split(",") if part.strip()]
    if any(not equals or not left.strip() or not right.strip() for left, equals, right in parts):
        message = "write it as column=name, several with commas between"
        raise ValueError(message)
    return {left.strip(): right.strip() for left, _, right in parts}


def _share(value: object) -> object:
    """Read a percentage, `10` or `10 %`, as a share."""
    if not isinstance(value, str):
        return value
    try:
        share = float(value.strip().removesuffix("%").strip()) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 100:  # noqa: PLR2004  10 000 %, and no NaN
        message = "write a percentage, such as 10"
        raise ValueError(message)
    return share


def _area(value: object) -> object:
    """Read `west,south,east,north` in degrees."""
    if not isinstance(value, str):
        return value
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
        message = "write four numbers in degrees, west,south,east,north, such as 2.0,44.1,7.2,46.8"
        raise ValueError(message)
    return Area(west, south, east, north)


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Pairs = Annotated[dict[str, str], BeforeValidator(_pairs)]
Share = Annotated[float, BeforeValidator(_share)]


class Settings(BaseModel):
    """All settings of one layer, under the names of `config.example.env` in lower case."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        alias_generator=str.upper,
        str_strip_whitespace=True,
    )

    umap_map_url: str
    umap_layer: str = ""
    umap_edit_link: SecretStr | None = None

    dataset_repo: str
    dataset_ref: str = ""
    dataset_path: str
    dataset_key: str = "id"
    dataset_rename: Pairs = Field(default_factory=dict)
    dataset_seed: Names = ()
    dataset_encoding: str = "auto"
    dataset_latitude: str = ""
    dataset_longitude: str = ""
    dataset_geometry: str = ""
    dataset_filter: Pairs = Field(default_factory=dict)
    dataset_may_be_empty: bool = False
    dataset_token: SecretStr | None = None
    dataset_ssh_key: str = ""

    sync_drift: DriftPolicy = "overwrite"
    sync_deleted: DeletedPolicy = "hold"
    sync_foreign: ForeignPolicy = "keep"
    sync_area: Annotated[Area | None, BeforeValidator(_area)] = None

    guard_deletes: Share = 0.10
    guard_updates: Share = 0.50
    guard_creates: Share = 1.00

    state_url: SecretStr | None = None  # it may hold the database's password

    @property
    def policy(self) -> Policy:
        return Policy(self.sync_drift, self.sync_deleted, self.sync_foreign)

    @property
    def limits(self) -> Limits:
        return Limits(
            deletes=self.guard_deletes,
            updates=self.guard_updates,
            creates=self.guard_creates,
            may_be_empty=self.dataset_may_be_empty,
            area=self.sync_area,
        )


KNOWN: Final = frozenset(name.upper() for name in Settings.model_fields)
SECRETS: Final = ("UMAP_EDIT_LINK", "DATASET_TOKEN", "STATE_URL")


def load(
    env_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    assumed: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings: `.env` here (or the file named), and over it the environment.

    `assumed` are values for what may be missing.

    Raise SettingsError: for a file that isn't there, an unknown name, a wrong or missing value. No text of
    it holds a value, which may be a secret.
    """
    environ = os.environ if environ is None else environ
    file = env_file or Path(".env")
    values = _read(file, must_exist=env_file is not None)
    _refuse_unknown(values, str(file))
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIXES)}
    _refuse_unknown({name: value for name, value in ours.items() if _nearest(name)}, "the environment")
    values |= {name: value for name, value in ours.items() if name in KNOWN}
    for name in SECRETS:
        for secret in _secrets_in(name, (values.get(name) or "").strip()):
            hide(secret)
    hide(_signature(values.get("UMAP_EDIT_LINK") or ""))
    _refuse_misplaced_link(values)
    try:
        given = {name: value for name, value in values.items() if value != ""}
        return Settings.model_validate({**(assumed or {}), **given})
    except ValidationError as error:
        raise _as_settings_error(error, file) from None  # the chain would hold the values


def _secrets_in(name: str, value: str) -> tuple[str, ...]:
    """Give what of a setting must never be shown: the whole, and a password in it, which may stand alone.

    The place of an SQLite file is no secret: it is told when that can't be used.
    """
    if name != "STATE_URL":
        return (value,)
    password = value.rpartition("@")[0].rpartition("/")[2].partition(":")[2]
    return (password,) if value.startswith("sqlite:") else (value, password)


def _read(file: Path, *, must_exist: bool) -> dict[str, str]:
    if not file.is_file():
        if must_exist:
            raise SettingsError(f"There is no file {file}.", way_out="Name the settings' file by --env-file.")
        return {}
    try:
        # Without interpolation: a `$` in a password is a `$`.
        values = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} can't be read: it is no text in UTF-8, or not readable.") from error
    return {name: value or "" for name, value in values.items() if name.startswith(PREFIXES)}


def _refuse_unknown(values: Mapping[str, str], where: str) -> None:
    unknown = [name for name in values if name not in KNOWN]
    if unknown:
        name = unknown[0]
        near = _nearest(name)
        hint = f"Did you mean {near}?" if near else "config.example.env names them all."
        raise SettingsError(f"{name} in {where} is no setting of umap-bot.", way_out=hint)


def _signature(link: str) -> str:
    """Give the part of an edit link that nobody could guess: errors of libraries hold the path alone."""
    return unquote(link).rpartition(":")[2]


def _refuse_misplaced_link(values: Mapping[str, str]) -> None:
    """An edit link in the place of a name would be shown and written down as that name.

    In UMAP_MAP_URL, a likely mistake, it is refused when the address is read, with its own advice.
    """
    for name, value in values.items():
        if name not in {"UMAP_EDIT_LINK", "UMAP_MAP_URL"} and "/anonymous-edit/" in unquote(value):
            raise SettingsError(
                f"{name} holds the secret edit link of a map.", way_out="Write it into UMAP_EDIT_LINK."
            )


def _nearest(name: str) -> str:
    """Give the setting that an unknown name was perhaps meant to be."""
    return "" if name in KNOWN else next(iter(get_close_matches(name, sorted(KNOWN), 1, 0.75)), "")


def _as_settings_error(error: ValidationError, file: Path) -> SettingsError:
    problems = [_problem(details) for details in error.errors(include_url=False, include_input=False)]
    where = f"Settings are in {file} and the environment; config.example.env explains each."
    return SettingsError("; ".join(problems) + ".", way_out=where)


def _problem(details: ErrorDetails) -> str:
    name = str(details["loc"][0])
    if details["type"] == "missing":
        return f"{name} is missing"
    return f"{name}: {str(details['msg']).removeprefix('Value error, ')}"


def readable_by_others(file: Path) -> bool:
    """Tell whether others on this machine can read a settings' file, and so the secrets in it."""
    return file.is_file() and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
