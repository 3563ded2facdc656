"""What can't be approved: a push that could only do harm, or that nobody would see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from umap_bot.errors import DatasetError, RefusedError
from umap_bot.model.layer import Live
from umap_bot.model.members import decoded, spelled
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Limits
from umap_bot.model.release import too_old
from umap_bot.text import say

Refusal = Callable[[Plan, Live, Limits], None]


def unversioned(live: Live) -> RefusedError | None:
    """Return the error for a uMap that tells no versions; None if all is well.

    It can be read, and a plan can be made, so this is no refusal of a plan.
    """
    return None if live.version or live.entry.new else too_old(live.entry.release)


def remote(_plan: Plan, live: Live, _limits: Limits) -> None:
    """Refuse a layer that shows remote data: a push is stored, never shown, and lost at a person's save."""
    if live.entry.remote:
        raise RefusedError(
            say(
                'The layer "{layer}" shows remote data, so nobody would see changes made to it.',
                layer=live.entry.name,
            ),
            way_out=say(
                "It shows {address}. Set UMAP_MAP_URL and UMAP_LAYER to the layer that holds the data.",
                address=live.entry.remote,
            ),
        )


def group(_plan: Plan, live: Live, _limits: Limits) -> None:
    """Refuse a group of layers: what is pushed to it is never shown."""
    if live.entry.group:
        raise RefusedError(
            say('"{layer}" is a group of layers, not a layer.', layer=live.entry.name),
            way_out=say("Set UMAP_LAYER to one of the layers in it."),
        )


def not_editable(_plan: Plan, live: Live, _limits: Limits) -> None:
    """Refuse a layer that uMap won't let us write."""
    if not live.entry.editable:
        raise RefusedError(
            say(
                'The layer "{layer}" can be read but not edited with this sign-in method.',
                layer=live.entry.name,
            ),
            way_out=live.entry.way_on,
        )


def breaks_editor(_plan: Plan, live: Live, _limits: Limits) -> None:
    """Refuse a layer in which uMap's editor would stop loading, and lose what follows at the next save."""
    for number, raw in enumerate(live.carried.features, 1):
        if b"GeometryCollection" in raw and _kind(raw) == "GeometryCollection":
            raise RefusedError(
                say(
                    'Feature {number} ({id}) of the layer "{layer}" is a GeometryCollection. uMap\'s '
                    "editor stops loading there, and the next save by a person would lose the features "
                    "after it.",
                    number=number,
                    id=_text(raw, "id") or say("no uMap id"),
                    layer=live.entry.name,
                ),
                way_out=say("In uMap, download the layer, replace that feature and import the file again."),
            )


def _kind(raw: bytes) -> str | None:
    """Return the type of a feature's geometry, whatever else is in it; None if it has none."""
    return _text(raw, "geometry", "type")


def _text(raw: bytes, *names: str) -> str | None:
    """Return the text that stands there in a feature, whatever else is in it; None if there is none."""
    text = spelled(raw.decode(), names)
    return decoded(text) if text and text.startswith('"') else None


def empty(plan: Plan, _live: Live, limits: Limits) -> None:
    """Refuse a file without rows: more often a broken export than a wish."""
    if plan.effects.kind != "rollback" and plan.context.rows == 0 and not limits.may_be_empty:
        raise DatasetError(
            say("{file} has no rows.", file=plan.context.file),
            way_out=say("Restore the rows. If you want the layer to be empty, set DATASET_MAY_BE_EMPTY=yes."),
        )


REFUSALS: Final[tuple[Refusal, ...]] = (remote, group, not_editable, breaks_editor, empty)
