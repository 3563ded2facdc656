"""A layer of which the state has a backup: if it is gone, what brings it back is told with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from umap_bot.errors import GoneError
from umap_bot.model.layer import Collection, Entry, Live, Push, Save
from umap_bot.ports import LiveLayer
from umap_bot.text import joined, say


class Backed:
    """Another LiveLayer, with one sentence more where it raises GoneError.

    `newest` gives the newest run that has a backup of the layer, None if there is none.
    """

    def __init__(self, layer: LiveLayer, newest: Callable[[], int | None]) -> None:
        self._layer = layer
        self._newest = newest

    def __repr__(self) -> str:
        return f"Backed({self._layer!r})"

    def until(self, end: datetime) -> AbstractContextManager[None]:
        return self._layer.until(end)

    def look(self) -> Entry:
        with self._offered():
            return self._layer.look()

    def read(self) -> Live:
        with self._offered():
            return self._layer.read()

    def push(self, wanted: Collection, on: Live) -> None:
        with self._offered():
            self._layer.push(wanted, on)

    def overwritten(self, push: Push, live: Live) -> tuple[Save, ...]:
        with self._offered():
            return self._layer.overwritten(push, live)

    @contextmanager
    def _offered(self) -> Iterator[None]:
        try:
            yield
        except GoneError as error:
            number = self._newest()
            if number is None:
                raise
            offer = say(
                "To get the layer as it was before run {number}: {command}",
                number=number,
                command=f"umap-bot export --backup {number} --output layer.umap",
            )
            raise GoneError(error.message, way_out=joined((error.way_out, offer), " · ")) from error
