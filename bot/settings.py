"""Settings from `.env` and the environment, typed. Secrets are `SecretStr`: they print as stars."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import unquote

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import SettingsError
from bot.model.policy import Area, DeletedPolicy, DriftPolicy, ForeignPolicy, Limits, Policy
from bot.redaction import hide
from bot.schedule.clock import zone_of
from bot.schedule.crontab import read_line
from bot.text import Text, as_text, say, verbatim

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
        raise ValueError(say("write it as column=name, several with commas between"))
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
        raise ValueError(say("write a percentage, such as 10"))
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
        raise ValueError(
            say("write four numbers in degrees, west,south,east,north, such as 2.0,44.1,7.2,46.8")
        )
    return Area(west, south, east, north)


def _line(value: str) -> str:
    """Refuse a line that is none of a crontab. Empty is no schedule."""
    if value:
        read_line(value)
    return value


def _timezone(value: str) -> str:
    """Refuse what is no name of a time zone."""
    zone_of(value)
    return value


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
    dataset_delimiter: str = "auto"
    dataset_sheet: str = ""
    dataset_latitude: str = ""
    dataset_longitude: str = ""
    dataset_geometry: str = ""
    dataset_keep_coordinates: bool = False
    dataset_filter: Pairs = Field(default_factory=dict)
    dataset_may_be_empty: bool = False
    dataset_token: SecretStr | None = None
    dataset_ssh_key: str = ""

    sync_drift: DriftPolicy = "overwrite"
    sync_deleted: DeletedPolicy = "hold"
    sync_foreign: ForeignPolicy = "keep"
    sync_area: Annotated[Area | None, BeforeValidator(_area)] = None

    sync_schedule: Annotated[str, AfterValidator(_line)] = ""
    sync_timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"

    guard_deletes: Share = 0.10
    guard_updates: Share = 0.50
    guard_creates: Share = 1.00

    state_url: SecretStr | None = None  # it may hold the database's password
    state_keep_runs: Annotated[int, Field(ge=10)] = 1000

    report_language: Literal["", "en", "fr"] = ""
    report_hide: Names = ()
    report_project_url: str = ""
    report_site_dir: str = ""
    report_site_url: str = ""

    notify_urls: SecretStr | None = None  # an address of a service holds its key
    notify_ping_url: SecretStr | None = None
    notify_heartbeat: Literal["never", "weekly", "monthly"] = "never"

    log_format: Literal["text", "json"] = "text"

    @property
    def policy(self) -> Policy:
        return Policy(self.sync_drift, self.sync_deleted, self.sync_foreign)

    @property
    def hidden_columns(self) -> tuple[str, ...]:
        """The columns of REPORT_HIDE, by their names in the file and on the map."""
        renamed = (self.dataset_rename[name] for name in self.report_hide if name in self.dataset_rename)
        return (*self.report_hide, *renamed)

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
SECRETS: Final = ("UMAP_EDIT_LINK", "DATASET_TOKEN", "STATE_URL", "NOTIFY_URLS", "NOTIFY_PING_URL")


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
    file = env_file or Path(".env")
    values = {**(assumed or {}), **given(file, environ, must_exist=env_file is not None)}
    where = say(
        "Settings are in {file} and the environment; config.example.env explains each.", file=str(file)
    )
    return validated(values, where)


def given(file: Path, environ: Mapping[str, str] | None = None, *, must_exist: bool) -> dict[str, str]:
    """Give what `.env` and the environment over it say, by the settings' names; an empty value is none.

    From here on no text holds a secret of it. Raise SettingsError for a file that isn't there or can't be
    read, and for an unknown name.
    """
    environ = os.environ if environ is None else environ
    values = _read(file, must_exist=must_exist)
    _refuse_unknown(values, verbatim(str(file)))
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIXES)}
    _refuse_unknown({name: value for name, value in ours.items() if nearest(name)}, say("the environment"))
    values |= {name: value for name, value in ours.items() if name in KNOWN}
    hide_secrets(values)
    return {name: value for name, value in values.items() if value != ""}


def validated(values: Mapping[str, object], where: Text) -> Settings:
    """Give the settings of one layer. `where` says where they are. Raise SettingsError, without a value."""
    _refuse_misplaced_link({name: value for name, value in values.items() if isinstance(value, str)})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _as_settings_error(error, where) from None  # the chain would hold the values


def hide_secrets(values: Mapping[str, str]) -> None:
    """Take the secrets among these values out of every text from now on."""
    for name in SECRETS:
        for secret in _secrets_in(name, values.get(name, "").strip()):
            hide(secret)
    hide(_signature(values.get("UMAP_EDIT_LINK", "")))


def _secrets_in(name: str, value: str) -> tuple[str, ...]:
    """Give what of a setting must never be shown: the whole, and a password in it, which may stand alone.

    The place of an SQLite file is no secret: it is told when that can't be used.
    """
    if name == "NOTIFY_URLS":
        return (value, *value.split())
    if name != "STATE_URL":
        return (value,)
    password = value.rpartition("@")[0].rpartition("/")[2].partition(":")[2]
    return (password,) if value.startswith("sqlite:") else (value, password)


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


def _refuse_unknown(values: Mapping[str, str], where: Text) -> None:
    unknown = [name for name in values if name not in KNOWN]
    if unknown:
        name = unknown[0]
        near = nearest(name)
        hint = say("Did you mean {name}?", name=near) if near else say("config.example.env names them all.")
        raise SettingsError(
            say("{name} in {where} is no setting of umap-bot.", name=name, where=where), way_out=hint
        )


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
                say("{name} holds the secret edit link of a map.", name=name),
                way_out=say("Write it into UMAP_EDIT_LINK."),
            )


def nearest(name: str) -> str:
    """Give the setting that an unknown name was perhaps meant to be."""
    return "" if name in KNOWN else next(iter(get_close_matches(name, sorted(KNOWN), 1, 0.75)), "")


def _as_settings_error(error: ValidationError, where: Text) -> SettingsError:
    problems = [_problem(details) for details in error.errors(include_url=False, include_input=False)]
    return SettingsError(say("{problems:; }.", problems=tuple(problems)), way_out=where)


def _problem(details: ErrorDetails) -> Text:
    name = str(details["loc"][0])
    if details["type"] == "missing":
        return say("{name} is missing", name=name)
    return say("{name}: {problem}", name=name, problem=why(details))


def why(details: ErrorDetails) -> Text:
    """Say what is wrong with a value, without repeating it."""
    context = details.get("ctx", {})
    if details["type"] == "value_error":
        return as_text(context["error"].args[0])
    if details["type"] == "literal_error":
        return say("write one of {choices}", choices=context["expected"])
    if details["type"].startswith("bool_"):
        return say("write yes or no")
    if details["type"].startswith("int_"):
        return say("write a whole number")
    if details["type"] == "greater_than_equal":
        return say("write {least} or more", least=context["ge"])
    return as_text(str(details["msg"]))


def named_language(env_file: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Give REPORT_LANGUAGE, even where the settings as a whole can't be used; "" if it is not named."""
    environ = os.environ if environ is None else environ
    written: dict[str, str] = {}
    with suppress(SettingsError):
        written = _read(env_file or Path(".env"), must_exist=False)
    return {**written, **environ}.get("REPORT_LANGUAGE", "")


def readable_by_others(file: Path) -> bool:
    """Tell whether others on this machine can read a settings' file, and so the secrets in it."""
    return file.is_file() and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
