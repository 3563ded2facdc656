"""Has git ignore a file of a work tree, by the list of this clone alone: nothing of it needs a commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from umap_bot.dataset.git.command import NEUTRAL, environment

_TIMEOUT: Final = 10.0
_EXTRA: Final = {"GIT_LITERAL_PATHSPECS": "0"}  # check-ignore refuses it
_NOT_IGNORED: Final = 1
"""What `git check-ignore` ends with. It is 0 for a file that is ignored."""
_NO_ANSWER: Final = 128
"""What git ends with outside of a work tree."""
_SPECIAL: Final = re.compile(r"[\\*?\[ ]")


def ignore(file: Path) -> Path | None:
    """Have git ignore a file; return the list of patterns that it was added to, `info/exclude`.

    Return None if there is nothing to do: no git, no work tree, or the file is ignored already. Raise OSError
    if the list can't be written.
    """
    folder, name = file.resolve().parent, file.name
    if _git(folder, "check-ignore", "--quiet", f"./{name}").returncode != _NOT_IGNORED:
        return None
    within = _line(_git(folder, "rev-parse", "--show-prefix"))
    exclude = (folder / _line(_git(folder, "rev-parse", "--git-path", "info/exclude"))).resolve()
    exclude.parent.mkdir(exist_ok=True)
    before = exclude.read_bytes() if exclude.exists() else b"\n"
    with exclude.open("ab") as patterns:
        patterns.write(
            (b"" if before.endswith(b"\n") else b"\n") + os.fsencode(_pattern(within + name)) + b"\n"
        )
    return exclude


def _pattern(path: str) -> str:
    """Return the pattern that a path in the work tree matches, and nothing else."""
    return "/" + _SPECIAL.sub(r"\\\g<0>", path).replace("\n", "?")


def _line(asked: subprocess.CompletedProcess[bytes]) -> str:
    return os.fsdecode(asked.stdout.removesuffix(b"\n"))


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    asked = [shutil.which("git") or "git", *arguments]
    try:
        return subprocess.run(  # noqa: S603  no shell interprets any argument
            asked,
            cwd=folder,
            env=environment(_EXTRA, NEUTRAL),
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):  # nobody can tell
        return subprocess.CompletedProcess(asked, _NO_ANSWER, b"", b"")
