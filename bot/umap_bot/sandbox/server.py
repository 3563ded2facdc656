"""A running uMap: started, ended, and nothing left behind."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
from pathlib import Path
from types import TracebackType

from umap_bot.errors import SandboxError
from umap_bot.sandbox import postgres, processes, web
from umap_bot.sandbox.claim import claim
from umap_bot.sandbox.database import Database, local
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.run_folder import RunFolder
from umap_bot.text import say

PROGRAMS = {"owner": "umap-bot", "postgres": "PostgreSQL", "web": "uMap"}  # as people know what we note


class Sandbox:
    """A real uMap on 127.0.0.1, for as long as the `with` block (or until `stop`).

        with Sandbox(prepare(Spec(), print)) as sandbox:
            print(sandbox.url)

    It ends by itself when the program does: also by Ctrl-C, by SIGTERM (which then works as Ctrl-C does, if
    nobody else listens to it) and, on Linux, by kill -9. Start it from the main thread.

    `site` is the address that people reach it at, if it stands behind a proxy (`https://localhost:8443`: then
    cookies are for https alone, and the proxy's X-Forwarded-Proto is believed). `settings` are Django's and
    uMap's, for a uMap like one's own: `{"UMAP_KEEP_VERSIONS": 3, "UMAP_READONLY": True}`. They go over ours.
    `database` is a PostGIS of one's own (`own_database`), in place of a PostgreSQL of ours.
    Several run side by side; in one browser their cookies mix (`SESSION_COOKIE_NAME` keeps log-ins apart).
    """

    def __init__(
        self,
        prepared: Prepared,
        *,
        site: str = "",
        settings: web.Settings | None = None,
        database: Database | None = None,
    ) -> None:
        """Raise SandboxError if `settings` or `site` can't be meant."""
        self.release = prepared.release
        self._prepared, self._database = prepared, database
        self._site, self._settings = web.checked_site(site), web.checked_settings(settings or {})
        self._undo = contextlib.ExitStack()
        self._url, self._owner = "", os.getpid()
        self._instance: web.Instance | None = None
        self._run: RunFolder | None = None

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a final slash; "" while it does not run."""
        return self._url

    @property
    def site(self) -> str:
        """The address that people reach it at: `site`, or `url` if none was given."""
        return self._site or self._url

    @property
    def instance(self) -> web.Instance:
        """Where it lives. Raise RuntimeError while it does not run."""
        if self._instance is None:
            raise RuntimeError("the sandbox does not run")
        return self._instance

    @property
    def folder(self) -> Path:
        """Its folder: database, uploads, `web.log`, `postgres.log`. Gone after `stop`."""
        return self.instance.folder

    def start(self) -> Sandbox:
        """Start database and web server (one second). Raise SandboxError that names what failed."""
        if self._instance is not None:
            raise RuntimeError("the sandbox runs already")
        failing = processes.step(say("Starting the sandbox"), say("A sandbox needs 100 MB in the cache."))
        with failing, contextlib.ExitStack() as undo:
            undo.enter_context(processes.sigterm_as_ctrl_c())
            run = RunFolder.make(self._prepared.folder.parent)
            undo.callback(run.remove)
            instance = self._prepared.instance(run.path)
            database = self._database or self._start_database(run, undo)
            url = self._start_web(instance, database, run, undo)
            self._undo = undo.pop_all()
        self._instance, self._run, self._url, self._owner = instance, run, url, os.getpid()
        atexit.register(self.stop)
        return self

    def _start_database(self, run: RunFolder, undo: contextlib.ExitStack) -> Database:
        data = run.path / "pg"
        shutil.copytree(self._prepared.folder / "pg", data)
        postgres.hand_over(data)
        server = postgres.start(self._prepared.programs, data, run.path / "postgres.log", undo)
        run.note("postgres", server.pid)
        return local(server.port, self._prepared.password)

    def _start_web(
        self, instance: web.Instance, database: Database, run: RunFolder, undo: contextlib.ExitStack
    ) -> str:
        with web.listening() as opened:
            url = f"http://127.0.0.1:{opened.getsockname()[1]}"
            instance.settle(database, self._site or url, self._settings)
            if self._database:
                claim(instance, self._database, self.release)
            process = web.start(instance, opened, undo)
        run.note("web", process.pid)
        web.await_ready(instance, url)
        return url

    def check(self) -> None:
        """Raise SandboxError that names what has ended by itself (or was killed)."""
        ended = [PROGRAMS[name] for name in self._run.ended()] if self._run else []
        if ended:
            raise SandboxError(
                say("{programs:and} ended unexpectedly.", programs=ended),
                way_out=say("Start the sandbox again."),
            )

    def stop(self) -> None:
        """End it and remove its folder. Harmless if it does not run, or in a fork of who started it."""
        if self._owner != os.getpid():
            return
        atexit.unregister(self.stop)
        self._instance, self._run, self._url = None, None, ""
        self._undo.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
