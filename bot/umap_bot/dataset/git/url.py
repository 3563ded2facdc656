"""DATASET_REPO: where the repository is, and over what git may go there."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from umap_bot.encryption import refuse_plain
from umap_bot.errors import SettingsError
from umap_bot.text import say

_SCP: Final = re.compile(r"(?:[\w.+-]+@)?[\w.-]+:(?!//)[^\0-\x1f]+", re.ASCII)
"""ssh as scp writes it: `git@github.com:owner/name.git` (gitcli(7), GIT URLS)."""
_TOKEN_AS_NAME: Final = re.compile(r"(gh[pousr]_|github_pat_|glpat-)|.{32,}")

_LONGEST: Final = 2_000
"""Letters of an address: no file system or server takes one that is much longer."""


class GitUrl(msgspec.Struct, frozen=True):
    """`url` is what git is given. `protocols` are all the transports that it may use (GIT_ALLOW_PROTOCOL).

    `folder` is the repository's folder, if the setting is a path.
    """

    url: str
    protocols: str
    folder: Path | None = None


def parse_url(setting: str, *, with_token: bool = False, plain: Collection[str] = ()) -> GitUrl:
    """Return the address of a repository: https, ssh, a file URL or a path of this machine.

    `plain` are the hosts that a token may go to without encryption.

    Raise SettingsError for what is none of these, and for an address that holds a secret; the message does
    not repeat it.
    """
    text = setting.strip()
    if not text or text.startswith("-") or not text.isprintable() or len(text) > _LONGEST:
        raise SettingsError(
            say("DATASET_REPO is not the address of a git repository."),
            way_out=say("Use the repository's https URL."),
        )
    if "://" in text:
        return _from_url(text, with_token, plain)
    path = _path(text)
    if not os.path.lexists(path) and "::" not in text and _SCP.fullmatch(text):
        return GitUrl(text, "https:ssh")
    if "::" in text:
        raise SettingsError(
            say("DATASET_REPO uses a git helper (::), which is not allowed."),
            way_out=say("Use the repository's https URL."),
        )
    return GitUrl(str(path.absolute()), "file", path.absolute())


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise SettingsError(
            say("DATASET_REPO begins with ~, but that home folder does not exist."),
            way_out=say("Write the full path of the folder."),
        ) from None


def _from_url(text: str, with_token: bool, plain: Collection[str]) -> GitUrl:
    try:
        url = urlsplit(text)
        host = url.hostname or ""
    except ValueError:
        raise SettingsError(
            say("DATASET_REPO is not a valid URL."),
            way_out=say("Write an address such as https://host/path."),
        ) from None
    if url.password is not None or (url.scheme != "ssh" and _TOKEN_AS_NAME.match(url.username or "")):
        raise SettingsError(
            say("DATASET_REPO (at {host}) contains a password or token.", host=host),
            way_out=say("Remove it from the URL, and set DATASET_TOKEN instead."),
        )
    if url.query or url.fragment:
        raise SettingsError(
            say("DATASET_REPO (at {host}) contains a ? or # part.", host=host),
            way_out=say("Use the URL that you would give to git clone."),
        )
    if url.scheme == "file":
        return GitUrl(text, "file")
    if url.scheme not in ("https", "http", "ssh") or not host or host.startswith("-"):
        raise SettingsError(
            say("DATASET_REPO must be an https or ssh URL, or a path."),
            way_out=say("Write an address such as https://host/path."),
        )
    if url.scheme == "http" and with_token:
        refuse_plain("DATASET_TOKEN", host, plain)
    return GitUrl(text, "https:ssh:http" if url.scheme == "http" else "https:ssh")
