"""A running uMap: started, ended, and nothing left behind."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
from pathlib import Path
from types import TracebackType

from bot.sandbox import postgres, processes, web
from bot.sandbox.prepare import Prepared
from bot.sandbox.run_folder import RunFolder
from bot.text import say


class Sandbox:
    """A real uMap on 127.0.0.1, for as long as the `with` block (or until `stop`).

        with Sandbox(prepare(Recipe(), print)) as sandbox:
            print(sandbox.url)

    It ends by itself when the program does: also by Ctrl-C, by SIGTERM (which then works as Ctrl-C does, if
    nobody else listens to it) and, on Linux, by kill -9. Start it from the main thread.
    """

    def __init__(self, prepared: Prepared) -> None:
        self.release = prepared.release
        self._prepared = prepared
        self._undo = contextlib.ExitStack()
        self._url, self._owner = "", os.getpid()
        self._place: web.Place | None = None

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a final slash; "" while it does not run."""
        return self._url

    @property
    def place(self) -> web.Place:
        """Where it lives. Raises RuntimeError while it does not run."""
        if self._place is None:
            raise RuntimeError("the sandbox does not run")
        return self._place

    @property
    def folder(self) -> Path:
        """Its folder: database, uploads, `web.log`, `postgres.log`. Gone after `stop`."""
        return self.place.folder

    def start(self) -> Sandbox:
        """Start database and web server (one second). Raises SandboxError that names what failed."""
        if self._place is not None:
            raise RuntimeError("the sandbox runs already")
        failing = processes.step(say("Starting the sandbox"), say("A sandbox takes 100 MB in the cache."))
        with failing, contextlib.ExitStack() as undo:
            undo.enter_context(processes.sigterm_as_ctrl_c())
            run = RunFolder.make(self._prepared.folder.parent)
            undo.callback(run.remove)
            place = self._prepared.place(run.path)
            server = self._start_database(run, undo)
            url = self._start_web(place, server.port, run, undo)
            self._undo = undo.pop_all()
        self._place, self._url, self._owner = place, url, os.getpid()
        atexit.register(self.stop)
        return self

    def _start_database(self, run: RunFolder, undo: contextlib.ExitStack) -> postgres.Server:
        data = run.path / "pg"
        shutil.copytree(self._prepared.folder / "pg", data)
        postgres.hand_over(data)
        server = postgres.start(self._prepared.programs, data, run.path / "postgres.log", undo)
        run.note("postgres", server.pid)
        return server

    def _start_web(self, place: web.Place, port: int, run: RunFolder, undo: contextlib.ExitStack) -> str:
        with web.listening() as opened:
            url = f"http://127.0.0.1:{opened.getsockname()[1]}"
            place.settle(port=port, password=self._prepared.password, site=url)
            process = web.start(place, opened, undo)
        run.note("web", process.pid)
        web.await_ready(place, url)
        return url

    def stop(self) -> None:
        """End it and remove its folder. Harmless if it does not run, or in a fork of who started it."""
        if self._owner != os.getpid():
            return
        atexit.unregister(self.stop)
        self._place, self._url = None, ""
        self._undo.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
