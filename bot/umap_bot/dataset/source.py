"""The desired side as the run is handed it: a repository and a recipe (umap_bot.ports.Dataset)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from umap_bot import progress
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import BotError
from umap_bot.model.base import Base
from umap_bot.model.layer import Commit, Layer
from umap_bot.model.mark import AskPublished, nothing_published
from umap_bot.text import Text, say


class Heads(Protocol):
    """What knows the newest commit: a repository, or what commits to it before it answers."""

    def head(self) -> Commit: ...


class Newest:
    """The newest commit of a repository, asked for once: the layers of a pass are of one version of it.

    A server that does not answer is waited for once, too: its error is raised again.
    """

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._found: Commit | BotError | None = None

    def __call__(self) -> Commit:
        if self._found is None:
            try:
                self._found = self._heads.head()
            except BotError as error:
                self._found = error
        if isinstance(self._found, BotError):
            raise self._found
        return self._found


class GitDataset:
    """A dataset in a git repository. Several may share one repository, and its `newest` commit.

    `name` gives the path of the file where the recipe has none: its source names it. `published` tells the
    ids that rows had, for the message about one that lost its own.
    """

    def __init__(
        self,
        repository: Repository,
        recipe: Recipe,
        newest: Newest | None = None,
        published: AskPublished = nothing_published,
        name: Callable[[], str] = str,
    ) -> None:
        self._name = name
        self._published = published
        self._repository = repository
        self._newest = newest or repository.head
        self._recipe = recipe
        self._latest: tuple[Commit, Layer] | None = None
        self._names: dict[str, str] = {}
        self._is_cut = False

    def head(self) -> Commit:
        """Return the newest commit: one `git ls-remote`; only `sha` is filled in. Raise GitError."""
        progress.step(say("Looking for the newest version in git"))
        return self._newest()

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        """Return the commit with its author, date and message, and the dataset at it.

        Rows that are as `base` knows them are not read again. The latest is remembered: a layer that shares
        the file may ask for it again, and whatever its base is, the dataset is the same. Raise GitError or
        DatasetError.
        """
        if self._latest is None or self._latest[0].sha != commit.sha:
            from umap_bot.dataset.decode import decode  # noqa: PLC0415  all decoders: an idle run needs none

            progress.step(say("Fetching the file from git"))
            recipe = replace(self._recipe, path=self._names.get(commit.sha, self._path))
            known, data = self._repository.read(commit.sha, recipe.path)
            layer = decode(data, recipe, base, self._published)
            notes = (*self._not_synced(known), *self._cut())
            self._latest = known, replace(layer, warnings=layer.warnings + notes)
        return self._latest

    def history(self, head: Commit, since: str = "") -> tuple[Commit, ...]:
        """Return the commits up to `head` that changed the file, newest first, one for each blob.

        No more than 50 are looked at. `since`: only those after that commit, and none if it is no ancestor.
        From then on these are read by the name that the file has in them. If all were asked for, and the
        repository does not have all of its history, the newest one says so. Raise GitError.
        """
        found: dict[str, Commit] = {}
        for version in self._repository.history(head.sha, self._path, since=since):
            found.setdefault(version.commit.blob, version.commit)
            self._names[version.commit.sha] = version.path
        if not since and self._repository.is_cut:
            self._is_cut, self._latest = True, None
        return tuple(found.values())

    def named(self, name: str, head: Commit) -> tuple[Commit, bool]:
        """Return the commit that a person names, and whether it is `head` or an ancestor of it.

        Raise GitError, UsageError.
        """
        commit, leads = self._repository.named(name, head.sha)
        if leads and not self._repository.has(commit.sha, self._path):
            self.history(head)
            names = [
                each for each in dict.fromkeys(self._names.values()) if self._repository.has(commit.sha, each)
            ]
            self._names |= {commit.sha: names[0]} if names else {}
        return commit, leads

    def _cut(self) -> tuple[Text, ...]:
        """Return a note on a repository without its older commits: in people's own, nothing is fetched."""
        if not self._is_cut:
            return ()
        return (
            say(
                "{repository} is a shallow clone, so older versions of {file} are missing. To get "
                "them: git fetch --unshallow",
                repository=self._repository.url,
                file=self._path,
            ),
        )

    def _not_synced(self, commit: Commit) -> tuple[Text, ...]:
        """Return a note on a file that somebody is editing: the committed version counts."""
        if not self._repository.uncommitted(commit, self._path):
            return ()
        return (not_synced(self._path),)

    @property
    def _path(self) -> str:
        return self._recipe.path or self._name()


def not_synced(file: str) -> Text:
    """Say that a file has changes which no run sees."""
    return say(
        "{file} has uncommitted changes, which are not synced. To sync them, commit them first: git commit",
        file=file,
    )
