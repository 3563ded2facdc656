"""All settings of one layer, with their types and what they are if nobody says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, model_validator

from umap_bot.model.hidden import EVERY, Hidden
from umap_bot.model.policy import DeletedPolicy, DriftPolicy, ForeignPolicy, Limits, Policy
from umap_bot.settings.values import (
    Address,
    Day,
    Location,
    Names,
    Pairs,
    Place,
    PlaceOnDisk,
    Runs,
    Schedule,
    SecretLocation,
    Size,
    Threshold,
    Timezone,
)

PREFIXES: Final = (
    *("UMAP_", "DATASET_", "SYNC_", "GUARD_", "WATCH_"),
    *("STATE_", "REPORT_", "NOTIFY_", "DESK_", "LOG_", "SECRETS_"),
)

NOT_NEEDED: Final = "-"
"""Stands in for a setting that is required, but not for what these settings are for."""


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

    umap_map_url: Location
    umap_layer: Address = ""
    umap_edit_link: SecretStr | None = None
    umap_username: str = ""
    umap_password: SecretStr | None = None
    umap_session_cookie: SecretStr | None = None
    umap_session_until: Day = None  # the day, by UTC, on which the browser says that the session ends

    dataset_url: Location = ""  # where the table lives, if that is not git
    dataset_repo: Location
    dataset_ref: Address = ""
    dataset_path: Location
    dataset_key: str = "id"
    dataset_rename: Pairs = Field(default_factory=dict)
    dataset_columns: Names = ()
    dataset_leave_out: Names = ()
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
    dataset_bad_rows: Literal["refuse", "wait"] = "refuse"
    dataset_token: SecretStr | None = None  # of dataset_url, or else of dataset_repo
    dataset_push_token: SecretStr | None = None  # of dataset_repo beside dataset_url
    dataset_ssh_key: PlaceOnDisk = ""

    sync_drift: DriftPolicy = "overwrite"
    sync_deleted: DeletedPolicy = "hold"
    sync_foreign: ForeignPolicy = "keep"
    sync_area: Place = None

    sync_schedule: Schedule = ""
    sync_timezone: Timezone = "UTC"

    watch_repo: Location = ""

    guard_deletes: Threshold = Limits().deletes
    guard_updates: Threshold = Limits().updates
    guard_creates: Threshold = Limits().creates

    state_url: SecretLocation = None  # it may hold the database's password
    state_keep_runs: Runs = 1000
    state_keep_size: Size = 500 * 10**6  # of a layer's runs, in octets

    report_language: Literal["", "en", "fr"] = ""
    report_hide: Names = ()
    report_project_url: Location = ""
    report_site_dir: PlaceOnDisk = ""
    report_site_url: Location = ""

    notify_urls: SecretStr | None = None  # an address of a service holds its key
    notify_ping_url: SecretStr | None = None
    notify_heartbeat: Literal["never", "weekly", "monthly"] = "never"

    desk_url: Location = ""
    desk_user_header: str = ""
    desk_trusted: Names = ()  # addresses and networks
    desk_keepers: Names = ()

    secrets_over_http: Names = ()  # hosts, without port
    secrets_for_manifest: Names = ()  # NAME@host

    log_format: Literal["text", "json"] = "text"

    _alone: bool = PrivateAttr(default=True)

    @model_validator(mode="before")
    @classmethod
    def _fetched(cls, values: Any) -> Any:
        """A table that is fetched needs neither repository nor path: it has its own."""
        if isinstance(values, dict) and values.get("DATASET_URL"):
            return {"DATASET_REPO": "", "DATASET_PATH": "", **values}
        return values

    @property
    def alone(self) -> bool:
        """Whether no other layer has the settings of the whole program, too."""
        return self._alone

    def one_of_several(self) -> Self:
        """Return the same as settings of one layer of several."""
        beside = self.model_copy()
        beside._alone = False
        return beside

    @property
    def policy(self) -> Policy:
        return Policy(self.sync_drift, self.sync_deleted, self.sync_foreign)

    @property
    def key_on_map(self) -> str:
        """The name that DATASET_KEY has on the map."""
        return self.dataset_rename.get(self.dataset_key, self.dataset_key)

    @property
    def hidden_columns(self) -> Hidden:
        """The columns whose values no report tells: those of REPORT_HIDE, and those that are kept off the
        map, whose values older runs and errors may hold."""
        named = self._with_renamed((*self.report_hide, *self.dataset_leave_out))
        if not self.dataset_columns or EVERY in self.dataset_columns:
            return Hidden.of(named)
        return Hidden.of(named, self._with_renamed((self.dataset_key, *self.dataset_columns)))

    @property
    def headers(self) -> dict[str, str]:
        """The columns' names in the file, by those that they have on the map, where the two differ."""
        return {name: column for column, name in self.dataset_rename.items()}

    def _with_renamed(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return columns of the file, and the names that they have on the map."""
        return (*columns, *(self.dataset_rename[name] for name in columns if name in self.dataset_rename))

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
SECRETS: Final = tuple(
    name.upper() for name, field in Settings.model_fields.items() if SecretStr in get_args(field.annotation)
)
