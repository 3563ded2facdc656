"""What the program makes of many worlds, as digests: a refactoring that leaves plans alone leaves them alike.

python -m benchmarks.plan_digests                  a line a world, what occurred, one digest of all
python -m benchmarks.plan_digests --only drawn     the worlds of rows and features drawn by hand alone
python -m benchmarks.plan_digests generated/7      all that is digested of this world, a line a run
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from benchmarks.plan_digests.drawn import drawn
from benchmarks.plan_digests.program import WHERE
from benchmarks.plan_digests.scenarios import names, scenario
from benchmarks.plan_digests.stories import story
from benchmarks.plan_digests.world import Record, World

GENERATED: Final = 1000
DRAWN: Final = 200
OCCUR: Final = (
    *(f"rule {rule}" for rule in (
        "adopt", "area", "clone", "column", "creates", "deleted", "deletes", "drift", "encoding", "first",
        "foreign", "jump", "look-alike", "nothing-left", "re-keyed", "redo", "reverted", "updates",
    )),
    *(f"drift {kind}" for kind in ("again", "conflict", "deleted", "drift", "edited")),
)  # fmt: skip
"""What must occur, or the digests would prove too little."""


def world(name: str) -> World:
    """Return a world, played to its end, by its name."""
    kind, _, which = name.partition("/")
    if kind == "drawn":
        return drawn(int(which))
    return story(int(which)) if kind == "generated" else scenario(which)


def line(name: str, runs: list[Record]) -> str:
    """Return a world's line: pairs, objections, its plans' effects, all beside them, the bases and the layers
    that they left."""
    parts = {
        "pairs": [run.get("pairs") for run in runs],
        "objections": [look[2] for run in runs for look in run["looks"]],
        "plans": [look[0] for run in runs for look in run["looks"]],
        "beside": [[run["refused"], [look[1] for look in run["looks"]]] for run in runs],
        "bases": [run["base"] for run in runs],
        "layers": [run.get("layer") for run in runs],
    }
    return " ".join([name, *(f"{part} {digest(value)}" for part, value in parts.items())])


def occurred(runs: list[Record]) -> Iterator[str]:
    """Return which rules, kinds of drift, runs and refusals there were."""
    for run in runs:
        yield f"run {run['kind']}"
        if run["refused"]:
            yield f"refused {run['refused'][0]}"
        for _, told, _ in run["looks"]:
            yield from (f"rule {objection[0]}" for objection in told["objections"])
            for drift in told["drift"]:
                yield f"drift {drift[3]}"
                yield f"drift {drift[3]} {drift[4]}{' standing' * drift[5]}"


def digest(value: Any) -> str:
    return blake2b(written(value).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    """Return as JSON what JSON does not know. Raise TypeError for what is no plain value."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if value is msgspec.UNSET:
        return ["unset"]
    raise TypeError(f"{type(value).__name__} is no plain value")


def main() -> int:
    """Print what is asked for. Return 1 if something did not occur that must."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("worlds", nargs="*", help="worlds to be told in full")
    parser.add_argument(
        "--generated", type=int, default=GENERATED, metavar="N", help="how many are generated"
    )
    parser.add_argument(
        "--drawn", type=int, default=DRAWN, metavar="N", help="how many are of features drawn by hand"
    )
    parser.add_argument("--only", choices=("scenario", "generated", "drawn"), help="worlds of one kind")
    options = parser.parse_args()
    for name in options.worlds:
        print(*map(written, world(name).found), sep="\n")
    return 0 if options.worlds else _all(options)


def _all(options: argparse.Namespace) -> int:
    lines, counts = list[str](), Counter(() if options.only else dict.fromkeys(OCCUR, 0))
    worlds = [f"scenario/{name}" for name in names()]
    worlds += [f"generated/{number}" for number in range(1, options.generated + 1)]
    worlds += [f"drawn/{number}" for number in range(1, options.drawn + 1)]
    for name in worlds:
        if name.startswith(options.only or ""):
            runs = world(name).found
            lines.append(line(name, runs))
            counts.update(occurred(runs))
            print(lines[-1])
    print(*(f"{what}: {counts[what]}" for what in sorted(counts)), sep="\n")
    print(f"pairs and objections: {digest([line.partition(' plans ')[0] for line in lines])}")
    print(f"{len(lines)} worlds: {digest(lines)}")
    print(WHERE, file=sys.stderr)
    return 0 if all(counts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
