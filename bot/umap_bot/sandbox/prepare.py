"""Everything that has to be done once for a machine: uMap installed, static files, an empty database."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from umap_bot.errors import SandboxError
from umap_bot.sandbox import postgres, processes, web
from umap_bot.sandbox.cache import (
    cache_folder,
    clear_abandoned,
    forget_unused,
    is_root,
    locked,
    part_folder,
    parts,
    remove,
)
from umap_bot.sandbox.database import local
from umap_bot.sandbox.spec import POSTGRES_LOCK, Spec
from umap_bot.text import Text, say

Tell = Callable[[Text], None]

UNUSED_DAYS = 14
UNSEEN = "http://127.0.0.1"  # nobody visits it while it is made


@dataclass(frozen=True, slots=True)
class Prepared:
    """A folder of the cache that sandboxes are started from. It is never written to again."""

    folder: Path
    release: str
    named_postgres: Path | None

    @property
    def venv(self) -> Path:
        return self.folder / "venv"

    @property
    def programs(self) -> Path:
        return postgres.programs(self.venv, self.named_postgres)

    @property
    def password(self) -> str:
        return (self.folder / "password").read_text("utf-8")

    def instance(self, folder: Path) -> web.Instance:
        """Return a uMap that lives in `folder` and is installed here."""
        return web.Instance(folder, self.venv, self.folder / "static", self.folder / "lib")


def prepare(spec: Spec, tell: Tell = lambda _: None, *, cache: Path | None = None) -> Prepared:
    """Prepare a sandbox, once for a machine: half a minute and 90 MB the first time, nothing later.

    `tell` is told each step in plain words. `cache` names another folder to keep it in. Raise SandboxError
    that names the step that failed and what to do. Processes that come at the same time wait for the first.
    """
    if sys.platform == "win32":
        raise SandboxError(say("The sandbox runs on Linux and macOS."), way_out=say("On Windows, use WSL."))
    postgres.server_user()  # it would fail at the end, after all the downloads
    folder = cache_folder(cache)
    ready = Prepared(folder / spec.key, spec.release, spec.postgres)
    lock = folder / f"{spec.key}.lock"
    with processes.step(
        say("Preparing the sandbox"), say("It needs 450 MB in {folder}.", folder=str(folder))
    ):
        lock.touch(mode=0o600)  # its age tells `forget_unused` that it is in use
        if not _is_whole(ready):
            _build_once(spec, ready, lock, tell)
    return ready


def _build_once(spec: Spec, ready: Prepared, lock: Path, tell: Tell) -> None:
    with (
        processes.sigterm_as_ctrl_c(),
        locked(lock, lambda: tell(say("Another process is preparing it; waiting."))),
    ):
        if not _is_whole(ready):
            _clear_parts(ready.folder)
            clear_abandoned(ready.folder.parent)
            _build(spec, ready, tell)
            forget_unused(ready.folder.parent, UNUSED_DAYS)


def _is_whole(prepared: Prepared) -> bool:
    """Tell whether it can be used. (A Python that was uninstalled leaves a dangling link.)"""
    return (prepared.venv / "bin" / "python").exists()


def _clear_parts(folder: Path) -> None:
    """Remove what others began under this key: we hold the lock, so they are dead."""
    for left in (folder, *parts(folder.parent, folder.name)):
        remove(left)


def _build(spec: Spec, ready: Prepared, tell: Tell) -> None:
    """Build beside the final place, and move there what is whole."""
    part = part_folder(ready.folder, os.getpid())
    log = ready.folder.with_name(f"{ready.folder.name}.log")
    log.unlink(missing_ok=True)
    part.mkdir()
    part.chmod(0o755 if is_root() else 0o700)
    building = Prepared(part, spec.release, spec.postgres)
    try:
        _install(spec, building, log, tell)
        tell(say("Collecting uMap's static files."))
        _collect(building)
        tell(say("Creating the database."))
        _make_database(building, log)
        part.rename(ready.folder)
    finally:
        remove(part)


def _install(spec: Spec, building: Prepared, log: Path, tell: Tell) -> None:
    tell(say("Creating an environment for uMap {release}.", release=spec.release))
    processes.run_step(
        say("Creating a virtual environment"),
        [spec.python, "-m", "venv", building.venv],
        log=log,
        env=processes.pip_environment(),
        cwd=building.folder,
        way_out=say(
            "On Debian and Ubuntu: apt install python3-venv. The full output is in {file}.", file=str(log)
        ),
    )
    tell(say("Downloading uMap {release} (about 65 MB).", release=spec.release))
    _pip(say("Installing uMap"), spec.umap_lock, building, log)
    if spec.postgres is None:
        tell(say("Downloading PostgreSQL (about 25 MB)."))
        _install_postgres(building, log, tell)


def _install_postgres(building: Prepared, log: Path, tell: Tell) -> None:
    try:
        _pip(say("Installing PostgreSQL"), POSTGRES_LOCK, building, log)
    except SandboxError:
        try:
            found = building.programs
        except SandboxError:
            found = None
        if found is None:
            raise
        tell(say("That failed; using the PostgreSQL of this machine ({folder}).", folder=str(found)))


def _pip(step: Text, lock: Path, building: Prepared, log: Path) -> None:
    """Install a lock file: only binary wheels on Linux, where all exist; elsewhere two come as source."""
    binary = "--only-binary=:all:" if sys.platform == "linux" else "--prefer-binary"
    quiet = ("-q", "--disable-pip-version-check", "--no-input", "--progress-bar=off")
    exact = ("--no-deps", "--require-hashes", binary)
    processes.run_step(
        step,
        [building.venv / "bin" / "python", "-m", "pip", "install", *quiet, *exact, "-r", lock],
        log=log,
        env=processes.pip_environment(),
        cwd=building.folder,
        way_out=say(
            "Check that the package index can be reached (through a proxy: HTTPS_PROXY; a mirror: "
            "PIP_INDEX_URL), then try again. The full output is in {file}.",
            file=str(log),
        ),
    )


def _collect(building: Prepared) -> None:
    web.copy_backend(building.folder / "lib")
    instance = building.instance(building.folder)
    instance.settle(local(0, ""), UNSEEN, {})
    instance.run(say("Collecting uMap's static files"), "-m", "django", "collectstatic", "--noinput", "-v0")


def _make_database(building: Prepared, log: Path) -> None:
    postgres.initialise(building.programs, building.folder, log)
    with contextlib.ExitStack() as undo:
        server = postgres.start(building.programs, building.folder / "pg", log, undo)
        instance = building.instance(building.folder)
        instance.settle(local(server.port, building.password), UNSEEN, {})
        instance.run(say("Creating uMap's tables"), "-m", "django_backend.seed")
