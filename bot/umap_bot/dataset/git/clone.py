"""Our own bare repository on this machine: made, locked, tidied, and made anew when it is broken."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final

from umap_bot.errors import GitError
from umap_bot.text import say

_PACKS: Final = 200
"""Packs after which the copy is made anew: a fetch leaves one or two, nothing else tidies."""
_LOOSE: Final = 6_700
"""Loose objects after which it is made anew, as many as git lets come together: a commit leaves three."""
_ROOM: Final = 512 * 2**20
"""Octets of packs after which it is made anew too, unless one pack is most of them: it would come again."""
_DAMAGED: Final = (
    r"corrupt|not a git repository|unable to read (sha1|tree|askedfor)"
    r"|bad shallow line|is empty$|inflate: data stream error|missing (tree|commit)|pack has bad"
    r"|unresolved deltas|bad file$|does not match index|packfile .* (truncated|cannot be mapped)"
    r"|index file .* is too small"
)
_LACKING: Final = "|bad object|shallow file has changed|error in object|did not send all necessary objects"
"""What git says when a copy of ours is damaged; and when it lacks what it believes to have."""
_OWN: Final = re.compile(
    r"""
      \[core\] | \[extensions\] | \[remote\ "[\w-]+"\]
    | (repositoryformatversion|filemode|bare|logallrefupdates|symlinks|ignorecase|precomposeunicode
       |objectformat|compatobjectformat|refstorage|partialclone|promisor|partialclonefilter) \ = \ [\w:.-]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What git itself writes into the configuration of a copy, line by line."""
_BAD_CONFIG: Final = r"bad (numeric )?config .*in file "
"""What git says of any file of configuration, the user's own among them; the file's name follows."""
_BROKEN: Final = re.compile(_DAMAGED, re.MULTILINE)
_BROKEN_OR_LACKING: Final = re.compile(_DAMAGED + _LACKING, re.MULTILINE)


class Clone:
    """The folder of one repository in the cache, named by the digest of its URL. All of it can be lost."""

    def __init__(self, root: Path, url: str) -> None:
        name = blake2b(url.encode(), digest_size=10).hexdigest()
        self.folder = root.absolute() / f"{name}.git"
        self._lock = root.absolute() / f"{name}.lock"
        self._whole = self.folder / "umap-bot-made"
        self._bad_config = re.compile(_BAD_CONFIG + re.escape(f"{self.folder}/"))

    @property
    def made(self) -> bool:
        return os.path.exists(self._whole)  # noqa: PTH110  False too for a path that no system takes

    @property
    def names(self) -> str:
        """How it names objects: "sha1", "sha256", or "" while there is no copy. One of before has no note."""
        try:
            return self._whole.read_text("ascii") or "sha1"
        except (OSError, ValueError):
            return ""

    @property
    def birth(self) -> int | None:
        """When this copy was made, in nanoseconds: another number is another copy."""
        try:
            return self._whole.stat().st_mtime_ns
        except OSError:
            return None

    @property
    def shallow(self) -> bool:
        return (self.folder / "shallow").is_file()

    @property
    def is_plain(self) -> bool:
        """Whether its configuration is what git itself wrote: any other could make git run programs."""
        try:
            lines = (self.folder / "config").read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return False
        return all(_OWN.fullmatch(line.strip()) for line in lines)

    def prepare(self) -> None:
        """Make the folder, for its owner only. Then comes git init, and `finish`. Raise GitError.

        Only for the holder of the lock.
        """
        self._make(self.folder)

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def finish(self, names: str) -> None:
        """Note that the copy is whole: until then, others who look take it for none. Raise GitError.

        `names` is how it names objects.
        """
        try:
            self._whole.write_text(names, "ascii")
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> GitError:
        return GitError(
            say(
                "Can't write to the cache folder {folder} ({why}).",
                folder=str(self.folder.parent),
                why=str(error.strerror),
            ),
            way_out=say("Make it writable, or set XDG_CACHE_HOME to another folder."),
        )

    def tidy(self) -> None:
        """Take away what a killed git left, and everything when many fetches and commits have left theirs.

        Only for the holder of the lock.
        """
        for pattern in ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*"):
            for left in list(self.folder.glob(pattern)):
                left.unlink(missing_ok=True)
        packs = [pack.stat().st_size for pack in self.folder.glob("objects/pack/*.pack")]
        # One of the 256 folders that they are spread over tells how many there are, as git itself finds it.
        loose = 256 * sum(1 for _ in self.folder.glob("objects/17/*"))
        if loose > _LOOSE or len(packs) > _PACKS or sum(packs) > max(_ROOM, 2 * max(packs, default=0)):
            self.drop()

    def drop(self) -> None:
        """Take the repository away; the next fetch begins with nothing."""
        with suppress(OSError):
            self._whole.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_damaged(self, stderr: str) -> bool:
        """Tell whether git, asked about our own copy only, finds it damaged."""
        return _BROKEN.search(stderr) is not None or self._bad_config.search(stderr) is not None

    def is_named_damaged(self, stderr: str) -> bool:
        """Tell whether git, asking the remote, finds our own copy damaged: it names it."""
        return str(self.folder) in stderr and self.is_damaged(stderr)

    def seems_broken(self, stderr: str) -> bool:
        """Tell whether git, fetching, complains of our own copy, and not of the remote or the network."""
        return _BROKEN_OR_LACKING.search(stderr) is not None or self._bad_config.search(stderr) is not None

    def _opened_lock(self) -> IO[str]:
        self._make(self.folder.parent)
        try:
            return self._lock.open("w")
        except OSError as error:
            raise self._unusable(error) from error

    @contextmanager
    def locked(self, timeout: float) -> Iterator[None]:
        """Keep other processes from writing here. Raise GitError after `timeout` seconds of waiting."""
        end = time.monotonic() + timeout
        with self._opened_lock() as file:
            while not _taken(file.fileno()):
                if time.monotonic() > end:
                    raise GitError(
                        say(
                            "Another umap-bot process has been fetching into {folder} for {seconds:g} s.",
                            folder=str(self.folder.parent),
                            seconds=float(timeout),
                        ),
                        way_out=say("Try again later."),
                    )
                time.sleep(0.05)  # flock has no deadline of its own, so it is asked for again until ours
            yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
