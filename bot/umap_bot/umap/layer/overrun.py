"""The set rule: which saves of others a push of ours ran over (protocol 7).

uMap's lock is not atomic: of two saves on one version both are confirmed, and the later is live. The earlier
stays in the version list, among saves that came later and are no loss; the order of the list tells nothing.
What tells is which versions were not there before the push, their times (of one clock, the site's), and
which of them hold our changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from umap_bot.model.canon import canonical, canonical_geometry, digest
from umap_bot.model.decoding import values_of
from umap_bot.model.layer import Collection, Live, Push, Save
from umap_bot.umap.layer.versions import Version

WINDOW: Final = 60_000
"""Milliseconds after our version beyond which a save is none that we ran over: no request lives so long
between the look at the lock and the storing (uMap's workers are killed after 30 s, protocol 5)."""

Read = Callable[[Version], Collection | None]


def overrun(
    push: Push, live: Live, listed: Iterable[Version], read: Read, own: Iterable[str] = ()
) -> tuple[Save, ...]:
    """Return the saves that `push` ran over.

    `listed` is the version list, read after the push and before `live`; `read` gives a version's content,
    None if there is none to be had. `own` are digests of other bodies that we pushed: they are nobody's
    saves. If the list does not go back to before the push, one save without content says so.
    """
    kept = {version.version: version for version in listed}
    new = [version for version in kept.values() if version.version not in push.known]
    saves = _lost(push, live, new, read, frozenset(own))
    return saves if _reaches_back(push, kept) else (*saves, Save(push.version, push.was, push.ours, None))


def _reaches_back(push: Push, kept: dict[str, Version]) -> bool:
    """Tell whether the list still holds a version from before the push.

    Old versions go in the order of their times. One with letters for a version may stay for ever, and
    proves nothing.
    """
    known = [version for version in push.known if version.isdigit()] or [push.version]
    return any(version in kept for version in known)


class _Kept(msgspec.Struct, frozen=True):
    """A version, and how often each feature stands in it. `content` is None if it is not to be had."""

    version: Version
    content: Collection | None
    holds: Counter[str]


def _lost(push: Push, live: Live, new: list[Version], read: Read, own: frozenset[str]) -> tuple[Save, ...]:
    others = [version for version in new if version.version != live.version]
    if not others:
        return ()
    pushed = _Pushed(push)
    at = next((version.at for version in new if version.version == live.version), 0)
    standing = _kept(Version(live.version, "", at), live.standing)
    found = [standing, *_look_at(others, pushed, standing, read)]
    line = pushed.line(found)
    if not line:
        return ()  # ours never came to stand, so it ran over nothing
    stored = min(kept.version.at for kept in line)
    # If live is not of our line, a later save ran over ours, and live may have been made on top of it.
    bound = stored + WINDOW if standing in line else stored
    lost = [kept for kept in found[1:] if kept not in line and kept.version.at <= bound]
    return tuple(
        Save(kept.version.version, push.was, push.ours, kept.content)
        for kept in lost
        if not _is_own(kept, own) and not pushed.stands(kept, line)
    )


def _look_at(others: list[Version], pushed: _Pushed, standing: _Kept, read: Read) -> list[_Kept]:
    """Get the versions, those of our size first: once ours is found, much later ones are not asked for."""
    ours = standing.version.at if pushed.is_ours(standing) else None
    found: list[_Kept] = []
    for version in sorted(others, key=lambda each: (each.size != pushed.size, each.at)):
        if ours is None or version.at <= ours + WINDOW:
            kept = _kept(version, read(version))
            found.append(kept)
            if ours is None and pushed.is_ours(kept):
                ours = version.at
    return found


class _Pushed:
    """A push, and what tells its traces in a version."""

    def __init__(self, push: Push) -> None:
        self.size = len(push.ours.encode())
        self._body = push.ours
        self._was, self._ours = _contents(push.was), _contents(push.ours)
        both = self._was.keys() | self._ours.keys()
        self._changed = [content for content in both if self._was[content] != self._ours[content]]

    def is_ours(self, kept: _Kept) -> bool:
        return kept.content == self._body

    def line(self, found: list[_Kept]) -> list[_Kept]:
        """Return ours, and what was made on top of it; if it was merged, whatever holds it."""
        ours = [kept for kept in found if self.is_ours(kept)]
        since = min((kept.version.at for kept in ours), default=0)
        later = [kept for kept in found if kept.version.at > since or not since]
        return [*ours, *(kept for kept in later if kept not in ours and self._on_top(kept))]

    def _on_top(self, kept: _Kept) -> bool:
        """Tell whether it is nearer to our layer than to the one before, in what we changed."""
        if kept.content is None:
            return False
        far = sum(abs(kept.holds[content] - self._was[content]) for content in self._changed)
        return far > sum(abs(kept.holds[content] - self._ours[content]) for content in self._changed)

    def stands(self, kept: _Kept, line: list[_Kept]) -> bool:
        """Tell whether all that a save changed stands in one of our line: it was merged, or made again."""
        if kept.content is None:
            return False
        changed = [
            content for content in kept.holds.keys() | self._was.keys() if self._differs(kept, content)
        ]
        return any(all(self._has(each, kept, content) for content in changed) for each in line)

    def _differs(self, kept: _Kept, content: str) -> bool:
        return kept.holds[content] != self._was[content]

    def _has(self, each: _Kept, kept: _Kept, content: str) -> bool:
        """Tell whether a feature was added, or taken away, at least as often."""
        if kept.holds[content] > self._was[content]:
            return each.holds[content] >= kept.holds[content]
        return each.holds[content] <= kept.holds[content]


def _kept(version: Version, content: Collection | None) -> _Kept:
    return _Kept(version, content, _contents(content) if content else Counter())


def _is_own(kept: _Kept, own: frozenset[str]) -> bool:
    return kept.content is not None and kept.content.digest in own


def _contents(layer: Collection) -> Counter[str]:
    """Count the features by content, without the uMap id, which uMap's editor deals out anew as it likes."""
    return Counter(map(_content, layer.features))


def _content(raw: bytes) -> str:
    members = values_of(raw).members
    geometry = members.pop("geometry", None)
    members.pop("id", None)
    place = canonical_geometry(geometry) if isinstance(geometry, dict) else canonical(geometry)
    return digest([canonical(members), place])
