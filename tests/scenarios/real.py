"""A scenario on the real uMap: a person's browser, our journal, our runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.journal.made import StillClock
from tests.scenarios.scenario import Decided, Round, Scenario, Settings, layer_file, read_dataset
from tests.umap.made import AGENT, Pauses
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.base import Base
from umap_bot.model.change import Create, Update
from umap_bot.model.decision import Decision
from umap_bot.model.layer import Commit, Layer
from umap_bot.model.plan import Plan
from umap_bot.model.run import Approval, Run
from umap_bot.reconcile.slices import VALID_ID
from umap_bot.run.attempt import preview
from umap_bot.run.deciding import approve_parts, keep
from umap_bot.run.job import Job, Work
from umap_bot.run.run import run_once
from umap_bot.sandbox.maps import MadeMap
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import UmapMap, open_map

EMPTY = b'{"type":"FeatureCollection","features":[]}'


class Files:
    """The port Dataset: one file at one commit."""

    def __init__(self, commit: Commit, file: Path, settings: Settings) -> None:
        self._commit, self._file, self._settings = commit, file, settings

    def head(self) -> Commit:
        return Commit(self._commit.sha)

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        assert commit.sha == self._commit.sha
        return self._commit, read_dataset(self._file, self._settings)

    def history(self, head: Commit, since: str = "") -> tuple[Commit, ...]:
        return ()  # a scenario is of one step

    def named(self, name: str, head: Commit) -> tuple[Commit, bool]:
        raise NotImplementedError


class Stage:
    """A fresh map with the scenario's layer on it, and everything up to the last round done."""

    def __init__(self, scenario: Scenario, made: MadeMap, journal: SqlJournal) -> None:
        self._made, self.journal, self._clock = made, journal, StillClock()
        self._maps: dict[bool, UmapMap] = {}  # signed in once, with the edit link and without
        *earlier, last = scenario.commits()
        self._name = made.url  # one test's alone
        first = None if earlier else last[1].saved
        content = layer_file(first, self._id_of) if first else EMPTY
        self._layer_id = made.add_layer("Cités", content, scenario.settings.settings)
        for commit, each, file in earlier:
            self._enter(commit, each, file)
            run = self.run()
            assert run.plan
            assert not run.plan.verdict.held, run.plan.verdict.objections
            self.decide(each.decided, run.plan)
        commit, each, file = last
        self._enter(commit, each if earlier else Round(each.file, None, each.settings), file)

    def preview(self) -> Plan:
        state = self.journal.load(self._job.layer, self._clock)
        return preview(self._job, self._files, self._layer(), state, self._clock).plan

    def run(self) -> Run:
        return run_once(self._job, self._files, self._layer(), self.journal, self._clock)

    def approve(self, plan: Plan) -> None:
        approval = Approval(plan.code, commit=None if plan.verdict.waiting else plan.context.commit)
        self.journal.approve(self._job.layer, approval, self._clock)

    def decide(self, said: Decided, asked: Plan) -> None:
        """A person says what is to become of what a plan asks."""
        for key, fields in said.keep.items():
            for field in fields or [""]:
                keep(self._work, [key], field, "Ada", self.journal, self._clock)
        if said.approve:
            approve_parts([self._name], asked.code, said.approve, "Ada", self.journal, self._clock)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        return self.journal.load(self._name, self._clock).decisions

    @property
    def _work(self) -> Work:
        return Work(self._job, self._files, self._layer())

    def body(self) -> bytes:
        return self._made.read(self._layer_id)[0]

    def _enter(self, commit: Commit, each: Round, file: Path) -> None:
        """A round begins: a person saved something, the file has a new commit, the settings are these."""
        if each.saved:
            version = self._made.read(self._layer_id)[1]
            content = layer_file(each.saved, self._id_of)
            assert self._made.save(self._layer_id, content, version).status_code == 200
        self._settings = each.settings
        self._files = Files(commit, file, each.settings)
        shape = (f"{each.settings.key} {each.settings.rename} {each.settings.seed} {each.settings.encoding}",)
        self._job = Job(
            layer=self._name, policy=each.settings.policy, limits=each.settings.limits, shape=shape
        )

    def _layer(self) -> UmapLayer:
        editable = self._settings.editable
        if editable not in self._maps:
            link = self._made.edit_link if editable else None
            self._maps[editable] = open_map(
                self._made.url, edit_link=link, agent=AGENT, pause=Pauses(), now=self._clock.now, shared=True
            )
        self._maps[editable].latest = None  # each act is a pass of its own: it looks, then reads what it saw
        return UmapLayer(self._maps[editable], self._layer_id)

    def _id_of(self, key: str) -> str:
        base = self.journal.load(self._name).base
        umap_id = base and key in base.known and base.known[key].umap_id
        assert umap_id, f"no uMap id of {key} is remembered"
        return umap_id


def carried_out(plan: Plan, body: bytes) -> dict[str, Any]:
    """The layer's file with the plan carried out by the plainest means."""
    top: dict[str, Any] = json.loads(body)
    features = top["features"]
    gone = {change.place for change in plan.effects.deletes}
    for change in plan.effects.changes:
        if isinstance(change, Update):
            _carry_out(change, features[change.place])
    created = [_feature(change) for change in plan.effects.changes if isinstance(change, Create)]
    kept = [feature for place, feature in enumerate(features) if place not in gone]
    return {**top, "features": [*kept, *created]}


def _carry_out(update: Update, feature: dict[str, Any]) -> None:
    properties = feature["properties"] = feature.get("properties") or {}
    for field in update.fields:
        properties.pop(field.name, None)
        if isinstance(field.after, str | int | float | list | dict):
            properties[field.name] = field.after
    if update.move:
        feature["geometry"] = update.move.after


def _feature(create: Create) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": create.geometry,
        "properties": create.properties,
        "id": create.umap_id,
    }


def assert_same_layer(body: bytes, expected: dict[str, Any]) -> None:
    """All but uMap ids is the same. Valid ids of their own stay; in the end every feature has one."""
    found = json.loads(body)
    assert _without_ids(found) == _without_ids(expected)
    ids = [feature.get("id") for feature in found["features"]]
    wanted = [feature.get("id") for feature in expected["features"]]
    for now, then in zip(ids, wanted, strict=True):
        assert now == then or not _is_own(then, wanted)
    assert len(set(ids)) == len(ids)
    assert all(VALID_ID.fullmatch(str(umap_id)) for umap_id in ids)


def _is_own(umap_id: object, among: list[object]) -> bool:
    return isinstance(umap_id, str) and bool(VALID_ID.fullmatch(umap_id)) and among.count(umap_id) == 1


def _without_ids(top: dict[str, Any]) -> dict[str, Any]:
    features = [{name: feature[name] for name in feature if name != "id"} for feature in top["features"]]
    return {**top, "features": features}
