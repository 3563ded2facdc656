"""git towards one remote: the way in, our bare copy, and the errors."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from umap_bot.dataset.git.clone import Clone
from umap_bot.dataset.git.command import Git, Result
from umap_bot.dataset.git.folder import no_repository
from umap_bot.dataset.git.stderr import finds_none, git_error
from umap_bot.dataset.git.url import parse_url
from umap_bot.dataset.git.worktree import WorkTree
from umap_bot.errors import GitError, SettingsError
from umap_bot.text import say

_TOKEN: Final = "BOT_DATASET_TOKEN"  # noqa: S105  the name of the variable that the token is in
_USER: Final = "x-access-token"
"""GitHub wants this name for an application's token, and takes any for a person's, as GitLab and Gitea do."""
_HELPER: Final = '!f() {{ test "$1" = get && {user}printf "password=%s\\n" "${token}"; }}; f'


class BrokenCopyError(GitError):
    """Our copy is damaged: it is to be made anew."""


T = TypeVar("T")


class Remote:
    """One remote and our copy of it. Only `online` and `fetch` ever use the network.

    `timeout` is of each git command, in seconds; `most` the bytes that one may write to a file.
    """

    def __init__(self, url: str, cache: Path, *, token: str, ssh_key: str, timeout: float, most: int) -> None:
        token = token.strip()
        if not token.isprintable() or not token.isascii():
            raise SettingsError(
                say("DATASET_TOKEN has characters that no token has."), way_out=say("Copy it again.")
            )
        parsed = parse_url(url, with_token=bool(token))
        self.url = parsed.url
        self._folder = parsed.folder
        self.work_tree = WorkTree(parsed.folder)
        self.clone = Clone(cache, self.url)
        self._token = token
        self._timeout = timeout
        self._most = most
        origin = {"remote.origin.url": self.url}
        partial = {"remote.origin.promisor": "true", "remote.origin.partialclonefilter": "blob:none"}
        helpers = _helpers(self.url) if token else {}
        # Over ssh and from a path nobody asks for the token: git is not told it.
        extra = {"GIT_ASKPASS": "", **_ssh(ssh_key), **({_TOKEN: token} if helpers else {})}
        allowed = {"GIT_ALLOW_PROTOCOL": parsed.protocols}
        self._online = Git(self.clone.folder, extra | allowed, origin | partial | helpers, online=True)
        # git fetches what a partial clone lacks at every touch, and in a damaged one it calls itself for it
        # without end: here it is not told that the clone is partial, and may use no protocol.
        self._offline = Git(self.clone.folder, {"GIT_ALLOW_PROTOCOL": "none"}, origin, online=False)

    def offline(self, *arguments: str, most: int = 0) -> Result:
        """Ask our copy only. The exit code is the caller's matter. Raise BrokenCopyError if it is damaged."""
        self._ready()
        result = self._offline.run(*arguments, timeout=self._timeout, most=most or self._most)
        if result.code and self.clone.is_damaged(result.stderr):
            raise BrokenCopyError(
                self.refusal(result).message,
                way_out=say("Take the folder {folder} away.", folder=str(self.clone.folder)),
            )
        return result

    def local(self, *arguments: str, most: int = 0) -> Result:
        """Ask our copy only. Raise GitError if it fails, BrokenCopyError if it is damaged."""
        result = self.offline(*arguments, most=most)
        if result.code:
            raise self.refusal(result)
        return result

    def mended(self, ask: Callable[[], T]) -> T:
        """Return what `ask` gives; if our copy turns out to be damaged, with a new one. Raise as it does."""
        birth = self.clone.birth
        try:
            return ask()
        except BrokenCopyError:
            with self.clone.locked(self._timeout):
                if self.clone.birth == birth:  # or somebody else made it anew just now
                    self.clone.drop()
            return ask()

    def online(self, *arguments: str) -> Result:
        """Run git with the remote in reach. Raise GitError if it fails."""
        self._ready()
        result = self._online.run(*arguments, timeout=self._timeout, most=self._most)
        if result.code:
            raise self.refusal(result)
        return result

    def fetch(self, *arguments: str, most: int = 0) -> Result:
        """Fetch into our copy, alone. A copy that seems broken is made anew, once.

        The exit code is the caller's matter: a server may not do what was asked.
        """
        with self.clone.locked(self._timeout):
            self.clone.tidy()
            result = self._fetch(arguments, most)
            if result.code and self.clone.seems_broken(result.stderr):
                self.clone.drop()
                result = self._fetch(arguments, most)
        return result

    def _fetch(self, arguments: tuple[str, ...], most: int) -> Result:
        self._make()
        quiet = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head")
        return self._online.run(*quiet, *arguments, timeout=self._timeout, most=most or self._most)

    def _ready(self) -> None:
        """Make our copy, if there is none."""
        if not self.clone.made:
            with self.clone.locked(self._timeout):
                self._make()

    def _make(self) -> None:
        """Make our copy, if there is none. Only for the holder of the lock."""
        if self.clone.made:
            return
        self.clone.prepare()
        result = self._offline.run("init", "--quiet", "--bare", "--template=", timeout=self._timeout)
        if result.code:
            raise self.refusal(result)
        self.clone.finish()

    def refusal(self, result: Result) -> GitError:
        """Return the error for a git command that failed."""
        none_there = no_repository(self._folder) if self._folder and finds_none(result) else None
        return none_there or git_error(self.url, result, self._token)


def _helpers(url: str) -> dict[str, str]:
    """Return the credential helpers that know the token: for this host only, and no others beside it.

    The token is in git's environment, never in an argument or a file.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return {}
    host = parts.netloc.rpartition("@")[2]
    user = "" if parts.username else f'printf "username=%s\\n" {_USER}; '
    return {
        "credential.helper": "",
        f"credential.{parts.scheme}://{host}.helper": _HELPER.format(user=user, token=_TOKEN),
    }


def _ssh(key: str) -> dict[str, str]:
    """Return the ssh command for DATASET_SSH_KEY; without one the user's own ssh set-up is in force."""
    if not key:
        return {}
    path = Path(key).expanduser()
    # `lexists` takes what `is_file` raises for: a path that is too long.
    if "PRIVATE KEY" in key or not (os.path.lexists(path) and path.is_file()):
        raise SettingsError(
            say("DATASET_SSH_KEY is not the path of a file."),
            way_out=say("Store the private key in a file, and name that."),
        )
    options = ["BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=10", "IdentitiesOnly=yes"]
    options += ["ServerAliveInterval=15", "ServerAliveCountMax=2"]
    return {
        "GIT_SSH_COMMAND": shlex.join(
            ["ssh", *(f"-o{option}" for option in options), "-i", str(path.absolute())]
        )
    }
