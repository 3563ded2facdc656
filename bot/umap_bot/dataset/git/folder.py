"""A folder of this machine that is no repository, or an empty one: what it is, and the way out."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

from umap_bot.errors import GitError
from umap_bot.text import Text, say


def no_repository(folder: Path) -> GitError | None:
    """Return the error for a folder that is none; None if nobody can tell what is wrong with it."""
    if not os.path.lexists(folder):
        return GitError(
            say("The folder {folder} does not exist or can't be accessed.", folder=str(folder)),
            way_out=say("Check DATASET_REPO."),
        )
    if folder.is_file():
        return GitError(
            say("{file} is a file, not a git repository.", file=str(folder)),
            way_out=say(
                "Set DATASET_REPO to the repository's folder, and DATASET_PATH to the path of the file in it."
            ),
        )
    begun = any(os.path.lexists(folder / name) for name in (".git", "HEAD"))  # the second: a bare one
    if begun or not os.access(folder, os.R_OK | os.X_OK):
        return None
    if around := next((each for each in folder.parents if os.path.lexists(each / ".git")), None):
        return GitError(
            say(
                "{folder} is a folder inside the git repository {repository}, not a repository itself.",
                folder=str(folder),
                repository=str(around),
            ),
            way_out=say(
                "Set DATASET_REPO={repository}, and begin DATASET_PATH with {path}/",
                repository=str(around),
                path=folder.relative_to(around).as_posix(),
            ),
        )
    init, add, commit = _commands(folder)
    return GitError(
        say("The folder {folder} is not a git repository.", folder=str(folder)),
        way_out=say(
            "To turn it into one: {init}, then {add}, then {commit}. Replace FILE with the name "
            "of your file.",
            init=init,
            add=add,
            commit=commit,
        ),
    )


def first_commit(folder: Path) -> Text:
    """Return how the file comes into a repository that has no commit yet."""
    _, add, commit = _commands(folder)
    return say(
        "To add the file: {add}, then {commit}. Replace FILE with the name of your file.",
        add=add,
        commit=commit,
    )


def _commands(folder: Path) -> tuple[str, str, str]:
    git = f"git -C {quote(str(folder))}"
    return f"{git} init", f"{git} add FILE", f'{git} commit -m "First version"'
