"""The template repository as somebody has it who made a copy of it: a bare remote, and clones of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.programs import on_the_path

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
TEMPLATE: Final = DEPLOY / "template"
SCRIPTS: Final = Path(".github") / "umap-bot"
WORKFLOW: Final = TEMPLATE / ".github" / "workflows" / "umap-bot.yml"
STATE: Final = "umap-bot-state"
AUTHOR: Final = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false")
Done = subprocess.CompletedProcess[str]


def run(
    words: tuple[str | Path, ...],
    folder: Path,
    environment: dict[str, str] | None = None,
    *,
    check: bool = True,
) -> Done:
    """Run a program, with `umap-bot` of this environment on its path."""
    path = os.pathsep.join((str(on_the_path()), str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1", **(environment or {})},
        capture_output=True,
        check=check,
        encoding="utf-8",
    )


def git(folder: Path, *words: str | Path) -> str:
    return run(("git", *AUTHOR, *words), folder).stdout.strip()


def beside(duplicate: Path) -> Path:
    """Return where a run keeps what is not of the checkout."""
    return duplicate.with_name(f"{duplicate.name}.umap-bot")


@dataclass
class Template:
    """`remote` is a bare repository, `desk` the clone in which its owner changes things."""

    folder: Path
    remote: Path
    desk: Path

    @classmethod
    def made(cls, folder: Path) -> Template:
        remote, desk = folder / "remote.git", folder / "desk"
        shutil.copytree(TEMPLATE, desk, ignore=shutil.ignore_patterns("__pycache__"))
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", remote)
        git(folder, "init", "--quiet", "--initial-branch=main", desk)
        git(desk, "remote", "add", "origin", str(remote))
        template = cls(folder, remote, desk)
        template.push("A copy of the template")
        return template

    def push(self, message: str) -> None:
        git(self.desk, "add", "--all")
        git(self.desk, "commit", "--quiet", "--allow-empty", "--message", message)
        git(self.desk, "push", "--quiet", "origin", "HEAD:main")

    def write(self, file: str, content: str | bytes) -> None:
        (self.desk / file).write_bytes(content if isinstance(content, bytes) else content.encode())

    def duplicate(self, name: str) -> Path:
        """A checkout as GitHub makes it for a run: another folder each time, on no branch."""
        duplicate = self.folder / name
        git(self.folder, "clone", "--quiet", self.remote, duplicate)
        git(duplicate, "checkout", "--quiet", "--detach")
        return duplicate

    def state(self, what: str, duplicate: Path, *, check: bool = True, **environment: str) -> Done:
        """Run state.sh on the folder `state` beside a clone."""
        script = duplicate / SCRIPTS / "state.sh"
        return run((script, what, beside(duplicate) / "state"), duplicate, environment, check=check)

    def commits(self) -> int:
        """How many commits the state's branch has."""
        return int(git(self.remote, "rev-list", "--count", STATE))

    def branches(self) -> list[str]:
        return git(self.remote, "branch", "--format=%(refname:short)").split()
