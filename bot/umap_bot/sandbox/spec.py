"""What a sandbox is made of: which Python, which uMap, exact versions, and the key they are cached under."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from umap_bot.errors import SandboxError
from umap_bot.text import Text, say

HERE = Path(__file__).parent
LOCKS = HERE / "locks"
POSTGRES_LOCK = LOCKS / "postgres.txt"
BACKEND = HERE / "django_backend"
BACKEND_FILES = ("__init__.py", "base.py", "claim.py", "seed.py", "serve.py", "settings.py")

# Raise it when what `prepare` makes of the same ingredients changes.
LAYOUT = 1

Line = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pythons:
    """The versions of Python that a release runs on, both ends included (None: no end is known)."""

    oldest: Line
    newest: Line | None = None

    def take(self, line: Line) -> bool:
        return self.oldest <= line and (self.newest is None or line <= self.newest)


# uMap's releases that are known to run here, newest first. (A Python is too new for a release when one of
# its exact versions has no wheel for it.)
RELEASES: dict[str, Pythons] = {
    "3.8.1": Pythons((3, 12)),
    "3.7.3": Pythons((3, 11)),
    "3.4.2": Pythons((3, 11)),
    "2.9.3": Pythons((3, 11), (3, 13)),
}


@dataclass(frozen=True)
class Spec:
    """`python` runs uMap (default: the one that runs us); `umap` is a release (default: the newest for it).

    `postgres` names a folder with `initdb` and `postgres`, for machines that the wheel does not fit.
    Raise SandboxError when asked for a release that is not known, or not for this Python.
    """

    python: Path = field(default_factory=lambda: Path(sys.executable))
    umap: str = ""
    postgres: Path | None = None

    def __post_init__(self) -> None:
        if self.umap and self.umap not in RELEASES:
            raise SandboxError(
                say("umap-bot does not know the uMap release {release}.", release=self.umap),
                way_out=say("Choose one of {releases:, }.", releases=tuple(RELEASES)),
            )
        if self.umap and not RELEASES[self.umap].take(self.line):
            raise self._unfit(self.umap)
        if not self._fitting():
            raise self._unfit(min(RELEASES, key=lambda release: RELEASES[release].oldest))

    def _fitting(self) -> tuple[str, ...]:
        return tuple(release for release, pythons in RELEASES.items() if pythons.take(self.line))

    def _unfit(self, release: str) -> SandboxError:
        pythons, fitting = RELEASES[release], self._fitting()
        wanted = _span(pythons)
        return SandboxError(
            say(
                "uMap {release} needs Python {versions}, but {python} is {line}.",
                release=release,
                versions=wanted,
                python=str(self.python),
                line=_dotted(self.line),
            ),
            way_out=say("Choose one of {releases:, }.", releases=fitting)
            if fitting
            else say("Run it with Python {versions}.", versions=wanted),
        )

    @cached_property
    def line(self) -> Line:
        """Python's major and minor number."""
        if self.python == Path(sys.executable):
            return sys.version_info[:2]
        code = "import sys; print(*sys.version_info[:2])"
        try:
            said = subprocess.run([self.python, "-I", "-c", code], capture_output=True, check=True, text=True)  # noqa: S603
        except (OSError, subprocess.CalledProcessError) as error:
            raise SandboxError(
                say("{python} can't be run: {reason}.", python=str(self.python), reason=str(error)),
                way_out=say("Choose another Python."),
            ) from error
        major, minor = said.stdout.split()
        return int(major), int(minor)

    @property
    def release(self) -> str:
        """uMap's version."""
        return self.umap or self._fitting()[0]

    @property
    def umap_lock(self) -> Path:
        """The exact versions of uMap and all that it needs, for `pip install --no-deps`."""
        return LOCKS / f"umap-{self.release}.txt"

    @property
    def key(self) -> str:
        """The same for equal ingredients: a folder prepared under it can be used again."""
        digest = hashlib.sha256()
        interpreter = (*self.line, self.python, sys.base_prefix)
        for text in (LAYOUT, *interpreter, self.postgres, sys.platform, platform.machine()):
            digest.update(f"{text}\0".encode())
        for path in (self.umap_lock, POSTGRES_LOCK, *(BACKEND / name for name in BACKEND_FILES)):
            digest.update(path.read_bytes() + b"\0")
        return f"{self.release}-{digest.hexdigest()[:12]}"


def _dotted(line: Line) -> str:
    return ".".join(map(str, line))


def _span(pythons: Pythons) -> Text:
    if pythons.newest is None:
        return say("{oldest} or newer", oldest=_dotted(pythons.oldest))
    return say("{oldest} to {newest}", oldest=_dotted(pythons.oldest), newest=_dotted(pythons.newest))
