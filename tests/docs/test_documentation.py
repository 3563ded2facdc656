"""What is made of the code for people to read holds every error, setting and command, and is up to date."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from docs.site import build
from docs.site.build import Home, homes, relinked
from docs.site.errors import Error, all_errors
from docs.site.pages import GENERATED, generated, spoken
from docs.site.parser import all_commands, program
from docs.site.reader import troubles
from docs.site.sayings import Program, Saying
from docs.site.share import SHARE, files
from tests.docs.examples import LANGUAGES, ROOT
from umap_bot import errors
from umap_bot.cli.main import COMMANDS, EXIT_CODES
from umap_bot.errors import BotError
from umap_bot.report.language import CODES, Code, language

each_language = pytest.mark.parametrize("code", CODES)


@pytest.fixture(scope="module")
def found() -> Sequence[Error]:
    return all_errors()


@pytest.fixture(scope="module")
def pages() -> dict[Code, dict[str, str]]:
    return {code: generated(code) for code in CODES}


def plain(page: str) -> str:
    """Return a page without the marks that keep Markdown from reading text as its own."""
    return re.sub(r"\\(.)", r"\1", page)


def in_english(saying: Saying) -> str:
    return " ".join(several or one for one, several in saying)


def test_of_every_error_it_is_known_what_it_says(found: Sequence[Error]) -> None:
    """If not: the place in the code makes its message in a way that is not followed."""
    assert [error.where for error in found if not error.messages] == []
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BotError)]
    assert {error.code for error in found} >= {kind.code for kind in kinds}
    assert {error.code for error in found} <= set(EXIT_CODES)


def test_ways_out_are_found_as_well(found: Sequence[Error]) -> None:
    """Or the test before this would prove little: nearly every error has one beside its message."""
    told = [error for error in found if error.code not in {1, 3} and not error.of_file]
    assert sum(bool(error.ways_out) for error in told) > 0.8 * len(told)


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ('raise E(say("a"), way_out=say("b"))', [("a", "b")]),
        ('raise E(say("a"))', [("a", "")]),
        ('raise E(say_n("one", "many", 2), way_out=say("b"))', [("many", "b")]),
        ('raise E(joined((say("a"), say("b"))))', [("a b", "")]),
        ('raise E(say("a") if x else say("b"), way_out=say("c"))', [("a", "c"), ("b", "c")]),
        ("raise E(A, way_out=B)", [("of a table", "in a table")]),
        ("raise E(made(x))", [("made", "")]),
        ('message = say("a")\n    raise E(message)', [("a", "")]),
        ("message, way_out = both(x)\n    raise E(message, way_out=way_out)", [("a", "b"), ("c", "d")]),
        ("for m, w in TABLE:\n        raise E(m, way_out=w)", [("one", "first"), ("two", "second")]),
        (
            'for m, w in TABLE:\n        raise E(say(m.template, x=x), way_out=w or say("usual"))',
            [("one", "first"), ("two", "second")],
        ),
        (
            'm, w = BY_NAME.get(x, (say("a"), say("b")))\n    raise E(m, way_out=w)',
            [("it", "so"), ("a", "b")],
        ),
        ("for name, (m, w) in BY_NAME.items():\n        raise E(m, way_out=w)", [("it", "so")]),
        ('raise E(say("{file}: {text}", file=x, text=say("a")))', [("a", "")]),
        ("raise error(x)", []),
    ],
)
def test_a_message_is_followed_to_where_it_is_made(
    raised: str, said: list[tuple[str, str]], tmp_path: Path
) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "tables.py").write_text(
        'A: Final = say("of a table")\nB = say("in a table")\n'
        'TABLE = ((say("one"), say("first")), (say("two"), say("second")))\n'
        'BY_NAME = {"x": (say("it"), say("so"))}\n',
        encoding="utf-8",
    )
    (folder / "raising.py").write_text(
        "from package.tables import A, B, TABLE, BY_NAME\n"
        'def made(x) -> Text:\n    return say("made")\n'
        "def both(x) -> tuple[Text, Text]:\n"
        '    if x:\n        return say("a"), say("b")\n    return say("c"), say("d")\n'
        f"def raising(x):\n    {raised}\n",
        encoding="utf-8",
    )
    program = Program(folder)
    calls = [(call, module) for call, module in program.calls if getattr(call.func, "id", "") == "E"]
    told = [
        (in_english(message), in_english(way_out))
        for call, module in calls
        for messages, ways_out in program.pairs(
            call.args[0], next((each.value for each in call.keywords), None), module
        )
        for message in messages
        for way_out in ways_out or [()]
    ]
    assert told == said


@each_language
def test_the_page_of_errors_groups_them_by_exit_code(
    code: Code, pages: dict[Code, dict[str, str]], found: Sequence[Error]
) -> None:
    page = plain(pages[code]["errors"])
    assert re.findall(r"\{\w+[:}]", page) == []  # no place of a template is left
    titles = re.findall(r"^## (\d+) · (.*)$", page, re.MULTILINE)
    meanings = {number: language(code).say(meaning) for number, meaning in EXIT_CODES.items()}
    assert titles == [(str(n), meanings[n]) for n in EXIT_CODES if n in {error.code for error in found}]


@each_language
def test_every_error_stands_with_its_ways_out(
    code: Code, pages: dict[Code, dict[str, str]], found: Sequence[Error]
) -> None:
    told: defaultdict[str, set[str]] = defaultdict(set)  # some errors end in more than one code
    for block in pages[code]["errors"].replace("**", "").split("\n\n"):
        message, *ways_out = block.split("\n")
        told[message] |= {*ways_out}
    for error in found:
        expected = {f"  - {spoken(way_out, language(code))}" for way_out in error.ways_out}
        for each in error.messages:
            line = f"- {spoken(each, language(code))}"
            assert line in told
            assert told[line] >= expected


@each_language
def test_of_what_is_counted_the_plural_is_shown(
    code: Code, pages: dict[Code, dict[str, str]], found: Sequence[Error]
) -> None:
    counted = [each for error in found for each in error.messages if any(plural for _, plural in each)]
    assert len(counted) > 10
    one = [tuple((singular, "") for singular, _ in message) for message in counted]
    page = pages[code]["errors"].replace("**", "").split("\n")
    assert f"- {spoken(counted[0], language(code))}" in page
    assert f"- {spoken(one[0], language(code))}" not in page


@each_language
def test_the_page_of_commands_has_every_command_and_option(
    code: Code, pages: dict[Code, dict[str, str]]
) -> None:
    told = [program(language(code)), *all_commands(language(code))]
    assert {command.typed.split()[1] for command in told[1:]} == set(COMMANDS)
    page = plain(pages[code]["commands"])
    for command in told:
        assert re.search(f"^##+ {command.typed}$", page, re.MULTILINE)
        for option in command.options:
            assert f"- `{option.typed}`: {option.help}" in page


def test_share_is_as_the_commands_say() -> None:
    """If it is not: make manual."""
    there = {path.relative_to(SHARE).as_posix(): path for path in SHARE.rglob("*") if path.is_file()}
    assert {name: path.read_text(encoding="utf-8") for name, path in there.items()} == files()


@each_language
def test_the_manual_page_has_every_option(code: Code) -> None:
    page = files()["man/man1/umap-bot.1" if code == "en" else f"man/{code}/man1/umap-bot.1"]
    macros = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
    assert macros == {".TH", ".SH", ".SS", ".PP", ".TP", ".B"}
    shown = page.replace("\\-", "-").replace("\\(aq", "'")
    for command in all_commands(language(code)):
        assert f".SS {command.typed}\n" in shown
        for option in command.options:
            assert f".B {option.typed}\n" in shown


PLACES = {
    Path("README.md"): Home("en", "index"),
    Path("README.fr.md"): Home("fr", "index"),
    Path("docs/deploy.md"): Home("en", "deploy"),
    Path("docs/ways-in.md"): Home("en", "ways-in"),
    Path("docs/fr/deploy.md"): Home("fr", "deploy"),
}


@pytest.mark.parametrize(
    ("page", "link", "led"),
    [
        ("README.md", "[x](docs/deploy.md#cron)", "[x](deploy.md#cron)"),
        ("docs/deploy.md", "[x](../README.md#limits)", "[x](index.md#limits)"),
        ("docs/deploy.md", "[x](ways-in.md)", "[x](ways-in.md)"),
        ("docs/deploy.md", "[x](#cron)", "[x](#cron)"),
        (
            "docs/deploy.md",
            "[x](https://example.org/docs/deploy.md)",
            "[x](https://example.org/docs/deploy.md)",
        ),
        ("README.md", "[x](README.fr.md)", "[x](page:fr/index.html)"),
        ("README.fr.md", "[x](docs/ways-in.md#everyone)", "[x](part:../ways-in.html#everyone)"),
        ("README.fr.md", "[x](docs/fr/deploy.md)", "[x](deploy.md)"),
        ("docs/fr/deploy.md", "[x](../ways-in.md)", "[x](page:../ways-in.html)"),
        ("README.md", "[`x`](config.example.env)", "[`x`](files/config.example.env)"),
        ("docs/deploy.md", "[x](../tests/scenarios/README.md)", "[x](files/tests/scenarios/README.md.txt)"),
        ("docs/deploy.md", "[the x](../deploy/)", "the x"),
    ],
)
def test_a_link_leads_to_where_its_target_is_on_the_site(page: str, link: str, led: str) -> None:
    assert relinked(f"See {link}.", Path(page), PLACES) == f"See {led}."


def test_every_page_of_the_repository_is_on_the_site() -> None:
    there = homes()
    assert {path for path in there if path.name.startswith("README")} == {
        path.relative_to(ROOT) for path in LANGUAGES
    }
    assert {path.name for path in (ROOT / "docs").glob("*.md")} <= {path.name for path in there}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a page or two in each language, where the site looks for them."""
    for path in ("README.md", "README.fr.md", "CHANGELOG.md", "docs/deploy.md", "docs/fr/deploy.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"# {path}\n", encoding="utf-8")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "generated", lambda code: dict.fromkeys(GENERATED[code], "# made\n"))
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_a_french_page_joins_by_being_there() -> None:
    french = build.sources("fr", homes())
    assert french["deploy"] == "# docs/fr/deploy.md\n"
    assert ":caption: Utilisation\n\ndeploy\n" in french["index"]


def test_a_page_has_no_name_of_a_generated_one(repository: Path) -> None:
    (repository / "docs" / "errors.md").write_text("# Errors\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"errors\.md"):
        build.sources("en", homes())


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ('<script src="_static/a.js"></script><a href="https://example.org">x</a><p class="a">', []),
        ("<script>go()</script>", ["<script> stands in the page"]),
        ("<style>p {}</style>", ["<style> stands in the page"]),
        ('<p style="color: red">', ["<p> has style"]),
        ('<p onclick="go()">', ["<p> has onclick"]),
        ('<img src="https://example.org/a.png">', ["<img> loads https://example.org/a.png"]),
        ('<link href="//fonts.example.org/a.css">', ["<link> loads //fonts.example.org/a.css"]),
        ('<a href="../b.html#x"><a href="#y"><h1 id="y"><a href="../b.html">', []),
        ('<a href="c.html">', ["c.html leads nowhere"]),
        ('<a href="#z">', ["#z leads nowhere"]),
        ('<a href="../b.html#z">', ["../b.html#z leads nowhere"]),
    ],
)
def test_what_is_wrong_with_a_page_is_found(page: str, wrong: list[str], tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "a.html").write_text(page, encoding="utf-8")
    (tmp_path / "b.html").write_text('<h1 id="x">', encoding="utf-8")
    assert troubles(tmp_path) == [f"fr/a.html: {each}" for each in wrong]
