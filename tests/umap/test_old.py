"""uMap before 2.8 is read, planned and exported, and never written to. The answers are those of real ones."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.commands.conftest import desk, folder, ten_cites, traffic  # noqa: F401  fixtures
from tests.commands.desk import Desk
from tests.umap.made import AGENT, Pauses
from umap_bot.errors import RefusedError
from umap_bot.model.layer import Collection
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import open_map

PAGES = Path(__file__).with_name("pages")
LAYER = "Cités éducatives"
SLUG = "cites-dici-blab-script-new-umapmap-e_1"
TOO_OLD = (
    "is too old: a sync could silently overwrite people's edits. umap-bot can read from it, but changes "
    "require uMap 2.8 or newer"
)


class Replay:
    """Answers every path as a uMap of that release did, but to somebody who may edit. No POST is to come."""

    def __init__(self, release: str) -> None:
        files = {".html": f"/map/{SLUG}", ".json": "/map/1/geojson/", ".layer.geojson": "/datalayer/1/"}
        captured = {path: (PAGES / f"{release}{file}").read_bytes() for file, path in files.items()}
        may = (b'"editMode": "disabled"', b'"editMode": "advanced"')
        contents = {path: content.replace(*may) for path, content in captured.items()}
        asked: list[str] = []
        self.asked = asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(f"{self.command} {self.path}")
                body = next(
                    (text for path, text in contents.items() if self.path.startswith(f"/en{path}")), b""
                )
                self.send_response(200 if body else 404)
                if "/datalayer/" in self.path and release >= "2.1":
                    self.send_header("X-Datalayer-Version", "1795592928335")
                self.send_header("Last-Modified", "Wed, 25 Nov 2026 07:48:45 GMT")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815  its name

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/en/map/{SLUG}"

    @property
    def posts(self) -> list[str]:
        return [each for each in self.asked if each.startswith("POST")]


@pytest.fixture(params=["1.13.2", "2.0.4", "2.6.3"])
def old(request: pytest.FixtureRequest) -> Iterator[Replay]:
    replay = Replay(request.param)
    thread = Thread(target=replay.server.serve_forever, args=[0.01])
    thread.start()
    yield replay
    replay.server.shutdown()
    thread.join()
    replay.server.server_close()
    assert replay.posts == []


def test_a_layer_is_read_without_a_version_and_not_written(old: Replay, pauses: Pauses) -> None:
    layer = UmapLayer(open_map(old.url, agent=AGENT, pause=pauses), LAYER)
    live = layer.read()
    assert (live.version, live.entry.version, live.known, live.times) == ("", "", (), {})
    assert len(live.standing.features) == 2
    assert len(old.asked) == 2
    more = Collection(live.standing.members, live.standing.features[:1])
    with pytest.raises(RefusedError, match=TOO_OLD):
        layer.push(more, live)
    assert pauses.seconds == []


def test_a_layer_that_is_missing_is_not_made(old: Replay, pauses: Pauses) -> None:
    layer = UmapLayer(open_map(old.url, agent=AGENT, pause=pauses), "Neu", create=True)
    with pytest.raises(RefusedError, match=TOO_OLD):
        layer.read()


@pytest.fixture
def at_desk(desk: Desk, old: Replay) -> Desk:  # noqa: F811  the fixture
    desk.settings(UMAP_MAP_URL=old.url, UMAP_LAYER=LAYER, UMAP_EDIT_LINK=None)
    return desk


def test_a_plan_tells_what_it_would_be_and_that_a_sync_will_not_do_it(at_desk: Desk) -> None:
    said = at_desk.type("plan")
    assert said.code == 3  # the first sync, and the layer is not empty
    assert 'nom  "Cité deux" → "Cité 2"' in said.out.replace("  ~ ", "")
    assert TOO_OLD in said.out


@pytest.mark.parametrize("command", [["sync"], ["sync", "--create-layer"], ["check"]])
def test_a_sync_and_a_check_say_so_first(at_desk: Desk, command: list[str]) -> None:
    said = at_desk.type(*command)
    assert said.code == 13
    assert "is too old: a sync could silently overwrite people's edits." in said.out + said.err
    assert not at_desk.type("log").out.count("waiting")


def test_it_is_exported(at_desk: Desk) -> None:
    said = at_desk.done("export")
    assert "Cité deux" in said.out
