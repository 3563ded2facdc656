"""The composition root: settings become the two sides, the journal, the clock. It alone knows all."""

from __future__ import annotations

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
from bot.dataset.source import GitDataset
from bot.journal.address import default_url
from bot.journal.journal import SqlJournal
from bot.model.policy import Policy
from bot.rounds import Work
from bot.settings import Settings
from bot.sync import Job
from bot.umap.address import Address, read_address
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


def wire(settings: Settings, policy: Policy | None = None) -> Wired:
    """Wire one layer. `policy` stands in for that of the settings, this one time.

    Raise SettingsError for an address or link that can't be one, StateError for a wrong STATE_URL.
    """
    clock = WallClock()
    of = live_map(settings, clock)
    repository = _repository(settings)
    job = _job(settings, read_address(settings.umap_map_url), policy or settings.policy)
    work = Work(job, GitDataset(repository, recipe(settings)), UmapLayer(of, settings.umap_layer or None))
    return Wired(settings, work, of, repository, journal(settings), clock)


def journal(settings: Settings) -> SqlJournal:
    """Give the state and change log: STATE_URL, by default a file in the user's state folder."""
    return SqlJournal(settings.state_url.get_secret_value() if settings.state_url else default_url())


def live_map(settings: Settings, clock: WallClock) -> UmapMap:
    link = settings.umap_edit_link.get_secret_value() if settings.umap_edit_link else None
    return open_map(settings.umap_map_url, edit_link=link, agent=AGENT, pause=clock.pause)


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
        latitude=settings.dataset_latitude,
        longitude=settings.dataset_longitude,
        geometry=settings.dataset_geometry,
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


def _job(settings: Settings, address: Address, policy: Policy) -> Job:
    shape = msgspec.json.encode([VERSION, recipe(settings)]).decode()
    place = f"{address.origin.partition('://')[2]}{address.base}/map/{address.map_id}"
    return Job(
        layer=f"{place}/{settings.umap_layer}",
        policy=policy,
        limits=settings.limits,
        shape=(shape,),
    )
