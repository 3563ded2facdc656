"""The pages are carried out: what they tell people to type does what they show, on a real uMap."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, Final

import pytest

from tests.docs.console import Step, kinds, steps, unlike
from tests.docs.examples import LANGUAGES, LOCALES, PAGES, README, READMES, ROOT, translations
from tests.programs import ran
from umap_bot.cli.main import run
from umap_bot.report.language import Code, language
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox
from umap_bot.settings.approver import ACTORS
from umap_bot.setup.questions import (
    DELETED,
    DRIFT,
    EDIT_LINK,
    MAP_URL,
    PASSWORD,
    PATH,
    REF,
    REPO,
    SESSION,
    TOKEN,
    USERNAME,
    key_question,
    layer_question,
    name_question,
    way_question,
)

EXAMPLE: Final = ROOT / "fixtures" / "cites-educatives"
MAP: Final = "Les cités éducatives en Auvergne-Rhône-Alpes"
LAYER: Final = "Cités éducatives"
EMPTY: Final = {"type": "FeatureCollection", "features": []}
FIRST: Final = {"en": "The 18 cités éducatives", "fr": "Les 18 cités éducatives"}
"""What each language's pages say in the first commit."""
AUTHOR: Final = ("-c", "user.name=Camille (invented)", "-c", "user.email=camille@example.org")

# What the pages call the things of a person who is not there.
ADDRESS: Final = "https://umap.example.org/en/map/les-cites-educatives_12"
HOME: Final = "/home/camille"

WAY: Final = {"file": "", "setup": "", "matching": "", "reading": "", "way-back": "undo"}
"""What a person with a map drawn by hand reads of docs/, in this order; of each page the blocks so marked."""
CARRIED: Final = {
    **{name: {of} for name, of in WAY.items()},
    "README": {"", "demo"},  # the demo in tests/commands/test_sandbox_demo.py
    "README.fr": {"", "demo"},
    # All but the last in tests/commands/test_way_back.py:
    "way-back": {"", "layer", "imported", "map", "anew", "state", "restore", "undo"},
}
SETUP: Final = translations("setup")

each_page = pytest.mark.parametrize("page", READMES, ids=lambda page: str(page.name))


Carry = Callable[[Sequence[str], Path, dict[str, str]], str]
"""Carries out a command in a folder, with an environment, and returns all that it says."""


def as_a_process(words: Sequence[str], folder: Path, environment: dict[str, str]) -> str:
    """As it is typed."""
    own = {"PYTHONUNBUFFERED": "1"}  # what goes to stdout and stderr stands in its order
    given = {**os.environ, **environment, **own}
    return ran("umap_bot", *words, cwd=folder, environment=given, stderr_to_stdout=True).stdout


def in_this_process(words: Sequence[str], folder: Path, environment: dict[str, str]) -> str:
    """Without the half second that a process takes to start: enough for all pages but the first."""
    told = BytesIO()
    said = TextIOWrapper(told, encoding="utf-8", write_through=True)
    with pytest.MonkeyPatch.context() as patch, Path(os.devnull).open(encoding="utf-8") as nothing:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "stdin", nothing)
        patch.setattr(sys, "stdout", said)
        patch.setattr(sys, "stderr", said)
        run(words)
    return told.getvalue().decode()


class Person:
    """Somebody who types what a page says: a home with a repository, a map, and the code shown last.

    `reads` is the language of their machine, a locale.
    """

    def __init__(self, home: Path, made: MadeMap, reads: str) -> None:
        self._home = home
        self._made = made
        self._code = ""
        self._reads = reads
        self.carry: Carry = in_this_process

    def follow(self, page: Path, of: str = "") -> None:
        """Type what a page says, and see that each command says what is shown."""
        for step in steps(page, of):
            wrong = unlike(step.shown, self._type(step))
            assert wrong is None, f"{page.name}, line {step.line}: umap-bot {' '.join(step.words)}\n{wrong}"

    def _type(self, step: Step) -> str:
        """Carry out a command, and return all that it says, as the page would call it."""
        before = ("", *step.words)
        words = [self._meant(word, last) for last, word in zip(before, step.words, strict=False)]
        if words[0] == "init" and "--map-url" not in words:  # it would ask: nobody is at a terminal here
            answers = {
                "--map-url": self._made.url,
                "--edit-link-file": "../edit-link.txt",
                "--rename": "nom=name",
            }
            words += [word for pair in answers.items() for word in pair]
        environment = {
            "HOME": str(self._home),
            "LC_ALL": self._reads,
            "XDG_STATE_HOME": str(self._home / ".local" / "state"),
            **dict.fromkeys(ACTORS, ""),
            "SUDO_USER": "anne",  # who approves
        }
        said = self.carry(words, self._home / "cites", environment)
        codes = re.findall(r"--approve ([0-9A-Z-]{19})", said)
        self._code = codes[-1] if codes else self._code
        return said.replace(str(self._home), HOME)

    def _meant(self, word: str, last: str) -> str:
        if last in {"--approve", "approve"}:
            return self._code
        return word.replace(ADDRESS, self._made.url).replace(HOME, str(self._home))


@contextmanager
def at_home(
    home: Path, umap: Sandbox, code: Code, name: str, layer: str, drawn: Mapping[str, Any]
) -> Iterator[Person]:
    """Return a person who has a map, its edit link in a file, and a list of places in git."""
    repository = home / "cites"
    repository.mkdir()
    (repository / "cites.csv").write_bytes((EXAMPLE / "cites.csv").read_bytes())
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "cites.csv"),
        (*AUTHOR, "-c", "commit.gpgSign=false", "commit", "--quiet", "-m", FIRST[code]),
    ):
        subprocess.run(["git", "-C", repository, *words], check=True)
    with new_map(umap.url, name) as made:
        made.add_layer(layer, dict(drawn))
        (home / "edit-link.txt").write_text(made.edit_link, encoding="utf-8")
        yield Person(home, made, LOCALES[code])


@each_page
def test_a_newcomer_comes_to_a_synced_map(page: Path, umap: Sandbox, tmp_path: Path) -> None:
    """On the map that `umap-bot sandbox` makes."""
    with at_home(tmp_path, umap, LANGUAGES[page], "A map to try things on", "Layer 1", EMPTY) as person:
        person.carry = as_a_process if page == README else in_this_process
        person.follow(page)


@pytest.mark.parametrize("code", LOCALES)
def test_the_pages_tell_what_there_is_to_say_of_a_map_drawn_by_hand(
    code: Code, umap: Sandbox, tmp_path: Path
) -> None:
    """Each of them goes on where the one before it ends."""
    drawn = json.loads((EXAMPLE / "hand-made.geojson").read_text(encoding="utf-8"))
    with at_home(tmp_path, umap, code, MAP, LAYER, drawn) as person:
        for name, of in WAY.items():
            person.follow(translations(name)[code], of)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_console_block_is_carried_out(page: Path) -> None:
    assert kinds(page) == CARRIED.get(page.stem, set())


@each_page
def test_the_page_tells_the_whole_way(page: Path) -> None:
    """Or the test before this would prove little."""
    told = {step.words[0] for step in steps(page)}
    assert told == {"validate", "init", "check", "plan", "sync"}


@pytest.mark.parametrize("code", SETUP)
def test_the_page_names_what_init_asks(code: Code) -> None:
    asked = [
        MAP_URL,
        EDIT_LINK,
        USERNAME,
        PASSWORD,
        SESSION,
        REPO,
        TOKEN,
        REF,
        PATH,
        DRIFT,
        DELETED,
        way_question((), ""),
        key_question(["id"], "carte.csv"),
        name_question([], None),
    ]
    asked.append(layer_question([]))
    text = SETUP[code].read_text(encoding="utf-8").replace("\u00a0", " ")
    tongue = language(code)
    spoken = [tongue.say(question.text).replace("\u00a0", " ") for question in asked]
    short = [re.split(r" \(|: its | : son ", question)[0] for question in spoken]
    assert [question for question in short if f"| {question} |" not in text] == []
