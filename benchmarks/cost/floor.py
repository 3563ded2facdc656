"""`python -m benchmarks.cost.floor URL FILE`: the least that a sync by hand would do, as a program.

It gets the layer, parses it and the file's features, and writes one of the two.
"""

import sys
from pathlib import Path

import orjson
import requests

if __name__ == "__main__":
    url, file = sys.argv[1:]
    live = orjson.loads(requests.get(url, timeout=300).content)
    desired = orjson.loads(Path(file).read_bytes())
    written = orjson.dumps({**live, "features": desired["features"]})
    sys.stdout.write(f"{len(live['features'])} {len(written)}\n")
