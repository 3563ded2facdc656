"""A person's desk: a folder with settings, a git repository and state, and a map of their own."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, unquote

import pytest

from tests.programs import ran
from umap_bot.cli.main import run
from umap_bot.sandbox.maps import MadeMap

LAYER = "Cités"
FILE = "cites.csv"
AUTHOR = (
    *("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false"),
    *("-c", "maintenance.auto=false"),  # another program after each commit, for nothing
)
HEAD = ("id", "nom", "commune", "lat", "lon")
Feature = dict[str, Any]
Rows = dict[str, dict[str, str]]


class Said(NamedTuple):
    """What a command ended with, and what it asked of uMap and of git's remote."""

    code: int
    out: str
    err: str
    requests: tuple[tuple[str, str], ...] = ()
    online: tuple[str, ...] = ()

    @property
    def posts(self) -> list[str]:
        return [path for method, path in self.requests if method != "GET"]

    @property
    def last(self) -> str:
        return self.err.rstrip("\n").rpartition("\n")[2]

    @property
    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)["runs"]
        return found


def rows(count: int = 10) -> Rows:
    """A file of some rows: keys c1, c2, … and names Cité 1, Cité 2, …"""
    return {
        f"c{number}": {
            "nom": f"Cité {number}",
            "commune": f"Ville {number}",
            "lat": f"45.{number:03}",
            "lon": f"4.{number:03}",
        }
        for number in range(1, count + 1)
    }


def text(table: Rows) -> str:
    lines = io.StringIO()
    writer = csv.DictWriter(lines, HEAD, lineterminator="\n")
    writer.writeheader()
    writer.writerows({"id": key, **cells} for key, cells in table.items())
    return lines.getvalue()


def changed(table: Rows, key: str, **cells: str) -> Rows:
    return {**table, key: {**table[key], **cells}}


def without(table: Rows, *keys: str) -> Rows:
    return {key: cells for key, cells in table.items() if key not in keys}


@dataclass
class Desk:
    """`type` runs a command in this process, `spawn` and `fork` as one of its own."""

    folder: Path
    made: MadeMap
    layer_id: str
    captured: pytest.CaptureFixture[str]
    requests: list[tuple[str, str]]
    online: list[str]
    said: list[str] = field(default_factory=list)

    def type(self, *words: str) -> Said:
        self.requests.clear()
        self.online.clear()
        code = run(words)
        out, err = self.captured.readouterr()
        self.said += [out, err]
        return Said(code, out, err, tuple(self.requests), tuple(self.online))

    def spawn(self, *words: str, **environment: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "umap_bot", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONWARNINGS": "error", **environment},
            capture_output=True,
            encoding=environment.get("PYTHONIOENCODING", "utf-8"),
            check=False,
        )
        self.said += [done.stdout, done.stderr]
        return Said(done.returncode, done.stdout, done.stderr)

    def fork(self, *words: str) -> Said:
        """Run a command as a process of its own that starts at once."""
        done = ran("umap_bot", *words, cwd=self.folder)
        self.said += [done.stdout, done.stderr]
        return Said(done.returncode, done.stdout, done.stderr)

    @property
    def env(self) -> Path:
        return self.folder / ".env"

    @property
    def state(self) -> Path:
        return self.folder / "state.db"

    @property
    def repository(self) -> Path:
        return self.folder / "data"

    def settings(self, **given: str | None) -> None:
        """Change settings in .env; None takes one out."""
        lines = dict(line.split("=", 1) for line in self.env.read_text("utf-8").splitlines())
        lines = {name: value for name, value in {**lines, **given}.items() if value is not None}
        self.env.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), "utf-8")

    def commit(self, content: Rows | str | bytes, message: str = "a change", file: str = FILE) -> str:
        """Commit the file, and return the commit."""
        if not isinstance(content, (str, bytes)):
            content = text(content)
        data = content.encode() if isinstance(content, str) else content
        (self.repository / file).write_bytes(data)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        git = self.repository / ".git"  # git itself would have to be started once more
        branch = (git / "HEAD").read_text("ascii").removeprefix("ref: ").strip()
        return (git / branch).read_text("ascii").strip()

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *AUTHOR, "-C", self.repository, *words], capture_output=True, check=True, text=True
        )
        return done.stdout.strip()

    @property
    def body(self) -> bytes:
        return self.made.read(self.layer_id)[0]

    @property
    def features(self) -> list[Feature]:
        found: list[Feature] = json.loads(self.body)["features"]
        return found

    def feature(self, key: str) -> Feature:
        """The one feature of that key."""
        (found,) = [feature for feature in self.features if feature["properties"].get("id") == key]
        return found

    @property
    def versions(self) -> list[str]:
        return [version["name"] for version in self.made.versions(self.layer_id)]

    def save(self, features: list[Feature]) -> None:
        """A person saves the layer in uMap: other features, and the collection's own members as they are."""
        body, version = self.made.read(self.layer_id)
        saved = self.made.save(self.layer_id, {**json.loads(body), "features": features}, version)
        assert saved.status_code == 200

    def edit(self, key: str, **cells: Any) -> None:
        """A person changes cells of one feature."""
        features = self.features
        for feature in features:
            if feature["properties"].get("id") == key:
                feature["properties"].update(cells)
        self.save(features)

    def draw(self, name: str, longitude: float = 4.9, latitude: float = 46.2) -> None:
        """A person adds a point of their own."""
        place = {"type": "Point", "coordinates": [longitude, latitude]}
        own = {"type": "Feature", "id": "Own42", "geometry": place, "properties": {"name": name}}
        self.save([*self.features, own])

    def erase(self, *keys: str) -> None:
        """A person removes features."""
        self.save([feature for feature in self.features if feature["properties"].get("id") not in keys])

    def held(self, *words: str) -> str:
        """Run a command that is to wait for approval, and return the code that it shows."""
        return self.waits(*words).out.partition("approve ")[2].split()[0]

    def waits(self, *words: str) -> Said:
        """Run a command after which something waits for approval."""
        said = self.type(*words)
        assert said.code == 3, said
        return said

    def go_on(self, said: Said) -> Said:
        """Type the command that carries out all of a plan that waits."""
        (words,) = [line for line in said.out.splitlines() if "sync" in line and " --approve " in line]
        return self.done(*shlex.split(words.partition("umap-bot ")[2]))

    def done(self, *words: str) -> Said:
        """Run a command that is to succeed."""
        said = self.type(*words)
        assert said.code == 0, said
        return said


def stands(desk: Desk) -> Rows:
    """What the layer holds of the file's cells, read by nothing of the bot's; a key twice is an error."""
    found: Rows = {}
    for feature in desk.features:
        properties = feature["properties"]
        if "id" in properties:
            assert properties["id"] not in found
            longitude, latitude = feature["geometry"]["coordinates"]
            found[properties["id"]] = {
                "nom": properties["name"],
                "commune": properties["commune"],
                "lat": f"{latitude:.3f}",
                "lon": f"{longitude:.3f}",
            }
    return found


def spellings(secret: str) -> set[str]:
    """A secret as it may be spelled: as it is, in addresses, and the part that nobody could guess."""
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), unquote(secret)} | {
        secret.rpartition(":")[2]
    }


def signature(link: str) -> str:
    return link.partition("/anonymous-edit/")[2].partition(":")[2]


def files(*folders: Path) -> Iterator[Path]:
    """All files below, those in hidden folders too."""
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())
