"""`make test-releases`: the contract and the whole path on each release of uMap, wherever it stands.

Each release is a pytest of its own: it runs on the Python that fits, ours or a newer one. At the end one line
for each release and place tells how many tests passed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from tests.releases.places import PLACES
from umap_bot.errors import SandboxError
from umap_bot.sandbox.spec import RELEASES, Spec

CONTRACT: Final = "contract"
WHAT: Final = ("tests/contract", "tests/releases")
NEWER: Final = ("python3.12", "python3.13", "python3.14")
NO_PYTHON: Final = (
    "uMap {release} needs Python {line} or newer, and neither PYTHON312 nor the PATH names one. Install it "
    "(Debian 13, Ubuntu 24.04: apt install python3-venv; or pyenv, or uv python install 3.12), or name it: "
    "make test-releases PYTHON312=/usr/bin/python3.12. Without it, some of the releases: "
    "make test-releases RELEASES='{others}'."
)


@dataclass(frozen=True)
class Told:
    """What came of one release's tests at one place."""

    place: str
    passed: int
    others: int


def chosen() -> tuple[str, ...]:
    """RELEASES of the environment, else all."""
    named = tuple(os.environ.get("RELEASES", "").split()) or tuple(RELEASES)
    unknown = [release for release in named if release not in RELEASES]
    if unknown:
        sys.exit(f"uMap {unknown[0]} is not among the releases known here: {', '.join(RELEASES)}.")
    return named


def python_for(release: str) -> Path:
    """A Python that the release runs on: ours, or a newer one of this machine."""
    named = os.environ.get("PYTHON312")
    for name in (sys.executable, *([named] if named else NEWER)):
        found = shutil.which(name)
        path = _real(found) if found else None
        if path and _takes(path, release):
            return path
    line = ".".join(map(str, RELEASES[release].oldest))
    others = " ".join(each for each in RELEASES if _takes(Path(sys.executable), each))
    sys.exit(NO_PYTHON.format(release=release, line=line, others=others))


def _real(found: str) -> Path | None:
    """The program itself: what lies on the PATH may be a shim that picks one, or none."""
    code = "import sys; print(sys.executable)"
    done = subprocess.run([found, "-I", "-c", code], capture_output=True, check=False, text=True)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def _takes(python: Path, release: str) -> bool:
    try:
        Spec(python, release)
    except SandboxError:
        return False
    return True


def run(release: str, python: Path, record: Path) -> int:
    """The tests on one release; RECORD is told what came of each. Their exit code."""
    environment = {**os.environ, "SANDBOX_UMAP": release, "SANDBOX_PYTHON": str(python)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-o",
        "junit_family=xunit1",
        f"--junitxml={record}",
        *WHAT,
    ]
    return subprocess.run(command, env=environment, check=False).returncode


def told(record: Path) -> Iterator[Told]:
    """What came of it, by place: the contract first."""
    passed, others = Counter[str](), Counter[str]()
    for case in ET.parse(record).iter("testcase"):  # noqa: S314  pytest wrote it
        ended = {part.tag for part in case} & {"failure", "error", "skipped"}
        (others if ended else passed)[_place(case)] += 1
    for place in (CONTRACT, *PLACES):
        yield Told(place, passed[place], others[place])


def _place(case: ET.Element) -> str:
    """What the test itself noted; those of the contract note none."""
    return next((str(noted.get("value")) for noted in case.iter("property")), CONTRACT)


def main() -> int:
    """Run all; 1 if anything failed."""
    pythons = {release: python_for(release) for release in chosen()}  # before the first minute is spent
    lines, codes = list[str](), list[int]()
    with tempfile.TemporaryDirectory(prefix="releases-") as folder:
        for release, python in pythons.items():
            record, began = Path(folder) / f"{release}.xml", time.monotonic()
            print(f"uMap {release}, on {python}", flush=True)  # noqa: T201
            codes.append(run(release, python, record))
            lines += [
                f"uMap {release:6} {each.place:30} {each.passed:4} passed, {each.others} not"
                for each in told(record)
            ]
            lines.append(f"uMap {release:6} {'all of it':30} {time.monotonic() - began:4.0f} s")
    print(*lines, sep="\n")  # noqa: T201
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
