"""The desired side as the run is handed it: a repository and a recipe (bot.ports.Dataset)."""

from __future__ import annotations

from bot.dataset.decode import decode
from bot.dataset.recipe import Recipe
from bot.dataset.repository import Repository
from bot.model.layer import Commit, Layer


class GitDataset:
    """A dataset in a git repository. Several may share one repository."""

    def __init__(self, repository: Repository, recipe: Recipe) -> None:
        self._repository = repository
        self._recipe = recipe

    def head(self) -> Commit:
        """Give the newest commit: one `git ls-remote`; only `sha` is filled in. Raise GitError."""
        return self._repository.head()

    def read(self, commit: Commit) -> tuple[Commit, Layer]:
        """Give the commit with its author, date and message, and the dataset at it.

        Raise GitError or DatasetError.
        """
        known, data = self._repository.read(commit.sha, self._recipe.path)
        return known, decode(data, self._recipe)
