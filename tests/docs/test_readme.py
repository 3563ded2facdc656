"""The READMEs are carried out: what they tell people to type does what they show, on a real uMap."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Final

import pytest

from tests.docs.console import Step, steps, unlike
from tests.docs.examples import LANGUAGES, LOCALES, README, READMES, ROOT
from tests.programs import ran
from umap_bot.cli.main import run
from umap_bot.report.language import language
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
    USERNAME,
    key_question,
    layer_question,
    name_question,
    way_question,
)

EXAMPLE: Final = ROOT / "fixtures" / "cites-educatives"
MAP: Final = "Les cités éducatives en Auvergne-Rhône-Alpes"
LAYER: Final = "Cités éducatives"
AUTHOR: Final = ("-c", "user.name=Camille (invented)", "-c", "user.email=camille@example.org")

# What the pages call the things of a person who is not there.
ADDRESS: Final = "https://umap.example.org/en/map/les-cites-educatives_12"
HOME: Final = "/home/camille"

each_page = pytest.mark.parametrize("page", READMES, ids=lambda page: str(page.name))


Carry = Callable[[Sequence[str], Path, dict[str, str]], str]
"""Carries out a command in a folder, with an environment, and returns all that it says."""


def as_a_process(words: Sequence[str], folder: Path, environment: dict[str, str]) -> str:
    """As it is typed."""
    own = {"PYTHONUNBUFFERED": "1"}  # what goes to stdout and stderr stands in its order
    given = {**os.environ, **environment, **own}
    return ran("umap_bot", *words, cwd=folder, environment=given, stderr_to_stdout=True).stdout


def in_this_process(words: Sequence[str], folder: Path, environment: dict[str, str]) -> str:
    """Without the half second that a process takes to start: enough for all pages but one."""
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


CARRY: Final[Mapping[Path, Carry]] = {**dict.fromkeys(READMES, in_this_process), README: as_a_process}


class Person:
    """Somebody who types what a page says: a home with a repository, a map, and the code shown last.

    `reads` is the language of their machine, a locale.
    """

    def __init__(self, home: Path, made: MadeMap) -> None:
        self._home = home
        self._made = made
        self._code = ""
        self.reads = LOCALES["en"]
        self.carry: Carry = as_a_process

    def type(self, step: Step) -> str:
        """Carry out a command, and give all that it says, as the page would call it."""
        before = ("", *step.words)
        words = [self._meant(word, last) for last, word in zip(before, step.words, strict=False)]
        environment = {
            "HOME": str(self._home),
            "LC_ALL": self.reads,
            "XDG_STATE_HOME": str(self._home / ".local" / "state"),
            **dict.fromkeys(ACTORS, ""),
            "SUDO_USER": "anne",  # who approves
        }
        said = self.carry(words, self._home / "carte", environment)
        codes = re.findall(r"--approve ([0-9A-Z-]{19})", said)
        self._code = codes[-1] if codes else self._code
        return said.replace(str(self._home), HOME)

    def _meant(self, word: str, last: str) -> str:
        if last in {"--approve", "approve"}:
            return self._code
        return word.replace(ADDRESS, self._made.url).replace(HOME, str(self._home))


@pytest.fixture
def person(umap: Sandbox, tmp_path: Path) -> Iterator[Person]:
    """A map drawn by hand, its edit link in a file, and a list of the same places in git."""
    repository = tmp_path / "carte" / "cites"
    repository.mkdir(parents=True)
    (repository / "cites.csv").write_bytes((EXAMPLE / "cites.csv").read_bytes())
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "cites.csv"),
        (*AUTHOR, "-c", "commit.gpgSign=false", "commit", "--quiet", "-m", "The 18 cités éducatives"),
    ):
        subprocess.run(["git", "-C", repository, *words], check=True)
    with new_map(umap.url, MAP) as made:
        made.add_layer(LAYER, json.loads((EXAMPLE / "hand-made.geojson").read_text(encoding="utf-8")))
        (tmp_path / "carte" / "edit-link.txt").write_text(made.edit_link, encoding="utf-8")
        yield Person(tmp_path, made)


@each_page
def test_what_the_page_tells_to_type_does_what_it_shows(page: Path, person: Person) -> None:
    person.reads = LOCALES[LANGUAGES[page]]
    person.carry = as_a_process if page == README else in_this_process
    for step in steps(page):
        said = person.type(step)
        wrong = unlike(step.shown, said)
        assert wrong is None, f"{page.name}, line {step.line}: umap-bot {' '.join(step.words)}\n{wrong}"


@each_page
def test_the_page_tells_the_whole_way(page: Path) -> None:
    """Or the test before this would prove little."""
    told = {step.words[0] for step in steps(page)}
    way = {"validate", "export", "init", "check", "plan", "adopt", "sync", "template"}
    assert told >= way | {"log", "show", "history", "report", "status", "rollback", "state"}


@each_page
def test_the_page_names_what_init_asks(page: Path) -> None:
    asked = [
        MAP_URL,
        EDIT_LINK,
        USERNAME,
        PASSWORD,
        SESSION,
        REPO,
        REF,
        PATH,
        DRIFT,
        DELETED,
        way_question((), ""),
        key_question(["id"], "carte.csv"),
        name_question([], None),
    ]
    asked.append(layer_question([]))
    text = page.read_text(encoding="utf-8").replace("\u00a0", " ")
    tongue = language(LANGUAGES[page])
    spoken = [tongue.say(question.text).replace("\u00a0", " ") for question in asked]
    short = [re.split(r" \(|: its | : son ", question)[0] for question in spoken]
    assert [question for question in short if f"| {question} |" not in text] == []
