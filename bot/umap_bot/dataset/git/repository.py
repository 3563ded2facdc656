"""A git repository, never checked out: its newest commit, a file at a commit, the commits of a file."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from umap_bot.dataset.git import proposing, refs, tree
from umap_bot.dataset.git.command import Result
from umap_bot.dataset.git.commits import FORMAT, commits_of
from umap_bot.dataset.git.lineage import Lineage, Version, all_files
from umap_bot.dataset.git.proposing import Branch
from umap_bot.dataset.git.remote import ORIGIN, Remote
from umap_bot.dataset.git.stderr import is_too_much
from umap_bot.errors import CommitGone, DatasetError, GitError
from umap_bot.model.layer import Commit
from umap_bot.text import say

_FILE: Final = 100 * 2**20
_FETCH: Final = 1 * 2**30
_ALL: Final = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
"""Not refs/*: that would bring every pull request of a forge."""
_SLACK: Final = 2**20
"""What a pack holds beside the file that it was fetched for."""
_LFS: Final = b"version https://git-lfs"


class Repository:
    """A repository, read through a bare copy in `cache` that holds only what was asked for.

    `ref` is a branch, a tag, a full commit, or "" for the remote's HEAD. `plain` are the hosts that the token
    may go to without encryption. `timeout` is of each git command, in
    seconds. `most` is the size that a file may have, `most_fetched` what one fetch may bring (a server that
    can't filter sends all files of a commit), in bytes. What is in the copy already costs no network.
    Raise SettingsError for a URL, ref, token or key that can't be used.
    """

    def __init__(
        self,
        url: str,
        cache: Path,
        *,
        ref: str = "",
        token: str = "",
        ssh_key: str = "",
        plain: Collection[str] = (),
        timeout: float = 60.0,
        most: int = _FILE,
        most_fetched: int = _FETCH,
    ) -> None:
        self._ref = refs.check_ref(ref.strip())
        self._remote = Remote(
            url, cache, token=token, ssh_key=ssh_key, plain=plain, timeout=timeout, most=most_fetched
        )
        self._most = most

    @property
    def url(self) -> str:
        """Its address, which holds no secret."""
        return self._remote.url

    @property
    def remote(self) -> Remote:
        """What it is read through."""
        return self._remote

    def head(self) -> Commit:
        """Return the newest commit: one `git ls-remote`; only `sha` is filled in. Raise GitError.

        A ref that is a full commit is that commit, and nothing is asked.
        """
        return self._remote.mended(self._head)

    def _head(self) -> Commit:
        if refs.FULL_SHA.fullmatch(self._ref):
            return Commit(self._ref)
        wanted = refs.patterns(self._ref)
        listing = self._list(*wanted)
        sha = next((listing[name] for name in wanted if name in listing), None)
        if sha is None:
            raise refs.no_such_ref(self._remote.url, self._ref, self._list(), self._remote.work_tree.folder)
        return Commit(sha)

    def _list(self, *names: str) -> dict[str, str]:
        return refs.parse(self._remote.online("ls-remote", "--quiet", ORIGIN, *names).text)

    def read(self, sha: str, path: str) -> tuple[Commit, bytes]:
        """Return the commit with author, date, subject and the file's blob, and the bytes of that file.

        Raise GitError, and DatasetError for what can't be used as it is: a link, too large, in LFS.
        """
        path = tree.checked_path(path)
        return self._remote.mended(lambda: self._read(sha, path))

    def _read(self, sha: str, path: str) -> tuple[Commit, bytes]:
        commit = self._commit(sha)
        entry = self._find(sha, path) or self._look_around(sha, path)
        tree.check_plain(entry)
        return replace(commit, blob=entry.sha), self._blob(sha, entry)

    def uncommitted(self, commit: Commit, path: str) -> bool:
        """Tell whether the file was edited since the commit, in a folder on this machine that is at it.

        Raise GitError.
        """
        path = tree.checked_path(path)
        if not self._remote.work_tree.has(path):
            return False
        blob = commit.blob or self._remote.mended(lambda: self._blob_at(commit.sha, path))
        differs = self._remote.work_tree.differs(path, blob, self._most)
        return differs and not self._remote.converts(path) and self._is_checked_out(commit.sha)

    def _blob_at(self, sha: str, path: str) -> str:
        self._commit(sha)
        entry = self._find(sha, path)
        return entry.sha if entry else ""

    def _is_checked_out(self, sha: str) -> bool:
        return self._list("HEAD").get("HEAD") == sha

    def history(self, sha: str, path: str, limit: int = 50, *, since: str = "") -> tuple[Version, ...]:
        """Return the versions of a file up to `sha`, newest first, under every name that it had.

        Commits in which it is missing are left out; with `since`, also those up to that commit, and all if it
        is no ancestor. One fetch of the whole history, without the blobs.
        """
        path = tree.checked_path(path)
        return self._remote.mended(lambda: self._history(sha, path, limit, since))

    def _history(self, sha: str, path: str, limit: int, since: str) -> tuple[Version, ...]:
        self._deepen(sha)
        if since and not self._leads_to(since, sha):
            return ()
        return tuple(Lineage(self._remote).versions(sha, path, limit, since))

    @property
    def is_cut(self) -> bool:
        """Tell whether the repository has not all of its history: our copy got all that there is, and is
        shallow all the same. To be asked after `history`."""
        return self._remote.clone.shallow

    def has(self, sha: str, path: str) -> bool:
        """Tell whether a commit that is in our copy has a file of just this path. Raise GitError."""
        return self._find(sha, path) is not None

    def fetched(self, sha: str, path: str) -> bool:
        """Have a commit in our copy; tell whether it has a file of just this path. Raise GitError."""
        path = tree.checked_path(path)

        def find() -> bool:
            self._commit(sha)
            return self.has(sha, path)

        return self._remote.mended(find)

    def named(self, name: str, sha: str) -> tuple[Commit, bool]:
        """Return the commit of a name, 4 to 40 hexadecimal digits, and whether it is `sha` or its ancestor.

        Raise UsageError for what is no such name, GitError if there is no such commit, or more than one.
        """
        found = refs.short_sha(name)
        return self._remote.mended(lambda: self._named(found, sha))

    def _named(self, name: str, sha: str) -> tuple[Commit, bool]:
        self._deepen(sha)
        full = name if refs.FULL_SHA.fullmatch(name) else self._full(name)
        return self._commit(full), self._leads_to(full, sha)

    def _full(self, name: str) -> str:
        """Return a commit's whole name. If our copy does not have it, all branches are fetched."""
        ask = ("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        result = self._remote.offline(*ask)
        if result.code:
            self._fetch_all("--filter=blob:none")
            result = self._remote.offline(*ask)
        if result.code:
            raise refs.no_such_commit(self._remote.url, name)
        return result.text.strip()

    def propose(self, parent: str, path: str, branch: str, versions: Sequence[tuple[bytes, str]]) -> Branch:
        """Push a branch of commits on top of `parent`: the file's versions, each with its message.

        A branch of ours is replaced, one that says the same is left alone. Nothing is checked out. Raise
        GitError if the remote refuses, or if somebody else has committed to the branch.
        """
        path = tree.checked_path(path)
        return self._remote.mended(lambda: self._propose(parent, path, branch, versions))

    def _propose(self, parent: str, path: str, branch: str, versions: Sequence[tuple[bytes, str]]) -> Branch:
        self._commit(parent)
        entry = self._find(parent, path) or self._look_around(parent, path)
        tip = proposing.tip_of(self._remote, branch)
        sha = parent
        for data, message in versions:
            sha = proposing.commit_of(self._remote, sha, entry, data, message)
        if tip:
            self._commit(tip)
            there, wanted = self._find(tip, entry.path), self._find(sha, entry.path)
            if there and wanted and there.sha == wanted.sha:
                return Branch(branch, tip, "same")
            if not proposing.is_ours(self._remote, tip) and not self._is_merged(tip, parent):
                raise proposing.not_ours(branch, self.url)
        said = proposing.push(self._remote, sha, branch, tip)
        return Branch(branch, sha, "updated" if tip else "new", said)

    def _is_merged(self, sha: str, into: str) -> bool:
        self._deepen(into)
        return self._leads_to(sha, into)

    def tip(self, branch: str) -> str:
        """Return the commit at the tip of a branch, "" if the remote does not have it. Raise GitError."""
        return self._remote.mended(lambda: proposing.tip_of(self._remote, branch))

    @property
    def followed(self) -> str:
        """The name of the branch that is followed; that of the remote's HEAD if no other is named.

        Raise GitError.
        """
        if self._ref:
            return self._ref.removeprefix("refs/heads/")
        listing = self._remote.online("ls-remote", "--symref", "--quiet", ORIGIN, "HEAD").text
        found = re.search(r"^ref: refs/heads/(\S+)\tHEAD$", listing, re.MULTILINE)
        return found[1] if found else "HEAD"

    def _leads_to(self, sha: str, later: str) -> bool:
        return self._remote.offline("merge-base", "--is-ancestor", sha, later).code == 0

    def _deepen(self, sha: str) -> None:
        """Have a commit with all that lead to it, without their files."""
        self._commit(sha)
        if self._remote.clone.shallow:
            result = self._remote.fetch("--unshallow", "--filter=blob:none", ORIGIN, sha)
            if result.code:
                raise self._remote.refusal(result)

    def _commit(self, sha: str) -> Commit:
        """Return a commit, fetched if our copy lacks it: by its name, else with all of the history."""
        if not refs.FULL_SHA.fullmatch(sha):
            raise GitError(
                say('"{commit}" is not a full commit hash.', commit=sha[:40]),
                way_out=say("Write all 40 characters."),
            )
        self._remote.named_by(refs.names_of(sha))
        known = self._known_commit(sha) if self._remote.clone.made else None
        if known is None:
            result = self._remote.fetch("--depth=1", "--filter=blob:none", ORIGIN, sha)
            known = self._known_commit(sha) if not result.code else None
        if known is None:
            result = self._fetch_all("--filter=blob:none")
            known = self._known_commit(sha)
            if known is None and result.code:
                raise self._remote.refusal(result)
        if known is None and self._remote.offline("cat-file", "-e", sha).code == 0:
            raise refs.no_commit(self._remote.url, self._ref or sha[:7])
        if known is None:
            raise CommitGone(
                say(
                    "The repository {url} does not have commit {commit}, or no longer has it.",
                    url=self._remote.url,
                    commit=sha[:7],
                ),
                way_out=say("If its history was rewritten, use the newest commit."),
            )
        return known

    def _known_commit(self, sha: str) -> Commit | None:
        result = self._remote.offline("log", "-1", "-z", FORMAT, sha, "--")
        return next(iter(commits_of(result.text)), None) if not result.code else None

    def _fetch_all(self, *options: str) -> Result:
        deepen = ["--unshallow"] if self._remote.clone.shallow else []
        return self._remote.fetch(*deepen, *options, ORIGIN, *_ALL)

    def _find(self, sha: str, path: str) -> tree.Entry | None:
        listing = self._remote.local("ls-tree", "-z", "--long", "--full-tree", sha, "--", path)
        return next((entry for entry in tree.entries(listing.stdout) if entry.path == path), None)

    def _look_around(self, sha: str, path: str) -> tree.Entry:
        files = all_files(self._remote, sha)
        entry = tree.same_name(path, files)
        if entry is None and (error := tree.on_the_way(path, files)):
            raise error
        if entry is None and self._remote.work_tree.has(path) and self._is_checked_out(sha):
            raise tree.not_committed(path, sha)
        if entry is None:
            raise tree.no_such_file(path, sha, files)
        return entry

    def _blob(self, sha: str, entry: tree.Entry) -> bytes:
        """Return the bytes of a file, fetched if our copy lacks them. Raise DatasetError."""
        if entry.size is None:
            self._fetch_blob(sha, entry)
        elif entry.size > self._most:
            raise self._too_large(entry)
        result = self._remote.offline("cat-file", "blob", entry.sha, most=self._most + _SLACK)
        data = result.stdout
        if result.overflow or len(data) > self._most:
            raise self._too_large(entry)
        if result.code:
            raise self._remote.refusal(result)
        if data.startswith(_LFS):
            raise DatasetError(
                say("{file} is kept in Git LFS: the repository holds only a pointer to it.", file=entry.path),
                way_out=say(
                    "Remove it from LFS with git lfs untrack, and commit the file itself; it is small "
                    "enough for git."
                ),
            )
        return data

    def _fetch_blob(self, sha: str, entry: tree.Entry) -> None:
        """Fetch one file. A server that sends no single objects sends the commit's files, or all."""
        result = self._remote.fetch("--filter=blob:none", ORIGIN, entry.sha, most=self._most + _SLACK)
        if is_too_much(result):
            raise self._too_large(entry)
        if result.code:
            result = self._remote.fetch("--depth=1", "--refetch", "--no-filter", ORIGIN, sha)
        if result.code:
            result = self._fetch_all("--refetch", "--no-filter")
        if result.code:
            raise self._remote.refusal(result)

    def _too_large(self, entry: tree.Entry) -> DatasetError:
        return DatasetError(
            say(
                "{file} is larger than {megabytes:.0f} MB.",
                file=entry.path,
                megabytes=self._most / 2**20,
            ),
            way_out=say("Split the file, or remove columns from it."),
        )
