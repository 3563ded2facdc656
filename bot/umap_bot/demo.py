"""The whole story on a real uMap: every `$` line is a command that anyone could type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from umap_bot.errors import SandboxError
from umap_bot.report.language import Language, language
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.settings import PREFIXES
from umap_bot.text import Text, say, say_n

ROWS: Final = 18
LAYER: Final = "Cités éducatives"
MAP: Final = "Les cités éducatives en Auvergne-Rhône-Alpes"
AUTHOR: Final = ("-c", "user.name=Camille (invented)", "-c", "user.email=camille@example.org")

SHORT: Final = 4
"""Lines of a list that are enough where the same was just shown, or is long."""

Show = Callable[[str], None]
Collection = dict[str, Any]


def data_file(name: str) -> Path:
    """Return a file of the example: in the wheel beside this module, in a checkout among the fixtures."""
    here = Path(__file__).parent
    places = (here / "demo_data" / name, here.parents[1] / "fixtures" / "cites-educatives" / name)
    return next(place for place in places if place.is_file())


class Demo:
    """One telling. `folder` takes the repository, the settings and the state; `url` is the uMap's."""

    def __init__(self, url: str, folder: Path, show: Show, tongue: Language | None = None) -> None:
        self._show = show
        self._tongue = tongue or language("en")
        self._folder = folder
        self._repository = folder / "dataset"
        self._map: MadeMap = new_map(url, MAP, center=(4.9, 45.6), zoom=8)
        self._layer = self._map.add_layer(LAYER, data_file("hand-made.geojson").read_bytes())
        self._shown = ""
        self.page = self._map.url

    def tell(self) -> None:
        """Tell it all. Raise SandboxError if the end is not what was promised."""
        self._begin()
        self._adopt()
        self._first_sync()
        self._a_person_edits()
        self._the_file_changes()
        self._second_sync()
        self._a_wrong_file()
        self._look_back()
        self._map.close()

    def _begin(self) -> None:
        self._chapter(say("1. A map drawn by hand, and a list kept in git"))
        self._say(
            say(
                "Years ago somebody drew 18 points on a map, with names, descriptions and colours: {address}",
                address=self.page,
            )
        )
        self._say(
            say("Meanwhile, the list has grown: cites.csv, 18 rows, each with an id. It is kept in git.")
        )
        self._repository.mkdir()
        self._file.write_bytes(data_file("cites.csv").read_bytes())
        self._git("init", "--quiet", "--initial-branch=main")
        self._commit("The 18 cités éducatives")
        self._say(say("(Who has only the map, gets such a file from it:)"))
        self._run("export", self.page, "--output", "from-the-map.csv")
        self._show("")
        self._say(say("The settings, in a file .env:"))
        self._write_settings()
        self._run("check")

    def _adopt(self) -> None:
        self._chapter(
            say("2. Which point is which row? Nothing is guessed, and nothing but the id is written")
        )
        drawn = self._features()
        self._run("adopt", expect=3)
        self._run("adopt", "--approve", self._code(), most=SHORT)
        self._expect(
            [_without_id(one) for one in self._features()] == drawn,
            say("each point has its id, all else as drawn"),
        )

    def _first_sync(self) -> None:
        self._chapter(say("3. See before: the first plan needs your approval. Then the first sync"))
        self._run("plan", expect=3)
        self._run("sync", "--approve", self._code(), most=SHORT)
        self._expect(len(self._features()) == ROWS, say("18 points are 18 points still, none is there twice"))

    def _a_person_edits(self) -> None:
        self._chapter(say("4. Somebody works on the map, in uMap itself"))
        self._say(say("They colour Bron red, write a note of their own on it, add a point of their own,"))
        self._say(say("and change a name that the file owns: “Vénissieux / Saint-Fons”."))
        body, version = self._map.read(self._layer)
        collection: Collection = json.loads(body)
        bron = _named(collection, "Bron")
        bron["properties"]["_umap_options"] = {"color": "Red"}
        bron["properties"]["note"] = "seen with the school, on Tuesday"
        _named(collection, "Vénissieux / Saint-Fons")["properties"]["name"] = "Vénissieux - St Fons"
        own = {"type": "Point", "coordinates": [4.8357, 45.7640]}
        point = {"type": "Feature", "id": "Siege", "geometry": own, "properties": {"name": "Our office"}}
        collection["features"].append(point)
        saved = self._map.save(self._layer, collection, version)
        self._expect(saved.status_code == 200, say("their save was taken by uMap"))  # noqa: PLR2004

    def _the_file_changes(self) -> None:
        self._chapter(say("5. The file gets a commit: one row changed, one moved, one added, one removed"))
        text = self._file.read_text(encoding="utf-8")
        text = text.replace("Parilly;Terraillon-Chénier", "Parilly;Terraillon-Chénier;Centre (example)")
        text = text.replace("45.18217,5.72133", "45.18217,5.72190")
        rows = [row for row in text.splitlines() if not row.startswith("villeurbanne,")]
        rows.append(
            "exemple,An example,Lyon,69,2026,,45.75000,4.85000,commune,invented for this demo,probable"
        )
        self._file.write_text("\n".join(rows) + "\n", encoding="utf-8")
        self._commit("Bron, Grenoble; an example in, Villeurbanne out")

    def _second_sync(self) -> None:
        self._chapter(say("6. The plan shows both sides, before anything is written"))
        self._run("plan", expect=2)
        self._run("sync", most=SHORT)
        self._say(say("A second sync finds nothing to do, and sends nothing:"))
        self._run("sync")

    def _a_wrong_file(self) -> None:
        self._chapter(say("7. A wrong file is stopped, and the map stays as it is"))
        self._say(say("Somebody saves another list under the same name: it has 2 of the 18 rows."))
        good, stood = self._file.read_bytes(), self._features()
        self._file.write_bytes(b"".join(good.splitlines(keepends=True)[:3]))
        self._commit("update")
        self._run("sync", expect=3, most=SHORT)
        self._expect(self._features() == stood, say("nothing was changed on the map"))
        self._say(say("The file before is put back; nothing else is needed:"))
        self._file.write_bytes(good)
        self._commit("The right list again")
        self._run("sync")

    def _look_back(self) -> None:
        self._chapter(say("8. Read after: the change log, and the map itself"))
        self._run("log")
        self._run("show", "3")
        collection = {"features": self._features()}
        bron, back = _named(collection, "Bron"), _named(collection, "Vénissieux / Saint-Fons")
        names = [feature["properties"]["name"] for feature in collection["features"]]
        self._expect(len(names) == ROWS + 1, say("19 features stand on the map: the file's 18, and theirs"))
        self._expect(len(set(names)) == len(names), say("none stands there twice"))
        style = bron["properties"].get("_umap_options")
        self._expect(style == {"color": "Red"}, say("Bron is still red"))
        self._expect(bron["properties"]["note"].startswith("seen"), say("their note on it is still there"))
        self._expect("Our office" in names, say("their own point is still there"))
        self._expect(
            "example" in bron["properties"]["quartiers"], say("what the file changed in Bron stands")
        )
        self._expect(
            back is not None, say("the name that the file owns was put back, and the log has theirs")
        )

    def _write_settings(self) -> None:
        settings = {
            "UMAP_MAP_URL": self._map.url,
            "UMAP_LAYER": LAYER,
            "UMAP_EDIT_LINK": self._map.edit_link,
            "DATASET_REPO": str(self._repository),
            "DATASET_PATH": "cites.csv",
            "DATASET_RENAME": "nom=name",
            "STATE_URL": f"sqlite:///{self._folder / 'state.db'}",
        }
        file = self._folder / ".env"
        file.touch(mode=0o600)
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
        for name, value in settings.items():
            hidden = say("(the map’s secret edit link)")
            self._show(f"    {name}={self._tongue.say(hidden) if name == 'UMAP_EDIT_LINK' else value}")

    @property
    def _file(self) -> Path:
        return self._repository / "cites.csv"

    def _features(self) -> list[Any]:
        features: list[Any] = json.loads(self._map.read(self._layer)[0])["features"]
        return features

    def _say(self, text: Text) -> None:
        self._show(self._tongue.say(text))

    def _chapter(self, title: Text) -> None:
        said = self._tongue.say(title)
        self._show(f"\n{said}\n{'─' * len(said)}")

    def _run(self, *arguments: str, expect: int = 0, most: int | None = None) -> None:
        """Run one of our own commands as a person would: another process, in the folder of the settings.

        Of each list in the answer at most `most` lines are shown.
        """
        self._show(f"\n$ umap-bot {' '.join(arguments)}")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith((*PREFIXES, "GIT_"))
        }
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-m", "umap_bot", *arguments],
            cwd=self._folder,
            env=environment
            | {
                "XDG_CACHE_HOME": str(self._folder / "cache"),
                "PYTHONUTF8": "1",
                "REPORT_LANGUAGE": self._tongue.code,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        self._shown = done.stdout
        self._show(self._in_short(done.stdout.rstrip(), most))
        ends = say("umap-bot {command} ends with {code}", command=arguments[0], code=expect)
        self._expect(done.returncode == expect, ends, aloud=False)

    def _in_short(self, text: str, most: int | None) -> str:
        return "\n\n".join(self._block(block.split("\n"), most) for block in text.split("\n\n"))

    def _block(self, lines: list[str], most: int | None) -> str:
        left = len(lines) - most if most else 0
        if left <= 1:
            return "\n".join(lines)
        more = say_n("  … {count} line more", "  … {count} lines more", left)
        return "\n".join([*lines[:most], self._tongue.say(more)])

    def _code(self) -> str:
        """Return the approval code that the last command showed."""
        return self._shown.partition("--approve ")[2].split()[0]

    def _commit(self, message: str) -> None:
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", message)

    def _git(self, *arguments: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        command = ["git", *AUTHOR, "-c", "commit.gpgSign=false", "-C", str(self._repository), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise SandboxError(
                say("git {command} failed: {reason}", command=arguments[0], reason=done.stderr.strip()),
                way_out=say("Is git installed?"),
            )

    def _expect(self, holds: bool, sentence: Text, *, aloud: bool = True) -> None:
        if not holds:
            raise SandboxError(
                say("The demo went wrong: not true that {sentence}.", sentence=sentence),
                way_out=say("Please report it."),
            )
        if aloud:
            self._show(f"  ✓ {self._tongue.say(sentence)}")


def _named(collection: Collection, name: str) -> Any:
    return next(feature for feature in collection["features"] if feature["properties"].get("name") == name)


def _without_id(feature: Any) -> Any:
    properties = {name: value for name, value in feature["properties"].items() if name != "id"}
    return {**feature, "properties": properties}
