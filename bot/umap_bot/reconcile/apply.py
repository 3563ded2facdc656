"""A plan carried out on the live layer: the layer as it should stand, as bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from umap_bot.model.change import Change, Create, Delete, Update
from umap_bot.model.layer import Collection, Live
from umap_bot.model.plan import Plan
from umap_bot.reconcile.slices import compose, content, decode, derive_id, ids, rewrite, spelling_of, with_id


def apply(plan: Plan, live: Live) -> Collection:
    """Return the layer that we would push. If that is what stands, there is nothing to push.

    A held plan carries out nothing; what was lost goes back all the same.
    """
    changes = () if plan.verdict.held else plan.effects.changes
    slices: list[bytes | None] = list(live.carried.features)
    created: list[bytes] = []
    spelling = spelling_of(live.carried.features, _names(changes))
    for change in changes:
        if isinstance(change, Update):
            slices[change.place] = rewrite(live.carried.features[change.place], change, spelling)
        elif isinstance(change, Delete):
            slices[change.place] = None
        else:
            created.append(_new(change, spelling))
    wanted = tuple(raw for raw in slices if raw is not None) + tuple(created)
    if live.carried != live.standing:
        wanted = _as_standing(wanted, live.standing.features)
    if wanted != live.standing.features:
        wanted = _with_ids(wanted, plan.effects.layer_id)
    return msgspec.structs.replace(live.carried, features=wanted)


def _as_standing(wanted: tuple[bytes, ...], standing: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Spell what stands already as it stands: putting back a lost save and overruling it must come to
    nothing."""
    spelled = {_identity(raw): raw for raw in standing}
    again = tuple(spelled.get(_identity(raw), raw) for raw in wanted)
    return standing if Counter(again) == Counter(standing) else again


def _identity(raw: bytes) -> tuple[str | None, str]:
    feature = decode(raw)
    return feature.umap_id, content(feature)


def _names(changes: Iterable[Change]) -> Iterator[str]:
    """Return the names of the properties that changes write."""
    for change in changes:
        if isinstance(change, Update):
            yield from (field.name for field in change.fields)
        elif isinstance(change, Create):
            yield from change.properties


def _new(create: Create, spelling: Mapping[str, str]) -> bytes:
    if create.raw:
        raw = create.raw.encode()
        return raw if decode(raw).umap_id == create.umap_id else with_id(raw, create.umap_id or "")
    properties = {spelling.get(name, name): value for name, value in create.properties.items()}
    return compose(properties, create.geometry, create.umap_id or "")


def _with_ids(slices: tuple[bytes, ...], layer_id: str) -> tuple[bytes, ...]:
    """Add a uMap id to features without a valid one of their own, or people's next save would meet a
    412."""
    found = ids(slices)
    taken = {umap_id for umap_id in found if umap_id}
    return tuple(
        raw if umap_id else with_id(raw, derive_id(f"{layer_id}\x00{place}", taken))
        for place, (raw, umap_id) in enumerate(zip(slices, found, strict=True))
    )
