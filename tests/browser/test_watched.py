"""A map that is watched while a person edits it in uMap's own page: the log equals the account of the edits.

BROWSER_ROUNDS is how many, BROWSER_SEED which.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.writer.editor import Editor
from tests.faults.scene import TYPE
from umap_bot.cli.main import run
from umap_bot.model.canon import canonical_geometry
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox

ROUNDS = int(os.environ.get("BROWSER_ROUNDS", "6"))
SEED = int(os.environ.get("BROWSER_SEED", "484645"))
CENTRE = (4.005, 45.4999)
KEYS = tuple("12345678")

Told = dict[str, Any]
"""What one look told: `changes` (kind, name, and what of it), and `settings` of the layer."""


@pytest.fixture
def edited_map(umap: Sandbox) -> Iterator[MadeMap]:
    with new_map(umap.url, "Watched", center=CENTRE, zoom=17) as made:
        features = [
            {
                "type": "Feature",
                "id": f"aaaa{key}",
                "geometry": {
                    "type": "Point",
                    "coordinates": [CENTRE[0] - 0.002 + number * 0.0005, CENTRE[1]],
                },
                "properties": {"id": key, "name": f"Place {key}", "note": "-"},
            }
            for number, key in enumerate(KEYS)
        ]
        made.add_layer("Places", {**TYPE, "features": features})
        yield made


class Person:
    """Somebody who edits at random, and writes down what the log has to say of it."""

    def __init__(self, editor: Editor, random: Random) -> None:
        self.editor = editor
        self.random = random
        self.names = {key: f"Place {key}" for key in KEYS}
        self.acts: tuple[Callable[[str, int], Told], ...] = (
            self._rename,
            self._note,
            self._drag,
            self._draw,
            self._delete,
            self._restyle,
        )

    def edit(self, number: int) -> Told:
        """Do one edit, each kind in its turn."""
        return self.acts[number % len(self.acts)](self.random.choice(self.editor.keys), number)

    def _rename(self, key: str, number: int) -> Told:
        self.names[key] = name = f"Name {number}"
        self.editor.edit(key, name=name)
        return {"changes": [("update", name, ["name"])], "settings": []}

    def _note(self, key: str, number: int) -> Told:
        self.editor.edit(key, note=f"note {number}")
        return {"changes": [("update", self.names[key], ["note"])], "settings": []}

    def _drag(self, key: str, _: int) -> Told:
        place = self.editor.drag(key, 0, self.random.choice((-60, 60)))
        return {"changes": [("update", self.names[key], place)], "settings": []}

    def _draw(self, _: str, number: int) -> Told:
        self.editor.draw(f"Own {number}", (100 + 20 * number, 700))
        return {"changes": [("create", f"Own {number}", None)], "settings": []}

    def _delete(self, key: str, _: int) -> Told:
        self.editor.delete(key)
        return {"changes": [("delete", self.names[key], None)], "settings": []}

    def _restyle(self, _: str, __: int) -> Told:
        self.editor.restyle()
        return {"changes": [], "settings": ["iconClass"]}


def _told(answer: str) -> Told:
    (run_,) = json.loads(answer)["runs"]
    return {
        "changes": [_change(change) for change in run_["changes"]],
        "settings": [setting["name"] for setting in run_["map"]["settings"]],
    }


def _change(change: dict[str, Any]) -> tuple[str, str, object]:
    if change["change"] != "update":
        return change["change"], change["name"], None
    if change["geometry"] is None:
        return "update", change["name"], [field["name"] for field in change["fields"]]
    assert change["fields"] == []
    return "update", change["name"], canonical_geometry(change["geometry"]["after"])


def _wanted(told: Told) -> Told:
    def as_told(kind: str, name: str, what: object) -> tuple[str, str, object]:
        moved = kind == "update" and isinstance(what, list) and isinstance(what[0], float)
        place: dict[str, Any] = {"type": "Point", "coordinates": what}
        return kind, name, canonical_geometry(place) if moved else what

    return {**told, "changes": [as_told(*each) for each in told["changes"]]}


def test_the_log_equals_the_account_of_the_edits(
    edited_map: MadeMap,
    browser: Browser,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def watched() -> str:
        assert run(("watch", edited_map.url, "--json")) == 0
        return capfd.readouterr().out

    monkeypatch.chdir(tmp_path)
    watched()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    person = Person(Editor(context, edited_map.edit_link), Random(SEED))  # noqa: S311  which edits, no secret
    for number in range(ROUNDS):
        wanted = _wanted(person.edit(number))
        assert person.editor.save().confirmed
        assert _told(watched()) == wanted, f"round {number}"
        if number % 5 == 4:
            person.editor.reload()
    context.close()
