"""What is wrong with a place, said of the cell or the feature that holds it."""

from __future__ import annotations

from typing import Final

from umap_bot.model.canon import Geometry
from umap_bot.text import Text, say


class GeometryError(ValueError):
    """What is wrong with a geometry, and the way out.

    `kind` is the same for mistakes that a whole file may share, else "".
    """

    def __init__(self, text: Text, kind: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.kind = kind

    def of(self, cell: Text) -> Text:
        """Return it said of the cell that holds the geometry."""
        if "cell" in self.text.values:
            return say(self.text.template, **{**self.text.values, "cell": cell})
        return say("{cell}: {text}", cell=cell, text=self.text)


class ExtraNumbersError(GeometryError):
    """Positions hold more than longitude, latitude and altitude. `geometry` is without the rest."""

    def __init__(self, geometry: Geometry) -> None:
        super().__init__(
            say("its positions have more than three numbers; write longitude, latitude, altitude")
        )
        self.geometry = geometry


CELL: Final = say("the cell")
"""Stands for the cell in a sentence, until `GeometryError.of` names it."""
