"""The pages in one language: an index of the runs, and a page for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from umap_bot.model.run import Run
from umap_bot.report.desk_links import page_of
from umap_bot.report.language import CODES, Code, Language
from umap_bot.report.log import again, reason, summary
from umap_bot.report.settling import settled, settlers
from umap_bot.report.site import captions
from umap_bot.report.site.assets import FOLDER
from umap_bot.report.site.markup import HtmlWriter, address
from umap_bot.report.site.picture import HEIGHT, WIDTH
from umap_bot.report.site.rows import PageStory, page_story
from umap_bot.report.site.site import LoggedRun, Site
from umap_bot.report.status import late_after
from umap_bot.report.story.acts import USUAL
from umap_bot.report.story.sentences import run_story
from umap_bot.text import Text, joined

if TYPE_CHECKING:
    from jinja2 import Environment

GENERATOR: Final = "umap-bot"
"""How a page is known as one of ours."""

FIRST: Final = 20
"""How many lines of a section of the newest run the index shows."""

NAMES: Final[dict[Code, str]] = {"en": "English", "fr": "Français"}


class RunLine(msgspec.Struct, frozen=True):
    """A run in the index. `place` is its layer's among the site's, None if it is not there any more;
    `settled`: what it asked, nobody is asked any more."""

    run: Run
    settled: bool
    when: Markup
    layer: Markup
    place: int | None
    what: Markup
    again: Markup


class Pages:
    """Makes the pages. `main` is the language at the top of the folder, `assets` the files' names there."""

    def __init__(
        self, site: Site, tongue: Language, main: Code, assets: Mapping[str, str], *, feed: bool
    ) -> None:
        self._site = site
        self._tongue = tongue
        self._writer = HtmlWriter(tongue)
        self._main = main
        self._code = tongue.code
        self._environment = _environment()
        self._environment.globals |= self._common(assets, feed=feed)
        self._settlers = settlers(site.runs)
        self._places = {layer.name: place for place, layer in enumerate(site.layers)}

    def index(self, newest: LoggedRun | None, shared: str = "") -> str:
        """Return the first page. `newest` is the run that is told at its top, `shared` the name of the
        picture of it ("": there is none)."""
        site = self._site
        told = page_story(*self._story(newest), most=FIRST) if newest else None
        template = self._environment.get_template("index.html")
        return template.render(
            **self._of_page("index.html", captions.change_log(site), told, newest),
            run=newest.run if newest else None,
            newest_title="newest_change" if newest and changed(newest.run) else "newest_run",
            settled=newest is not None and newest.run.number in self._settlers,
            reasons=self._reasons(),
            zone=self._zone(layer.checked for layer in site.layers),
            digests=site.digests,
            alarming=[layer for layer in site.layers if layer.status != "ok"],
            well=[layer for layer in site.layers if layer.status == "ok"],
            lines=[self._line(run) for run in site.runs],
            numbers={run.number for run in site.runs},
            outcome_choices=sorted({run.outcome for run in site.runs}),
            map_url=self._only_map(),
            picture=self._address(f"{FOLDER}/{shared}") if shared else "",
        )

    def run(self, told: LoggedRun, newer: int | None, older: int | None, stamp: str) -> str:
        """Return the page of a run. `newer` and `older` are the numbers of the runs beside it."""
        run, settler = told.run, self._settlers.get(told.run.number)
        title = joined((captions.number(run.number), captions.change_log(self._site)), " · ")
        template = self._environment.get_template("run.html")
        return template.render(
            **self._of_page(f"run-{run.number}.html", title, page_story(*self._story(told)), told),
            run=run,
            newer=newer,
            older=older,
            repeated=self._writer.text(again(run)),
            version_url=self._version(run),
            settled=settler is not None,
            settled_by=settler.number if settler else None,
            settled_how=self._writer.text(settled(settler)) if settler else "",
            zone=self._zone([run.started]),
            map_url=address(run.plan.context.map_url) if run.plan else self._only_map(),
            stamp=stamp,
        )

    def _story(self, told: LoggedRun) -> tuple[Any, HtmlWriter, str]:
        map_url = told.run.plan.context.map_url if told.run.plan else ""
        commands = self._site.commands.get(told.run.layer, USUAL)
        settler = self._settlers.get(told.run.number)
        return run_story(told.run, told.last, commands, settler), HtmlWriter(self._tongue), map_url

    def _common(self, assets: Mapping[str, str], *, feed: bool) -> dict[str, Any]:
        """Return what all pages are made with."""
        writer = self._writer
        return {
            "lang": self._code,
            "names": NAMES,
            "root": "" if self._code == self._main else "../",
            "assets": assets,
            "generator": GENERATOR,
            "feed": feed,
            "writer": writer,
            "site": self._site,
            "heading": writer.text(captions.change_log(self._site)),
            "c": SimpleNamespace(**_said(writer, captions.CAPTIONS)),
            "outcomes": _said(writer, captions.OUTCOMES),
            "settled_badge": writer.text(captions.SETTLED),
            "say_state": captions.state,
            "late_after": late_after,
            "desk_page": page_of,
            "checked": captions.checked,
            "due": captions.due,
            "success": captions.success,
            "quiet": captions.quiet,
            "code": captions.code,
            "asked": captions.asked,
            "say_number": captions.number,
            "say_well": captions.well,
            "say_older": captions.older,
            "ran": captions.ran,
            "all_lines": captions.all_lines,
            "address": address,
            "stamp": "",
            "digests": (),
            "picture": "",
            "picture_size": (WIDTH, HEIGHT),
        }

    def _of_page(
        self, file: str, title: Text, told: PageStory | None, logged: LoggedRun | None
    ) -> dict[str, Any]:
        others = [code for code in CODES if code != self._code]
        kinds = captions.PLANNED if logged and _only_asks(logged.run) else captions.KINDS
        scripted = {**captions.SCRIPTED, **{f"kind_{kind}": words for kind, words in kinds.items()}}
        return {
            "kinds": _said(self._writer, kinds),
            "page_title": self._writer.plain(title),
            "description": self._description(logged.run) if logged else "",
            "page_url": self._address(self._within(self._code, file)),
            "others": others,
            "elsewhere": {code: self._path(code, file) for code in others},
            "story": told,
            "map": bool(told and told.drawn),
            "data": {
                "words": {name: self._writer.plain(words) for name, words in scripted.items()},
                "drawn": told.drawn if told else (),
            },
        }

    def _path(self, code: Code, file: str) -> str:
        """Return the way from a page of this language to one of another."""
        up = "" if self._code == self._main else "../"
        return f"{up}{self._within(code, file)}"

    def _within(self, code: Code, file: str) -> str:
        """Return the place of a page in the folder."""
        return file if code == self._main else f"{code}/{file}"

    def _address(self, place: str) -> str:
        """Return the address of a file in the folder, "" if nobody said where that stands on the web."""
        return address(f"{self._site.url}/{place}") if self._site.url else ""

    def _description(self, run: Run) -> str:
        """Return a run in one line, for whoever sees only that of the page."""
        return self._writer.plain(
            joined((captions.ran(run.started), summary(run, self._settlers.get(run.number))), " · ")
        )

    def _line(self, run: Run) -> RunLine:
        writer, place, settler = self._writer, self._places.get(run.layer), self._settlers.get(run.number)
        return RunLine(
            run=run,
            when=writer.text(captions.ran(run.started)),
            layer=writer.text(self._site.layers[place].shown)
            if place is not None
            else writer.name(run.layer),
            place=place,
            settled=settler is not None,
            what=writer.text(summary(run, settler)),
            again=writer.text(joined((again(run), settled(settler) if settler else ""), " · ")),
        )

    def _reasons(self) -> dict[str, Markup]:
        """Return why each layer that needs somebody does, as far as its last run says so."""
        runs = {run.number: run for run in self._site.runs}
        last = (
            (layer.name, runs.get(layer.last or 0)) for layer in self._site.layers if layer.status != "ok"
        )
        return {name: self._writer.text(reason(run)) for name, run in last if run}

    def _zone(self, times: Iterable[datetime | None]) -> Markup:
        """Return the time zone of the first of these times that there is."""
        first = next(filter(None, times), None)
        return self._writer.text(captions.zone(first)) if first else Markup("")

    def _only_map(self) -> str:
        """Return the address of the map if all layers are on one."""
        urls = {layer.map_url for layer in self._site.layers}
        return address(urls.pop()) if len(urls) == 1 else ""

    def _version(self, run: Run) -> str:
        project = address(self._site.project_url.rstrip("/"))
        return address(f"{project}/commit/{run.commit.sha}") if project and run.commit.sha else ""


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  slow, only needed here

    return Environment(
        loader=PackageLoader("umap_bot.report.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )


def _said(writer: HtmlWriter, words: Mapping[Any, Text]) -> dict[Any, Markup]:
    return {name: writer.text(each) for name, each in words.items()}


def _only_asks(run: Run) -> bool:
    """Return whether a run shows what it would do."""
    return run.plan is not None and run.plan.verdict.held


def changed(run: Run) -> bool:
    """Return whether something stands on the map through a run."""
    return bool(run.applied or run.recovered)


def tells(run: Run) -> bool:
    """Return whether a run has something to say, so that the index shows it at its top."""
    return run.outcome != "nothing"
