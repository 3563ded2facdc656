"""A program of ours in a small room: 1 GiB of memory and 60 s, whatever it is given."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

MEMORY: Final = 2**30  # octets of address space
SECONDS: Final = 60


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def confined(
    *arguments: str,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS` (`-m umap_bot plan`, `-c …`) to its end, with its words and its exit code.

    `environment` is added to this process's own. Raise `subprocess.TimeoutExpired` after `SECONDS`; more
    memory than `MEMORY` ends the program as the system ends it (`MemoryError`, or a signal).
    """
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        preexec_fn=_limit,
        check=False,
    )
