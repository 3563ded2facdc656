"""The branch that tables are committed to: onto its newest commit, by git's plumbing, with nothing checked
out. In a folder that people work in, its files follow, unless somebody's change would be overwritten.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from umap_bot.dataset.git import refs, tree
from umap_bot.dataset.git.command import Result
from umap_bot.dataset.git.remote import ORIGIN, Remote
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.git.stderr import push_refused
from umap_bot.errors import GitError, SettingsError
from umap_bot.text import say

FIRST: Final = "main"
"""What the branch of a repository without commits is called, unless the repository says it."""
ADDRESS: Final = "umap-bot@localhost"
"""Whose commits these are; git wants an address, and nobody reads mail there."""
_HEADS: Final = "refs/heads/"
_SYMREF: Final = re.compile(r"ref: refs/heads/(\S+)\tHEAD")
_MOVED: Final = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value"
)
"""What git says of a push when somebody else was faster."""
_EDITED: Final = re.compile(r"unstaged changes|staged changes|update working tree|not uptodate|untracked")
"""What git says when it would have to write over what somebody has not committed."""
_IN_PLACE: Final = "git -c receive.denyCurrentBranch=updateInstead receive-pack"
"""Takes a push into a folder of this machine: files and index go along, and only if there is no change of
somebody in them (git-config(1), receive.denyCurrentBranch)."""


class Tip(msgspec.Struct, frozen=True):
    """A branch, and its newest commit; `sha` is "" if it has none yet."""

    branch: str
    sha: str


class Signature(msgspec.Struct, frozen=True):
    """Who made what a commit holds, when (aware), and what it is."""

    author: str
    date: datetime
    message: str


class Branch:
    """The branch `ref` of a repository ("": the repository's own), to commit one file to.

    `own` is the folder of a repository of ours, which is made with the first commit; else None.
    """

    def __init__(self, repository: Repository, ref: str = "", own: Path | None = None) -> None:
        self._repository = repository
        self._ref = ref.strip().removeprefix(_HEADS)
        self._own = own

    @property
    def _remote(self) -> Remote:
        return self._repository.remote

    def tip(self) -> Tip:
        """Return the branch as it is now: one `git ls-remote`. Raise GitError, SettingsError."""
        if self._own and not self._own.exists():
            return Tip(FIRST, "")
        return self._remote.mended(self._tip)

    def _tip(self) -> Tip:
        if refs.FULL_SHA.fullmatch(self._ref):
            raise _no_branch(self._ref)
        if not self._ref:
            said = self._remote.online("ls-remote", "--quiet", "--symref", ORIGIN, "HEAD").text
            branch, sha = _SYMREF.search(said), refs.parse(said).get("HEAD", "")
            if branch is None and sha:
                raise GitError(
                    say("The repository {url} is not on a branch.", url=self._remote.url),
                    way_out=say("Set DATASET_REF to the branch that the data is committed to."),
                )
            return Tip(branch[1] if branch else self._unborn(), sha)
        names = f"{_HEADS}{self._ref}", f"refs/tags/{self._ref}"
        found = refs.parse(self._remote.online("ls-remote", "--quiet", ORIGIN, *names).text)
        if names[1] in found and names[0] not in found:
            raise _no_branch(self._ref)
        return Tip(self._ref, found.get(names[0], ""))

    def _unborn(self) -> str:
        """Return the branch that the first commit of a folder of this machine is to be on."""
        folder = self._remote.folder
        for head in (folder / ".git" / "HEAD", folder / "HEAD") if folder else ():
            if head.is_file() and (found := re.match(r"ref: refs/heads/(\S+)", head.read_text("utf-8"))):
                return found[1]
        return FIRST

    def read(self, tip: Tip, path: str) -> bytes | None:
        """Return what the file holds in the newest commit; None if it is not there.

        Raise GitError, and DatasetError for what is no file.
        """
        return self._repository.read(tip.sha, path)[1] if self.has(tip, path) else None

    def has(self, tip: Tip, path: str) -> bool:
        """Tell whether the newest commit has the file. Raise GitError."""
        return bool(tip.sha) and self._repository.fetched(tip.sha, path)

    def commit(self, tip: Tip, path: str, data: bytes, signature: Signature, gone: str = "") -> str:
        """Return a commit on top of the newest one that has this file. It is in our copy alone, until it is
        pushed. `gone` is a file that it has no more. Raise GitError, SettingsError for what is no path.
        """
        path = tree.checked_path(path)
        if tip.sha:
            self._repository.fetched(tip.sha, path)
        return self._remote.mended(lambda: self._commit(tip, path, data, signature, gone))

    def _commit(self, tip: Tip, path: str, data: bytes, signature: Signature, gone: str) -> str:
        self._remote.offline("rev-parse", "--git-dir")  # so that there is a copy
        with TemporaryDirectory(prefix="umap-bot-", dir=self._remote.clone.folder) as folder:
            file = Path(folder) / "data"
            file.write_bytes(data)
            # To take a file out of an index, git wants a work tree, though it does not look at it.
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index"), "GIT_WORK_TREE": folder}
            environment = index | _environment(signature)

            def write(*arguments: str) -> str:
                return self._remote.writing(environment, *arguments).text.strip()

            blob = write("hash-object", "-w", "--no-filters", "--", str(file))
            if tip.sha:
                write("read-tree", tip.sha)
            write("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
            if gone and gone != path:
                write("update-index", "--force-remove", "--", gone)
            parents = ("-p", tip.sha) if tip.sha else ()
            # Our copy lacks the other files: nothing of them is needed to name them again.
            return write(
                "commit-tree", write("write-tree", "--missing-ok"), *parents, "-m", signature.message
            )

    def push(self, tip: Tip, sha: str) -> bool:
        """Make a commit the branch's newest; return False if the branch is no more as it was.

        Raise GitError: it may not be pushed to, or the folder has changes that are not committed.
        """
        self._make_own()
        name = f"{_HEADS}{tip.branch}"
        words = ["push", "--porcelain", "--no-progress", "--no-verify", "--no-follow-tags", "--no-signed"]
        words += ["--recurse-submodules=no", f"--force-with-lease={name}:{tip.sha}"]
        words += [f"--receive-pack={_IN_PLACE}"] if self._remote.is_local else []
        result = self._remote.push(*words, ORIGIN, f"{sha}:{name}")
        said = f"{result.text}\n{result.stderr}"
        if result.code and _EDITED.search(said):
            raise GitError(
                say(
                    "New data can't be committed: {folder} has changes that are not committed.",
                    folder=self._remote.url,
                ),
                way_out=say("Commit or discard them. They were not touched."),
            )
        if result.code and not _MOVED.search(said):
            raise push_refused(self._remote.url, result) or self._remote.refusal(result)
        return not result.code

    def _make_own(self) -> None:
        if self._own is None or (self._own / "HEAD").exists():
            return
        try:
            self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise GitError(
                say(
                    "Can't write to the state folder {folder} ({why}).",
                    folder=str(self._own.parent),
                    why=str(error.strerror),
                ),
                way_out=say("Make it writable, or set DATASET_REPO to a repository of your own."),
            ) from error
        result: Result = self._remote.making(self._own, FIRST)
        if result.code:
            raise self._remote.refusal(result)


def _environment(signature: Signature) -> dict[str, str]:
    date = signature.date.isoformat(timespec="seconds")
    return {
        "GIT_AUTHOR_NAME": signature.author,
        "GIT_AUTHOR_EMAIL": ADDRESS,
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_NAME": "umap-bot",
        "GIT_COMMITTER_EMAIL": ADDRESS,
    }


def _no_branch(ref: str) -> SettingsError:
    return SettingsError(
        say('DATASET_REF "{ref}" is not a branch, so no data can be committed to it.', ref=ref[:40]),
        way_out=say("Set it to a branch. To use the default branch, remove it."),
    )
