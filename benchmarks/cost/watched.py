"""`python -m benchmarks.cost.watched FILE SECONDS WORDS…`: umap-bot, on a site that is so many seconds away.

What each request is for is written to the file at once, a line each: it is there after `kill -9` too.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from umap_bot.cli import main

KINDS = {
    "login": re.compile(r"/anonymous-edit/"),
    "push": re.compile(r"/datalayer/update/"),
    "page": re.compile(r"/map/\d+/geojson/"),
}


def watch(file: Path, away: float) -> None:
    send = HTTPAdapter.send

    def watched(self: HTTPAdapter, request: PreparedRequest, **more: Any) -> Response:
        kind = next((kind for kind, path in KINDS.items() if path.search(request.url or "")), "other")
        with file.open("a", encoding="ascii") as requests:
            requests.write(f"{kind}\n")
        time.sleep(away)  # the way to the site and back
        return send(self, request, **more)

    adapter: Any = HTTPAdapter
    adapter.send = watched


if __name__ == "__main__":
    watch(Path(sys.argv[1]), float(sys.argv[2]))
    sys.argv = ["umap-bot", *sys.argv[3:]]
    main()
