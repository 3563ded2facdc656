"""What the dataset said at the last settled run: the third side of the three-way."""

from __future__ import annotations

import msgspec

from bot.model.canon import Canon, Geometry, Value


class Known(msgspec.Struct, frozen=True, array_like=True):
    """One row as last published, with what helps to find its feature again.

    `properties` are the row's, seeds among them. `row` is the digest of the row, `raw` that of the feature's
    slice as it stood then (both may be "": not known). They only say where to look closer; nothing is decided
    by them.
    """

    properties: dict[str, Value]
    geometry: Geometry | None
    umap_id: str | None = None
    row: str = ""
    raw: str = ""


class Kept(msgspec.Struct, frozen=True):
    """Where policy left a person's doing, with its value then: no news while it stays so.

    `cells`: key → cell → canonical value. `deleted`: keys of features that a person deleted.
    `strangers`: digests of features added on the map that policy has let be. `left`: those among them
    that were ours until their row went, and stayed because a person had edited them.
    """

    cells: dict[str, dict[str, Canon]] = {}
    deleted: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The last published dataset: a function of commit and settings, never of what the map held.

    `columns` are the owned properties then. `known` goes from key to row. The rest are hints and memory of
    the map beside it: `layer_id`, each row's uMap id and digests, and `kept`. `encoding` is that of the file,
    "" if it was not known.
    """

    layer_id: str
    commit: str
    key: str
    columns: tuple[str, ...]
    places: bool
    known: dict[str, Known]
    kept: Kept = Kept()
    encoding: str = ""
