"""What people, and uMap's editor, make of the layer of a generated world."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final

from benchmarks.plan_digests.table import WORDS, Table, typed

VALUES: Final = (
    *WORDS, 0, 10, 10.0, 1.5, 2**53 + 1, 1e21, -0.0, True, False, None, ["a", 1], {"k": None, "l": 1},
)  # fmt: skip

Feature = dict[str, Any]


class Editor:
    """A layer that is open in uMap's editor, with the versions of it that uMap keeps. Each edit is drawn.

    `table` is the file: people know its columns, and draw what stands in its rows.
    """

    def __init__(
        self, draw: Random, table: Table, slices: Sequence[bytes], versions: Sequence[bytes]
    ) -> None:
        self._draw = draw
        self._table = table
        self._versions = versions
        self._features: list[Feature] = [json.loads(raw) for raw in slices]
        self._spelled = dict(zip(map(_compact, self._features), slices, strict=True))

    def saved(self) -> list[bytes]:
        """Return the features as they are saved: what nobody touched keeps its bytes, but for one in five."""
        if self._draw.random() < 0.2:
            return [json.dumps(feature).encode() for feature in self._features]
        compact = map(_compact, self._features)
        return [self._spelled.get(text) or text.encode() for text in compact]

    def edit(self) -> None:
        """Change something, whatever it is."""
        if self._features and self._draw.random() < 0.65:
            getattr(self, self._draw.choice(ON_FEATURE))(self._feature())
        else:
            getattr(self, self._draw.choice(ON_MAP))()

    # One feature.

    def write(self, feature: Feature) -> None:
        feature["properties"][self._table.column()] = self._draw.choice(VALUES)

    def write_beside(self, feature: Feature) -> None:
        feature["properties"]["mémo"] = self._draw.choice(VALUES)

    def empty(self, feature: Feature) -> None:
        feature["properties"][self._table.column()] = None
        feature["properties"].pop(self._table.column(), None)

    def drag(self, feature: Feature) -> None:
        feature["geometry"] = {"type": "Point", "coordinates": [self._draw.randint(3, 8), 45.5]}

    def nudge(self, feature: Feature) -> None:
        """What no one can see: the seventh decimal, a MultiPoint of one, a bbox."""
        geometry = feature.get("geometry") or {}
        if geometry.get("type") == "Point" and geometry["coordinates"]:
            longitude, latitude = geometry["coordinates"]
            places = [[longitude + 1e-8, latitude]]
            feature["geometry"] = {"type": "MultiPoint", "coordinates": places, "bbox": []}

    def reshape(self, feature: Feature) -> None:
        line = {"type": "LineString", "coordinates": [[4, 45], [5, 46, 100]]}
        feature["geometry"] = self._draw.choice([line, None, {"type": "Point", "coordinates": []}])

    def write_key(self, feature: Feature) -> None:
        key, other = feature["properties"].get("id"), self._table.row()["id"]
        feature["properties"]["id"] = self._draw.choice([None, "", "nobody", other, f" {key} ", 7])

    def write_umap_id(self, feature: Feature) -> None:
        feature["id"] = self._draw.choice([self._umap_id(), self._umap_id(), "too long", None, 7])

    def respell(self, feature: Feature) -> None:
        """The same values as another program writes them."""
        for name, value in feature["properties"].items():
            number = typed(value) if isinstance(value, str) else value
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                same = not isinstance(value, str) or str(number) == value
                feature["properties"][name] = float(number) if same else value

    def style(self, feature: Feature) -> None:
        where = feature if self._draw.random() < 0.3 else feature["properties"]
        where["_umap_options"] = {"color": "Red", "iconUrl": "/x.svg"}

    # The map.

    def remove(self) -> None:
        if self._features:
            self._features.remove(self._feature())

    def draw(self) -> None:
        """Add one of their own."""
        place = [self._draw.randint(3_000, 7_000) / 1000, 45.5]
        properties = {"name": f"À nous {len(self._features)}"}
        geometry = {"type": "Point", "coordinates": place}
        self._features.append(
            {"type": "Feature", "properties": properties, "geometry": geometry, "id": self._umap_id()}
        )

    def draw_row(self) -> None:
        """Add one that is a row by its name, its place or its key."""
        self.draw()
        row, drawn = self._table.row(), self._features[-1]
        if self._draw.random() < 0.6:
            drawn["properties"]["name"] = row.get("name", "").upper()
        if self._draw.random() < 0.6 and row["lat"]:
            drawn["geometry"]["coordinates"] = [float(row["lon"]), float(row["lat"])]
        if self._draw.random() < 0.2:
            drawn["properties"]["id"] = row["id"]

    def copy(self) -> None:
        """Add a second one of a key: just the same or not, with its uMap id or another."""
        if self._features:
            self._features.append(deepcopy(self._feature()))
            if self._draw.random() < 0.8:
                self._features[-1]["id"] = self._umap_id()
            if self._draw.random() < 0.5:
                self.write(self._features[-1])

    def swap_umap_ids(self) -> None:
        if len(self._features) > 1:
            one, other = self._draw.sample(self._features, 2)
            one["id"], other["id"] = other.get("id"), one.get("id")

    def shuffle(self) -> None:
        self._draw.shuffle(self._features)

    def restore(self) -> None:
        """An old version of the map comes back: often the one before the last."""
        old = self._versions[-2:][0] if self._draw.random() < 0.6 else self._draw.choice(self._versions)
        self._features = json.loads(old)["features"]

    def bring_back(self) -> None:
        """One that was removed comes back, perhaps with another text."""
        there = [feature.get("id") for feature in self._features]
        olds = [feature for version in self._versions for feature in json.loads(version)["features"]]
        gone = [feature for feature in olds if feature.get("id") not in there]
        if gone:
            self._features.append(self._draw.choice(gone))
            if self._draw.random() < 0.5:
                self.write(self._features[-1])

    def collect(self) -> None:
        """What uMap's editor can't load."""
        if self._features and self._draw.random() < 0.2:
            self._feature()["geometry"] = {"type": "GeometryCollection", "geometries": []}

    def _feature(self) -> Feature:
        """Return any feature, often the first: that is often the file's first row, too."""
        return self._features[0] if self._draw.random() < 0.3 else self._draw.choice(self._features)

    def _umap_id(self) -> str:
        return "".join(self._draw.choices("ABCabc0123", k=5))


ON_FEATURE: Final = (
    *["write"] * 6, *["drag", "write_key"] * 2, "write_beside", "empty", "nudge", "reshape", "write_umap_id",
    "respell", "style",
)  # fmt: skip

ON_MAP: Final = (
    *["remove"] * 4, *["draw_row", "copy"] * 3, *["draw", "restore", "bring_back"] * 2, "swap_umap_ids",
    "shuffle", "collect",
)  # fmt: skip


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
