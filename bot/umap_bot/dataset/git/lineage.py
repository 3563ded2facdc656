"""The commits of a file under every name that it had: renamed, moved, or written as another kind of file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

import msgspec
from msgspec.structs import replace

from umap_bot.dataset.git import tree
from umap_bot.dataset.git.commits import FORMAT, commits_of
from umap_bot.dataset.git.remote import Remote
from umap_bot.model.canon import nfc
from umap_bot.model.layer import Commit

_LISTING: Final = 16 * 2**20
"""Bytes of a listing of files: some 200 000."""


class Version(msgspec.Struct, frozen=True):
    """A commit that changed the file, with its blob, and the path that the file has in it."""

    commit: Commit
    path: str


class Lineage:
    """The versions of one file, as far as our copy has history."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def versions(self, sha: str, path: str, limit: int, since: str) -> list[Version]:
        """Return the versions up to `sha`, newest first, `limit` at the most; only those after `since`, if it
        is given. Commits in which the file is missing are left out. Raise GitError.
        """
        found: list[Version] = []
        path = self._spelled(sha, path)
        while True:
            changed = self._changed(f"{since}..{sha}" if since else sha, path, limit - len(found))
            versions = [version for commit in changed if (version := self._version(commit, path))]
            found += versions
            before = self._before(versions[-1]) if versions and len(found) < limit else None
            if before is None:
                return found
            sha, path = before

    def _spelled(self, sha: str, path: str) -> str:
        """Return the path as the commit spells it: macOS commits decomposed names."""
        if self._entry(sha, path):
            return path
        entry = tree.same_name(path, all_files(self._remote, sha))
        return entry.path if entry else path

    def _changed(self, reach: str, path: str, limit: int) -> tuple[Commit, ...]:
        log = self._remote.local("log", "-z", FORMAT, f"--max-count={limit}", reach, "--", path)
        return commits_of(log.text)

    def _version(self, commit: Commit, path: str) -> Version | None:
        entry = self._entry(commit.sha, path)
        return Version(replace(commit, blob=entry.sha), path) if entry else None

    def _before(self, first: Version) -> tuple[str, str] | None:
        """Return the commit before the one in which a path came to be, and what the file was called there;
        None if it is new, or was there already."""
        listed = self._remote.local("rev-list", "--parents", "--max-count=1", first.commit.sha)
        parents = listed.text.split()[1:]
        if not parents or any(self._entry(parent, first.path) for parent in parents):
            return None
        # What git itself finds it keeps in memory, however much; and renames it finds by the files' content,
        # which our copy lacks.
        files = {entry.path: entry.sha for entry in all_files(self._remote, parents[0])}
        left = {entry.path for entry in all_files(self._remote, first.commit.sha)}
        gone = {path: blob for path, blob in files.items() if path not in left}
        name = _predecessor(first, gone) or _beside(first.path, files)
        return (parents[0], name) if name and name.isprintable() else None

    def _entry(self, sha: str, path: str) -> tree.Entry | None:
        listing = self._remote.local("ls-tree", "-z", "--long", "--full-tree", sha, "--", path)
        return next((entry for entry in tree.entries(listing.stdout) if entry.path == path), None)


def all_files(remote: Remote, sha: str) -> list[tree.Entry]:
    """Return the files of a commit, in all folders; of one with more than can be listed, the first. A few
    trees that hold one another make milliards. Raise GitError."""
    listing = remote.offline("ls-tree", "-r", "-z", "--long", "--full-tree", sha, most=_LISTING)
    if listing.code and not listing.overflow:
        raise remote.refusal(listing)
    whole = listing.stdout[: listing.stdout.rfind(b"\0") + 1]
    return list(tree.entries(whole))


def _predecessor(first: Version, gone: Mapping[str, str]) -> str | None:
    """Return which of the files that went as this one came it was: of its content, its name, or its kind.

    `gone` goes from path to blob.
    """
    same = [path for path, blob in gone.items() if blob == first.commit.blob]
    kind = [path for path in gone if _of(path).suffix == _of(first.path).suffix]
    return next(iter((*same, *_alike(first.path, gone))), kind[0] if len(kind) == 1 else None)


def _beside(path: str, files: Iterable[str]) -> str | None:
    """Return the file of the same name but for its ending that lay in the same folder."""
    folder = _of(path).parent
    return next(iter(_alike(path, (other for other in files if _of(other).parent == folder))), None)


def _of(path: str) -> PurePosixPath:
    return PurePosixPath(nfc(path))


def _alike(path: str, others: Iterable[str]) -> list[str]:
    """Return the paths that are the same file elsewhere, or another kind of it, the likest first."""
    wanted, folder = _of(path), _of(path).parent
    stems = [other for other in others if _of(other).stem.casefold() == wanted.stem.casefold()]
    return sorted(stems, key=lambda one: (_of(one).name != wanted.name, _of(one).parent != folder, one))
