"""The desk's pages, in the reader's language: looks and stories are those of the change log's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from types import SimpleNamespace
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from umap_bot.desk import captions
from umap_bot.desk.doors import Visitor
from umap_bot.redaction import redact_data
from umap_bot.report.language import CODES, Code, language
from umap_bot.report.site import captions as site_captions
from umap_bot.report.site.assets import assets, named
from umap_bot.report.site.markup import HtmlWriter, address
from umap_bot.report.site.pages import GENERATOR, NAMES
from umap_bot.report.site.rows import PageStory, page_story
from umap_bot.report.status import late_after
from umap_bot.report.story.story import Story
from umap_bot.text import Text

LANGUAGE: Final = "umap-bot-language"
"""The cookie that keeps the language a person chose."""

HIDDEN_PLACE: Final = "…"


_TAG: Final = re.compile(r"(<[^>]*>)")


class Pages:
    """Renders the pages. `places` are folders of this machine, which no page names."""

    def __init__(self, places: tuple[str, ...], usual: Code) -> None:
        named = "|".join(re.escape(escape(place)) for place in places)
        self._places = re.compile(rf"(?<![\w/.-])(?:{named})(?![\w-])") if named else None
        self._usual = usual

    def code(self, request: Request) -> Code:
        """Return the language that a person chose, else that of their browser, else the settings'."""
        chosen = request.cookies.get(LANGUAGE)
        accepted = request.headers.get("accept-language", "").lower().split(",")
        wanted = (chosen, *(part.partition(";")[0].strip()[:2] for part in accepted))
        return next((code for each in wanted for code in CODES if each == code), self._usual)

    def page(
        self,
        request: Request,
        visitor: Visitor | None,
        template: str,
        title: Text,
        *,
        status: int = 200,
        told: Story | None = None,
        map_url: str = "",
        **values: Any,
    ) -> HTMLResponse:
        """Return a page. `told` is the story on it, `values` what else its template shows."""
        code = self.code(request)
        writer = HtmlWriter(language(code))
        story = page_story(told, writer, map_url) if told else None
        html = (
            _environment()
            .get_template(template)
            .render(
                **_words(code),
                **self._of_request(request, visitor, code),
                **_of_story(writer, story),
                writer=writer,
                page_title=writer.plain(title),
                map_url=address(map_url),
                story=story,
                title=title,
                **{"refresh": 0, **values},
            )
        )
        return HTMLResponse(self._cleaned(html), status)

    def _of_request(self, request: Request, visitor: Visitor | None, code: Code) -> dict[str, Any]:
        return {
            "visitor": visitor,
            "here": request.url.path if request.method == "GET" else "/",
            "lang": code,
            "languages": [each for each in CODES if each != code],
        }

    def _cleaned(self, html: str) -> str:
        parts = _TAG.split(redact_data(html))  # what people read, a tag, what people read, …
        return "".join(part if number % 2 else self._hidden(part) for number, part in enumerate(parts))

    def _hidden(self, words: str) -> str:
        return self._places.sub(HIDDEN_PLACE, words) if self._places else words


def _of_story(writer: HtmlWriter, story: PageStory | None) -> dict[str, Any]:
    kinds = site_captions.KINDS
    scripted = {**site_captions.SCRIPTED, **{f"kind_{kind}": words for kind, words in kinds.items()}}
    return {
        "kinds": _said(writer, kinds),
        "map": bool(story and story.drawn),
        "data": {
            "words": {name: writer.plain(words) for name, words in scripted.items()},
            "drawn": story.drawn if story else (),
        },
    }


@cache
def _words(code: Code) -> dict[str, Any]:
    """Return the words that all pages of a language have."""
    writer = HtmlWriter(language(code))
    return {
        "c": SimpleNamespace(**_said(writer, {**site_captions.CAPTIONS, **captions.CAPTIONS})),
        "outcomes": _said(writer, site_captions.OUTCOMES),
        "settled_badge": writer.text(site_captions.SETTLED),
        "heading": writer.text(captions.CAPTIONS["desk"]),
        "roles": _said(writer, captions.ROLES),
        "role_names": _said(writer, captions.ROLE_NAMES),
    }


def _said(writer: HtmlWriter, words: Mapping[Any, Text]) -> dict[Any, Markup]:
    return {name: writer.text(each) for name, each in words.items()}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("umap_bot.desk"), PackageLoader("umap_bot.report.site")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "names": NAMES,
        "root": "/",
        "assets": asset_names(),
        "generator": GENERATOR,
        "feed": False,
        "others": (),
        "elsewhere": {},
        "description": "",
        "page_url": "",
        "picture": "",
        "digests": (),
        "stamp": "",
        "zone": "",
        "address": address,
        "say": captions,
        "site_say": site_captions,
        "late_after": late_after,
        "all_lines": site_captions.all_lines,
    }
    return environment


@cache
def _assets() -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the files beside the pages: those of the change log's, and the desk's own style."""
    names, contents = assets()
    style = files("umap_bot.desk").joinpath("assets", "desk.css").read_bytes()
    name = named("desk.css", style)
    return {**names, "desk.css": name}, {**contents, name: style}


def asset_names() -> dict[str, str]:
    return _assets()[0]


def asset(name: str) -> bytes | None:
    """Return what a file beside the pages holds; None if there is none of this name."""
    return _assets()[1].get(name)
