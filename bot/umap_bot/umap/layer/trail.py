"""What one process knows of its own pushes to a layer: for telling other people's saves from them."""

from __future__ import annotations

from collections.abc import Callable

from umap_bot.model.layer import Collection, Live, Push, Save
from umap_bot.umap.layer.body import BodyError
from umap_bot.umap.layer.overrun import overrun
from umap_bot.umap.layer.versions import Version


class Trail:
    """The pushes that were sent, and the version list as it was last read.

    `read` gets a version's content. No version is asked for twice within a run.
    """

    def __init__(self, read: Callable[[Version], Collection | None]) -> None:
        self._read = read
        self._bodies: set[str] = set()
        self._late: list[Push] = []
        self._contents: dict[str, Collection | None] = {}
        self._listed: tuple[Version, ...] = ()

    def begin(self) -> None:
        """A run begins: what earlier ones sent has been stored by now, or never will be."""
        self._late.clear()
        self._contents.clear()

    def listed(self, versions: tuple[Version, ...]) -> tuple[str, ...]:
        """Take note of the version list; return the versions' own texts."""
        self._listed = versions
        return tuple(version.version for version in versions)

    def sent(self, push: Push, *, lost: bool) -> None:
        """Take note of a push. `lost`: its answer was, so uMap may store it late, even after the next."""
        self._bodies.add(push.ours.digest)
        if lost:
            self._late.append(push)

    def overrun(self, push: Push, live: Live) -> tuple[Save, ...]:
        """Return what this push, and those that may have been stored late, ran over."""
        looked_at = [*(late for late in self._late if late != push), push]
        saves = {
            save.version: save
            for each in looked_at
            for save in overrun(each, live, self._listed, self._content, self._bodies)
        }
        return tuple(saves.values())

    def _content(self, version: Version) -> Collection | None:
        """Return a version's content; None if uMap no longer keeps it, or it is no layer (uMap stores
        all)."""
        if version.version not in self._contents:
            try:
                self._contents[version.version] = self._read(version)
            except BodyError:
                self._contents[version.version] = None
        return self._contents[version.version]
