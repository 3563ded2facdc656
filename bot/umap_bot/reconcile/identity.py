"""Which live feature is which row: by the uMap id that base remembers, else by key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from umap_bot.errors import DatasetError, RefusedError
from umap_bot.model.base import Base, Known, Undone
from umap_bot.model.canon import Value, canonical
from umap_bot.model.layer import Feature
from umap_bot.reconcile.slices import content
from umap_bot.reconcile.threeway import feature_name
from umap_bot.text import say


class Standing(msgspec.Struct, frozen=True):
    """A live feature and its place in the collection."""

    place: int
    feature: Feature


class Identities(msgspec.Struct, frozen=True):
    """`ours`: key → feature. `doubles`: (key, feature) of second copies, equal in all but their uMap id.

    `duplicates`: key → the features that have ours' key and differ from it. `unmanaged`: features of no key
    that is known (duplicates among them).
    """

    ours: dict[str, Standing]
    doubles: tuple[tuple[str, Standing], ...]
    duplicates: dict[str, tuple[Standing, ...]]
    unmanaged: tuple[Standing, ...]


def key_of(feature: Feature, key: str) -> str | None:
    """Return a feature's key: the value of the key property as text, outer white space gone."""
    return _text(feature.properties.get(key)) or None


def identify(
    features: Iterable[Standing], key: str, known: set[str], base: Base | None, taken: Iterable[str] = ()
) -> Identities:
    """Tell which feature is which key of those known (of base or the dataset).

    `taken` are keys whose features are known already, and not among these. Raise RefusedError if one of a
    known key can't be read.
    """
    standings = list(features)
    remembered = {known.umap_id: key for key, known in base.known.items() if known.umap_id} if base else {}
    ids = Counter(standing.feature.umap_id for standing in standings)
    ids.update(base.known[key_aside].umap_id for key_aside in taken if base)
    owns = [_known_key(standing.feature, key, known) for standing in standings]
    claimed = {*owns, *taken}
    by_key: dict[str, list[Standing]] = {}
    unmanaged: list[Standing] = []
    for standing, own in zip(standings, owns, strict=True):
        # uMap's ids are random: one that base remembers is no chance. A person emptied or overtyped the key.
        umap_id = standing.feature.umap_id
        then = remembered.get(umap_id or "")
        if ids[umap_id] > 1 and (own or then in claimed):
            then = None
        of = then or own
        if of is None:
            unmanaged.append(standing)
        else:
            by_key.setdefault(of, []).append(standing)
    return _single_out(by_key, unmanaged, base)


def _known_key(feature: Feature, key: str, known: set[str]) -> str | None:
    found = key_of(feature, key)
    return found if found in known else None


def _single_out(
    by_key: dict[str, list[Standing]], unmanaged: list[Standing], base: Base | None
) -> Identities:
    """Of several features with one key: which is ours, which only a double, which a person's duplicate."""
    ours: dict[str, Standing] = {}
    doubles: list[tuple[str, Standing]] = []
    duplicates: dict[str, tuple[Standing, ...]] = {}
    for key, claimants in by_key.items():
        for claimant in claimants:
            _refuse_unread(claimant, key)
        mine = _claimant(claimants, base.known[key].umap_id if base and key in base.known else None)
        ours[key] = mine
        others = [claimant for claimant in claimants if claimant is not mine]
        ours_says = content(mine.feature) if others else ""
        differing = tuple(other for other in others if content(other.feature) != ours_says)
        places = {other.place for other in differing}
        doubles += [(key, other) for other in others if other.place not in places]
        if differing:
            duplicates[key] = differing
            unmanaged += differing
    return Identities(ours, tuple(doubles), duplicates, tuple(unmanaged))


def _claimant(claimants: list[Standing], umap_id: str | None) -> Standing:
    """Return the one with the uMap id that base remembers; of several, one whatever their order is."""
    if len(claimants) == 1:
        return claimants[0]
    return min(
        claimants,
        key=lambda one: (one.feature.umap_id != umap_id, content(one.feature), one.feature.umap_id or ""),
    )


def _refuse_unread(standing: Standing, key: str) -> None:
    """Raise RefusedError for a feature that can't be read whole: what stands there could not be put back."""
    feature = standing.feature
    if feature.unread:
        umap_id = feature.umap_id or say("no uMap id")
        raise RefusedError(
            say(
                'Feature {number} of the layer on the map, {name}, can\'t be read: its "{member}" '
                "contains a number that is too large, or is nested too deeply.",
                number=standing.place + 1,
                name=say('"{name}" ({id})', name=feature_name(None, feature, key), id=umap_id),
                member=feature.unread[0],
            ),
            way_out=say("Correct it in uMap, or restore the last good one of the layer's “Versions”."),
        )


def follow_key(base: Base, key: str) -> Base:
    """Return base by another key column, if every row of it has a value of its own there.

    Raise DatasetError otherwise: which feature is which row could only be guessed.
    """
    if base.key == key:
        return base
    keys = {old: _text(known.properties.get(key)) for old, known in base.known.items()}
    if key not in base.columns or not all(keys.values()) or len(set(keys.values())) < len(keys):
        raise DatasetError(
            say(
                'DATASET_KEY is now the column "{column}", which does not identify each published row.',
                column=key,
            ),
            way_out=say(
                'Set DATASET_KEY back to "{key}", give each row a unique "{column}", and sync. Then '
                "change DATASET_KEY.",
                column=key,
                key=base.key,
            ),
        )
    kept = base.kept
    return msgspec.structs.replace(
        base,
        key=key,
        known={keys[old]: known for old, known in base.known.items()},
        undone={keys.get(old) or _key_said(cells, key): cells for old, cells in base.undone.items()},
        kept=msgspec.structs.replace(
            kept,
            cells={keys[old]: cells for old, cells in kept.cells.items() if old in keys},
            deleted=frozenset(keys[old] for old in kept.deleted if old in keys),
            rows=_rows_by(kept.rows, key),
        ),
    )


def _rows_by(rows: dict[str, Known], key: str) -> dict[str, Known]:
    """Return the rows of features that stayed by another column, those that it tells apart."""
    said = {old: _text(row.properties.get(key)) for old, row in rows.items()}
    times = Counter(said.values())
    return {said[old]: row for old, row in rows.items() if said[old] and times[said[old]] == 1}


def _key_said(cells: dict[str, Undone], key: str) -> str:
    """Return the key, by another column, of a row that base does not have since its feature was undone."""
    row = cells[""].value if "" in cells else None
    said = row.get(key) if isinstance(row, dict) else None
    return said.strip() if isinstance(said, str) else ""


def _text(value: Value) -> str:
    text = canonical(value)
    return text.strip() if isinstance(text, str) else ""
