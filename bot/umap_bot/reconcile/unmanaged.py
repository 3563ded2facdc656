"""Features that are on the map and not in the file: people's own, copies, and doubles."""

from __future__ import annotations

from collections.abc import Iterator

from umap_bot.model.change import Delete, point_of
from umap_bot.model.drift import Duplicate, Unmanaged
from umap_bot.model.policy import Policy
from umap_bot.reconcile.identity import Standing, key_of
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.slices import content, is_made_for
from umap_bot.reconcile.threeway import feature_name


def deletion(key: str, name: str, standing: Standing, sides: Sides, why: str = "row") -> Delete:
    return Delete(
        key=key,
        name=name,
        umap_id=standing.feature.umap_id,
        raw=sides.live.carried.features[standing.place].decode(),
        place=standing.place,
        at=point_of(standing.feature.geometry),
        why=why,
    )


def doubles(sides: Sides) -> Iterator[Delete]:
    """Second copies of one feature, equal in all but their uMap id: uMap's live sync makes them."""
    for key, standing in sides.identities.doubles:
        name = feature_name(None, standing.feature, key)
        yield deletion(key, name, standing, sides, "double")


def removed(sides: Sides, policy: Policy) -> Iterator[Delete]:
    """What people added on the map, where policy removes it."""
    for standing in _leaving(sides, policy):
        name = feature_name(None, standing.feature, "")
        feature = standing.feature
        key = Unmanaged(name, content(feature), feature.umap_id).key
        yield deletion(key, name, standing, sides, "foreign")


def _leaving(sides: Sides, policy: Policy) -> list[Standing]:
    """Unmanaged features that go: never without a base or with a guessed one, never a duplicate of ours,
    which a person is asked about, nor one whose id may be that of a row that can't be read."""
    if sides.base is None or sides.base.is_guess or policy.foreign == "keep":
        return []
    duplicates = {duplicate.place for group in sides.identities.duplicates.values() for duplicate in group}
    left = sides.base.kept.left
    unmanaged = [
        one
        for one in sides.identities.unmanaged
        if one.place not in duplicates
        and not (left and content(one.feature) in left)
        and not (key_of(one.feature, sides.desired.key) and sides.desired.bad_rows.unknown)
    ]
    if policy.foreign == "remove":
        return unmanaged
    seen = sides.base.kept.unmanaged
    return [one for one in unmanaged if content(one.feature) not in seen]


def unmanaged(sides: Sides, policy: Policy) -> tuple[Unmanaged, ...]:
    seen = sides.base.kept.unmanaged if sides.base else frozenset()
    leaving = (
        {standing.place for standing in _leaving(sides, policy)} if policy.foreign == "remove" else set()
    )
    ours = {standing.place for standing in orphans(sides)}
    unmanaged = []
    for standing in sides.identities.unmanaged:
        if standing.place in leaving or standing.place in ours:
            continue
        feature = standing.feature
        digest = content(feature)
        name, at = feature_name(None, feature, ""), point_of(feature.geometry)
        unmanaged.append(Unmanaged(name, digest, feature.umap_id, digest in seen, at))
    return tuple(sorted(unmanaged, key=lambda theirs: (theirs.name, theirs.content)))


def orphans(sides: Sides) -> tuple[Standing, ...]:
    """Return the features that we made for rows of which nothing is known: the file has none of them, and the
    version that they are of was not found. Only after a lost state: base is missing, or a guess.

    That we made them their uMap ids tell, which are made of layer and key.
    """
    if sides.base is not None and not sides.base.is_guess:
        return ()
    origin = sides.base and sides.base.origin
    found = []
    for standing in sides.identities.unmanaged:
        key = key_of(standing.feature, sides.desired.key)
        known = key is None or key in sides.desired.rows or (origin and key not in origin.unknown)
        if not known and key and is_made_for(standing.feature.umap_id, sides.live.entry, key):
            found.append(standing)
    return tuple(found)


def duplicates(sides: Sides) -> tuple[Duplicate, ...]:
    duplicates = []
    for key, others in sorted(sides.identities.duplicates.items()):
        features = [sides.identities.ours[key].feature, *(other.feature for other in others)]
        names = tuple(feature_name(None, feature, key) for feature in features)
        duplicates.append(Duplicate(key, names, tuple(feature.umap_id for feature in features)))
    return tuple(duplicates)
