"""Programs of ours as processes of their own, started in 20 ms in place of half a second.

A server, one for each test worker, has imported all that umap-bot imports, and forks itself for each program
that it is asked for: the rest is as the system does it (a process, its folder, environment, pipes, signals,
exit code). How Python itself starts one of ours (encodings, warnings while it imports, what it loads) is seen
by the tests that start it with `subprocess`.
"""

from __future__ import annotations

import atexit
import faulthandler
import io
import json
import multiprocessing
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Mapping
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import IO, Any, Final

COMMANDS: Final = "umap_bot.cli.commands"
IMPORTED: Final = [
    "umap_bot.cli.main",
    *(
        f"{COMMANDS}.{name}"
        for name in ("adopt", "check", "plan", "rollback", "serve", "show", "sync", "log")
    ),
    "umap_bot.service",
    "umap_bot.wiring",
    "umap_bot.dataset.decode",
    "umap_bot.notify.announcer",
    "umap_bot.publishing",
    "umap_bot.run.attempt",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql",
    "psycopg",
]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(IMPORTED)
get_temp_dir()  # for the server's socket: made now, before a test has a folder of its own for such files


class Program:
    """`python -m MODULE ARGUMENTS`, with the part of `subprocess.Popen` that tests need.

    `stdin` and `stdout` are pipes, `stderr` too unless it goes where stdout goes. `environment` is all that
    it gets.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        stderr_to_stdout: bool = False,
    ) -> None:
        stdin, given = _context.Pipe(duplex=False)
        said, stdout = _context.Pipe(duplex=False)
        told, stderr = _context.Pipe(duplex=False)
        theirs = (stdin, stdout, stdout if stderr_to_stdout else stderr)
        what = (module, arguments, str(cwd), dict(os.environ if environment is None else environment))
        self._process = _context.Process(target=_live, args=(*what, *theirs))
        self._process.start()
        self.pid: int = self._process.pid or 0
        for each in {stdin, stdout, stderr}:
            each.close()
        self.stdin: IO[str] = os.fdopen(_taken(given), "w", encoding="utf-8")
        self.stdout: IO[str] = os.fdopen(_taken(said), encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(_taken(told), encoding="utf-8")

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self.wait()

    def close(self) -> None:
        """Close its pipes."""
        for pipe in (self.stdin, self.stdout, self.stderr):
            pipe.close()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return all that it says until its end. It says little to stderr: less than a pipe holds."""
        self.stdin.close()
        said = self.stdout.read(), self.stderr.read()
        self.wait(timeout)
        self.close()
        return said

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(str(self._process.name), timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def ran(module: str, *arguments: str, cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; `more` is as Program has it. It writes little."""
    with Program(module, *arguments, cwd=cwd, **more) as program:
        out, err = program.communicate()
        return subprocess.CompletedProcess(module, program.wait(), out, err)


_CLIENT: Final = """#!{python} -IS
import json, os, socket, sys
to = socket.socket(socket.AF_UNIX)
to.connect({address!r})
socket.send_fds(to, [b"."], [0, 1, 2])
to.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode())
to.shutdown(socket.SHUT_WR)
sys.exit(int(to.recv(16)))
"""


@cache
def on_the_path() -> Path:
    """Return a folder that holds an `umap-bot` for scripts to call, as long as this process is."""
    folder = tempfile.TemporaryDirectory(prefix="umap-bot-path-")
    atexit.register(folder.cleanup)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address := f"{folder.name}/socket")
    listening.listen()
    threading.Thread(target=_answer, args=(listening,), daemon=True).start()
    program = Path(folder.name) / "bin" / "umap-bot"
    program.parent.mkdir()
    program.write_text(_CLIENT.format(python=sys.executable, address=address), "utf-8")
    program.chmod(0o755)
    return program.parent


def _answer(listening: socket.socket) -> None:
    """Start what the scripts call, one after the other, and tell them how it ended."""
    while True:
        calling, _ = listening.accept()
        with calling:
            _, numbers, _, _ = socket.recv_fds(calling, 1, 3)
            with calling.makefile("rb") as said:
                arguments, folder, environment = json.load(said)
            theirs = [Connection(number, readable=number == numbers[0]) for number in numbers]
            what = ("umap_bot", tuple(arguments), folder, environment)
            process = _context.Process(target=_live, args=(*what, *theirs))
            process.start()
            for each in theirs:
                each.close()
            process.join()
            calling.sendall(str(process.exitcode).encode())


def _taken(pipe: Connection) -> int:
    """Return a descriptor of its own, and close the pipe."""
    number = os.dup(pipe.fileno())
    pipe.close()
    return number


def _live(
    module: str,
    arguments: tuple[str, ...],
    folder: str,
    environment: dict[str, str],
    stdin: Connection,
    stdout: Connection,
    stderr: Connection,
) -> None:
    """Be that program. Called in the forked process."""
    for number, pipe in enumerate((stdin, stdout, stderr)):
        os.dup2(pipe.fileno(), number)
    for pipe in {stdin, stdout, stderr}:
        pipe.close()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.stdin = io.TextIOWrapper(io.FileIO(0), encoding="utf-8")
    sys.stdout = _text(io.BufferedWriter(io.FileIO(1, "w")), bool(environment.get("PYTHONUNBUFFERED")))
    sys.stderr = _text(io.FileIO(2, "w"), unbuffered=True)
    vars(sys).update(__stdout__=sys.stdout, __stderr__=sys.stderr)  # as Python does when it starts
    if environment.get("PYTHONFAULTHANDLER"):
        faulthandler.enable()
    warnings.simplefilter("error" if environment.get("PYTHONWARNINGS") == "error" else "default")
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()


def _text(file: io.FileIO | io.BufferedWriter, unbuffered: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", write_through=unbuffered)
