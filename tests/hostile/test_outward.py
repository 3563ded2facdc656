"""What we write outward: hostile texts in each place of a plan, in every output, read as its readers read it.

Each output has a rule, which names what is live in it. The last tests show that the rules see: nearly every
text breaks one where it stands as it is.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.browser import made
from tests.report.told import NOON, done, failed, held, plan, run
from umap_bot.cli.files import pairs
from umap_bot.model.pairing import Doubt, Drawn, Match, Pairing, Row
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.notify.message import Letter, Message, Place, letter
from umap_bot.notify.wording import in_short
from umap_bot.report.formats import changes_geojson, feed, markdown, record, terminal
from umap_bot.report.history import history_story
from umap_bot.report.language import CODES, Code, language
from umap_bot.report.log import log_lines, summary
from umap_bot.report.story.sentences import plan_story, run_story
from umap_bot.text import say, verbatim

VALUES: Final = (
    *("/merge", " /approve", "/label ~bug", "/assign @me", "\u00a0/close", "x\n/merge\ny", "\r\n/merge"),
    *("!1", "a!1", "group/project!12", "&1", "%1", '%"v 1"', "%v1", "~bug", '~"a b"', "~1", "#1", "$1"),
    *("GH-1", "a/b#1", "*iteration:1", "[vulnerability:1]", "^alert#1", "0123456789abcdef0123", ":+1:"),
    *("@everyone", "@here", "@channel", "@org/team", "@**all**", "@_**Ann|1**", "a@b.example"),
    *("<@1>", "<@&1>", "<#1>", "<!here>", "<!subteam^S1>", "<users/all>", "<https://e.example|x>"),
    *("::set-output name=a::b", "::error::x", "  ::add-mask::x", "x\n::stop-commands::t", "##[error]x"),
    *("a ##[add-path]/x", "##vso[task.setvariable variable=a]b", "##teamcity[x]"),
    *("[click](https://e.example)", "![i](https://e.example/i.png)", "[a][b]", "[x]: https://e.example"),
    *("<https://e.example>", "https://e.example/i.png", "www.e.example", "javascript:alert(1)"),
    *(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title><b>",
        "<!-- x",
        "]]>",
        "&lt;b&gt;",
    ),
    *(
        "*a* **b** _c_ ~~d~~ ||e||",
        "`a` ``b`` ```c",
        "# h",
        "> q",
        "- i",
        "1. i",
        "+ x",
        "===",
        "a | b\\| \\",
    ),
    *(
        "\x1b[2J",
        "\x1b]0;x\x07",
        "\x9b2J",
        "\x85",
        "\x7f",
        "\x00",
        "\u202egpj.exe",
        "\u2066x\u2069",
        "\u200b",
    ),
    *("a\u200db", "\u2028x", "\u2029x", "\ufeffx", "\U000e0041", "\ufdd0a\ufdd1\ufdd2", "\ufffe"),
    *('=HYPERLINK("https://e.example")', "+33 4 72", "-5", "@SUM(1)", "\t=1", "'=1", "\uff1d1"),
    *("{count} {0} {", "%s %(x)s", "x" * 5_000, "[-a-][+b+]", "⏎", "› · →"),
)
PLACES: Final = ("name", "value", "column")
"""Map, layer, feature, author and message of the commit; the cells of every change and edit; a column."""

UNSEEN: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
RUNNER: Final = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
QUICK_ACTION: Final = re.compile(r"^\s*/\w", re.MULTILINE)
FORGE: Final = re.compile(
    r"@[\w-]|#\d|\bGH-\d|\$\S+.*\$|\b(https?|ftp)://\S|\bwww\.\S|:[\w+-]+:|\b[0-9a-f]{7,40}\b"
    r"|[!&]\d|[%~][\w\"]|\*iteration:|\[\w+:",
    re.IGNORECASE,
)
CHAT: Final = re.compile(
    r"@(?=[\w*])|<[@!#:/\w]|\](?=[(\[])|://(?!u\.example|log\.example)|\bwww\.|\|\||\*\*|~~|``"
)
FORMULA: Final = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
OUR_TAGS: Final = {"<span>", "</span>", "<del>", "</del>", "<ins>", "</ins>"}
GFM: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ADDRESS: Final = "https://u.example/m_1"

Rule = Callable[[str], Iterator[str]]


def seen(text: str) -> Iterator[str]:
    """Who reads it sees all that is in it, in its order."""
    yield from (
        f"U+{ord(letter):04x}" for letter in text if letter != "\n" and unicodedata.category(letter) in UNSEEN
    )


def plain(text: str) -> Iterator[str]:
    """A terminal, and a CI runner that keeps what it shows."""
    yield from seen(text)
    yield from RUNNER.findall(text)


def forge(text: str) -> Iterator[str]:
    """GitHub and GitLab: commands in the source, all else in what CommonMark makes of it."""
    yield from plain(text)
    yield from QUICK_ACTION.findall(text)
    nodes = [""]
    for token in (child for outer in GFM.parse(text) for child in (outer, *(outer.children or ()))):
        if token.type in {"text", "text_special"}:
            nodes[-1] += token.content
        elif token.type != "inline":
            nodes.append("")
        if token.type in {
            "image",
            "html_block",
            "blockquote_open",
            "table_open",
            "fence",
            "hr",
            "code_block",
        }:
            yield token.type
        if token.type == "html_inline" and token.content not in OUR_TAGS:
            yield token.content
        if token.type == "link_open" and token.attrs["href"] != ADDRESS:
            yield f"a link to {token.attrs['href']}"
    yield from (node for node in nodes if FORGE.search(node) and node != ADDRESS)


def chat(text: str) -> Iterator[str]:
    yield from seen(text)
    yield from CHAT.findall(text)


def as_json(text: str) -> Iterator[str]:
    yield from plain(text)
    json.loads(text)


class Page(HTMLParser):
    """What a browser makes of a page: tags, and the words in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self._tag = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        self.bad += [f"{name}=" for name, _ in attrs if name.startswith("on")]
        self.bad += [tag] if tag in {"img", "iframe", "object", "embed", "base"} else []
        for name, value in attrs:
            if name in {"href", "src"} and re.match(r"\s*javascript:|.*e\.example", value or "", re.DOTALL):
                self.bad.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self._tag == "script" and data.strip() and not data.lstrip().startswith("{"):
            self.bad.append("a script")
        self.bad += [
            f"U+{ord(one):04x}" for one in data if one != "\n" and unicodedata.category(one) in UNSEEN
        ]


def page(text: str) -> Iterator[str]:
    yield from Page(text).bad


def atom(text: str) -> Iterator[str]:
    for element in ET.fromstring(text).iter():  # noqa: S314  our own
        yield from seen((element.text or "") + (element.tail or ""))
        if element.tag.endswith("content"):
            yield from (
                tag for tag in re.findall(r"<(\w+)", element.text or "") if tag not in {"p", "ul", "li"}
            )


def table(text: str) -> Iterator[str]:
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    yield from (cell for cell in cells if cell and cell[0] in FORMULA)


def told(text: str, place: str) -> tuple[Plan, list[Run]]:
    """A plan with the text in that place, and runs that did, held and failed with it."""
    if place == "column":
        made_of = plan(column=text or "q")
    else:
        made_of = plan(name=text) if place == "name" else plan(value=text)
    numbered = [done(made_of), held(made_of), failed(value=text), run(None, "nothing")]
    return made_of, [replace(each, number=number) for number, each in enumerate(numbered, 1)]


def stories(text: str, place: str) -> list[Any]:
    made_of, runs = told(text, place)
    return [plan_story(made_of, NOON), *(run_story(each, NOON) for each in runs), history_story("k", runs)]


def in_terminal(text: str, place: str, code: Code, folder: Path) -> list[str]:
    tongue = language(code)
    lines = "\n".join(terminal.one_line(tongue.say(line)) for line in log_lines(told(text, place)[1]))
    shown = [
        terminal.render(story, tongue, full=full) for story in stories(text, place) for full in (True, False)
    ]
    return [terminal.inert(each) for each in (*shown, lines)]


def in_markdown(text: str, place: str, code: Code, folder: Path) -> list[str]:
    return [markdown.render(story, language(code)) for story in stories(text, place)]


def in_json(text: str, place: str, code: Code, folder: Path) -> list[str]:
    made_of, runs = told(text, place)
    return [record.runs(runs, language(code)), record.results([(text, made_of)], language(code))]


def in_geojson(text: str, place: str, code: Code, folder: Path) -> list[str]:
    made_of, runs = told(text, place)
    return [changes_geojson.render(each, language(code)) for each in (made_of, runs[0])]


def in_feed(text: str, place: str, code: Code, folder: Path) -> list[str]:
    return [feed.feed(told(text, place)[1], tongue=language(code), title=text, layer=text or "layer")]


def letters(text: str, place: str, code: Code, *, of_chat: bool) -> list[Letter]:
    made_of, runs = told(text, place)
    layer = Place(f"u.example/map/1/{text}", "https://log.example/map", alone=False)
    lines = tuple(line for each in runs for line in (summary(each), in_short(each)))
    cells = tuple(
        say("{label} {before} → {after}", label=verbatim(text), before=text, after=verbatim(text))
        for _ in "x"
    )
    end = (say("See it: {address}", address=made_of.context.map_url), layer.more(42))
    message = Message(layer.subject(summary(runs[0])), (*lines, *cells), end)
    return [letter(message, language(code), chat=of_chat)]


def in_messages(text: str, place: str, code: Code, folder: Path) -> list[str]:
    return [f"{each.subject}\n{each.body}" for each in letters(text, place, code, of_chat=False)]


def in_chats(text: str, place: str, code: Code, folder: Path) -> list[str]:
    return [f"{each.subject}\n{each.body}" for each in letters(text, place, code, of_chat=True)]


def in_pairs(text: str, place: str, code: Code, folder: Path) -> list[str]:
    drawn = Drawn(name=text, reference=text, position="45.7,4.8", metres=3.0)
    match = Match(key=text, name=text, line=2, place=0, feature=drawn, how="name")
    doubt = Doubt(key=text, name=text, line=3, why=verbatim(text), candidates=(drawn,))
    file = folder / "pairs.csv"
    file.unlink(missing_ok=True)
    rows = (Row(key=text, name=text, line=4),)
    pairs.write(file, Pairing(sure=(match,), doubtful=(doubt,), rows=rows, unplaced=rows, features=(drawn,)))
    return [file.read_bytes().decode("utf-8-sig")]


Write = Callable[[str, str, Code, Path], list[str]]
OUTPUTS: Final[dict[str, tuple[Write, Rule]]] = {
    "terminal": (in_terminal, plain),
    "markdown": (in_markdown, forge),
    "json": (in_json, as_json),
    "geojson": (in_geojson, as_json),
    "feed": (in_feed, atom),
    "messages": (in_messages, seen),
    "chats": (in_chats, chat),
    "pairs": (in_pairs, table),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("output", OUTPUTS)
def test_nothing_is_live(output: str, place: str, tmp_path: Path) -> None:
    write, rule = OUTPUTS[output]
    live, count = {}, 0
    for code in CODES:
        for number, value in enumerate(VALUES):
            folder = tmp_path / f"{code}-{number}"
            folder.mkdir()
            for text in write(value, place, code, folder):
                count += 1
                if found := sorted(set(rule(text))):
                    live[code, value] = found
    print(f"{count} texts of {output}")  # noqa: T201  shown by -s
    assert live == {}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_live_in_pages(place: str, tmp_path: Path) -> None:
    """All in one site, in both languages: templates are the dear part of a page."""
    runs = [each for value in VALUES for each in told(value, place)[1][:3]]
    numbered = [replace(each, number=number) for number, each in enumerate(runs, 1)]
    layers = tuple(made.state(name=f"{number}", shown=verbatim(value)) for number, value in enumerate(VALUES))
    made.write(tmp_path, made.site(*reversed(numbered), title=verbatim(" ".join(VALUES)), layers=layers))
    pages = {str(file): file.read_text("utf-8") for file in tmp_path.rglob("*.html")}
    print(f"{len(pages)} pages")  # noqa: T201  shown by -s
    assert {name: found for name, text in pages.items() if (found := sorted(set(page(text))))} == {}


def test_the_rules_see() -> None:
    """Each text breaks a rule where it stands as it is, but for those that only look odd."""
    harmless = [
        value for value in VALUES if not any(map(any_broken(value), (plain, forge, chat, page, table)))
    ]
    assert len(harmless) <= 30, harmless


def any_broken(value: str) -> Callable[[Rule], bool]:
    return lambda rule: bool(list(rule(value)))


def test_ids_of_the_pairs_file_are_read_back(tmp_path: Path) -> None:
    """Whatever is read as an id: outer blanks are none of it, and a name of white space is none."""
    keys = [
        value for value in VALUES if value == value.strip() and value.isprintable() and len(value) < 1_000
    ]
    matches = tuple(
        Match(key=key, name=key, line=2, place=0, how="name",
              feature=Drawn(name=key, reference=f"f{number}", position="", metres=None))
        for number, key in enumerate(keys)
    )  # fmt: skip
    pairs.write(tmp_path / "pairs.csv", Pairing(sure=matches))
    assert list(pairs.read(tmp_path / "pairs.csv").found) == keys
