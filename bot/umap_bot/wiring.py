"""The composition root: settings become the two sides, the journal, the clock. It alone knows all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial, reduce
from hashlib import sha256
from importlib.metadata import version
from operator import or_
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from msgspec.structs import replace
from platformdirs import user_cache_path

from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.source import GitDataset, Newest
from umap_bot.dataset.sources.feed import Feed
from umap_bot.errors import BotError, StateError
from umap_bot.fetching import feeds_of, name_of_feed, name_of_repository, repository_of
from umap_bot.journal.address import default_url
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.reader import Reader
from umap_bot.model.base import Base
from umap_bot.model.layer import Live
from umap_bot.model.mark import Published
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Run
from umap_bot.ports import Dataset, LiveLayer
from umap_bot.redaction import redact
from umap_bot.report.hide import without_columns
from umap_bot.report.language import Language, language
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.session import LOGIN
from umap_bot.run.backed import Backed
from umap_bot.run.job import Job, Keep, Watch, Work
from umap_bot.run.passes import Audience, Ended
from umap_bot.run.portions import Beside, Portion
from umap_bot.sessions import Cookie, Sessions
from umap_bot.settings import Settings
from umap_bot.text import Text
from umap_bot.umap.address import read_address
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import UmapMap, open_map
from umap_bot.umap.ways.access import WayIn
from umap_bot.umap.ways.account import Account
from umap_bot.umap.ways.session import COOKIE, SessionCookie

if TYPE_CHECKING:
    from umap_bot.notify.announcer import Announcer

T = TypeVar("T")

log = logging.getLogger(__name__)

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
    """All that a command needs of one layer. Nothing has been asked of git, uMap or the database yet.

    `site` are the layers of its change log's pages, by name in the state: a pass over some of them writes the
    pages of all. `feed` is what is fetched for the layer, None if its file is in git.
    """

    settings: Settings
    work: Work
    map: UmapMap
    repository: Repository
    journal: SqlJournal
    clock: WallClock
    site: tuple[tuple[str, Settings], ...]
    feed: Feed | None = None

    @property
    def checked(self) -> datetime | None:
        """When file and map were last seen to agree. Raise StateError."""
        return self.journal.reader.checked(self.work.job.layer)


def wire(settings: Settings, policy: Policy | None = None, *, commits: bool = False) -> Wired:
    """Wire one layer. `policy` stands in for that of the settings, this one time. `commits` as in `wire_all`.

    Raise SettingsError for an address or link that can't be one, StateError for a wrong STATE_URL.
    """
    return wire_all([settings], [policy or settings.policy], commits=commits)[0]


def wire_all(
    layers: Sequence[Settings],
    policies: Sequence[Policy] | None = None,
    *,
    create: bool = False,
    base: str = "",
    by: str = "",
    commits: bool = False,
) -> tuple[Wired, ...]:
    """Wire the layers of one pass: they share journal and clock, and each map and repository among them.

    `policies` stand in for those of the settings. `create`: a layer that its map does not have is made by
    the first push. `base` names the commit that was published last, if the state was lost. `by` is who
    lets policies stand in. `commits`: what is fetched is committed, not only looked at. Raise as wire does.
    """
    clock, state = WallClock(), journal(layers[0])
    maps = _one_each(layers, _map_of, lambda first: live_map(first, clock, shared=len(layers) > 1))
    repositories = _one_each(layers, repository_of, _repository)
    recipes = [recipe(each) for each in layers]
    feeds = feeds_of(layers, recipes, repositories, state, clock, commits=commits)
    newest = {name: Newest(each) if len(layers) > 1 else None for name, each in repositories.items()}
    newest |= {name: Newest(feed) for name, feed in feeds.items()}
    names = names_of_layers(layers, state.reader)
    jobs = [
        _job(name, each, policy, base, by)
        for name, each, policy in zip(
            names, layers, policies or [each.policy for each in layers], strict=True
        )
    ]
    datasets = _datasets(layers, jobs, repositories, newest, feeds, partial(_published, state, clock))
    live = [
        _layer(each, maps[_map_of(each)], job, state, create=create)
        for each, job in zip(layers, jobs, strict=True)
    ]
    site = tuple((job.layer, each) for job, each in zip(jobs, layers, strict=True))
    return tuple(
        Wired(
            settings,
            Work(
                replace(job, neighbours=beside),
                part,
                layer,
                site=maps[_map_of(settings)].address.origin,
                repository=name_of_repository(settings),
                source=feeds.get(name_of_feed(settings) or ()),
            ),
            maps[_map_of(settings)],
            repositories[repository_of(settings)],
            state,
            clock,
            site,
            feeds.get(name_of_feed(settings) or ()),
        )
        for settings, job, part, layer, beside in zip(
            layers, jobs, _parts(layers, jobs, datasets, state), live, _beside(layers, live), strict=True
        )
    )


def wire_watched(settings: Settings, *, look: bool) -> tuple[Wired, ...]:
    """Wire the layers of a map that is watched: those that the state knows, and, with one `look` at the map,
    those that stand there.

    Raise as wire does; and, if the map can't be seen and nothing of it is known, RefusedError,
    UnreachableError.
    """
    clock, state = WallClock(), journal(settings)
    of, place = live_map(settings, clock, shared=True), watched_place(settings)
    known = {name.removeprefix(place): seen for name, seen in state.reader.seen_on(place).items()}
    names = {layer_id: seen.name for layer_id, seen in known.items() if not (look and seen.gone)}
    first, listed = not known, frozenset(names)
    if look:
        try:
            page = of.glance()
        except BotError:
            if first:
                raise  # else each layer's run writes down why
        else:
            listed = frozenset(entry.layer_id for entry in page.layers)
            names.update((entry.layer_id, entry.name) for entry in page.layers)
    keep = _kept_versions(settings)
    repository = _repository(settings)
    each = {name: settings.model_copy(update={"umap_layer": name}) for name in {*names.values()}}
    site = tuple((f"{place}{layer_id}", each[name]) for layer_id, name in names.items())
    return tuple(
        Wired(
            each[name],
            Work(
                Job(layer=f"{place}{layer_id}", policy=settings.policy, limits=settings.limits),
                GitDataset(repository, recipe(settings)),
                UmapLayer(of, layer_id),
                site=of.address.origin,
                repository=place,
                watch=Watch(
                    layer_id=layer_id,
                    on_map=layer_id in listed,
                    first=first,
                    map_name=of.latest.name if of.latest else "",
                    map_url=of.address.url,
                    keep=keep,
                ),
            ),
            of,
            repository,
            state,
            clock,
            site,
        )
        for layer_id, name in names.items()
    )


def of_map(settings: Settings, map_url: str) -> Settings:
    """Return the settings for another map: no sign-in of one site goes to another, no edit link to another
    map.

    Raise SettingsError for what is no address of a map.
    """
    asked, own = read_address(map_url), read_address(settings.umap_map_url)
    changed: dict[str, object] = {"umap_map_url": map_url, "umap_layer": ""}
    if asked.origin != own.origin:
        changed |= {"umap_username": "", "umap_password": None, "umap_session_cookie": None}
    if (asked.origin, asked.base, asked.map_id) != (own.origin, own.base, own.map_id):
        changed["umap_edit_link"] = None
    return settings.model_copy(update=changed)


def origin_of(settings: Settings) -> str:
    """Return the site of a map: scheme and host. Raise SettingsError for what is no address."""
    return read_address(settings.umap_map_url).origin


def watched_place(settings: Settings) -> str:
    """Return the name by which the state knows a map that is watched: not that of one that is kept, so that a
    layer can be both."""
    return f"watch:{place_of(settings)}"


def _kept_versions(settings: Settings) -> Keep | None:
    """Return what commits each version to WATCH_REPO; None if none is named. Raise SettingsError."""
    if not settings.watch_repo:
        return None
    from umap_bot.dataset.git.versions import Versions  # noqa: PLC0415  only who has such a repository waits
    from umap_bot.report.formats.version import version_file, version_message  # noqa: PLC0415

    versions = Versions(
        settings.watch_repo,
        cache_folder() / "watched",
        token=settings.dataset_token.get_secret_value() if settings.dataset_token else "",
        ssh_key=settings.dataset_ssh_key,
        plain=settings.secrets_over_http,
    )
    folder = f"map-{read_address(settings.umap_map_url).map_id}"
    tongue = language(settings.report_language or "en")

    def keep(run: Run, live: Live | None, rows: Base) -> None:
        told = without_columns(run, settings.hidden_columns)
        saves = run.plan.context.news_of_map.saves if run.plan else ()
        versions.keep(
            folder,
            run.plan.context.layer_name if run.plan else "",
            rows.layer_id[:8],
            version_file(live, rows) if live else None,
            version_message(told, tongue),
            saves[-1] if saves else run.started,
        )

    return keep


def _one_each(
    layers: Sequence[Settings], name: Callable[[Settings], tuple[str, ...]], make: Callable[[Settings], T]
) -> dict[tuple[str, ...], T]:
    """Make what layers share once for each name, by the first layer that has it."""
    firsts: dict[tuple[str, ...], Settings] = {}
    for each in layers:
        firsts.setdefault(name(each), each)
    return {named: make(first) for named, first in firsts.items()}


def _layer(settings: Settings, of: UmapMap, job: Job, state: SqlJournal, *, create: bool) -> Backed:
    layer = UmapLayer(of, settings.umap_layer or None, create=create)
    return Backed(layer, lambda: state.reader.backed().get(job.layer))


def _map_of(settings: Settings) -> tuple[str, ...]:
    """Name a map with its way in."""
    ways = (settings.umap_edit_link, settings.umap_password, settings.umap_session_cookie)
    secrets = (secret.get_secret_value() if secret else "" for secret in ways)
    return read_address(settings.umap_map_url).url, settings.umap_username, *secrets


def file_of(settings: Settings) -> tuple[str, ...]:
    """Name a file with the repository that it is in: layers of one file are wired together (portions)."""
    return *repository_of(settings), settings.dataset_url, settings.dataset_path


def _datasets(
    layers: Sequence[Settings],
    jobs: Sequence[Job],
    repositories: Mapping[tuple[str, ...], Repository],
    newest: Mapping[tuple[str, ...], Newest | None],
    feeds: Mapping[tuple[str, ...], Feed],
    published: Callable[[str], Published],
) -> list[GitDataset]:
    """Return each layer's file; layers that read one in the same way have one between them."""
    found: dict[tuple[bytes, ...], GitDataset] = {}
    datasets = []
    for each, job in zip(layers, jobs, strict=True):
        repository, how = repositories[repository_of(each)], recipe(each)
        name = name_of_feed(each) or repository_of(each)
        mark = (*(part.encode() for part in name), msgspec.json.encode(how))
        called = feeds[name].file if name in feeds else str
        made = GitDataset(repository, how, newest[name], partial(published, job.layer), called)
        datasets.append(found.setdefault(mark, made))
    return datasets


def published_ids(settings: Settings) -> Published:
    """Return what the state knows of the ids of the layer of these settings; nothing if it can't tell."""
    with suppress(BotError):
        state = journal(settings)
        (name,) = names_of_layers([settings], state.reader)
        return _published(state, WallClock(), name)
    return Published()


def proposal_branch(wired: Wired, plan: Plan) -> str:
    """Return the branch on which the edits of a layer are proposed: no other layer of its repository has
    it."""
    from umap_bot.proposing import branch_of  # noqa: PLC0415  slow to import: only who proposes waits

    own, map_id = wired.settings, wired.map.address.map_id
    shared = [each for name, each in wired.site if name != wired.work.job.layer]
    others = [each.umap_layer for each in shared if each.dataset_repo == own.dataset_repo]
    return branch_of(plan.context.layer_name, map_id, others)


def corrections_branch(wired: Wired) -> str:
    """Return the branch of the corrections that were sent for a layer."""
    from umap_bot.proposing import branch_of  # noqa: PLC0415  as above

    own, map_id = wired.settings, wired.map.address.map_id
    return branch_of(own.umap_layer, map_id, kind="corrections")


def _published(state: SqlJournal, clock: WallClock, layer: str) -> Published:
    """Return what the state knows of the ids of a layer; nothing if it can't tell: a run will."""
    with suppress(BotError, msgspec.DecodeError):
        base = state.load(layer, clock, changes=False).base
        if base:
            return Published(base.marks(), state.reader.keys(layer), base.key, frozenset(base.columns))
    return Published()


def _parts(
    layers: Sequence[Settings], jobs: Sequence[Job], datasets: Sequence[GitDataset], state: SqlJournal
) -> Iterator[Dataset]:
    """Return each layer's dataset; of a file that feeds several of them, its part of it."""
    files = [file_of(each) for each in layers]
    fed: dict[tuple[str, ...], dict[str, GitDataset]] = {}
    for file, job, dataset in zip(files, jobs, datasets, strict=True):
        fed.setdefault(file, {})[job.layer] = dataset
    for file, job, dataset in zip(files, jobs, datasets, strict=True):
        others = {layer: other for layer, other in fed[file].items() if layer != job.layer}
        yield Portion(dataset, job.layer, others, state.reader.published) if others else dataset


def _beside(layers: Sequence[Settings], live: Sequence[LiveLayer]) -> Iterator[Beside | None]:
    """Return for each layer the others that its file feeds, None if there are none."""
    fed = [(file_of(each), each.umap_layer, layer) for each, layer in zip(layers, live, strict=True)]
    for mine, _, own in fed:
        others = [(name, layer) for file, name, layer in fed if file == mine and layer is not own]
        yield Beside(others) if others else None


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


def audience(
    wired: Sequence[Wired],
    tongue: Language,
    command: str = USUAL.sync,
    login: str = LOGIN,
    commands: Mapping[str, Commands] | None = None,
    tell: Callable[[Text], None] | None = None,
) -> Audience:
    """Return who hears of a pass over these layers; `command` is what people type to sync them, `login` what
    to log in again, `commands` what they type about each, by its name in the state. `tell` is handed what was
    proposed after the pass; without it that is logged.

    Raise SettingsError for an address in NOTIFY_URLS or NOTIFY_PING_URL that can't be used.
    """
    settings, sessions = wired[0].settings, sessions_of(wired)
    hearers: list[Audience] = [sessions]
    if proposing := [each for each in wired if each.settings.sync_drift == "propose"]:
        hearers.append(_proposer(proposing, tongue, tell))
    if settings.report_site_dir:
        from umap_bot.publishing import Publisher  # noqa: PLC0415  slow to import: only who has pages waits

        hearers.append(Publisher(wired[0].journal.reader, wired[0].site, tongue, sessions=sessions.near))
    if settings.notify_urls or settings.notify_ping_url:
        hearers.append(
            _announcer(wired, tongue, command, login, commands, sessions)
        )  # messages link to pages
    return Hearers(*hearers)


def _proposer(wired: Sequence[Wired], tongue: Language, tell: Callable[[Text], None] | None) -> Audience:
    from umap_bot.proposing import Proposer, Target  # noqa: PLC0415  slow to import: only who proposes waits

    targets = [
        Target(
            each.work,
            each.repository,
            recipe(each.settings),
            each.settings.hidden_columns,
            partial(proposal_branch, each),
            partial(_ids_taken, each),
        )
        for each in wired
    ]
    return Proposer(
        targets, wired[0].journal, wired[0].clock, tongue, tell or (lambda text: _log_text(tongue, text))
    )


def _ids_taken(wired: Wired) -> tuple[str, ...]:
    before = published_ids(wired.settings)
    return (*before.marks, *before.used)


def _log_text(tongue: Language, text: Text) -> None:
    log.warning("%s", redact(tongue.say(text)))


def _announcer(
    wired: Sequence[Wired],
    tongue: Language,
    command: str,
    login: str,
    commands: Mapping[str, Commands] | None,
    sessions: Sessions,
) -> Announcer:
    from umap_bot.notify.announcer import Announcer  # noqa: PLC0415  slow to import, as the pages are

    first, columns = wired[0], {each.work.job.layer: each.settings.hidden_columns for each in wired}
    of_all = reduce(or_, columns.values())
    urls, ping_url = first.settings.notify_urls, first.settings.notify_ping_url
    return Announcer(
        first.journal,
        first.clock.now,
        tongue,
        urls=urls.get_secret_value() if urls else "",
        ping_url=ping_url.get_secret_value() if ping_url else "",
        plain=first.settings.secrets_over_http,
        heartbeat=first.settings.notify_heartbeat,
        site=first.settings.report_site_url,
        desk=first.settings.desk_url,
        command=command,
        commands=commands,
        login=login,
        sessions=sessions.near,
        hide=lambda layer, end: without_columns(end, columns.get(layer, of_all)),
    )


def sessions_of(wired: Sequence[Wired]) -> Sessions:
    """Return the browsers' sessions that layers are reached with; one cookie of one site is one session."""
    places: dict[tuple[str, str], str] = {}
    cookies: dict[str, Cookie] = {}
    for each in wired:
        if each.settings.umap_session_cookie is None:
            continue
        value = each.settings.umap_session_cookie.get_secret_value()
        place = places.setdefault((each.map.address.origin, value), place_of(each.settings))
        cookies[each.work.job.layer] = Cookie(
            place, value, each.settings.umap_session_until, partial(each.map.wire.expiry, COOKIE, value)
        )
    return Sessions(wired[0].journal, wired[0].clock.now, cookies)


def journal(settings: Settings) -> SqlJournal:
    """Return the state and change log: STATE_URL, by default a file in the user's state folder."""
    url = settings.state_url.get_secret_value() if settings.state_url else default_url()
    return SqlJournal(url, settings.state_keep_runs, settings.state_keep_size)


def live_map(settings: Settings, clock: WallClock, *, shared: bool = False) -> UmapMap:
    """Return the map with its way in; nothing is sent yet. Raise SettingsError for what can't be used."""
    link = settings.umap_edit_link.get_secret_value() if settings.umap_edit_link else None
    return open_map(
        settings.umap_map_url,
        edit_link=link,
        way_in=_way_in(settings),
        agent=AGENT,
        pause=clock.pause,
        now=clock.now,
        shared=shared,
        plain=settings.secrets_over_http,
    )


def _way_in(settings: Settings) -> WayIn | None:
    """Return the way in that is the same for every map of a site."""
    if settings.umap_password:
        return Account(settings.umap_username, settings.umap_password.get_secret_value())
    if settings.umap_session_cookie:
        return SessionCookie(settings.umap_session_cookie.get_secret_value())
    return None


def dataset(settings: Settings) -> GitDataset:
    """Return the file alone, without a map: in its repository, or as its source holds it now."""
    repository, how, before = _repository(settings), recipe(settings), partial(published_ids, settings)
    feeds = feeds_of([settings], [how], {repository_of(settings): repository}, journal(settings), WallClock())
    for feed in feeds.values():
        return GitDataset(repository, how, Newest(feed), before, feed.file)
    return GitDataset(repository, how, published=before)


def recipe(settings: Settings) -> Recipe:
    """Return how the file is to be read."""
    return Recipe(
        path=settings.dataset_path,
        key=settings.dataset_key,
        rename=settings.dataset_rename,
        columns=settings.dataset_columns,
        leave_out=settings.dataset_leave_out,
        unshown=settings.report_hide,
        seed=settings.dataset_seed,
        encoding=settings.dataset_encoding,
        delimiter=settings.dataset_delimiter,
        sheet=settings.dataset_sheet,
        latitude=settings.dataset_latitude,
        longitude=settings.dataset_longitude,
        geometry=settings.dataset_geometry,
        keep_coordinates=settings.dataset_keep_coordinates,
        filter=settings.dataset_filter,
        bad_rows=settings.dataset_bad_rows,
    )


def _repository(settings: Settings) -> Repository:
    place, _, token, _ = repository_of(settings)
    name = sha256(place.encode()).hexdigest()[:16]
    return Repository(
        place,
        cache_folder() / "git" / name,
        ref=settings.dataset_ref,
        token=token,
        ssh_key=settings.dataset_ssh_key,
        plain=settings.secrets_over_http,
    )


def cache_folder() -> Path:
    """Return the folder for what can be fetched again."""
    return user_cache_path("umap-bot")


def names_of_layers(layers: Sequence[Settings], reader: Reader) -> list[str]:
    """Return the name by which the state knows each layer: the one under which it was synced first.

    A layer that is named later, or by its id, keeps its state and log: the state knows its name and id on the
    map. A state that can't be read knows nothing: whoever needs it says so. Raise SettingsError for what is
    no address.
    """
    names = [name_of_layer(each) for each in layers]
    with suppress(StateError):
        return _known_names(names, layers, reader)
    return names


def _known_names(own: Sequence[str], layers: Sequence[Settings], reader: Reader) -> list[str]:
    names = list(own)
    known, taken = reader.known(names), {*names}
    for number, each in enumerate(layers):
        if each.umap_layer and names[number] not in known:
            names[number] = _first_name(each, reader, taken) or names[number]
            taken.add(names[number])
    return names


def _first_name(settings: Settings, reader: Reader, taken: Set[str]) -> str:
    """Return the name under which a layer of this name or id was synced first; "" if there is no such one."""
    seen = reader.seen_on(place_of(settings))
    found = [
        name
        for name, one in seen.items()
        if name not in taken and settings.umap_layer in (one.name, one.layer_id)
    ]
    return found[0] if len(found) == 1 else ""


def name_of_layer(settings: Settings) -> str:
    """Return the name by which the state knows a layer that it meets with these settings for the first time.

    Raise SettingsError for what is no address.
    """
    return f"{place_of(settings)}{settings.umap_layer}"


def place_of(settings: Settings) -> str:
    """Return the name by which the state knows a map, with what is between it and its layers' names."""
    address = read_address(settings.umap_map_url)
    return f"{address.origin.partition('://')[2]}{address.base}/map/{address.map_id}/"


def _job(name: str, settings: Settings, policy: Policy, base: str, by: str) -> Job:
    shape = msgspec.json.encode([VERSION, recipe(settings)]).decode()
    return Job(
        layer=name,
        policy=policy,
        limits=settings.limits,
        shape=(shape,),
        named=base,
        by=by,
        usual=settings.policy if policy != settings.policy else None,
        alone=settings.alone,
    )
