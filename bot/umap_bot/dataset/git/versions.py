"""WATCH_REPO: a history of a map in git, one commit for each version of a layer that was seen.

Written as objects into our own copy, and pushed: no work tree, no hook, no configuration of others.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from umap_bot.dataset.git.remote import ORIGIN, Remote
from umap_bot.dataset.git.url import parse_url
from umap_bot.errors import GitError
from umap_bot.text import say

AUTHOR: Final = "umap-bot <umap-bot@localhost>"
TIMEOUT: Final = 120.0
MOST: Final = 512 * 2**20
"""Octets that git may write at once."""
_BRANCH: Final = "refs/heads/main"
"""Where a repository gets its first commit, if it does not say so itself."""
_SEEN: Final = "refs/umap-bot/watched"
_SHA: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_UNSAFE: Final = re.compile(r"[^\w-]+")
_LONGEST: Final = 60
"""Characters of a layer's name in the name of its file."""


class Versions:
    """A repository that gets versions. A folder that is not there yet is made, as a bare repository.

    `plain` are the hosts that the token may go to without encryption.
    """

    def __init__(
        self, url: str, cache: Path, *, token: str = "", ssh_key: str = "", plain: Collection[str] = ()
    ) -> None:
        self._folder = parse_url(url, with_token=bool(token), plain=plain).folder
        self._remote = Remote(
            url, cache, token=token, ssh_key=ssh_key, plain=plain, timeout=TIMEOUT, most=MOST
        )

    def keep(
        self, folder: str, name: str, own: str, content: bytes | None, message: str, time: datetime
    ) -> None:
        """Commit a file as it is now, and push it; nothing if it stands there so already.

        `own` names it for good, `name` as people call it now: a new name moves the file. None: the file goes.
        `time` is the commit's, aware. Raise GitError, with WATCH_REPO in it.
        """
        try:
            if self._folder is not None and not os.path.lexists(self._folder):
                self._remote.local("init", "--quiet", "--bare", "--template=", "--", str(self._folder))
            self._keep(folder, name, own, content, message, time)
        except GitError as error:
            raise GitError(
                say("WATCH_REPO can't be written to: {problem}", problem=error.message),
                way_out=say("Check WATCH_REPO, and that its branch is not one that somebody works in."),
            ) from error

    def _keep(
        self, folder: str, name: str, own: str, content: bytes | None, message: str, time: datetime
    ) -> None:
        branch = self._branch()
        parent = self._fetched(branch)
        with self._remote.clone.locked(TIMEOUT):
            self._remote.local("read-tree", *([parent] if parent else ["--empty"]))
            self._put(folder, name, own, content)
            tree = self._sha("write-tree")
            if parent and tree == self._sha("rev-parse", f"{parent}^{{tree}}"):
                return
            made = self._written("commit", _commit(tree, parent, message, time))
        self._remote.online("push", "--quiet", ORIGIN, f"{made}:{branch}")

    def _branch(self) -> str:
        """Return the branch that the repository itself is on."""
        for line in self._remote.online("ls-remote", "--symref", ORIGIN, "HEAD").text.splitlines():
            if line.startswith("ref: refs/heads/"):
                return line.removeprefix("ref: ").partition("\t")[0]
        head = self._folder and next(
            (file for file in (self._folder / "HEAD", self._folder / ".git" / "HEAD") if file.is_file()), None
        )
        said = head.read_text("utf-8", errors="replace").strip() if head else ""
        return said.removeprefix("ref: ") if said.startswith("ref: refs/heads/") else _BRANCH

    def _fetched(self, branch: str) -> str:
        """Return the commit that the branch is at; "" if it has none yet."""
        listed = self._remote.online("ls-remote", "--quiet", ORIGIN, branch).text
        if not listed.strip():
            return ""
        result = self._remote.fetch(ORIGIN, f"+{branch}:{_SEEN}")
        if result.code:
            raise self._remote.refusal(result)
        return self._sha("rev-parse", _SEEN)

    def _put(self, folder: str, name: str, own: str, content: bytes | None) -> None:
        """Write the file into the index, in the place of any that has its lasting name."""
        suffix = f"-{own}.geojson"
        for path in self._remote.local("ls-files", "-z", "--", folder).text.split("\0"):
            if path.endswith(suffix):
                within = ("--work-tree", str(self._remote.clone.folder))  # it asks for one, and looks at none
                self._remote.local(*within, "update-index", "--force-remove", "--", path)
        if content is not None:
            path = f"{folder}/{_slug(name)}{suffix}"
            blob = self._written("blob", content)
            self._remote.local("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")

    def _written(self, kind: str, content: bytes) -> str:
        with TemporaryDirectory() as room:
            file = Path(room) / "object"
            file.write_bytes(content)
            return self._sha("hash-object", "-t", kind, "-w", "--no-filters", "--", str(file))

    def _sha(self, *words: str) -> str:
        said = self._remote.local(*words).text.strip()
        if not _SHA.fullmatch(said):
            raise GitError(say("git answered something else than the name of an object."))
        return said


def _commit(tree: str, parent: str, message: str, time: datetime) -> bytes:
    who = f"{AUTHOR} {int(time.timestamp())} +0000"
    head = [f"tree {tree}", *([f"parent {parent}"] if parent else []), f"author {who}", f"committer {who}"]
    return ("\n".join([*head, "", message.replace("\0", " ").strip(), ""])).encode("utf-8", "replace")


def _slug(name: str) -> str:
    """Return a layer's name as a file can have it everywhere."""
    plain = unicodedata.normalize("NFKD", name[:_LONGEST]).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain).strip("-") or "layer"
