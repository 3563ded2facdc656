"""The site of a change log: what the log says of our layers, written as pages after each pass."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from umap_bot.errors import BotError
from umap_bot.journal.reader import LayerStatus, Reader
from umap_bot.model.hidden import Hidden
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.model.session import Session
from umap_bot.model.source_state import SourceState
from umap_bot.redaction import redact, redact_data
from umap_bot.report.formats.feed import feed
from umap_bot.report.hide import without_columns
from umap_bot.report.language import CODES, Code, Language, language
from umap_bot.report.site.captions import change_log, title_of
from umap_bot.report.site.site import LayerState, LoggedRun, Site, Status
from umap_bot.report.site.write import Written, write_site
from umap_bot.report.story.acts import Commands
from umap_bot.report.story.session import deadline
from umap_bot.run.passes import Ended
from umap_bot.schedule.schedule import next_due
from umap_bot.settings import Settings
from umap_bot.text import NOTHING, Text, joined, verbatim
from umap_bot.umap.address import read_address

log = logging.getLogger(__name__)

RUNS: Final = 1000
"""How many runs have a page: years of a log in which something happens each day."""

FED: Final = 50
"""How many of the newest runs the feed tells of."""

Named: TypeAlias = tuple[str, Settings]
"""A layer's name in the state, and its settings."""


class Publisher:
    """Writes the site of these layers. It hears of passes: what goes wrong with it fails none.

    `folder` stands in for REPORT_SITE_DIR; `sessions` gives the sessions whose end is to be told of.
    """

    def __init__(
        self,
        reader: Reader,
        layers: Sequence[Named],
        tongue: Language,
        folder: Path | None = None,
        sessions: Callable[[], Mapping[str, Session]] = dict,
    ) -> None:
        self._reader = reader
        self._layers = layers
        self._tongue = tongue
        self._first = layers[0][1]
        self._folder = folder or Path(self._first.report_site_dir)
        self._sessions = sessions
        self._hidden = {name: settings.hidden_columns for name, settings in layers}

    def begin(self) -> None: ...

    def end(self, ended: list[Ended], code: int) -> None:  # noqa: ARG002  the log has all of it
        """Write the site anew. What goes wrong is logged."""
        try:
            self.publish()
        except BotError as error:
            log.warning("%s", redact(self._tongue.say(error.text)))

    def publish(self) -> Written:
        """Write the site. Raise SettingsError if the folder can't be used, StateError if the log can't be."""
        site = self._site()
        feeds = {code: self._feed(site, code) for code in CODES}
        return write_site(self._folder, site, self._whole, self._tongue, feeds)

    def _site(self) -> Site:
        runs = self._runs()
        maps, states = layer_states(self._reader, self._layers)
        now = datetime.now(UTC)
        ends = {layer: deadline(session, now) for layer, session in self._sessions().items()}
        return Site(
            title=title_of(maps, len(self._layers)),
            layers=with_sessions(states, ends),
            runs=runs[:RUNS],
            older=self._count() - len(runs[:RUNS]),
            url=self._first.report_site_url.rstrip("/"),
            project_url=self._first.report_project_url,
            desk_url=self._first.desk_url,
            commands=commands_of(self._layers),
            shape=msgspec.json.encode(sorted(self._hidden.items())).decode(),
        )

    def _runs(self) -> tuple[Run, ...]:
        found = (self._reader.runs(limit=RUNS, layer=name, plans=False) for name, _ in self._layers)
        runs = sorted((run for some in found for run in some), key=lambda run: run.number, reverse=True)
        return tuple(self._told(run) for run in runs[:RUNS])

    def _count(self) -> int:
        return sum(self._reader.count(layer=name) for name, _ in self._layers)

    def _told(self, run: Run) -> Run:
        return without_columns(run, self._hidden.get(run.layer, Hidden()))

    def _whole(self, number: int) -> LoggedRun | None:
        run = self._reader.run(number)
        return LoggedRun(self._told(run), self._reader.success_before(run)) if run else None

    def _feed(self, site: Site, code: Code) -> str:
        tongue = language(code)
        told = (self._whole(run.number) for run in site.runs[:FED])
        url = self._first.report_site_url.rstrip("/")
        made = feed(
            [each.run for each in told if each],
            tongue=tongue,
            title=change_log(site),
            layer=self._layers[0][0],
            site_url=url if code == self._tongue.code or not url else f"{url}/{code}",
        )
        return redact_data(made)


def commands_of(layers: Sequence[Named]) -> dict[str, Commands]:
    """Return what people type about each layer: the page does not know where the settings are."""
    several = len(layers) > 1
    return {
        name: Commands(
            chosen=("--layer", settings.umap_layer or name) if several else (),
            filtered=tuple(settings.dataset_filter),
            fetched=bool(settings.dataset_url),
        )
        for name, settings in layers
    }


def layer_states(reader: Reader, layers: Sequence[Named]) -> tuple[list[str], tuple[LayerState, ...]]:
    """Return the names of the maps, and how it stands with each of the layers. Raise StateError."""
    known = {status.layer: status for status in reader.layers()}
    plans = {name: _plan_of(known.get(name)) for name, _ in layers}
    maps = sorted({plan.context.map_name for plan in plans.values() if plan})
    return maps, tuple(
        _state(name, settings, known.get(name), plans[name], several=len(maps) > 1)
        for name, settings in layers
    )


def with_sessions(states: Sequence[LayerState], said: Mapping[str, Text]) -> tuple[LayerState, ...]:
    """Return the same with what is said of each layer's session."""
    return tuple(msgspec.structs.replace(state, session=said.get(state.name, NOTHING)) for state in states)


def with_sources(states: Sequence[LayerState], known: Mapping[str, SourceState]) -> tuple[LayerState, ...]:
    """Return the same with what is known of the sources of layers, by their names in the state."""
    return tuple(
        msgspec.structs.replace(
            state, fetched=found.fetched, changed=found.changed, failing=found.since, failure=found.error
        )
        if (found := known.get(state.name))
        else state
        for state in states
    )


def _plan_of(status: LayerStatus | None) -> Plan | None:
    """Return the newest plan of a layer: it knows the names of map and layer."""
    if status is None:
        return None
    runs = (status.last, status.success, status.last_change)
    return next((run.plan for run in runs if run and run.plan), None)


def _state(
    name: str, settings: Settings, status: LayerStatus | None, plan: Plan | None, *, several: bool
) -> LayerState:
    last = status.last if status else None
    checked = _checked(status)
    gone = plan is not None and plan.context.news_of_map.gone
    return LayerState(
        name=name,
        shown=_shown(settings, plan, several=several),
        status=_status(status),
        map_url=plan.context.map_url if plan else read_address(settings.umap_map_url).url,
        checked=checked,
        due=next_due(settings.sync_schedule, settings.sync_timezone, checked)
        if checked and not gone
        else None,
        success=_succeeded(status),
        code=last.plan.code if last and last.plan and last.plan.verdict.asks else "",
        asked=_asked(status),
        waiting=status.waiting.features if status and status.waiting else 0,
        last=last.number if last else None,
        checks=status.checks if status else 0,
        gone=gone,
    )


def _shown(settings: Settings, plan: Plan | None, *, several: bool) -> Text:
    """Return what people call a layer; beside its map's name if there are several maps."""
    if plan is None:
        return verbatim(settings.umap_layer or read_address(settings.umap_map_url).url)
    return (
        joined((plan.context.map_name, plan.context.layer_name), " › ")
        if several
        else verbatim(plan.context.layer_name)
    )


def _status(status: LayerStatus | None) -> Status:
    if status is None or (status.last is None and status.checked is None):
        return "never"
    if status.last is not None and status.last.waits:
        return "waiting"
    done = status.last is None or status.last.outcome in {"done", "nothing"}
    return "ok" if done else "trouble"


def _asked(status: LayerStatus | None) -> datetime | None:
    """Return since when something waits for a person: parts of plans, or the whole plan of the last run."""
    if status is None:
        return None
    if status.waiting:
        return status.waiting.since
    return status.last.started if status.last and status.last.waits else None


def _checked(status: LayerStatus | None) -> datetime | None:
    """Return when a layer was last looked at, whatever came of it. Runs that found nothing new come after
    the last that is in the log, whatever the clock said of that one."""
    if status is None:
        return None
    if status.checks:
        return status.checked
    run = status.last
    times = [status.checked, run and (run.again or run.ended or run.started)]
    return max((time for time in times if time), default=None)


def _succeeded(status: LayerStatus | None) -> datetime | None:
    """Return when file and map were last seen to agree."""
    if status is None:
        return None
    if status.checks:
        return status.checked
    times = [status.checked, status.success and status.success.ended]
    return max((time for time in times if time), default=None)
