"""`make test-wheel`: what pipx installs of the wheel works, on each Python; the sdist makes the same wheel.

WHEEL_PYTHONS names some of the versions; PYTHON313=/path/to/it says where one is that is not found.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SHARE: Final = ROOT / "share"
VERSIONS: Final = ("3.11", "3.12", "3.13")
NO_PYTHON: Final = (
    "Python {version} is missing: nothing was tried on it. Install it, or say where it is: make test-wheel "
    '{name}=/path/to/it. To leave it out, name the others: make test-wheel WHEEL_PYTHONS="3.11 3.12"'
)
COMPLETION: Final = {
    "bash": "bash-completion/completions/umap-bot",
    "zsh": "zsh/site-functions/_umap-bot",
    "fish": "fish/vendor_completions.d/umap-bot.fish",
}
FILE: Final = ROOT / "fixtures" / "cites-educatives" / "cites.csv"


def ran(*command: str | Path, folder: Path, more: Mapping[str, str] | None = None) -> str:
    """Return what a command says on stdout. Raise SystemExit, with all that it says, if it fails."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **(more or {})}
    environment.pop("PYTHONPATH", None)  # what is installed is meant, not what lies here
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def built(source: Path, target: str, folder: Path) -> Path:
    """Return the wheel or sdist that is built of a source folder."""
    folder.mkdir()
    ran(sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder, folder=source)
    (made,) = folder.iterdir()
    return made


def unpacked(sdist: Path, folder: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return source


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


def python_of(version: str) -> str | None:
    """Return the Python of a version: a named one, one of the PATH, one of pyenv or uv."""
    named = os.environ.get(f"PYTHON{version.replace('.', '')}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for found in (named, *map(str, pyenv.glob(f"{version}.*/bin/python")), shutil.which(f"python{version}")):
        if found and _is(version, found):
            return found
    if uv := shutil.which("uv"):
        done = subprocess.run([uv, "python", "find", version], capture_output=True, text=True, check=False)
        return done.stdout.strip() or None
    return None


def _is(version: str, python: str) -> bool:
    told = subprocess.run([python, "--version"], capture_output=True, text=True, check=False).stdout
    return told.startswith(f"Python {version}.")


def problems(pipx: Path, wheel: Path, python: str, home: Path) -> Iterator[str]:
    """Install the wheel as people do, and return what is wrong with that."""
    places = {"PIPX_HOME": "home", "PIPX_BIN_DIR": "bin", "PIPX_MAN_DIR": "man"}
    home.mkdir()
    own = {name: str(home / folder) for name, folder in places.items()}
    ran(pipx, "install", "--python", python, wheel, folder=home, more=own)
    yield from _of_program(home / "bin" / "umap-bot", wheel)
    yield from _of_share(home / "home" / "venvs" / "umap-bot" / "share", home / "bin" / "umap-bot")
    if not (home / "man" / "man1" / "umap-bot.1").exists():
        yield "pipx shows no manual page"


def _of_program(program: Path, wheel: Path) -> Iterator[str]:
    version = re.sub(r"^umap_bot-([^-]+)-.*", r"\1", wheel.name)
    if ran(program, "--version", folder=program.parent) != f"umap-bot, version {version}\n":
        yield "--version says another version"
    if not ran(program, "--help", folder=program.parent).startswith("Usage: umap-bot "):
        yield "--help shows no usage"
    if " is valid: " not in ran(program, "validate", FILE, folder=program.parent):
        yield "validate does not find the example good"


def _of_share(installed: Path, program: Path) -> Iterator[str]:
    for file in (path for path in SHARE.rglob("*") if path.is_file()):
        if (installed / file.relative_to(SHARE)).read_bytes() != file.read_bytes():
            yield f"{file.relative_to(ROOT)} is not installed as it is here"
    for shell, path in COMPLETION.items():
        if ran(program, "completion", shell, folder=installed) != (installed / path).read_text("utf-8"):
            yield f"completion {shell} is not the installed script"
    if man := shutil.which("man"):
        page = ran(man, "--local-file", installed / "man" / "man1" / "umap-bot.1", folder=installed)
        if "umap-bot sync" not in page:
            yield "the manual page does not tell of sync"


def main() -> int:
    pipx = Path(sys.argv[1]).absolute()
    chosen = os.environ.get("WHEEL_PYTHONS", "").split() or list(VERSIONS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = built(ROOT, "wheel", folder / "wheel")
        source = unpacked(built(ROOT, "sdist", folder / "sdist"), folder / "source")
        again = built(source, "wheel", folder / "again")
        same = names_in(again) == names_in(wheel)
        found = [] if same else ["The wheel that is built of the sdist holds something else."]
        for version in chosen:
            python = python_of(version)
            if python is None:
                found.append(NO_PYTHON.format(version=version, name=f"PYTHON{version.replace('.', '')}"))
                continue
            wrong = list(problems(pipx, wheel, python, folder / version))
            found += [f"Python {version}: {each}" for each in wrong]
            print(f"Python {version} ({python}): {'wrong' if wrong else 'good'}")  # noqa: T201  a command
    print("\n".join(found) or f"{wheel.name}: good")  # noqa: T201
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
