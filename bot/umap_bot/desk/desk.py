"""What the desk is about: the layers of the settings, and the state in which all about them stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

import msgspec
from msgspec.structs import replace

from umap_bot.desk.place import Place
from umap_bot.journal.reader import LayerStatus
from umap_bot.model.access import Deed
from umap_bot.model.hidden import Hidden
from umap_bot.model.run import Run
from umap_bot.publishing import commands_of, layer_states
from umap_bot.questions import asked
from umap_bot.report.desk_links import id_of
from umap_bot.report.hide import without_columns
from umap_bot.report.language import Language
from umap_bot.report.site.site import LayerState
from umap_bot.report.story.acts import Commands
from umap_bot.report.story.decisions import Question
from umap_bot.settings import Settings
from umap_bot.text import Text
from umap_bot.wiring import Wired, journal, names_of_layers, wire_all


class Kept(msgspec.Struct, frozen=True):
    """A layer that is kept: its id in the desk's addresses, its name in the state, its settings, how it
    stands with it."""

    id: str
    name: str
    settings: Settings
    state: LayerState

    @property
    def hidden(self) -> Hidden:
        return self.settings.hidden_columns


class Desk:
    """Every method looks at the state anew, and raises StateError. `tongue` is that of messages."""

    def __init__(self, settings: Sequence[Settings], place: Place, tongue: Language) -> None:
        self.settings = tuple(settings)
        self.place = place
        self.tongue = tongue
        self.journal = journal(settings[0])
        self.reader = self.journal.reader
        self.answering = RLock()
        """Held from the look at a question to its answer: of two people at once, one is told of the other."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def layers(self) -> tuple[Kept, ...]:
        """Return the layers, in the order of the settings."""
        names = names_of_layers(self.settings, self.reader)
        _, states = layer_states(self.reader, [*zip(names, self.settings, strict=True)])
        known = (
            {each.layer: each for each in self.reader.layers()} if any(each.code for each in states) else {}
        )
        return tuple(
            Kept(id_of(name), name, settings, self._with_answer(state, known.get(name)))
            for name, settings, state in zip(names, self.settings, states, strict=True)
        )

    def layer(self, id_: str) -> Kept | None:
        return next((each for each in self.layers() if each.id == id_), None)

    def layer_of(self, run: Run) -> Kept | None:
        return next((each for each in self.layers() if each.name == run.layer), None)

    def commands(self, layers: Iterable[Kept]) -> Mapping[str, Commands]:
        """Return what people type about each layer, who have a terminal."""
        return commands_of([(each.name, each.settings) for each in layers])

    def question(self, layer: Kept) -> Question | None:
        """Return what nobody has answered so far, whole."""
        status = self._status(layer.name)
        return asked(self.reader, status, self.now()) if status else None

    def told_question(self, layer: Kept) -> Question | None:
        """Return the same as it may be shown."""
        found = self.question(layer)
        return replace(found, plan=without_columns(found.plan, layer.hidden)) if found else None

    def wire(self) -> dict[str, Wired]:
        """Wire all layers anew, by their names in the state: no act inherits a session."""
        return {each.work.job.layer: each for each in wire_all(self.settings)}

    def note(self, by: str, said: Text, layer: str = "", run: int | None = None) -> None:
        """Write down what a person did."""
        self.journal.deeds.note(Deed(at=self.now(), by=by, said=said, layer=layer, run=run or None))

    @property
    def places(self) -> tuple[str, ...]:
        """What of this machine's folders errors may name, and no page shows; the longest first."""
        first = self.settings[0]
        url = first.state_url.get_secret_value() if first.state_url else ""
        state = url.partition(":///")[2] if url.startswith("sqlite") else ""
        named = [each.dataset_repo for each in self.settings] + [
            each.dataset_ssh_key for each in self.settings
        ]
        folders = [
            place.removeprefix("file://")
            for place in (*named, state, first.report_site_dir)
            if place.removeprefix("file://").startswith("/")
        ]
        homes = (str(Path.cwd()), str(Path.home()))
        found = {*folders, *(str(Path(folder).parent) for folder in folders), *homes} - {"/", ""}
        return tuple(sorted(found, key=len, reverse=True))

    def _with_answer(self, state: LayerState, status: LayerStatus | None) -> LayerState:
        if not state.code or status is None:
            return state
        return replace(state, answered=asked(self.reader, status, self.now()) is None)

    def _status(self, name: str) -> LayerStatus | None:
        return next((each for each in self.reader.layers() if each.layer == name), None)
