"""The folder that people edit, beside a repository on this machine: does a file there differ from the commit?

Nothing is asked of git: the folder's own configuration could make it run filters and monitors.
"""

from __future__ import annotations

import os
from hashlib import new
from pathlib import Path

from umap_bot.dataset.git.refs import names_of


class WorkTree:
    """The checked-out files of a repository. `folder` is None for one that has none, or is elsewhere."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder if folder and os.path.lexists(folder / ".git") else None

    def has(self, path: str) -> bool:
        """Tell whether a plain file of that name lies there."""
        return self._file(path) is not None

    def differs(self, path: str, blob: str, most: int) -> bool:
        """Tell whether the file lies there with other content than the blob's, line endings aside.

        Files that are missing, larger than `most` bytes or not readable are not told of.
        """
        file = self._file(path)
        if file is None:
            return False
        try:
            if file.stat().st_size > most:
                return False
            data = file.read_bytes()
        except OSError:
            return False
        return blob not in {_name(data, blob), _name(data.replace(b"\r\n", b"\n"), blob)}

    def _file(self, path: str) -> Path | None:
        """Return the file, if git could have it: neither it nor a folder on the way is a link, and no folder
        is a repository of its own."""
        if self.folder is None:
            return None
        file = self.folder / path
        within = file.parents[: len(file.parts) - len(self.folder.parts) - 1]
        try:
            plain = file.resolve() == self.folder.resolve() / path and file.is_file()
            return file if plain and not any((each / ".git").exists() for each in within) else None
        except OSError:  # a name that no file system takes
            return None


def _name(data: bytes, like: str) -> str:
    """Return git's name for content (git-hash-object(1)), by the kind that another name is of."""
    name = new(names_of(like), b"blob %d\0" % len(data), usedforsecurity=False)
    name.update(data)
    return name.hexdigest()
