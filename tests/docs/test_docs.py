"""The pages are true: what they name is there, and what is there is named."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Final

import click
import pytest

from docs.site.settings import EXAMPLE, all_settings
from tests.docs.examples import (
    LANGUAGES,
    PAGES,
    READMES,
    ROOT,
    commands,
    headings,
    links,
    settings_table,
    translations,
    without_code,
)
from umap_bot.cli.main import COMMANDS, MEANINGS
from umap_bot.settings import Settings, load

REQUIRED: Final = {
    "UMAP_MAP_URL": "https://umap.example.org/fr/map/places_12",
    "DATASET_REPO": "https://git.example.org/places.git",
    "DATASET_PATH": "places.csv",
}
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
FRENCH: Final = [page for page in PAGES if page.parent.name == "fr" or LANGUAGES.get(page) == "fr"]
SETTINGS: Final = translations("settings")
each_reference = pytest.mark.parametrize(
    "page", translations("reference").values(), ids=translations("reference")
)


def test_the_example_names_every_setting_once() -> None:
    assert sorted(each.name for each in all_settings()) == sorted(
        name.upper() for name in Settings.model_fields
    )


def test_the_example_holds_the_defaults(tmp_path: Path) -> None:
    """Filled in where it must be, it is the same as nothing but that."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    filled = [f"{name}{REQUIRED.get(name[:-1], '')}" for name in lines]
    (tmp_path / ".env").write_text("\n".join(filled), encoding="utf-8")
    assert load(Settings, tmp_path / ".env", {}) == Settings.model_validate(REQUIRED)


def test_what_must_be_filled_in_comes_first() -> None:
    assert {each.name for each in all_settings()[:4]} == {*REQUIRED, "UMAP_EDIT_LINK"}


def test_every_setting_has_its_sentence() -> None:
    assert [each.name for each in all_settings() if not each.sentence.endswith(".")] == []


def test_the_page_has_the_settings_of_the_example() -> None:
    """If it has not: the table that belongs between the two marks is the one on the left."""
    table = re.search(
        r"<!-- settings: .*? -->\n(.*?)\n?<!-- end -->", SETTINGS["en"].read_text("utf-8"), re.DOTALL
    )
    assert table
    assert settings_table() == table[1]


def test_the_french_page_has_the_same_settings_and_defaults() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| `?([^`|]*?)`? +\| [^|]+ \|$", SETTINGS["fr"].read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(each.name, each.default) for each in all_settings()]


@each_reference
def test_the_reference_names_every_exit_code(page: Path) -> None:
    named = {int(code) for code in re.findall(r"^\| (\d+) \|", page.read_text("utf-8"), re.MULTILINE)}
    assert named == {0, *MEANINGS}


@each_page
def test_what_is_typed_can_be_typed(page: Path) -> None:
    """No command and no option that is not there."""
    wrong = [words for words in commands(page) if not _is_there(words)]
    assert wrong == []


@each_reference
def test_the_reference_names_every_command(page: Path) -> None:
    told = re.findall(r"^\| `umap-bot (\w+)` \|", page.read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(COMMANDS)


def _is_there(words: list[str]) -> bool:
    name, *rest = words
    if name not in COMMANDS:
        return words in (["--version"], ["--help"])
    command: click.Command = import_module(f"umap_bot.cli.commands.{name}").command
    if isinstance(command, click.Group) and rest:
        if rest[0] not in command.commands:
            return False
        command = command.commands[rest[0]]
    options = {spelled for each in command.params for spelled in each.opts} | {"--help"}
    return all(word.partition("=")[0] in options for word in rest if word.startswith("-"))


@each_page
def test_options_alone_are_some_commands(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    known = {"--force"}  # told as what there is not
    for name in COMMANDS:
        command: click.Command = import_module(f"umap_bot.cli.commands.{name}").command
        known |= {spelled for each in command.params for spelled in each.opts}
    assert set(re.findall(r"`(--[a-z-]+)", text)) <= known


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in links(page):
        path, _, heading = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (heading and heading not in headings(there)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("start", READMES, ids=lambda page: str(page.name))
def test_every_page_is_reached_from_the_readme(start: Path) -> None:
    folder = translations("")[LANGUAGES[start]].parent
    reached, new = set[Path](), {start}
    while new:
        reached |= new
        linked = {(page.parent / link.partition("#")[0]).resolve() for page in new for link in links(page)}
        new = {page for page in linked - reached if page in PAGES and page.parent == folder}
    assert set(folder.glob("*.md")) <= reached


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: str(page.relative_to(ROOT)))
def test_french_has_its_no_break_spaces(page: Path) -> None:
    assert re.findall(r".*(?:[^\s|·] [:;!?»%](?!\w)|« ).*", without_code(page)) == []


def test_every_file_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:bot|tests|docs)/[\w./]+)`", text)
    assert len(named) > 40
    assert [path for path in named if not (ROOT / path).exists()] == []
    program = ROOT / "bot" / "umap_bot"
    # In a row of the table, `suspicions.py` stands beside the file before it, `undo/trace.py` in the package.
    for row in re.findall(r"^\|.*`[\w/]+\.py`.*$", text, re.MULTILINE):
        folder = program
        for path in re.findall(r"`([\w/]+\.py)`", row):
            near = [folder / path, program / path, ROOT / path, folder.parent / path]
            file = next((each for each in near if each.exists()), None)
            assert file, path
            folder = file.parent
    rooms = {path.split("/")[2] for path in named if path.startswith("bot/umap_bot/")}
    there = {path.name for path in program.iterdir() if not path.name.startswith(("_", "."))}
    assert there - {"py.typed"} <= rooms


def test_every_promise_has_tests_that_are_there() -> None:
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    promises = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert len(promises) == 8
    for promise in promises:
        tests = re.findall(r"^- `(tests/[\w/]+\.py)::(\w+)`", promise, re.MULTILINE)
        assert tests, promise
        assert [test for test in tests if test[1] not in _defined(ROOT / test[0])] == []


def _defined(file: Path) -> set[str]:
    """Return the names that a module defines on top."""
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def test_every_number_of_the_protocol_that_is_cited_is_there() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\d+)\. .*\n((?:(?!^## ).*\n)*)", text, re.MULTILINE))
    steps = {number: set(re.findall(r"^(\d+)\. ", body, re.MULTILINE)) for number, body in sections.items()}
    cited = 0
    for source in [*ROOT.glob("bot/umap_bot/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        if source == Path(__file__):
            continue
        for section, more, step in _citations(source.read_text(encoding="utf-8")):
            cited += 1
            where = f"{source.relative_to(ROOT)}: protocol {section}"
            assert {section, *more} <= sections.keys(), where
            # Of a section with numbers in it the second number is one of these, else it is a section too.
            assert not step or step in (steps[section] or sections), f"{where}, {step}"
    assert cited > 30


def _citations(text: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Return (section, more sections, number in it) of `protocol 5`, `protocol 2 and 5`, `protocol 16, 13`,
    `protocol 0, fact 6` and `fact 6` alone."""
    plain = " ".join(text.split())
    found = [
        (section, (other,) if other else (), step)
        for section, other, step in re.findall(
            r"[Pp]rotocol (\d+)(?: and (\d+))?(?:, (?:fact )?(\d+))?", plain
        )
    ]
    return found + [("0", (), fact) for fact in re.findall(r"\bfact (\d+)", plain)]
