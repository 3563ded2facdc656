"""The folder of a site: nothing of anybody else's is touched, and no reader ever meets half a page."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from tempfile import mkstemp
from typing import Final, TypeVar

from umap_bot.errors import SettingsError
from umap_bot.report.site.pages import GENERATOR
from umap_bot.text import say

T = TypeVar("T")

FILE_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755
"""A web server reads as somebody else."""

HEAD: Final = 2_000
"""Bytes of a page that tell whose it is."""

LONG_HEAD: Final = 64_000
"""The same of an index, which names its layers, and of a feed, whose title comes first."""

_OURS: Final = f'<meta name="generator" content="{GENERATOR}">'.encode()
_OUR_FEED: Final = re.compile(rb"<id>tag:[^<>]*:umap-bot/")
_STAMP: Final = re.compile(rb'<meta name="umap-bot-page" content="([0-9a-f]+)">')
_LAYERS: Final = re.compile(rb'<meta name="umap-bot-layers" content="([0-9a-f ]+)">')


class Folder:
    """A folder that we write a site into. Raise SettingsError if it can't be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0
        self.removed = 0
        self._heads: dict[str, bytes] = {}

    def claim(self, names: Iterable[str], folders: Iterable[str], layers: Collection[str]) -> None:
        """Make the folder if it is not there.

        `names` are the files that are to be written, `folders` those below that are ours to tidy, `layers`
        the digests of what the pages are of. Raise SettingsError if one of the files is somebody else's, a
        folder a link to elsewhere, or the site one of other layers: nothing is written then.
        """
        for folder in folders:
            if self._try((self.path / folder).is_symlink):
                raise SettingsError(
                    say("{folder} is a link to another folder.", folder=str(self.path / folder)),
                    way_out=say("Remove the link, or choose another folder. Nothing was written."),
                )
        for name in names:
            if os.path.lexists(self.path / name) and not self.is_ours(name):
                raise SettingsError(
                    say(
                        "{folder} has a file {file} that umap-bot did not write.",
                        folder=str(self.path),
                        file=name,
                    ),
                    way_out=say("Move the file, or choose another folder. Nothing was written."),
                )
        self._refuse_others(set(layers))
        self._make(self.path)

    def _refuse_others(self, layers: set[str]) -> None:
        """Layers may come or go. Where some come and others go, these are two sites."""
        found = _LAYERS.search(self._head("index.html"))
        before = set(found[1].decode().split()) if found else layers
        if not (before <= layers or layers <= before):
            raise SettingsError(
                say("{folder} contains the pages of other layers.", folder=str(self.path)),
                way_out=say(
                    "Choose a separate folder for each site. If you no longer need these pages, delete the "
                    "folder. Nothing was written."
                ),
            )

    def is_ours(self, name: str) -> bool:
        """Return whether a page or feed is there, and one of ours. A link to one is none."""
        head = self._head(name)
        return _OURS in head or _OUR_FEED.search(head) is not None

    def stamp(self, name: str) -> str:
        """Return the stamp of a page of ours, "" without one."""
        head = self._head(name)
        found = _STAMP.search(head) if _OURS in head else None
        return found[1].decode() if found else ""

    def write(self, name: str, content: bytes) -> None:
        """Write a file as a whole, if it is not there as it should be."""
        file = self.path / name
        if self._try(lambda: file.is_file() and not file.is_symlink() and file.read_bytes() == content):
            return
        if file.parent != self.path:
            self._make(file.parent)
        self._try(lambda: _replace(file, content))
        self._heads.pop(name, None)
        self.written += 1

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files in a folder below this one, as `write` takes them."""
        path = self.path / folder
        found = self._try(lambda: sorted(path.iterdir()) if path.is_dir() else [])
        return tuple(file.relative_to(self.path).as_posix() for file in found if file.is_file())

    def remove(self, name: str) -> None:
        self._try(lambda: (self.path / name).unlink(missing_ok=True))
        self._heads.pop(name, None)
        self.removed += 1

    def _head(self, name: str) -> bytes:
        if name not in self._heads:
            self._heads[name] = self._try(lambda: _head(self.path / name))
        return self._heads[name]

    def _make(self, path: Path) -> None:
        if self._try(path.is_dir):
            return
        self._try(lambda: path.mkdir(parents=True, exist_ok=True))
        self._try(lambda: path.chmod(FOLDER_MODE))

    def _try(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise SettingsError(
                say("The folder {folder} can't be used: {reason}.", folder=str(self.path), reason=reason),
                way_out=say("Choose a folder that umap-bot can write to."),
            ) from error


def _head(file: Path) -> bytes:
    if file.is_symlink() or not file.is_file():
        return b""
    with file.open("rb") as opened:
        return opened.read(LONG_HEAD if file.name in {"index.html", "feed.atom"} else HEAD)


def _replace(file: Path, content: bytes) -> None:
    """Write beside, then put in place: who reads meanwhile has the old page or the new one."""
    handle, beside = mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(content)
        Path(beside).chmod(FILE_MODE)
        Path(beside).replace(file)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
