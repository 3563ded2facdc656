"""git towards one remote: the way in, our bare copy, and the errors."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Collection, Mapping
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
from umap_bot.redaction import add_secret
from umap_bot.text import say

ORIGIN: Final = "umap-bot"
"""What the remote is called. Not `origin`: of that one, the user's own configuration may name another address
(the first of several counts), a program to run, or refs to fetch."""
_TOKEN: Final = "BOT_DATASET_TOKEN"  # noqa: S105  the name of the variable that the token is in
_USER: Final = "x-access-token"
"""GitHub wants this name for an application's token, and takes any for a person's, as GitLab and Gitea do."""
_CONVERTING: Final = ("working-tree-encoding", "filter", "ident")
"""gitattributes(5) by which a file lies in the work tree otherwise than in a commit, line endings aside."""
_HELPER: Final = '!f() {{ test "$1" = get && {user}printf "password=%s\\n" "${token}"; }}; f'


class BrokenCopyError(GitError):
    """Our copy is damaged: it is to be made anew."""


T = TypeVar("T")


class Remote:
    """One remote and our copy of it. Only `online` and `fetch` ever use the network.

    `plain` are the hosts that the token may go to without encryption. `timeout` is of each git command, in
    seconds; `most` the bytes that one may write to a file.
    """

    def __init__(
        self,
        url: str,
        cache: Path,
        *,
        token: str,
        ssh_key: str,
        plain: Collection[str],
        timeout: float,
        most: int,
    ) -> None:
        token = token.strip()
        if not token.isprintable() or not token.isascii():
            raise SettingsError(
                say("DATASET_TOKEN contains characters that are not allowed in a token."),
                way_out=say("Copy the token again from your git host."),
            )
        parsed = parse_url(url, with_token=bool(token), plain=plain)
        self.url = parsed.url
        self.folder = parsed.folder
        self.is_local = parsed.protocols == "file"
        self.work_tree = WorkTree(parsed.folder)
        self.clone = Clone(cache, self.url)
        self._is_plain = False
        for secret in (token, ssh_key, str(Path(ssh_key).expanduser()) if ssh_key else ""):
            add_secret(secret)
        self._timeout = timeout
        self._most = most
        self._names = ""
        origin = {f"remote.{ORIGIN}.url": self.url}
        partial = {f"remote.{ORIGIN}.promisor": "true", f"remote.{ORIGIN}.partialclonefilter": "blob:none"}
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
            raise self._broken(result)
        return result

    def _broken(self, result: Result) -> BrokenCopyError:
        return BrokenCopyError(
            self.refusal(result).message,
            way_out=say(
                "Delete the folder {folder}; the next run makes it again.", folder=str(self.clone.folder)
            ),
        )

    def local(self, *arguments: str, most: int = 0) -> Result:
        """Ask our copy only. Raise GitError if it fails, BrokenCopyError if it is damaged."""
        result = self.offline(*arguments, most=most)
        if result.code:
            raise self.refusal(result)
        return result

    def writing(self, extra: Mapping[str, str], *arguments: str) -> Result:
        """Write into our copy alone, with more variables. Raise GitError if it fails, BrokenCopyError if the
        copy is damaged."""
        git = Git(self.clone.folder, {"GIT_ALLOW_PROTOCOL": "none", **extra}, {}, online=False)
        result = git.run(*arguments, timeout=self._timeout, most=self._most)
        if result.code:
            raise self._broken(result) if self.clone.is_damaged(result.stderr) else self.refusal(result)
        return result

    def push(self, *arguments: str) -> Result:
        """Push to the remote. The exit code is the caller's matter: others may have pushed before."""
        return self._online.run(*arguments, timeout=self._timeout, most=self._most)

    def making(self, folder: Path, branch: str) -> Result:
        """Make a bare repository of ours in a folder that is empty. The exit code is the caller's matter."""
        git = Git(folder, {"GIT_ALLOW_PROTOCOL": "none"}, {}, online=False)
        shape = ("--quiet", "--bare", "--template=", f"--initial-branch={branch}")
        return git.run("init", *shape, timeout=self._timeout)

    def converts(self, path: str) -> bool:
        """Tell whether git may keep a file of the work tree in another form than it lies there: in another
        encoding, through a filter such as LFS, or with `$Id$` filled in. Also if git can't say.

        Only .gitattributes are read: by our own copy's configuration, so nothing is run.
        """
        if self.folder is None:
            return False
        folder = str(self.folder)
        asked = ("-C", folder, "--work-tree", folder, "check-attr", "-z", *_CONVERTING, "--", path)
        result = self.offline(*asked)
        values = result.text.split("\0")[2::3]
        return bool(result.code) or any(value not in {"unspecified", "unset"} for value in values)

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
        """Run git with the remote in reach. Raise GitError if it fails, BrokenCopyError if our copy is
        damaged."""
        self._ready()
        result = self._online.run(*arguments, timeout=self._timeout, most=self._most)
        if result.code:
            raise self._broken(result) if self.clone.is_named_damaged(result.stderr) else self.refusal(result)
        return result

    def fetch(self, *arguments: str, most: int = 0) -> Result:
        """Fetch into our copy, alone. A copy that seems broken is made anew, once.

        The exit code is the caller's matter: a server may not do what was asked.
        """
        with self.clone.locked(self._timeout):
            self.clone.tidy()
            result = self._fetch(arguments, most)
            if result.code and self.clone.seems_broken(result.stderr):
                self.clone.drop()  # and a new one is not shallow
                result = self._fetch(tuple(each for each in arguments if each != "--unshallow"), most)
        return result

    def _fetch(self, arguments: tuple[str, ...], most: int) -> Result:
        self._make()
        quiet = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head")
        return self._online.run(*quiet, *arguments, timeout=self._timeout, most=most or self._most)

    def named_by(self, names: str) -> None:
        """Have a copy that names objects as the remote does: "sha1" or "sha256". One of the other kind goes.

        Raise GitError.
        """
        self._names = names
        if self.clone.names not in ("", names):
            with self.clone.locked(self._timeout):
                if self.clone.names != names:
                    self.clone.drop()

    def _ready(self) -> None:
        """Make our copy, if there is none."""
        if not self._is_made():
            with self.clone.locked(self._timeout):
                self._make()

    def _make(self) -> None:
        """Make our copy, if there is none. Only for the holder of the lock."""
        if self._is_made():
            return
        self.clone.drop()
        self.clone.prepare()
        names = self._names or "sha1"  # until the remote was asked; git's default is none of ours
        shape = ("--quiet", "--bare", "--template=", f"--object-format={names}")
        result = self._offline.run("init", *shape, timeout=self._timeout)
        if result.code:
            raise self.refusal(result)
        self.clone.finish(names)
        self._is_plain = True

    def _is_made(self) -> bool:
        """Tell whether there is a copy, and nobody else's: one that was put there is looked at once."""
        self._is_plain = self._is_plain or self.clone.is_plain
        return self.clone.made and self._is_plain

    def refusal(self, result: Result) -> GitError:
        """Return the error for a git command that failed."""
        none_there = no_repository(self.folder) if self.folder and finds_none(result) else None
        return none_there or git_error(self.url, result)


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
            way_out=say("Store the private key in a file, and set DATASET_SSH_KEY to its path."),
        )
    options = ["BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=10", "IdentitiesOnly=yes"]
    options += ["ServerAliveInterval=15", "ServerAliveCountMax=2"]
    return {
        "GIT_SSH_COMMAND": shlex.join(
            ["ssh", *(f"-o{option}" for option in options), "-i", str(path.absolute())]
        )
    }
