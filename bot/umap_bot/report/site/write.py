"""Writing a site: what changed is written, what has gone is taken away, and the rest is left alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from umap_bot.model.run import Run
from umap_bot.redaction import redact_data
from umap_bot.report.language import CATALOGUES, CODES, Code, Language, language
from umap_bot.report.settling import settlers
from umap_bot.report.site.assets import FOLDER, OURS, assets, named
from umap_bot.report.site.folder import Folder
from umap_bot.report.site.pages import Pages, changed, tells
from umap_bot.report.site.picture import picture
from umap_bot.report.site.rows import figures
from umap_bot.report.site.site import FetchRun, LoggedRun, Site
from umap_bot.report.story.sentences import run_story
from umap_bot.text import enc_hook

DRAWN: Final = 500
"""How many lines of each section the picture of a change shows."""

PAGE: Final = re.compile(r"(index|run-\d+)\.html")


class Written(msgspec.Struct, frozen=True):
    """`pages` the site has now; `changed` files were written for it, `removed` ones taken away."""

    pages: int
    changed: int
    removed: int


def write_site(
    path: Path, site: Site, whole: FetchRun, tongue: Language, feeds: Mapping[Code, str] | None = None
) -> Written:
    """Write a site into a folder: in this language at its top, in each other one in a folder of its name.

    `whole` is asked only for runs whose page is missing or would differ. `feeds` are Atom feeds, by language.
    Raise SettingsError if the folder can't be written, or holds a page that is not ours.
    """
    folder, feeds = Folder(path), feeds or {}
    names, contents = assets()
    folder.claim(_names(site, tongue.code, feeds), (FOLDER, *CODES), site.digests)
    for name, content in contents.items():
        folder.write(f"{FOLDER}/{name}", content)
    newest = _newest(site, whole)
    shared = _shared(site, newest)
    contents |= shared
    for name, content in shared.items():
        folder.write(f"{FOLDER}/{name}", content)
    wanted: set[str] = set()
    for code in CODES:
        edition = _Edition(folder, site, tongue.code, code, names, has_feed=code in feeds)
        wanted |= edition.write(newest, whole, next(iter(shared), ""))
        if code in feeds:
            folder.write(edition.place("feed.atom"), feeds[code].encode("utf-8", "replace"))
    _tidy(folder, wanted, set(contents))
    return Written(len(wanted), folder.written, folder.removed)


def _names(site: Site, main: Code, feeds: Iterable[Code]) -> Iterator[str]:
    """Return the files that may be written, but for the assets: those have their content's digest as name."""
    pages = ["index.html", *(f"run-{run.number}.html" for run in site.runs)]
    for code in CODES:
        within = "" if code == main else f"{code}/"
        yield from (f"{within}{page}" for page in pages)
        yield from [f"{within}feed.atom"] if code in feeds else []


def _newest(site: Site, whole: FetchRun) -> LoggedRun | None:
    """Return the newest run that changed the map; as long as none did, the newest that tells anything."""
    first = itertools.chain(filter(changed, site.runs), filter(tells, site.runs))
    number = next((run.number for run in first), None)
    return whole(number) if number is not None else None


def _shared(site: Site, newest: LoggedRun | None) -> dict[str, bytes]:
    """Return the picture of the newest change by its name. Only with an address can it be found by others."""
    if not site.url or newest is None or not changed(newest.run):
        return {}
    content = picture(figures(run_story(newest.run, newest.last), DRAWN))
    return {named("change.png", content): content} if content else {}


class _Edition:
    """The pages in one language."""

    def __init__(
        self, folder: Folder, site: Site, main: Code, code: Code, names: Mapping[str, str], *, has_feed: bool
    ) -> None:
        self._folder = folder
        self._site = site
        self._settlers = settlers(site.runs)
        self._within = "" if code == main else f"{code}/"
        self._pages = Pages(site, language(code), main, names, feed=has_feed)
        maps = sorted({layer.map_url for layer in site.layers})
        own = [version("umap-bot"), _words_and_looks(), sorted(names.values()), main, code, has_feed]
        self._common = msgspec.json.encode(
            [*own, site.title, site.url, site.project_url, site.shape, maps], enc_hook=enc_hook
        )

    def place(self, file: str) -> str:
        return f"{self._within}{file}"

    def write(self, newest: LoggedRun | None, whole: FetchRun, shared: str) -> set[str]:
        """Write the pages; return the names of all that belong to it. `shared` is the picture's name."""
        runs = self._site.runs
        numbers = [None, *(run.number for run in runs), None]
        wanted = {self.place("index.html")}
        for run, newer, older in zip(runs, numbers, numbers[2:], strict=False):
            if self._run(run, newer, older, whole):
                wanted.add(self.place(f"run-{run.number}.html"))
        self._put("index.html", self._pages.index(newest, shared))
        return wanted

    def _run(self, run: Run, newer: int | None, older: int | None, whole: FetchRun) -> bool:
        """Write a run's page, if it is not there as it should be. Tell whether there is one."""
        file = f"run-{run.number}.html"
        stamp = self._stamp(run, newer, older)
        if self._folder.stamp(self.place(file)) == stamp:
            return True
        told = whole(run.number)
        if told:
            self._put(file, self._pages.run(told, newer, older, stamp))
        return told is not None

    def _stamp(self, run: Run, newer: int | None, older: int | None) -> str:
        """Return what names all that a run's page depends on."""
        settler = self._settlers.get(run.number)
        commands = self._site.commands.get(run.layer)
        beside = [newer, older, settler and [settler.number, settler.waits], commands]
        own = msgspec.json.encode([run, beside], enc_hook=enc_hook)
        return sha256(self._common + own).hexdigest()[:32]

    def _put(self, file: str, page: str) -> None:
        self._folder.write(self.place(file), redact_data(page).encode("utf-8", "replace"))


@cache
def _words_and_looks() -> str:
    """Return the digest of templates and catalogues: pages are made anew if they differ."""
    templates = sorted(
        files("umap_bot.report.site").joinpath("templates").iterdir(), key=lambda file: file.name
    )
    catalogues = sorted(CATALOGUES.rglob("*.mo"))
    return sha256(b"".join(file.read_bytes() for file in (*templates, *catalogues))).hexdigest()


def _tidy(folder: Folder, wanted: set[str], current: set[str]) -> None:
    """Take away pages of runs that are gone, of languages that moved, and old styles and scripts."""
    for place in ("", *CODES):
        pages = [name for name in folder.names(place) if PAGE.fullmatch(name.rpartition("/")[2])]
        gone = [name for name in pages if name not in wanted and folder.is_ours(name)]
        feed = [f"{place}/feed.atom"] if f"{place}/index.html" in gone else []
        feed = [name for name in feed if folder.is_ours(name)]
        for name in (*gone, *feed):
            folder.remove(name)
    for name in folder.names(FOLDER):
        own = name.removeprefix(f"{FOLDER}/")
        if OURS.fullmatch(own) and own not in current:
            folder.remove(name)
