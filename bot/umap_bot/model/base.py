"""What the dataset said at the last settled run: the third side of the three-way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from umap_bot.model.canon import Canon, Geometry, Value
from umap_bot.model.layer import Commit
from umap_bot.model.mark import Mark, mark_of

_properties = msgspec.json.Decoder(dict[str, Value])
_geometry: Final[msgspec.json.Decoder[Geometry | None]] = msgspec.json.Decoder(Geometry | None)
_geometries: Final[msgspec.json.Decoder[list[Geometry | None]]] = msgspec.json.Decoder(list[Geometry | None])


def _stored(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


class Known(msgspec.Struct, frozen=True, array_like=True):
    """One row as last published, with what helps to find its feature again.

    Its values are kept as they are stored, JSON, and decoded each time that they are asked for: most rows of
    base never are, and go from one base into the next as bytes. `row` is the digest of the row, `raw` that of
    the feature's slice as it stood then (both may be "": not known). They only say where to look closer;
    nothing is decided by them. `source` is the digest of what the values were read from (`Layer.sources`): a
    row of the file that has it has these values. It is "" where that was not noted, or is not so.
    """

    stored_properties: msgspec.Raw
    stored_geometry: msgspec.Raw
    umap_id: str | None = None
    row: str = ""
    raw: str = ""
    source: str = ""

    @classmethod
    def of(
        cls,
        properties: Mapping[str, Value],
        geometry: Geometry | None,
        umap_id: str | None = None,
        row: str = "",
        raw: str = "",
        source: str = "",
    ) -> Known:
        """Return the row of these values."""
        return cls(_stored(properties), _stored(geometry), umap_id, row, raw, source)

    def read_again(self, properties: Mapping[str, Value], source: str) -> Known:
        """Return the row with the same values, as they are spelled now, and what they were read from."""
        return msgspec.structs.replace(self, stored_properties=_stored(properties), source=source)

    @property
    def properties(self) -> dict[str, Value]:
        """The row's, seeds among them. Raise msgspec.DecodeError."""
        return _properties.decode(self.stored_properties)

    @property
    def geometry(self) -> Geometry | None:
        """Raise msgspec.DecodeError."""
        return _geometry.decode(self.stored_geometry)


def geometries(rows: Iterable[Known]) -> list[Geometry | None]:
    """Return the geometry of each row, decoded at one go, which is much faster. Raise msgspec.DecodeError."""
    return _geometries.decode(b"[" + b",".join([bytes(row.stored_geometry) for row in rows]) + b"]")


class Kept(msgspec.Struct, frozen=True):
    """Where policy left a person's doing, with its value then: no news while it stays so.

    `cells`: key → cell → canonical value. `deleted`: keys of features that a person deleted.
    `unmanaged`: digests of features added on the map that policy has let be. `left`: those among them
    that were ours until their row went, and stayed because a person had edited them. `rows`: key → the row of
    such a feature as last published: no row of base until it comes back to the file and the feature stands.
    """

    cells: dict[str, dict[str, Canon]] = {}
    deleted: frozenset[str] = frozenset()
    unmanaged: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    rows: dict[str, Known] = {}


class Undone(msgspec.Struct, frozen=True, array_like=True):
    """A change that was undone: run `by` undid what run `run` had written at the file's word.

    `value` is what the file said there, canonical. Of a whole feature it is the row that was added, cell by
    cell (property or GEOMETRY), or None if it was removed: its row was gone.
    """

    value: Canon
    run: int
    by: int


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a base is from that the state did not know.

    `how`: "named" (a person said which commit was published last), "likeness" (the map is nearest to this
    commit: `differing` of the `cells` owned cells there are not as it says), "later" (the state is older than
    the map, on which `differing` cells are as versions of the file up to this commit had them). `skipped` is
    how many versions there was no time to look at. `apart`: the commit is no ancestor of the newest one.
    `unknown` are the keys of features on the map that no version which was looked at has.
    """

    how: Literal["named", "likeness", "later"]
    commit: Commit
    differing: int = 0
    cells: int = 0
    skipped: int = 0
    apart: bool = False
    unknown: tuple[str, ...] = ()


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The last published dataset: a function of commit and settings, never of what the map held.

    `columns` are the owned properties then. `known` goes from key to row. The rest are hints and memory of
    the map beside it: `layer_id`, each row's uMap id and digests, `kept`, and `undone`: key → cell → a change
    that a rollback undid, while the file still asks for it; the cell "" is the whole feature. For these cells
    base is what it was before that change. `encoding` is that of the file, "" if it was not known. `origin`
    is of a base that was found anew, until a run settles on it.
    """

    layer_id: str
    commit: str
    key: str
    columns: tuple[str, ...]
    places: bool
    known: dict[str, Known]
    kept: Kept = Kept()
    encoding: str = ""
    undone: dict[str, dict[str, Undone]] = {}
    origin: Origin | None = None

    def marks(self) -> dict[str, Mark]:
        """Return the mark of each row by its key, both parts empty of one that has neither. Raise
        msgspec.DecodeError."""
        return {key: mark_of(row.properties, row.geometry) or ("", b"") for key, row in self.known.items()}

    @property
    def is_guess(self) -> bool:
        """Tell whether nobody said that this was published: then nothing goes that is not just as it says."""
        return self.origin is not None and self.origin.how == "likeness"
