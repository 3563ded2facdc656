"""A plain file, from a server that is not ours: Python's own, which knows Last-Modified."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.sources.doubles import TABLE
from umap_bot.dataset.sources.recognise import recognise
from umap_bot.dataset.sources.source import Fetched, NotModified
from umap_bot.dataset.sources.web import Manners
from umap_bot.errors import SourceError


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the base class's name
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "cites.csv").write_bytes(TABLE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_file_as_it_comes_changes_and_goes(site: str, tmp_path: Path, manners: Manners) -> None:
    source = recognise(f"{site}/cites.csv", manners=manners)
    found = source.fetch()
    assert isinstance(found, Fetched)
    assert (found.data, found.name) == (TABLE, "cites.csv")
    assert found.moment is not None
    assert found.moment.timestamp() == int((tmp_path / "cites.csv").stat().st_mtime)
    assert source.fetch(found.seen) == NotModified(found.seen)
    (tmp_path / "cites.csv").write_bytes(TABLE + b"x,X,45.1,4.1\n")
    os.utime(tmp_path / "cites.csv", (2e9, 2e9))
    after = source.fetch(found.seen)
    assert isinstance(after, Fetched)
    assert after.data == TABLE + b"x,X,45.1,4.1\n"
    (tmp_path / "cites.csv").unlink()
    with pytest.raises(SourceError, match=r"no table at this address \(404\)"):
        source.fetch(after.seen)


def test_a_listing_of_a_folder_is_no_table(site: str, manners: Manners) -> None:
    with pytest.raises(SourceError, match="shows a web page, not a table"):
        recognise(site, manners=manners).fetch()
