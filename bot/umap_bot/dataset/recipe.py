"""How a dataset file is to be read: the settings of the dataset, as a value."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from umap_bot.model.canon import nfc

BadRowsPolicy: TypeAlias = Literal["refuse", "wait"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """The DATASET_* settings that shape a layer. Names are columns as the file spells them.

    `path` is the file's path in the repository; the file's name ending decides the format. `rename` goes from
    column to property. `columns` names those that become properties (empty: all; EVERY among them: all, and
    somebody said so), `leave_out` those that do not. `unshown` are those of which no message may show a word
    as a sample. `seed` names columns (or properties, or `geometry`).
    `latitude`, `longitude`, `geometry` name the coordinate columns; "" finds them. `geometry` may end in
    `:lat,lon` or `:lon,lat`: the order of the two numbers in one cell. `delimiter` is what parts the cells of
    a CSV (`tab` is one too), "auto" finds it. `keep_coordinates` leaves the coordinate columns among the
    properties. `sheet` is the name of a spreadsheet's sheet, "" the first that people see. `filter` goes from
    column to value: only rows with these values are read. `bad_rows` tells what becomes of a file in which
    some rows can't be read: it is refused, or these rows wait.
    """

    path: str
    key: str = "id"
    rename: dict[str, str] = {}
    columns: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    unshown: tuple[str, ...] = ()
    seed: tuple[str, ...] = ()
    encoding: str = "auto"
    delimiter: str = "auto"
    latitude: str = ""
    longitude: str = ""
    geometry: str = ""
    sheet: str = ""
    keep_coordinates: bool = False
    filter: dict[str, str] = {}
    bad_rows: BadRowsPolicy = "refuse"

    def normalized(self) -> Recipe:
        """Return the recipe with the columns' names in NFC, as every table has them."""
        return msgspec.structs.replace(
            self,
            key=nfc(self.key),
            rename={nfc(column): nfc(name) for column, name in self.rename.items()},
            columns=tuple(map(nfc, self.columns)),
            leave_out=tuple(map(nfc, self.leave_out)),
            unshown=tuple(map(nfc, self.unshown)),
            seed=tuple(map(nfc, self.seed)),
            latitude=nfc(self.latitude),
            longitude=nfc(self.longitude),
            geometry=nfc(self.geometry),
            filter={nfc(column): value for column, value in self.filter.items()},
        )
