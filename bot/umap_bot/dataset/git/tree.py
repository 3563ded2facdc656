"""Where a file is in a commit: only a plain file is taken, and what stands in its place is named."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Final

import msgspec

from umap_bot.dataset.findings import listed
from umap_bot.errors import DatasetError, GitError, SettingsError
from umap_bot.text import say

_STRANGE: Final = {
    "120000": (say("a symbolic link"), say("Set DATASET_PATH to the file that it points at.")),
    "160000": (say("a submodule"), say("Set DATASET_REPO to that repository.")),
    "040000": (say("a folder"), say("Set DATASET_PATH to a file in it.")),
}
_PLAIN: Final = ("100644", "100755", "100664")
_COMPARED: Final = 5_000
_OFFERED: Final = 5


class Entry(msgspec.Struct, frozen=True):
    """An entry of a tree. `mode` is git's, six digits; `size` a file's, in bytes, None if it is not here."""

    mode: str
    sha: str
    path: str
    size: int | None


def checked_path(setting: str) -> str:
    """Return a path in the repository, as git writes it. Raise SettingsError."""
    path = PurePosixPath(setting.strip().lstrip("/"))
    if not path.parts or ".." in path.parts or not str(path).isprintable():
        raise SettingsError(
            say("DATASET_PATH is not a valid path in the repository."),
            way_out=say("Write a path such as data/places.csv."),
        )
    return str(path)


def entries(listing: bytes) -> Iterator[Entry]:
    """Return the entries of `git ls-tree -z --long`."""
    for line in listing.split(b"\0"):
        head, tab, path = line.partition(b"\t")
        if tab:
            mode, _, sha, size = head.decode("ascii").split()
            known = int(size) if size.isdecimal() else None  # "-" for a folder, "BAD" for what is not here
            yield Entry(mode, sha, path.decode(errors="surrogateescape"), known)


def check_plain(entry: Entry) -> None:
    """Raise DatasetError unless the entry is a file."""
    if entry.mode not in _PLAIN:
        what, way_out = _STRANGE.get(entry.mode, (say("not a file"), say("Set DATASET_PATH to a file.")))
        message = say("{file} is {what} in the repository, not a file.", file=entry.path, what=what)
        raise DatasetError(message, way_out=way_out)


def same_name(path: str, all_files: list[Entry]) -> Entry | None:
    """Return the file whose path differs only in its Unicode form (macOS commits decomposed names)."""
    wanted = unicodedata.normalize("NFC", path)
    return next((entry for entry in all_files if unicodedata.normalize("NFC", entry.path) == wanted), None)


def not_committed(path: str, commit: str) -> GitError:
    """Return the error for a file that lies in the folder beside the repository, and not in the commit."""
    return GitError(
        say(
            "{file} is not in commit {commit}, because it was never committed.", file=path, commit=commit[:7]
        ),
        way_out=say('To commit it: git add "{file}", then git commit', file=path),
    )


def on_the_way(path: str, all_files: list[Entry]) -> DatasetError | None:
    """Return the error for a path that goes through a link or a submodule; None for any other."""
    parents = {str(parent) for parent in PurePosixPath(path).parents}
    for entry in all_files:
        if entry.path in parents and entry.mode in ("120000", "160000"):
            what, way_out = _STRANGE[entry.mode]
            message = say(
                "{file}: {parent} is {what} in the repository.", file=path, parent=entry.path, what=what
            )
            return DatasetError(message, way_out=way_out)
    return None


def no_such_file(path: str, commit: str, all_files: list[Entry]) -> Exception:
    """Return the error for a path that the commit does not have: a folder, or near names."""
    names = [entry.path for entry in all_files]
    inside = [name for name in names if name.startswith(f"{path}/")]
    if inside:
        files = listed(inside, _OFFERED, limit=100)
        return DatasetError(
            say("{file} is a folder in the repository.", file=path),
            way_out=say("Set DATASET_PATH to a file in it: {files}.", files=files),
        )
    offer = listed(_near(path, names), _OFFERED, limit=100)
    way_out = (
        say("Did you mean {files}?", files=offer) if offer else say("Check DATASET_PATH and DATASET_REF.")
    )
    return GitError(say("{file} is not in commit {commit}.", file=path, commit=commit[:7]), way_out=way_out)


def _near(path: str, names: list[str]) -> list[str]:
    """Return the most similar paths: the same file name elsewhere, then what is spelt alike."""
    name = PurePosixPath(path).name.casefold()
    elsewhere = [other for other in names if PurePosixPath(other).name.casefold() == name]
    alike = get_close_matches(path, names[:_COMPARED], n=_OFFERED)
    same_kind = [other for other in names if PurePosixPath(other).suffix == PurePosixPath(path).suffix]
    return list(dict.fromkeys([*elsewhere, *alike, *same_kind[: _OFFERED - len(alike)]]))[:_OFFERED]
