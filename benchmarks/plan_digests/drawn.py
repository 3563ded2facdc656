"""Generated worlds of 50 to 500 rows onto features drawn by hand: what is found by name and by place.

In each: a first look, an adoption, the sync after it, rows with other ids, a push gone wrong, a lost state.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from random import Random
from typing import Any, Final

from benchmarks.plan_digests import program
from benchmarks.plan_digests.world import World, layer_file, lose

ROWS: Final = (50, 500)
METRE: Final = 1 / 111_195
"""Degrees of latitude."""

OFF: Final = (0, 0.5, 2, 20, 150, 450, 700, 12_000)
"""How many metres from its row, about, a feature may be drawn: 1 is one place, 500 near, 10 000 far."""

HEAD: Final = ("id", "name", "zone", "lat", "lon")
Row = dict[str, str]


def drawn(number: int) -> World:
    return _Drawn(Random(f"drawn {number}")).told()


class _Drawn:
    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._world = World(recipe={"key": "id"}, limits=program.limits({"may_be_empty": True}))
        count = draw.randint(*ROWS)
        self._towns = [self._place() for _ in range(max(1, count // draw.choice([2, 5, 40])))]
        self._names = draw.choice([count // 4, count, 20 * count])
        self._rows = [self._row(number) for number in range(count)]

    def told(self) -> World:
        """Return the world at the end of its story."""
        world = self._world
        world.policy = program.policy(foreign=self._draw.choice(["keep", "remove", "hold"]))
        world.stored.append(layer_file(self._map()))
        self._publish()
        world.sync()
        world.adopt({}, world.adopt({}))
        self._sync()
        self._rekey()
        self._publish()
        world.meddle = self._draw.choice([lose, self._overtake])
        self._sync()
        self._rewrite()
        self._publish()
        world.base, world.seen, world.history, world.published = None, None, [], []
        world.find_base()
        self._sync()
        return world

    def _sync(self) -> None:
        if to_approve := self._world.sync():
            self._world.sync(to_approve)

    def _publish(self) -> None:
        text = io.StringIO()
        table = csv.DictWriter(text, HEAD)
        table.writeheader()
        table.writerows(self._rows)
        self._world.publish(text.getvalue().encode(), ".csv")

    # The file.

    def _row(self, number: int) -> Row:
        latitude, longitude = self._near(self._draw.choice(self._towns), self._draw.choice([0, 100, 2_000]))
        place = {"lat": f"{latitude:.7f}", "lon": f"{longitude:.7f}"}
        if self._chance(0.03):
            place = dict.fromkeys(place, "")
        name = f"École n° {self._draw.randrange(self._names)}" if self._chance(0.95) else ""
        return {"id": f"k{number}", "name": name, "zone": self._draw.choice("abc"), **place}

    def _rekey(self) -> None:
        """Change the ids of some rows, remove some, and add others."""
        for row in self._some(0.1):
            row["id"] += "x"
        for row in self._some(0.05):
            self._rows.remove(row)
        self._rows += [self._row(10_000 + number) for number in range(len(self._rows) // 20)]

    def _rewrite(self) -> None:
        for row in self._some(0.05):
            row["zone"] = "d"

    def _some(self, share: float) -> list[Row]:
        return self._draw.sample(self._rows, int(share * len(self._rows)))

    # The map.

    def _map(self) -> list[bytes]:
        """Return the layer as people drew it before anybody thought of a file."""
        features = [feature for row in self._rows if self._chance(0.9) for feature in self._copies(row)]
        features += [self._feature("À nous", self._place()) for _ in range(len(self._rows) // 10)]
        self._draw.shuffle(features)
        return features

    def _copies(self, row: Row) -> Iterable[bytes]:
        """Return what somebody drew for a row: once, or twice."""
        for _ in range(self._draw.choice([1] * 19 + [2])):
            at = (float(row["lat"]), float(row["lon"])) if row["lat"] else self._place()
            yield self._feature(self._said(row["name"]), self._near(at, self._draw.choice(OFF)))

    def _said(self, name: str) -> str:
        """Return the name as somebody else writes it, or another one."""
        other = f"Lieu {self._draw.randrange(self._names)}"
        ways = [name, name.upper(), name.replace("É", "E").replace(" ", "-"), other, ""]
        return self._draw.choices(ways, [5, 2, 2, 3, 1])[0]

    def _feature(self, name: str, at: tuple[float, float]) -> bytes:
        feature: dict[str, Any] = {
            "type": "Feature",
            "properties": {"name": name} if name else {},
            "geometry": {"type": "Point", "coordinates": [round(at[1], 7), round(at[0], 7)]},
            "id": "".join(self._draw.choices("ABCDEFabcdef0123456789", k=5)),
        }
        return json.dumps(feature).encode()

    def _place(self) -> tuple[float, float]:
        """Return a latitude and a longitude: in a country, near a pole, or beside the date line."""
        south, west = self._draw.choice([(45.0, 4.0)] * 8 + [(89.9, 0.0), (10.0, 179.95)])
        return south + self._draw.random() / 10, west + self._draw.random() / 10

    def _near(self, at: tuple[float, float], metres: float) -> tuple[float, float]:
        latitude, longitude = at
        off = metres * METRE
        return min(self._draw.gauss(latitude, off), 90.0), (
            self._draw.gauss(longitude, off) + 180
        ) % 360 - 180

    def _overtake(self, world: World, _was: bytes) -> Iterable[Any]:
        """Somebody saves right after a push: a part of it stands."""
        features = [json.loads(raw) for raw in program.features_of(world.stored[-1])]
        for feature in self._draw.sample(features, len(features) // 4):
            feature["properties"]["zone"] = "mine"
        kept = self._draw.sample(features, len(features) - len(features) // 20)
        world.stored.append(layer_file(json.dumps(feature).encode() for feature in kept))
        return ()

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share
