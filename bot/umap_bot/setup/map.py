"""The first half of the questions: which map, which layer, and the way in."""

from __future__ import annotations

from collections.abc import Mapping

from umap_bot.errors import RefusedError, SettingsError
from umap_bot.model.layer import Entry
from umap_bot.setup import trial
from umap_bot.setup.asker import Asker, settle
from umap_bot.setup.questions import MAP_URL, layer_question
from umap_bot.setup.way import SecondMapError, WayQuestions, refuse_locked
from umap_bot.text import say
from umap_bot.umap.entry import Page, find_layer
from umap_bot.umap.layer.shown import shown_by
from umap_bot.umap.map import UmapMap

Answers = dict[str, str]


class MapQuestions:
    """Asks for the map. `shown_in` is an owned map that was named first, if one was."""

    def __init__(self, asker: Asker, given: Mapping[str, str | None]) -> None:
        self._asker = asker
        self._given = given
        self.shown_in = ""
        self.layer_address = ""

    def ask(self) -> Answers:
        """Return the settings of the map. What can't be written to leads back to the map's address."""
        return settle(self._asker, MAP_URL, self._given.get("UMAP_MAP_URL"), self._map)

    def _map(self, url: str) -> Answers:
        if not url:
            raise SettingsError(
                say("The map's address is empty."),
                way_out=say("Open the map in a browser, and copy its address from there."),
            )
        answers = {"UMAP_MAP_URL": url}
        seen = trial.see(answers)
        ways = WayQuestions(self._asker, self._given, answers)
        if seen.page is None:
            inside = ways.into_hidden()
            page = inside.page
            entry = self._layer(page)
            refuse_locked(entry, inside)
        else:
            entry = self._layer(seen.page)
            self._refuse_remote(seen.map, entry)
            page = self._enter(ways, seen.map, seen.page, entry)
        self._refuse_remote(seen.map, entry)
        path = page.path("datalayer_view", {"pk": entry.layer_id})
        self.layer_address = seen.map.address.origin + path
        return {**answers, "UMAP_LAYER": _called(entry, page)}

    def _enter(self, ways: WayQuestions, of: UmapMap, page: Page, entry: Entry) -> Page:
        try:
            return ways.into(entry, page, of)
        except SecondMapError:
            self.shown_in = entry.map_url
            raise

    def _layer(self, page: Page) -> Entry:
        layers = [layer for layer in page.layers if not layer.group]
        if not layers:
            raise RefusedError(
                say("The map has no layer."), way_out=say("Create one in uMap, and save the map.")
            )
        seen = say("✓ {map}, uMap {release}", map=layers[0].map_name, release=page.release)
        self._asker.say(seen)
        wanted = self._given.get("UMAP_LAYER")
        if len(layers) == 1 and not wanted:
            self._asker.say(say("The map has one layer: {layer}", layer=layers[0].name))
            return layers[0]
        names = [(_called(layer, page), _told(layer, page)) for layer in layers]
        return settle(self._asker, layer_question(names), wanted, lambda answer: _found(page, answer))

    def _refuse_remote(self, of: UmapMap, entry: Entry) -> None:
        if not entry.remote:
            return
        shown = shown_by(of, entry)
        if shown is None:
            raise RefusedError(
                say("The layer “{layer}” shows remote data, which can't be written to.", layer=entry.name),
                way_out=say("Choose another layer, or remove its remote data in uMap."),
            )
        self.shown_in = entry.map_url
        raise RefusedError(
            shown.sentence, way_out=say("Use the address of that map: {address}", address=shown.map_url)
        )


def _found(page: Page, answer: str) -> Entry:
    """Return the layer that was meant. Raise RefusedError, or SettingsError for one that holds no
    features."""
    if not answer:
        raise SettingsError(say("Choose a layer: type its number, name or id."))
    entry = find_layer(page, answer)
    if entry.group:
        raise SettingsError(
            say("“{layer}” is a group of layers. Choose a layer of the group.", layer=entry.name)
        )
    return entry


def _called(layer: Entry, page: Page) -> str:
    """Return what stands for a layer in the settings: its name, its id if the name is empty or not alone."""
    try:
        alone = bool(layer.name.strip()) and find_layer(page, layer.name).layer_id == layer.layer_id
    except RefusedError:
        alone = False
    return layer.name.strip() if alone and layer.name.isprintable() else layer.layer_id


def _told(layer: Entry, page: Page) -> str:
    called = _called(layer, page)
    return called if called == layer.name.strip() else f"{layer.name} ({called})"
