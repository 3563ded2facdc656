"""Drift: what people did to a layer since the last settled run; and what else was found there and in the
file."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from umap_bot.model.canon import Value
from umap_bot.model.change import Field, Point

DriftKind = Literal["drift", "conflict", "deleted", "edited", "again"]
DriftOutcome = Literal["overwrite", "keep", "hold"]


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A cell or feature that a person changed on the map, with the three values and what comes of it.

    `field` is a property's name, GEOMETRY, or "" for the whole feature. `kind`: "drift" (only the map
    changed), "conflict" (both sides changed), "deleted" (a person deleted the feature), "edited" (the row
    is gone from the file, and a person edited the feature). `standing`: the map's value was left there by an
    earlier run and has not changed since: no news. `times` is in how many runs running, this one too, the
    file's value is put back in this cell. `saved` is when the person saved, if uMap's versions tell it of one
    save alone.

    Of a rollback these are what stays, since it was changed after the run that is undone: `base` is what that
    run left, `desired` what it found, and `by` the later run that wrote the map's value (0: somebody did).
    "edited" is then a feature that would go, and "again" one that would come and stands already.
    """

    key: str
    name: str
    field: str
    kind: DriftKind
    outcome: DriftOutcome
    base: Value = None
    desired: Value = None
    live: Value = None
    standing: bool = False
    line: int | None = None
    header: str = ""
    at: Point | None = None
    times: int = 0
    saved: datetime | None = None
    by: int = 0

    @property
    def news(self) -> bool:
        return not self.standing


class Rowless(msgspec.Struct, frozen=True):
    """A feature of the file that no row has now, and that stays: its row may be one that can't be read."""

    key: str
    name: str
    at: Point | None = None


class Unmanaged(msgspec.Struct, frozen=True):
    """A feature that was added on the map and is not in the file.

    `content` is the digest of what it holds. `standing`: an earlier run has seen it as it is.
    """

    name: str
    content: str
    umap_id: str | None = None
    standing: bool = False
    at: Point | None = None

    @property
    def key(self) -> str:
        """What names it where others have the key of their row: no row has it."""
        return self.umap_id or self.content


class Strayed(msgspec.Struct, frozen=True):
    """A feature of the file that a person moved to another layer of the file.

    `key` is that of the change which would bring it back, or remove it. `layer` is where it stands now; "" if
    that is the layer of this plan, and it stands on no other.
    """

    key: str
    name: str
    layer: str = ""


class Duplicate(msgspec.Struct, frozen=True):
    """A key that stands twice on the map with different content: names and uMap ids of both."""

    key: str
    names: tuple[str, ...]
    umap_ids: tuple[str | None, ...]


class GoneColumn(msgspec.Struct, frozen=True):
    """An owned column that stands in base, and that the file no longer has for the map.

    `likely` is a new column with the same values in `equal` of `total` rows ("": none is alike), `header`
    its name in the file. `left_out`: the column stands in the file, and a setting keeps it off the map;
    `header` is then its own.
    """

    name: str
    likely: str = ""
    header: str = ""
    equal: int = 0
    total: int = 0
    left_out: bool = False


class Renumbered(msgspec.Struct, frozen=True):
    """A row under an id that is not the one it was published under. `name` is "" if it has none."""

    before: str
    after: str
    name: str = ""


class MapNews(msgspec.Struct, frozen=True):
    """What became of the map since the last settled run, beside its features.

    `settings` are those of the layer, as a person changed them, the layer's name among them. `saves` are the
    times of the versions that others stored, as far as uMap still lists them, oldest first. `release` is
    uMap's, `before` what it was (""s: it is the same), `tried` the newest that this program was tried on, if
    `release` is newer: that is told of the first run, too. `new`: the map does not have the layer yet.
    `remade`: the layer of that name is another one than then. `ours` of the `kept` versions that uMap lists
    were stored by us. Of a watched layer: `came`, it is on the map since; `gone`, it is no more; `renumbered`
    features only got another id of uMap's.
    """

    settings: tuple[Field, ...] = ()
    saves: tuple[datetime, ...] = ()
    release: str = ""
    before: str = ""
    ours: int = 0
    kept: int = 0
    tried: str = ""
    new: bool = False
    remade: bool = False
    came: bool = False
    gone: bool = False
    renumbered: int = 0
