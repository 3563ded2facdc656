"""uMap's own programs: the environment they run in, one command, the web server."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import requests

from umap_bot.errors import SandboxError
from umap_bot.sandbox import processes
from umap_bot.sandbox.database import Database
from umap_bot.sandbox.spec import BACKEND, BACKEND_FILES
from umap_bot.text import Text, say

THREADS = 8
READY_PATIENCE = 60.0

Settings = Mapping[str, object]
"""Django's and uMap's settings by their names, with values that JSON knows."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A uMap in its folder, with settings, uploads and logs.

    `venv` is where uMap is installed, `static` the collected static files, `backend` the folder that holds
    our `django_backend`.
    """

    folder: Path
    venv: Path
    static: Path
    backend: Path

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def log(self) -> Path:
        return self.folder / "web.log"

    def settle(self, database: Database, site: str, settings: Settings) -> None:
        """Write uMap's settings, with a secret key of this folder's own. `site` is its address."""
        for name in ("uploads", "proxy"):
            (self.folder / name).mkdir(exist_ok=True)
        values = {
            "database": database.django(),
            "site": site,
            "secret": secrets.token_urlsafe(48),
            "static": str(self.static),
            "uploads": str(self.folder / "uploads"),
            "proxy": str(self.folder / "proxy"),
            "settings": dict(settings),
        }
        (self.folder / "place.json").touch(mode=0o600)
        (self.folder / "place.json").write_text(json.dumps(values), "utf-8")
        shutil.copyfile(BACKEND / "settings.py", self.folder / "settings.py")

    def environment(self, **more: str) -> dict[str, str]:
        return processes.plain_environment(
            HOME=str(self.folder),
            PYTHONPATH=str(self.backend),
            PYTHONUTF8="1",
            DJANGO_SETTINGS_MODULE="umap.settings",
            UMAP_SETTINGS=str(self.folder / "settings.py"),
            **more,
        )

    def run(self, step: Text, *arguments: str, **more: str) -> None:
        """Run `python ARGUMENTS…` beside uMap. Raise SandboxError that names the step."""
        processes.run_step(
            step,
            [self.python, *arguments],
            log=self.log,
            env=self.environment(**more),
            cwd=self.folder,
            way_out=say(
                "For details, see {file}. To prepare the sandbox again, empty the cache.", file=str(self.log)
            ),
        )


def checked_site(site: str) -> str:
    """Return the site without a final slash, or "". Raise SandboxError if it is no address of a site."""
    if site and not re.fullmatch(r"https?://[\w.-]+(:\d+)?/?", site, re.ASCII):
        raise SandboxError(
            say("'{site}' is not the address of a site.", site=site),
            way_out=say("Write it as https://localhost:8443, without a path."),
        )
    return site.rstrip("/")


def checked_settings(settings: Settings) -> Settings:
    """Return the settings as they are. Raise SandboxError for a name that Django would ignore."""
    unfit = [name for name in settings if not (name.isidentifier() and name.isupper())]
    if unfit:
        raise SandboxError(
            say("'{name}' is not the name of a setting.", name=unfit[0]),
            way_out=say("uMap's settings have names such as UMAP_KEEP_VERSIONS."),
        )
    return settings


def copy_backend(folder: Path) -> None:
    """Put our `django_backend` where uMap's Python finds it."""
    (folder / BACKEND.name).mkdir(parents=True)
    for name in BACKEND_FILES:
        shutil.copyfile(BACKEND / name, folder / BACKEND.name / name)


@contextmanager
def listening() -> Iterator[socket.socket]:
    """Open a socket on a free port of 127.0.0.1: it queues requests at once, and nobody can take its port."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen(128)
        yield opened


def start(instance: Instance, opened: socket.socket, undo: ExitStack) -> subprocess.Popen[bytes]:
    """Start uMap on the socket `opened`, which the caller then closes; `undo` stops it."""
    opened.set_inheritable(True)
    descriptor = opened.fileno()
    return processes.spawn(
        [instance.python, "-m", "django_backend.serve", str(descriptor), str(THREADS)],
        undo=undo,
        log=instance.log,
        env=instance.environment(),
        cwd=instance.folder,
        pass_fds=(descriptor,),
    )


def await_ready(instance: Instance, url: str) -> None:
    """Wait until uMap answers: one request, which the socket queues. Raise SandboxError."""
    way_out = say("For details, see {file}.", file=str(instance.log))
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy is for the internet
            status = session.get(f"{url}/en/login/", timeout=READY_PATIENCE).status_code
    except requests.RequestException as error:
        raise SandboxError(
            say("uMap could not be started: {why}.", why=str(error)), way_out=way_out
        ) from error
    if status != HTTPStatus.OK:
        raise SandboxError(
            say("uMap could not be started: it answers {status}.", status=status), way_out=way_out
        )
