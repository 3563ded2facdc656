"""A person who answers from a list, a map, a repository."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from umap_bot import redaction
from umap_bot.sandbox.maps import MadeMap
from umap_bot.setup.questions import Question
from umap_bot.wiring import WallClock

LAYER = "Cités"
FILE = "cites.csv"
AUTHOR = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false")
EMPTY = {"type": "FeatureCollection", "features": []}
ROWS = "id,nom,commune,lat,lon\nbron,Bron,Bron,45.7,4.9\nlyon,Lyon 8e,Lyon,45.7,4.8\n"


class Person:
    """Types the answers of each option in turn. What is asked more often than it has answers fails."""

    patient = True

    def __init__(self, **answers: str | list[str]) -> None:
        self.answers = {
            name.replace("_", "-"): list(given) if isinstance(given, list) else [given]
            for name, given in answers.items()
        }
        self.asked: list[Question] = []
        self.told: list[str] = []

    def say(self, text: str) -> None:
        self.told.append(redaction.redact(text))

    def ask(self, question: Question) -> str:
        self.asked.append(question)
        option = question.option.split()[0].removeprefix("--")
        left = self.answers.get(option)
        assert left, f"{question.spoken} was asked, after {self.told}"
        return left.pop(0)

    @property
    def all(self) -> str:
        return "\n".join(self.told)

    @property
    def options(self) -> list[str]:
        return [question.option.split()[0] for question in self.asked]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of one's own, no secrets of other tests, no pauses."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)


@pytest.fixture
def layer_id(made_map: MadeMap) -> str:
    return made_map.add_layer(LAYER, EMPTY)


Commit = Callable[..., str]


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    """Commit a file, and return the commit."""
    repository = tmp_path / "data"
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", repository], check=True)

    def add(content: str = ROWS, file: str = FILE) -> str:
        (repository / file).write_text(content, encoding="utf-8")
        for words in (("add", "--all"), (*AUTHOR, "commit", "--quiet", "--allow-empty", "-m", "rows")):
            subprocess.run(["git", "-C", repository, *words], check=True)
        done = subprocess.run(
            ["git", "-C", repository, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    return add


def person(made: MadeMap, **more: str | list[str]) -> Person:
    """One who answers everything well, but for `more`."""
    usual: dict[str, str | list[str]] = {
        "map_url": made.url,
        "edit_link_env": made.edit_link,
        "repo": "data",
        "ref": "",
        "path": FILE,
        "key": "",
        "rename": "",
        "area": "",
        "drift": "",
        "deleted": "",
    }
    return Person(**{**usual, **more})


def signature(link: str) -> str:
    return link.rpartition(":")[2]
