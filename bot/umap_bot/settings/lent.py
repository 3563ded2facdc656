"""SECRETS_FOR_MANIFEST: what a manifest that others may write may use of our secrets, and for which hosts.

Whoever may write into a repository could else name any variable of the environment as a password, and a host
of their own to send it to. An edit link, and the addresses of messages and pings, go nowhere but to the host
that stands in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from umap_bot.errors import SettingsError
from umap_bot.text import say

OWNERS: Final = frozenset(
    (
        *("REPORT_SITE_DIR", "STATE_URL", "DATASET_SSH_KEY", "WATCH_REPO"),
        *("SECRETS_OVER_HTTP", "SECRETS_FOR_MANIFEST"),
        *("DESK_URL", "DESK_USER_HEADER", "DESK_TRUSTED", "DESK_KEEPERS"),
    )
)
"""Settings that are the owner's of the machine alone: places, keys, what may be done with secrets, and who
may enter the desk."""

FORGES: Final = (
    *("CI_JOB_TOKEN", "CI_JOB_JWT", "CI_JOB_JWT_V2", "CI_REPOSITORY_URL", "CI_REGISTRY_PASSWORD"),
    *("CI_DEPENDENCY_PROXY_PASSWORD", "CI_DEPLOY_PASSWORD", "PUSH_TOKEN"),
    *("GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GITEA_TOKEN"),
)
"""Tokens with which a job acts on its forge, as GitLab, GitHub, Gitea and our templates call them."""

_GOES_TO: Final = {
    "UMAP_PASSWORD": "UMAP_MAP_URL",
    "UMAP_SESSION_COOKIE": "UMAP_MAP_URL",
    "DATASET_TOKEN": "DATASET_REPO",
    "DATASET_PUSH_TOKEN": "DATASET_REPO",
}
"""Secrets that don't say where they go, and the setting that does."""

_FETCHED: Final = {"DATASET_TOKEN": "DATASET_URL"}
"""The same where the file is fetched."""


class Lent:
    """What the machine's owner lends. `own` are the settings of `.env` and the environment, `named` all
    variables of both; `file` is the manifest, as people know it."""

    def __init__(self, own: Mapping[str, object], named: Mapping[str, str], file: str) -> None:
        self._own = own
        self._named = named
        self._file = file
        entries = str(own.get("SECRETS_FOR_MANIFEST", "")).split(",")
        self._entries = [entry.strip().partition("@")[::2] for entry in entries if entry.strip()]

    def refuse_owners(self, names: Sequence[str]) -> None:
        """Raise SettingsError for a setting that only `.env` and the environment may have."""
        for name in names:
            if name in OWNERS:
                raise SettingsError(
                    say(
                        "{file} is in a git repository that others may be able to change, so {name} can't "
                        "be set there.",
                        file=self._file,
                        name=name.lower(),
                    ),
                    way_out=say("Set {name} in .env or the environment.", name=name),
                )

    def refuse_unlisted(self, variable: str, name: str) -> None:
        """Raise SettingsError for a variable that is not lent. The setting's own name needs no word."""
        if variable in FORGES or self._named[variable] in self._of_forges():
            raise SettingsError(
                say("{variable} is a token of the forge, so {file} may not use it.", variable=variable,
                    file=self._file),
                way_out=say("Create a token with only the permissions that {name} needs.", name=name.lower()),
            )  # fmt: skip
        if variable != name and variable not in (listed for listed, _ in self._entries):
            entry = f"{variable}@HOST" if name in _GOES_TO else variable
            raise self._not_lent(variable, name, entry)

    def _of_forges(self) -> set[str]:
        return {self._named[name] for name in FORGES if self._named.get(name)}

    def refuse_elsewhere(self, values: Mapping[str, object]) -> None:
        """Raise SettingsError if a secret among a layer's settings would go to a host that it is not lent
        for. Secret and address from `.env` alone are the owner's own pair."""
        self._refuse_committing(values)
        for name, address in (_GOES_TO | (_FETCHED if values.get("DATASET_URL") else {})).items():
            secret, host = values.get(name), _host(_written_out(address, str(values.get(address, ""))))
            # An address of ssh takes no token; what is fetched is asked over the web, however it is written.
            goes_nowhere = not host and address != "DATASET_URL"
            if not secret or goes_nowhere or self._is_own(values, name, address):
                continue
            variable = next((key for key, value in self._named.items() if value == secret), name)
            hosts = [to for listed, to in self._entries if self._named.get(listed) == secret]
            if host not in (to.casefold() for to in hosts):
                raise self._not_lent(variable, name, f"{variable}@{host or 'HOST'}", host)

    def _refuse_committing(self, values: Mapping[str, object]) -> None:
        """Raise SettingsError if what is fetched would be committed to a repository that the owner has not
        named: the bot may have rights there that whoever writes the file has not."""
        repository = values.get("DATASET_URL") and values.get("DATASET_REPO")
        if repository and not self._is_own(values, "DATASET_REPO"):
            raise SettingsError(
                say(
                    "{file} lies in a git repository, which others may write to: where fetched data is "
                    "committed (dataset_repo) can't be set there.",
                    file=self._file,
                ),
                way_out=say("Set DATASET_REPO in .env or the environment, or leave it out."),
            )

    def _is_own(self, values: Mapping[str, object], *names: str) -> bool:
        return all(name in self._own and values.get(name) == self._own[name] for name in names)

    def _not_lent(self, variable: str, name: str, entry: str, host: str = "") -> SettingsError:
        lies = say("{file} is in a git repository that others may be able to change", file=self._file)
        text = (
            say("{lies}, so it may not use {variable} for {host} ({name}).", lies=lies, variable=variable,
                host=host, name=name.lower())
            if host
            else say("{lies}, so it may not use {variable} ({name}).", lies=lies, variable=variable,
                     name=name.lower())
        )  # fmt: skip
        return SettingsError(
            text,
            way_out=say(
                "To allow it, set in .env or the environment: SECRETS_FOR_MANIFEST={entry} (separate "
                "several with commas).",
                entry=entry,
            ),
        )


def _written_out(setting: str, value: str) -> str:
    """Return an address with its scheme, which may be left out where the file is fetched."""
    return f"https://{value.strip()}" if setting == "DATASET_URL" and "://" not in value else value


def _host(address: str) -> str:
    """Return the host of a web address, with the port if it is named; "" for ssh, and for a folder."""
    try:
        parts = urlsplit(address.strip())
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        if usual is None or not parts.hostname:
            return ""
        return parts.hostname + (f":{parts.port}" if parts.port not in {None, usual} else "")
    except ValueError:  # refused where it is read
        return ""
