"""Generated worlds: what people do, what becomes of the file and which runs take place, drawn from a seed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from random import Random
from typing import Any, Final

from benchmarks.plan_digests import program
from benchmarks.plan_digests.people import Editor
from benchmarks.plan_digests.table import Table
from benchmarks.plan_digests.world import World, layer_file, lose

OF_LAYER: Final[tuple[dict[str, Any], ...]] = (
    {"labelKey": "name", "popupContentTemplate": "# {name}\n{note}"},
    {"labelKey": "zone", "rules": [{"condition": "n=10"}], "choropleth": {"property": "n"}},
    {"filters": [{"fieldKey": "zone"}], "popupContentTemplate": "# {n|name}"},
)
"""A layer's own settings on the map."""


def story(number: int) -> World:
    return _Story(Random(f"plans {number}")).told()


class _Story:
    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._world = World()
        self._table = Table(draw)
        self._encoding = "utf-8"
        self._olds: list[tuple[Any, Any, list[Any], list[Any]]] = []

    def told(self) -> World:
        """Return the world at the end of the story."""
        for _ in range(self._draw.choice([0, 0, 0, 0, 1, 4])):
            self._people_save()
        self._set()
        for _ in range(self._draw.randint(3, 7)):
            self._pass_time()
            self._publish()
            self._run()
        return self._world

    def _pass_time(self) -> None:
        """Let settings, file and map change; right after a rollback often the file alone, in one cell."""
        if self._world.found and self._world.found[-1]["kind"] == "rollback" and self._chance(0.5):
            self._table.write()
            return
        if self._chance(0.25):
            self._set()
        for _ in range(self._draw.choice([0, 0, 1, 1, 2, 3])):
            self._table.change(self._keys_of_map())
        for _ in range(self._draw.choice([0, 0, 1, 1, 2])):
            self._people_save()

    def _set(self) -> None:
        """Draw all settings."""
        draw, world = self._draw, self._world
        world.policy = program.policy(
            draw.choice(["overwrite", "keep", "hold"]),
            draw.choice(["hold", "recreate", "keep"]),
            draw.choice(["keep", "remove", "hold"]),
        )
        limits = {
            "deletes": draw.choice([0.1, 0.5, 1.0]),
            "updates": draw.choice([0.5, 1.0, 1.0]),
            "creates": draw.choice([1.0, 0.2]),
            "creates_floor": draw.choice([20, 20, 2]),
            "may_be_empty": self._chance(0.7),
            "area": {"west": 2, "south": 44, "east": 8, "north": 47} if self._chance(0.5) else None,
        }
        world.limits = program.limits(limits)
        world.recipe = {
            "key": "code" if self._chance(0.06) else "id",
            "seed": draw.choice([(), (), ("note",), ("n",), ("geometry",)]),
            "filter": {"zone": "a"} if self._chance(0.15) else {},
        }
        world.entry = {
            "settings": draw.choice(OF_LAYER),
            "name": draw.choice(["Cités", "Cités", "Cités", "Autre"]),
            "release": draw.choice(["3.8.1", "3.8.1", "3.9.0"]),
            "editable": not self._chance(0.02),
            "remote": "https://example.org/" if self._chance(0.02) else None,
            "group": self._chance(0.02),
            "layer_id": "layer-2" if self._chance(0.02) else "layer-1",
        }
        self._encoding = "cp1252" if self._chance(0.1) else "utf-8"

    def _publish(self) -> None:
        """Commit the file, with settings that it can be read with."""
        world, columns = self._world, self._table.columns
        places = ("geometry",) if self._table.has_places else ()
        recipe = world.recipe
        recipe["key"] = recipe["key"] if recipe["key"] in columns else "id"
        recipe["seed"] = tuple(name for name in recipe["seed"] if name in (*columns, *places))
        recipe["filter"] = {name: value for name, value in recipe["filter"].items() if name in columns}
        recipe["rename"] = self._table.rename
        world.awaited = frozenset(key for key in self._table.keys if self._chance(0.5))
        world.publish(self._table.encoded(self._encoding), self._table.ending)

    def _run(self) -> None:
        """Let a run take place, of whatever kind. What waits for a person is approved then, or is not."""
        draw, world = self._draw, self._world
        self._olds.append((world.base, world.seen, list(world.history), list(world.published)))
        world.meddle = draw.choice([self._race, self._overrun, lose]) if self._chance(0.15) else None
        kind = draw.choices(["sync", "rollback", "adopt", "find"], [63, 22, 5, 10])[0]
        run = world.sync
        if kind == "rollback" and world.history:
            run = partial(world.roll_back, draw.choice(world.history[:3]))
        elif kind == "adopt":
            run = partial(world.adopt, self._drawn())
        elif kind == "find":
            self._lose_state()
        to_approve = run()
        if to_approve and self._chance(0.7):
            run(approved=to_approve)

    def _drawn(self) -> dict[str, str]:
        """Let people draw some rows; return, now and then, which one the last of them is."""
        editor = self._editor(self._world.stored[-1])
        for _ in range(3):
            editor.draw_row()
        self._world.stored.append(layer_file(editor.saved()))
        drawn = json.loads(self._world.stored[-1])["features"][-1]
        return {self._table.row()["id"]: drawn["id"]} if self._chance(0.2) else {}

    def _lose_state(self) -> None:
        """Forget all, or take an old copy; then find base anew, perhaps from a commit that a person names."""
        world, how = self._world, self._draw.choice(["likeness", "named", "later", "later"])
        old = self._draw.choice(self._olds) if how == "later" else (None, None, [], [])
        world.base, world.seen, history, published = old
        world.history, world.published = list(history), list(published)
        world.find_base(self._draw.choice(world.files).commit.sha if how == "named" else "")

    # People.

    def _people_save(self) -> None:
        self._world.stored.append(self._edited(self._world.stored[-1]))

    def _edited(self, layer: bytes) -> bytes:
        editor = self._editor(layer)
        for _ in range(self._draw.randint(1, 3)):
            editor.edit()
        return layer_file(editor.saved())

    def _editor(self, layer: bytes) -> Editor:
        return Editor(self._draw, self._table, program.features_of(layer), self._world.stored)

    def _keys_of_map(self) -> set[str]:
        features = json.loads(self._world.stored[-1])["features"]
        return {str(each["properties"].get("id") or "").strip() for each in features} - {""}

    def _race(self, _world: World, _was: bytes) -> Iterable[Any]:
        """Somebody saves right after a push."""
        self._people_save()
        return ()

    def _overrun(self, world: World, was: bytes) -> Iterable[Any]:
        """A push runs over somebody's save."""
        return (program.lost_save(was, world.stored[-1], self._edited(was)),)

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share
