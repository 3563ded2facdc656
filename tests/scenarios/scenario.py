"""A scenario folder, read: what was published, what people did to the map, what the file says now."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec

from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import BadRowsPolicy, Recipe
from umap_bot.model.layer import Commit, Layer
from umap_bot.model.policy import DeletedPolicy, DriftPolicy, ForeignPolicy, Limits, Policy

ROOT: Final = Path(__file__).parent

Json = dict[str, Any]
IdOf = Callable[[str], str]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `policy.toml`, or the table `[earlier]` in it: what holds for the rounds before."""

    drift: DriftPolicy = "overwrite"
    deleted: DeletedPolicy = "hold"
    foreign: ForeignPolicy = "keep"
    key: str = "id"
    seed: tuple[str, ...] = ()
    rename: dict[str, str] = {}
    columns: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    encoding: str = "auto"
    bad_rows: BadRowsPolicy = "refuse"
    editable: bool = True
    limits: Limits = Limits()
    settings: dict[str, Any] = {}
    earlier: Json | None = None

    @property
    def policy(self) -> Policy:
        return Policy(self.drift, self.deleted, self.foreign)


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `decisions.toml`: what people said of what the round before asked, feature by feature.

    `keep` has the fields that stay as they are on the map, [] for all that is asked; `approve` the features
    for which the file wins.
    """

    keep: dict[str, list[str]] = {}
    approve: tuple[str, ...] = ()


class Round(msgspec.Struct, frozen=True):
    """One run: the file that it publishes (None: as before), what people had saved before it, and what they
    decided after it."""

    file: Path | None
    saved: Path | None
    settings: Settings
    decided: Decided = Decided()


class Scenario:
    """One folder. `name` is its path below tests/scenarios."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.relative_to(ROOT).as_posix()

    @property
    def why(self) -> str:
        return self._text("why.md")

    @property
    def expected(self) -> list[str]:
        return self._text("plan.txt").splitlines()

    @cached_property
    def settings(self) -> Settings:
        path = self.folder / "policy.toml"
        told = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return msgspec.convert(told, Settings)

    @property
    def earlier(self) -> tuple[Round, ...]:
        """The rounds that made what is remembered: none, base, or before and base."""
        told, decided = self.settings.earlier, self._decided
        settings = self.settings if told is None else msgspec.convert(told, Settings)
        base = self._dataset("base")
        if base is None:
            return ()
        before = self._dataset("before")
        if before is None:
            return (Round(base, None, settings, decided),)
        return Round(before, None, settings), Round(base, self._file("before.json"), settings, decided)

    @property
    def _decided(self) -> Decided:
        path = self._file("decisions.toml")
        return (
            msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Decided) if path else Decided()
        )

    @property
    def last(self) -> Round:
        """The round that is looked at."""
        return Round(self._dataset("desired"), self._file("live.json"), self.settings)

    def commits(self) -> list[tuple[Commit, Round, Path]]:
        """Every round with its commit and file, in order."""
        found: list[tuple[Commit, Round, Path]] = []
        for number, each in enumerate([*self.earlier, self.last], 1):
            file = each.file or found[-1][2]
            found.append((Commit(f"{number:040x}"), each, file))
        return found

    def _dataset(self, name: str) -> Path | None:
        return self._file(f"{name}.csv") or self._file(f"{name}.geojson")

    def _file(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path.exists() else None

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8").strip()


def read_dataset(file: Path, settings: Settings) -> Layer:
    recipe = Recipe(
        path=f"cites{file.suffix}",
        key=settings.key,
        seed=settings.seed,
        rename=settings.rename,
        columns=settings.columns,
        leave_out=settings.leave_out,
        encoding=settings.encoding,
        bad_rows=settings.bad_rows,
    )
    return decode(file.read_bytes(), recipe)


def layer_file(saved: Path, id_of: IdOf) -> bytes:
    """What a person saved, as bytes: `"<bron>"` becomes the uMap id that the first sync gave Bron."""
    top = json.loads(saved.read_text(encoding="utf-8"))
    for feature in top["features"]:
        umap_id = feature.get("id") if isinstance(feature, dict) else None
        if isinstance(umap_id, str) and umap_id.startswith("<"):
            feature["id"] = id_of(umap_id.strip("<>"))
    return msgspec.json.encode(top)


def all_scenarios() -> list[Scenario]:
    return [Scenario(path.parent) for path in sorted(ROOT.rglob("why.md"))]
