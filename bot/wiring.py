"""The composition root: settings become the two sides, the journal, the clock. It alone knows all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Final

import msgspec
from platformdirs import user_cache_path

from bot.dataset.recipe import Recipe
from bot.dataset.repository import Repository
from bot.dataset.source import GitDataset, Newest
from bot.journal.address import default_url
from bot.journal.journal import SqlJournal
from bot.model.policy import Policy
from bot.notify.announcer import Announcer
from bot.portions import Portion
from bot.ports import Dataset
from bot.publishing import Publisher
from bot.report.hide import hidden
from bot.report.language import Language
from bot.rounds import Audience, Ended, Work
from bot.settings import Settings
from bot.sync import Job
from bot.umap.address import read_address
from bot.umap.layer import UmapLayer
from bot.umap.map import UmapMap, open_map

VERSION: Final = version("umap-bot")
AGENT: Final = f"umap-bot/{VERSION}"


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def pause(self, seconds: float) -> None:
        Event().wait(seconds)


@dataclass(frozen=True, slots=True)
class Wired:
    """All that a command needs of one layer. Nothing has been asked of git, uMap or the database yet."""

    settings: Settings
    work: Work
    map: UmapMap
    repository: Repository
    journal: SqlJournal
    clock: WallClock

    @property
    def checked(self) -> datetime | None:
        """When file and map were last seen to agree. Raise StateError."""
        return self.journal.peek(self.work.job.layer, self.clock).checked


def wire(settings: Settings, policy: Policy | None = None) -> Wired:
    """Wire one layer. `policy` stands in for that of the settings, this one time.

    Raise SettingsError for an address or link that can't be one, StateError for a wrong STATE_URL.
    """
    return wire_all([settings], [policy or settings.policy])[0]


def wire_all(layers: Sequence[Settings], policies: Sequence[Policy] | None = None) -> tuple[Wired, ...]:
    """Wire the layers of one pass: they share journal and clock, and each map and repository among them.

    `policies` stand in for those of the settings. Raise as wire does.
    """
    clock, state = WallClock(), journal(layers[0])
    maps = {_map_of(each): live_map(each, clock, shared=len(layers) > 1) for each in layers}
    repositories = {_repository_of(each): _repository(each) for each in layers}
    newest = {name: Newest(each) if len(layers) > 1 else None for name, each in repositories.items()}
    datasets = [
        GitDataset(repositories[_repository_of(each)], recipe(each), newest[_repository_of(each)])
        for each in layers
    ]
    jobs = [
        _job(each, policy)
        for each, policy in zip(layers, policies or [each.policy for each in layers], strict=True)
    ]
    return tuple(
        Wired(
            settings,
            Work(job, part, UmapLayer(maps[_map_of(settings)], settings.umap_layer or None)),
            maps[_map_of(settings)],
            repositories[_repository_of(settings)],
            state,
            clock,
        )
        for settings, job, part in zip(layers, jobs, _parts(layers, jobs, datasets, state), strict=True)
    )


def _map_of(settings: Settings) -> tuple[str, str]:
    """Name a map with its way in."""
    link = settings.umap_edit_link.get_secret_value() if settings.umap_edit_link else ""
    return read_address(settings.umap_map_url).url, link


def _repository_of(settings: Settings) -> tuple[str, ...]:
    """Name a repository with its branch and the way to read it."""
    token = settings.dataset_token.get_secret_value() if settings.dataset_token else ""
    return settings.dataset_repo, settings.dataset_ref, token, settings.dataset_ssh_key


def _parts(
    layers: Sequence[Settings], jobs: Sequence[Job], datasets: Sequence[GitDataset], state: SqlJournal
) -> Iterator[Dataset]:
    """Give each layer's dataset; of a file that feeds several of them, its part of it."""
    files = [(*_repository_of(each), each.dataset_path) for each in layers]
    for own, job, dataset in zip(files, jobs, datasets, strict=True):
        others = {
            other_job.layer: other
            for file, other_job, other in zip(files, jobs, datasets, strict=True)
            if file == own and other_job is not job
        }
        yield Portion(dataset, job.layer, others, state.peek) if others else dataset


class Hearers:
    """Everybody who hears of a pass, one after the other."""

    def __init__(self, *hearers: Audience) -> None:
        self._hearers = hearers

    def begin(self) -> None:
        for each in self._hearers:
            each.begin()

    def end(self, ended: list[Ended], code: int) -> None:
        for each in self._hearers:
            each.end(ended, code)


def audience(wired: Sequence[Wired], tongue: Language, command: str = "umap-bot sync") -> Audience:
    """Give who hears of a pass over these layers; `command` is what people type to sync them.

    Raise SettingsError for an address in NOTIFY_URLS or NOTIFY_PING_URL that can't be used.
    """
    announcer = _announcer(wired, tongue, command)
    if not wired[0].settings.report_site_dir:
        return announcer
    layers = [(each.work.job.layer, each.settings) for each in wired]
    return Hearers(Publisher(wired[0].journal.reader, layers, tongue), announcer)  # messages link to pages


def _announcer(wired: Sequence[Wired], tongue: Language, command: str) -> Announcer:
    first, columns = wired[0], {each.work.job.layer: each.settings.hidden_columns for each in wired}
    urls, ping_url = first.settings.notify_urls, first.settings.notify_ping_url
    return Announcer(
        first.journal,
        first.clock.now,
        tongue,
        urls=urls.get_secret_value() if urls else "",
        ping_url=ping_url.get_secret_value() if ping_url else "",
        heartbeat=first.settings.notify_heartbeat,
        site=first.settings.report_site_url,
        command=command,
        hide=lambda layer, end: hidden(end, columns[layer]),
    )


def journal(settings: Settings) -> SqlJournal:
    """Give the state and change log: STATE_URL, by default a file in the user's state folder."""
    url = settings.state_url.get_secret_value() if settings.state_url else default_url()
    return SqlJournal(url, settings.state_keep_runs)


def live_map(settings: Settings, clock: WallClock, *, shared: bool = False) -> UmapMap:
    link = settings.umap_edit_link.get_secret_value() if settings.umap_edit_link else None
    return open_map(settings.umap_map_url, edit_link=link, agent=AGENT, pause=clock.pause, shared=shared)


def dataset(settings: Settings) -> GitDataset:
    """Give the file in its repository alone, without a map."""
    return GitDataset(_repository(settings), recipe(settings))


def recipe(settings: Settings) -> Recipe:
    """Give how the file is to be read."""
    return Recipe(
        path=settings.dataset_path,
        key=settings.dataset_key,
        rename=settings.dataset_rename,
        seed=settings.dataset_seed,
        encoding=settings.dataset_encoding,
        delimiter=settings.dataset_delimiter,
        sheet=settings.dataset_sheet,
        latitude=settings.dataset_latitude,
        longitude=settings.dataset_longitude,
        geometry=settings.dataset_geometry,
        keep_coordinates=settings.dataset_keep_coordinates,
        filter=settings.dataset_filter,
    )


def _repository(settings: Settings) -> Repository:
    name = sha256(settings.dataset_repo.encode()).hexdigest()[:16]
    return Repository(
        settings.dataset_repo,
        cache_folder() / "git" / name,
        ref=settings.dataset_ref,
        token=settings.dataset_token.get_secret_value() if settings.dataset_token else "",
        ssh_key=settings.dataset_ssh_key,
    )


def cache_folder() -> Path:
    """Give the folder for what can be fetched again."""
    return user_cache_path("umap-bot")


def _job(settings: Settings, policy: Policy) -> Job:
    address = read_address(settings.umap_map_url)
    shape = msgspec.json.encode([VERSION, recipe(settings)]).decode()
    place = f"{address.origin.partition('://')[2]}{address.base}/map/{address.map_id}"
    return Job(
        layer=f"{place}/{settings.umap_layer}",
        policy=policy,
        limits=settings.limits,
        shape=(shape,),
    )
