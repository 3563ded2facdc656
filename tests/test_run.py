"""What a run reads and compares, and how often; how long it has its layer; what ends it, and it alone."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from tests.machine.memory_umap import MemoryLayer, MemoryUmap
from tests.machine.test_machine import WIDE, MemoryDataset, StillClock, row
from umap_bot.errors import Bug, GitError, LayerBusy, StateError
from umap_bot.journal import blobs
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.session import SqlSession
from umap_bot.journal.store import Store
from umap_bot.model.policy import Policy
from umap_bot.reconcile import sides
from umap_bot.run.attempt import preview
from umap_bot.run.job import DEADLINE, Job, Work, tries
from umap_bot.run.passes import make_pass, preview_all, worst
from umap_bot.run.run import run_once
from umap_bot.text import say

NAME = "layer"


class Scene:
    """A layer in memory, a file in memory, a journal on this disk."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        self.clock = StillClock()
        self.dataset = MemoryDataset()
        self.umap = MemoryUmap()
        self.layer = MemoryLayer(self.umap)
        self.journal = SqlJournal(f"sqlite:///{folder / 'state.db'}")
        self.job = Job(layer=name, policy=Policy(), limits=WIDE)
        self.dataset.commit({"a": row("a", "1", "1", 1), "b": row("b", "1", "1", 2)})

    @property
    def work(self) -> Work:
        return Work(self.job, self.dataset, self.layer)

    def run(self) -> Any:
        return run_once(self.job, self.dataset, self.layer, self.journal, self.clock)

    def save_an_edit(self) -> None:
        features = json.loads(json.dumps(self.umap.live))
        features[1]["properties"]["name"] = "edited"
        self.umap.store(features)

    def change(self) -> None:
        self.dataset.commit({**self.dataset.commits[-1], "a": row("a", "2", "2", 3)})


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path)
    assert scene.run().outcome == "done"
    return scene


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count decodes, comparisons, reads of the layer, and transactions that only read the state."""
    count: Counter[str] = Counter()
    decode, look, read, layer_read = blobs.decode, sides.look, Store.read, MemoryLayer.read

    def counting_decode(data: bytes, kind: Any) -> Any:
        count[f"decode {kind.__name__}"] += 1
        return decode(data, kind)

    def counting_look(*sides: Any, **how: Any) -> Any:
        count["look"] += 1
        return look(*sides, **how)

    @contextmanager
    def counting_read(store: Store) -> Iterator[Connection]:
        count["read of the state"] += 1
        with read(store) as connection:
            yield connection

    def counting_layer_read(layer: MemoryLayer) -> Any:
        count["read of the layer"] += 1
        return layer_read(layer)

    monkeypatch.setattr(blobs, "decode", counting_decode)
    monkeypatch.setattr("umap_bot.reconcile.aims.look", counting_look)
    monkeypatch.setattr(Store, "read", counting_read)
    monkeypatch.setattr(MemoryLayer, "read", counting_layer_read)
    return count


def test_a_run_that_pushes_decodes_base_once_and_compares_once_a_read(
    scene: Scene, counted: Counter[str]
) -> None:
    scene.change()
    run = scene.run()
    assert (run.outcome, run.pushes) == ("done", 1)
    assert counted["decode Base"] == 1
    assert counted["look"] == counted["read of the layer"] == 2
    assert counted["read of the state"] == 1, "that of `load`"


def test_a_run_that_is_told_of_edits_compares_once_a_read_too(scene: Scene, counted: Counter[str]) -> None:
    scene.change()
    scene.save_an_edit()
    run = scene.run()
    assert run.outcome == "done"
    assert counted["decode Base"] == 1
    assert counted["look"] == counted["read of the layer"] == 2


def test_the_file_is_read_beside_base(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    read, bases = scene.dataset.read, list[Any]()

    def noting(commit: Any, base: Any = None) -> Any:
        bases.append(base)
        return read(commit, base)

    monkeypatch.setattr(scene.dataset, "read", noting)
    scene.change()
    was = scene.journal.load(scene.job.layer, scene.clock).base
    assert scene.run().outcome == "done"
    assert was is not None
    assert bases == [was]


def test_an_idle_run_reads_no_more_than_the_stamp(scene: Scene, counted: Counter[str]) -> None:
    assert scene.run().number == 0
    assert {name for name in counted if counted[name]} == set()


def test_an_idle_run_sends_four_statements_in_two_transactions(scene: Scene) -> None:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(" ".join(statement.split()[:3]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert scene.run().number == 0
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert sent == [
        "BEGIN IMMEDIATE",
        "INSERT INTO bot_lease",
        "SELECT bot_layer.stamp, bot_layer.waiting",
        "BEGIN IMMEDIATE",
        "DELETE FROM bot_lease",
        "INSERT INTO bot_layer",
    ]


def test_a_preview_reads_the_state_once_and_writes_nothing(
    scene: Scene, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        pytest.fail("a preview wrote")

    monkeypatch.setattr(Store, "write", refused)
    scene.change()
    state = scene.journal.load(NAME, scene.clock)
    plan = preview(scene.job, scene.dataset, scene.layer, state, scene.clock).plan
    assert len(plan.effects.updates) == 1
    assert (counted["decode Base"], counted["look"], counted["read of the state"]) == (1, 1, 1)


class Odd(MemoryDataset):
    """A dataset in which something is that nobody foresaw."""

    def __init__(self, commits: list[Any]) -> None:
        super().__init__()
        self.commits = commits

    def read(self, commit: Any, base: Any = None) -> Any:
        raise OverflowError("int too large to convert")


class Heard:
    """Who hears of a pass."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []

    def begin(self) -> None:
        """Nothing yet."""

    def end(self, ended: list[Any], code: int) -> None:
        self.told += [(layer, end.code, code) for layer, end in ended]


def test_what_nobody_foresaw_ends_one_layers_run_and_is_recorded(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    before, after = Scene(tmp_path, "before"), Scene(tmp_path, "after")
    scene.change()
    odd = Work(scene.job, Odd(scene.dataset.commits), scene.layer)
    works, heard = [before.work, odd, after.work], Heard()
    ended = make_pass(works, scene.journal, scene.clock, heard)
    assert [(layer, type(end).__name__, end.code) for layer, end in ended] == [
        ("before", "Run", 0),
        (NAME, "Bug", 1),
        ("after", "Run", 0),
    ]
    assert heard.told == [("before", 0, 1), (NAME, 1, 1), ("after", 0, 1)]
    assert worst(ended) == 1
    recorded = scene.journal.reader.runs(layer=NAME)[0]
    assert (recorded.outcome, recorded.code) == ("failed", 1)
    assert str(recorded.error).startswith("internal error: OverflowError. The traceback is in ")
    file = Path(str(recorded.error).rpartition(" ")[2])
    assert "int too large to convert" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    again = make_pass(works, scene.journal, scene.clock, heard)
    assert again[1][1].code == 1
    assert scene.journal.reader.runs(layer=NAME)[0].repeats == 1, "the same bug is one entry of the log"
    with scene.journal.lease(NAME, scene.clock):
        """It is free."""


def test_what_nobody_foresaw_is_recorded_though_its_trace_can_not_be_kept(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that is read-only, or full: neither the cache nor a temporary folder takes a file."""
    nowhere = tmp_path / "a file"
    nowhere.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(nowhere))
    monkeypatch.setattr(tempfile, "tempdir", str(nowhere))
    scene.change()
    odd = Work(scene.job, Odd(scene.dataset.commits), scene.layer)
    make_pass([odd], scene.journal, scene.clock, Heard())
    recorded = scene.journal.reader.runs(layer=NAME)[0]
    assert (recorded.outcome, recorded.code) == ("failed", 1)
    assert str(recorded.error) == (
        "internal error: OverflowError. Its traceback could not be kept: Not a directory"
    )


def test_a_plan_of_many_layers_tells_of_a_bug_in_one(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    odd = Work(scene.job, Odd(scene.dataset.commits), scene.layer)
    bug, plan = preview_all([odd, Scene(tmp_path, "other").work], scene.journal, scene.clock)
    assert isinstance(bug, Bug)
    assert not isinstance(plan, Exception)


class SlowLayer(MemoryLayer):
    """A server that takes its time: `minutes` for each answer."""

    def __init__(self, umap: MemoryUmap, clock: StillClock) -> None:
        super().__init__(umap)
        self.clock = clock
        self.minutes = 0

    def read(self) -> Any:
        self.clock.time += timedelta(minutes=self.minutes)
        return super().read()

    def push(self, wanted: Any, on: Any) -> None:
        self.clock.time += timedelta(minutes=self.minutes)
        super().push(wanted, on)


def test_nobody_takes_the_layer_from_a_run_that_is_slow(scene: Scene) -> None:
    """Its push comes 12 minutes after it took the layer, and is logged; nobody is blamed for it."""
    scene.change()
    scene.layer = slow = SlowLayer(scene.umap, scene.clock)
    slow.minutes = 6
    refused: list[str] = []

    def another() -> None:
        with pytest.raises(LayerBusy), scene.journal.lease(NAME, scene.clock):
            pytest.fail("two runs had the layer")
        refused.append("busy")

    slow.before_push = another
    run = scene.run()
    assert (run.outcome, refused) == ("done", ["busy"])
    assert [change.key for change in run.applied] == ["a"]
    slow.minutes = 0
    assert scene.run().number == 0


def test_a_run_that_lost_its_layer_pushes_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It took so long to read that its lease was over, and another run has it."""
    scene.change()
    scene.layer = slow = SlowLayer(scene.umap, scene.clock)
    slow.minutes = 11
    taken = scene.journal.lease(NAME, scene.clock)
    read = slow.read

    def reading() -> Any:
        live = read()
        taken.__enter__()
        return live

    monkeypatch.setattr(slow, "read", reading)
    with pytest.raises(StateError, match="took too long"):
        scene.run()
    taken.__exit__(None, None, None)
    assert slow.pushes == 0


def test_no_pause_between_tries_ends_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StillClock()
    end = clock.now() + timedelta(seconds=1)
    waited: list[float] = []
    monkeypatch.setattr(clock, "pause", waited.append)
    assert list(tries(clock, clock.now())) == [0]
    assert waited == []
    clock.time = end - timedelta(seconds=0.1)
    assert list(tries(clock, end)) == [0]
    assert list(tries(clock, end + DEADLINE)) == [0, 1, 2, 3]
    assert len(waited) == 3


def test_no_wait_of_the_layer_is_begun_that_ends_after_the_run(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layer is told the end of the run, and only for as long as the run lasts."""
    told: list[Any] = []

    @contextmanager
    def until(end: Any) -> Iterator[None]:
        told.append(end)
        yield
        told.append("over")

    monkeypatch.setattr(scene.layer, "until", until)
    begun = scene.clock.now()
    scene.change()
    assert scene.run().outcome == "done"
    assert told == [begun + DEADLINE, "over"]


def test_what_ended_a_run_is_told_although_it_can_not_be_written_down(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise GitError(say("No git."))

    def gone(*_: object) -> None:
        raise StateError(say("No state."))

    scene.change()
    monkeypatch.setattr(scene.dataset, "head", refused)
    monkeypatch.setattr(SqlSession, "fail", gone)
    with pytest.raises(GitError, match="No git"):
        scene.run()


def test_what_nobody_foresaw_before_the_lease_ends_one_layers_run_too(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    lease = SqlJournal.lease

    def broken(journal: SqlJournal, layer: str, clock: Any) -> Any:
        if layer == NAME:
            raise RuntimeError("odd")
        return lease(journal, layer, clock)

    monkeypatch.setattr(SqlJournal, "lease", broken)
    works = [scene.work, Scene(tmp_path, "after").work]
    ended = make_pass(works, scene.journal, scene.clock, Heard())
    assert [end.code for _, end in ended] == [1, 0]
