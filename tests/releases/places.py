"""Where a uMap may stand: alone, behind nginx as its documentation has it, without its line, over TLS."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from tests.releases import nginx
from umap_bot.sandbox import browser
from umap_bot.sandbox.browser import Verify
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.server import Sandbox

PLACES: Final = ("alone", "nginx", "nginx without the version line", "TLS")


@dataclass(frozen=True)
class Place:
    """`verify` is the authority that people's browsers trust there, as requests has it."""

    name: str
    sandbox: Sandbox
    verify: Verify

    @property
    def site(self) -> str:
        return self.sandbox.site

    @property
    def proxied(self) -> bool:
        return self.name != "alone"

    @property
    def tells_version(self) -> bool:
        """Whether the layer's own header says its version."""
        return self.name != "nginx without the version line"

    def visitor(self) -> requests.Session:
        """A browser without any right, that has seen a page."""
        return browser.open_session(self.site, self.verify)

    def new_map(self, name: str, session: requests.Session | None = None) -> MadeMap:
        """A map without owner, or of the account that SESSION is logged in with."""
        return new_map(self.site, name, session=session or self.visitor())


@contextmanager
def standing(name: str, prepared: Prepared) -> Iterator[Place]:
    """A uMap at the place of that NAME, for as long as the `with` block."""
    if name == "alone":
        with Sandbox(prepared) as sandbox:
            yield Place(name, sandbox, verify=True)
        return
    secure, port = name == "TLS", nginx.free_port()
    site = f"{'https' if secure else 'http'}://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory(prefix="nginx-") as made,
        Sandbox(prepared, site=site, settings=nginx.XSENDFILE) as sandbox,
    ):
        folder = Path(made)
        folder.chmod(0o711)  # as root, nginx's workers are nobody
        place = Place(name, sandbox, verify=str(nginx.TLS / "ca.pem") if secure else True)
        uploads = sandbox.folder / "uploads"
        file = nginx.write(
            folder, port, sandbox.url, uploads, secure=secure, tells_version=place.tells_version
        )
        with nginx.running(file, port):
            yield place
