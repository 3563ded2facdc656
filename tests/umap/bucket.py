"""A site that keeps its layers on S3, as a real one answered (protocol 7): uMap 3.7.3 with moto 5.2.2 for S3.

How its answers were seen: `STORAGES["data"]` of the sandbox's uMap was `umap.storage.s3.S3DataStorage`
(`umap-project[s3]`), with `endpoint_url` that of a `moto_server`, and a bucket of that server with its
versioning enabled, and one without.
"""

from __future__ import annotations

import hashlib
import html
import json
import uuid
from collections.abc import Mapping

import msgspec

from tests.umap.made import AGENT, Pauses
from umap_bot.umap.address import read_address
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import UmapMap
from umap_bot.umap.ways.access import Everyone
from umap_bot.umap.wire import Reply, Wire

MAP = "http://umap.example/en/map/m_1"
LAYER = "9893f0f6-d741-4e1c-bf2c-a8f0db58bf15"
START = 1_796_015_527
"""The second of the first save."""
URLS = {
    "datalayer_view": "/en/datalayer/{map_id}/{pk}/",
    "datalayer_update": "/en/map/{map_id}/datalayer/update/{pk}/",
    "datalayer_versions": "/en/datalayer/{map_id}/{pk}/versions/",
    "datalayer_version": "/en/datalayer/{map_id}/{pk}/{ref}",
}


class Stored(msgspec.Struct, frozen=True):
    ref: str
    second: int
    body: bytes


class Bucket(Wire):
    """A map with one layer. `versioned`: the bucket keeps what was saved before; else the last save alone.

    `reference` is the version that page and header say, where it is neither: of a bucket whose versioning is
    suspended.
    """

    def __init__(self, body: bytes, *, versioned: bool, reference: str = "") -> None:
        self.pauses = Pauses()
        super().__init__("http://umap.example", agent=AGENT, pause=self.pauses)
        self.versioned = versioned
        self.stored: list[Stored] = []
        self.asked: list[str] = []
        self._reference = reference
        self.save(body, START)

    def map(self) -> UmapMap:
        return UmapMap(read_address(MAP), Everyone(), self)

    def layer(self) -> UmapLayer:
        return UmapLayer(self.map(), LAYER)

    def save(self, body: bytes, second: int) -> None:
        """Store a person's save, or the bot's."""
        kept = self.stored if self.versioned else []
        self.stored = [*kept, Stored(str(uuid.uuid4()) if self.versioned else "null", second, body)]

    @property
    def version(self) -> str:
        last = self.stored[-1]
        if self._reference:
            return self._reference
        return last.ref if self.versioned else f'"{hashlib.md5(last.body).hexdigest()}"'  # noqa: S324  as S3

    def listed(self) -> bytes:
        versions = [
            {"ref": each.ref, "at": each.second * 1000.0, "size": len(each.body) // 3}
            for each in reversed(self.stored)
        ]
        return json.dumps({"versions": versions}).encode()

    def cookie(self, name: str) -> str | None:
        return "token" if name == "csrftoken" else None

    def get(self, path: str, *, plain: bool = False, layer: bool = False) -> Reply:
        self.asked.append(path)
        last = path.rstrip("/").rpartition("/")[2]
        version = next((each.body for each in self.stored if each.ref == last), b"")
        view = (self.stored[-1].body, {"X-Datalayer-Version": self.version})
        body, headers = {
            "geojson": (self._settings(), {}),
            "m_1": (f'<p data-settings="{html.escape(self._settings().decode())}"></p>'.encode(), {}),
            "versions": (self.listed(), {}),
            LAYER: view,
        }.get(last, (version, {}))
        return Reply(200 if body else 404, headers, body, path)

    def post(
        self, path: str, fields: Mapping[str, str], file: bytes | None, headers: Mapping[str, str]
    ) -> Reply:
        """Take it whatever the lock says: this is a push at the same moment as another."""
        self.save(file or b"", self.stored[-1].second)
        return Reply(200, {"X-Datalayer-Version": self.version}, b"{}", path)

    def _settings(self) -> bytes:
        entry = {"id": LAYER, "editMode": "advanced", "referenceVersion": self.version, "rank": 0}
        entry["properties"] = {"name": "Cités"}
        own = {"id": 1, "name": "m", "umap_version": "3.7.3", "urls": URLS, "datalayers": [entry]}
        return json.dumps({"properties": own}).encode()
