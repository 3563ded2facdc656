"""Where prepared sandboxes are kept, and who may work there: folders and locks."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from umap_bot.errors import SandboxError
from umap_bot.text import Text, say

if sys.platform != "win32":
    import fcntl
    import pwd

ROOTS_CACHE = Path("/var/cache/umap-bot")
LOCK_PATIENCE = 1800.0
REMOVAL_PATIENCE = 5.0
BEAT = 0.1
_PART = ".part-"


def is_root() -> bool:
    return os.geteuid() == 0


def cache_folder(chosen: Path | None = None) -> Path:
    """Return the folder for all our sandboxes, made if it is missing: in `chosen`, else in the user's cache.

    Root's is one that others can enter, since PostgreSQL runs as nobody. If it can't be written, one in the
    temporary folder is taken. Raise SandboxError if there is none at all.
    """
    fallback = Path(tempfile.gettempdir()) / f"umap-bot-{os.geteuid()}"
    places = [chosen] if chosen else [ROOTS_CACHE if is_root() else _users_cache(), fallback]
    trouble: list[Text] = []
    for place in places:
        folder = Path(place) / "sandbox"
        try:
            _make(folder)
        except OSError as error:
            trouble.append(say("{folder}: {why}", folder=str(folder), why=_why(error)))
        else:
            return folder
    raise SandboxError(
        say("No folder for the sandbox could be created ({trouble:; }).", trouble=tuple(trouble)),
        way_out=say("Choose a folder that you can write to."),
    )


class _UnfitError(OSError):
    """A folder that is there, and of no use to us."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


def _why(error: OSError) -> Text | str:
    return error.why if isinstance(error, _UnfitError) else error.strerror or str(error)


def _users_cache() -> Path:
    if os.environ.get("HOME") or os.environ.get("XDG_CACHE_HOME"):
        return platformdirs.user_cache_path("umap-bot")
    try:
        home = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:  # a number without a name, as containers have it
        home = os.devnull
    return Path(home) / ".cache" / "umap-bot"


def _refuse_others(folder: Path) -> None:
    """Raise an error if somebody else could put another folder in the place of ours: by owning one on
    its way, or a link there, or by the right to write to one."""
    trusted = {os.geteuid(), Path("/").stat().st_uid}
    way = [folder, *folder.parents, *folder.resolve().parents]
    for each in [path for path in way if os.path.lexists(path)]:
        found = each.lstat()
        if found.st_uid not in trusted:
            raise _UnfitError(say("{folder} belongs to another user", folder=str(each)))
        open_to_all = found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX
        if open_to_all and not stat.S_ISLNK(found.st_mode):
            raise _UnfitError(say("anyone can write to {folder}", folder=str(each)))


def _make(folder: Path) -> None:
    _refuse_others(folder)
    for missing in [path for path in (*reversed(folder.parents), folder) if not path.exists()]:
        missing.mkdir(exist_ok=True)
        missing.chmod(0o755 if is_root() else 0o700)  # whatever the umask is
    if folder.stat().st_uid != os.geteuid():
        raise _UnfitError(say("it belongs to another user"))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _UnfitError(say("it is not writable"))
    shut = [str(parent) for parent in (folder, *folder.parents) if not parent.stat().st_mode & 0o001]
    if is_root() and shut:
        raise _UnfitError(
            say("PostgreSQL runs as the user nobody, who has no access to {folder}", folder=shut[-1])
        )


def try_lock(path: Path) -> int | None:
    """Take a lock. Return its file descriptor (closing it lets go), or None if another process has it.

    The system lets go of it when its holder dies, however that happens.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def remove(folder: Path) -> None:
    """Remove a folder, even while a process that has just been ended still writes into it."""
    deadline = time.monotonic() + REMOVAL_PATIENCE
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            threading.Event().wait(BEAT)


def forget_unused(folder: Path, days: float) -> None:
    """Remove what was prepared in a folder and not used for so many days: each takes 350 MB."""
    for lock in folder.glob("*-*.lock"):
        if time.time() - lock.stat().st_mtime > days * 86400 and (held := try_lock(lock)) is not None:
            remove(lock.with_suffix(""))
            lock.with_suffix(".log").unlink(missing_ok=True)
            lock.unlink(missing_ok=True)
            os.close(held)


def part_folder(folder: Path, process: int) -> Path:
    """Return where a process makes what is to become `folder`."""
    return folder.with_name(f"{folder.name}{_PART}{process}")


def parts(folder: Path, key: str = "*") -> Iterator[Path]:
    """Return the folders that were begun in `folder`, under `key` or any, and are not whole."""
    return folder.glob(f"{key}{_PART}*")


def clear_abandoned(folder: Path) -> None:
    """Remove what others began in a folder and can't finish: their lock went when they died."""
    for part in parts(folder):
        held = try_lock(folder / f"{part.name.rpartition(_PART)[0]}.lock")
        if held is not None:
            remove(part)
            os.close(held)


@contextlib.contextmanager
def locked(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a lock. `waiting` is called once if another process has it just now. Raise SandboxError."""
    deadline = time.monotonic() + LOCK_PATIENCE
    descriptor = try_lock(path)
    if descriptor is None:
        waiting()
    while descriptor is None:
        if time.monotonic() > deadline:
            raise SandboxError(
                say("Another process keeps {file} locked.", file=str(path)),
                way_out=say("Stop it, then try again."),
            )
        threading.Event().wait(BEAT)
        descriptor = try_lock(path)
    try:
        yield
    finally:
        os.close(descriptor)
