"""The two sides of a sync: what the file says (`Layer`), and what the map holds (`Live`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Final

import msgspec

from umap_bot.model.canon import Geometry, Value, digest_bytes
from umap_bot.text import NOTHING, Text

GEOMETRY: Final = "\x00geometry"
"""The name of the cell that holds a feature's geometry, beside the names of its properties.

A dataset can't have a column of that name: control characters are refused in names.
"""

NAME: Final = "name"
"""The property by which uMap calls a feature."""

MemberBytes = tuple[str, bytes]


class Feature(msgspec.Struct, frozen=True):
    """A feature, decoded: of a dataset's row, or of a slice of the live layer.

    `geometry` is None if there is none. `umap_id` is the feature's own `id` on the map (uMap's, not the
    key), `others` are its members beside these, such as its own style; a row has neither. Properties have
    their names as they are compared (`compared`), not as the map spells them. `unread` names what can't be
    read (`values_of`): in its place is its text, that of the geometry among the others.
    """

    properties: dict[str, Value]
    geometry: Geometry | None = None
    umap_id: str | None = None
    others: dict[str, Value] = {}
    unread: tuple[str, ...] = ()


class Commit(msgspec.Struct, frozen=True):
    """A commit of the dataset's repository. `date` is aware; texts are as git gave them, one line each.

    `blob` is git's name for the content of our file in it, "" if it was not asked for.
    """

    sha: str
    author: str = ""
    date: datetime | None = None
    message: str = ""
    blob: str = ""

    @property
    def short(self) -> str:
        return self.sha[:7]


class Reading(msgspec.Struct, frozen=True):
    """How the bytes of a text file were read.

    `encoding` is Python's name of its encoding, "" for a file in which there was none to choose. `words` are
    some of the file as they were read, if the encoding was a guess that a person should judge.
    """

    encoding: str = ""
    words: tuple[str, ...] = ()


class BadRows(msgspec.Struct, frozen=True):
    """Rows that can't be read and wait until they can, while all others are published.

    `told` says what is wrong with them, a sentence for each kind of problem, with the rows and the way out.
    `keys` are the ids that stand in them. `unknown`: some have no id that can be relied on, so a feature
    without a row in the file may be theirs.
    """

    count: int = 0
    told: tuple[Text, ...] = ()
    keys: frozenset[str] = frozenset()
    unknown: bool = False


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """The desired side: a dataset at one commit, decoded and validated.

    `columns` are the names of properties on the map (after rename), the key's among them.
    `seeds` are those of them (or GEOMETRY) that are written at creation and belong to people afterwards.
    `places` tells whether the dataset has coordinates, and so owns the geometry; a row without coordinates
    in such a dataset has `geometry` None and leaves the geometry on the map alone. `decimal` is the separator
    that its coordinates have.
    `rows` goes from key (text, outer white space gone) to the row, in the file's order.
    `sources` goes from key to the digest of all that the row was read from, for rows of which it is known to
    decide what they say: two rows of one source, of whatever commits, are equal.
    `lines` goes from key to the row's number as a spreadsheet shows it (GeoJSON: the feature's number,
    from 1). `headers` goes from property to the column's name in the file, where the two differ.
    `unpublished` are the properties that columns of the file would be which are kept off the map. `unnamed`
    are names in REPORT_HIDE of no column of the file, today or as last published.
    `left_out` are the keys of rows that the filter leaves out. `awaited` are those of them that the file now
    gives to another layer which does not have them yet: their features stay here until it has. `moved` are
    those of them that the other layer has by now, and rows that another layer has had until now.
    `bad_rows` are rows of the file that are not among `rows`, since they can't be read.
    `assumed` says how the file was read where no setting says it (the delimiter, the coordinate columns).
    """

    file: str
    key: str
    columns: tuple[str, ...]
    rows: Mapping[str, Feature]
    places: bool
    decimal: str = "."
    seeds: tuple[str, ...] = ()
    sources: dict[str, str] = {}
    lines: dict[str, int] = {}
    headers: dict[str, str] = {}
    unpublished: frozenset[str] = frozenset()
    unnamed: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    bad_rows: BadRows = BadRows()
    assumed: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()
    reading: Reading = Reading()

    @property
    def owned(self) -> tuple[str, ...]:
        """The properties that the dataset owns: its columns but the seeds."""
        return tuple(name for name in self.columns if name not in self.seeds)

    @property
    def owns_geometry(self) -> bool:
        return self.places and GEOMETRY not in self.seeds

    def waits(self, key: str) -> bool:
        """Tell whether a feature of a key without a row stays as it is, on the map and in base: another layer
        is to have it first, or its row can't be read."""
        return key in self.awaited or key in self.bad_rows.keys or self.is_rowless(key)

    def is_rowless(self, key: str) -> bool:
        """Tell whether no row has this key, while one that can't be read may be the one that had it."""
        return self.bad_rows.unknown and key not in self.rows and key not in self.left_out


class Collection(msgspec.Struct, frozen=True, dict=True):
    """A FeatureCollection as slices of bytes: what is not changed goes back as it came, byte for byte.

    `members` are the top-level members but `features`, in their order, each with the bytes of its value.
    `features` are the bytes of each feature.
    """

    members: tuple[MemberBytes, ...]
    features: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the JSON text, UTF-8. `features` comes last, whatever its place was."""
        heads = [msgspec.json.encode(name) + b":" + value for name, value in self.members]
        return b"{" + b",".join([*heads, b'"features":[' + b",".join(self.features) + b"]"]) + b"}"

    @cached_property
    def digest(self) -> str:
        """The digest of the JSON text. It is made once: of a large layer it takes as long as its reading."""
        return digest_bytes(self.encode())


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the map's page says of a layer. `version` is opaque text: equality only; "" before uMap 2.8.

    `new`: the map does not have it yet; the first push makes it. `planned_id` is the `layer_id` that it had
    while it was new, or would have had. `way_on` says what to do, and whom to ask,
    if it is not `editable`. `settings` are the layer's own; of those of its group, and of the map, only what
    may name a column of its features.
    """

    map_id: str
    map_name: str
    map_url: str
    layer_id: str
    name: str
    version: str
    release: str
    editable: bool
    rank: int = 0
    parent: str | None = None
    display_on_load: bool = True
    remote: str | None = None
    group: bool = False
    new: bool = False
    way_on: Text = NOTHING
    planned_id: str = ""
    settings: dict[str, Value] = {}
    group_settings: dict[str, Value] = {}
    map_settings: dict[str, Value] = {}


class Live(msgspec.Struct, frozen=True):
    """The live side: one snapshot of page and layer.

    `standing` is what uMap stores at `version`. `carried` is the same with the cells of lost
    saves put back. Without lost saves it is `standing` itself. `known` are the versions that
    uMap kept when the layer was read, its own among them; `times` is when each was stored, where uMap says.
    `warnings` are about how the site keeps the layer.
    """

    entry: Entry
    version: str
    standing: Collection
    carried: Collection
    known: tuple[str, ...] = ()
    times: dict[str, datetime] = {}
    warnings: tuple[Text, ...] = ()


class Save(msgspec.Struct, frozen=True):
    """A save by somebody else that a push of ours ran over: it is lost until it is put back.

    `was` is the layer that both started from, `ours` what we pushed, `lost` what the other saved.
    `lost` is None if uMap no longer keeps it: it can only be reported.
    """

    version: str
    was: Collection
    ours: Collection
    lost: Collection | None


class Push(msgspec.Struct, frozen=True):
    """A push that was about to be sent: on which version, with what content. No answer counts.

    `known` are the versions that uMap kept before it.
    """

    version: str
    was: Collection
    ours: Collection
    known: tuple[str, ...] = ()
