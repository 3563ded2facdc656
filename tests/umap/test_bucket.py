"""A site that keeps its layers on S3: times, order, lost saves; and a bucket that keeps no versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scene import RushingClock, Table, rows
from tests.umap.bucket import LAYER, START, Bucket
from tests.umap.made import BRON, LYON, VIENNE, collection, names, point
from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.layer import Collection, Push
from umap_bot.model.policy import Limits, Policy
from umap_bot.run.job import Job
from umap_bot.run.run import run_once
from umap_bot.umap.layer.versions import read_versions
from umap_bot.umap.wire import Reply

OURS = point("Lyon VIII", "aaaaa", contact="Clélia")
THEIRS = point("Bron centre", "bbbbb")


def encoded(*features: dict[str, Any]) -> bytes:
    return json.dumps(collection(*features)).encode()


def wanted(on: Collection, *features: dict[str, Any]) -> Collection:
    return Collection(on.members, tuple(json.dumps(feature).encode() for feature in features))


@pytest.fixture
def bucket() -> Bucket:
    return Bucket(encoded(LYON, BRON), versioned=True)


def test_times_are_read_and_the_order_is_that_of_storing(bucket: Bucket) -> None:
    """S3 tells whole seconds, as a number with a point."""
    for second in (START, START, START + 2):
        bucket.save(encoded(LYON), second)
    versions = read_versions(bucket, bucket.map().page(), LAYER)
    assert [version.version for version in versions] == [each.ref for each in reversed(bucket.stored)]
    assert [version.at - START * 1000 for version in versions] == [2000, 2, 1, 0]


def test_the_times_are_told(bucket: Bucket) -> None:
    live = bucket.layer().read()
    assert live.known == (live.version,) == (bucket.stored[0].ref,)
    assert live.times[live.version].timestamp() == START
    assert live.warnings == ()


@pytest.mark.parametrize("later", [0, 59])
def test_a_save_that_our_push_ran_over_is_found(bucket: Bucket, later: int) -> None:
    layer = bucket.layer()
    live = layer.read()
    ours = wanted(live.standing, OURS, BRON)
    bucket.save(encoded(LYON, THEIRS), START + 1)
    bucket.save(ours.encode(), START + 1 + later)
    push = Push(live.version, live.standing, ours, live.known)
    (save,) = layer.overwritten(push, layer.read())
    assert save.version == bucket.stored[1].ref
    assert save.lost is not None
    assert names(save.lost.encode()) == ["Lyon 8e", "Bron centre"]


def test_a_save_of_long_before_is_not_one(bucket: Bucket) -> None:
    """What came more than a minute after ours can't have been run over by it: without times it would be."""
    layer = bucket.layer()
    live = layer.read()
    ours = wanted(live.standing, OURS, BRON)
    bucket.save(ours.encode(), START + 1)
    bucket.save(encoded(LYON, BRON, VIENNE), START + 100)
    bucket.save(ours.encode(), START + 200)
    push = Push(live.version, live.standing, ours, live.known)
    assert layer.overwritten(push, layer.read()) == ()


def test_a_save_in_the_same_second_on_top_of_ours_is_not_lost_though_it_was_taken_back(
    bucket: Bucket,
) -> None:
    """The order tells what the seconds don't."""
    layer = bucket.layer()
    live = layer.read()
    ours = wanted(live.standing, OURS, BRON)
    for body in (ours.encode(), encoded(OURS, THEIRS), encoded(OURS, BRON, VIENNE)):
        bucket.save(body, START + 1)
    push = Push(live.version, live.standing, ours, live.known)
    assert layer.overwritten(push, layer.read()) == ()


def test_an_unversioned_bucket_is_read_and_written_and_it_is_said() -> None:
    """Its list would hold one version, "null", that is no version of the page's."""
    bucket = Bucket(encoded(LYON, BRON), versioned=False)
    assert json.loads(bucket.listed())["versions"][0]["ref"] == "null"
    layer = bucket.layer()
    live = layer.read()
    assert (live.version, live.known) == (bucket.version, ())
    assert "keeps no earlier versions" in str(live.warnings[0])
    ours = wanted(live.standing, OURS, BRON)
    layer.push(ours, live)
    after = layer.read()
    assert after.standing == ours
    assert after.version != live.version
    assert layer.overwritten(Push(live.version, live.standing, ours, live.known), after) == ()
    assert not [path for path in bucket.asked if "versions" in path]


def test_a_bucket_whose_versioning_is_suspended_is_not_touched() -> None:
    """The version stays the same whatever is saved, so nothing locks and nothing is new."""
    bucket = Bucket(encoded(LYON), versioned=False, reference="null")
    with pytest.raises(RefusedError, match="does not change the version of the layer"):
        bucket.layer().read()


def test_a_list_that_never_has_the_version_of_the_page() -> None:
    """It is asked for five times, and after the last one nothing is waited for."""
    bucket = Bucket(encoded(LYON), versioned=True, reference="7")
    with pytest.raises(UnreachableError, match="keeps being saved while umap-bot reads it"):
        bucket.layer().read()
    assert bucket.pauses.seconds == [0.5, 1, 1.5, 2]


@pytest.mark.parametrize("versioned", [True, False])
def test_a_run_over_a_persons_save(versioned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With versions it is found, and told; without, the run ends well all the same, and nobody knows."""
    bucket = Bucket(encoded(), versioned=versioned)
    table, clock = Table(rows(12)), RushingClock()
    job = Job(layer="cites", policy=Policy(), limits=Limits())
    with closing(SqlJournal(f"sqlite:///{tmp_path / 'state.sqlite'}")) as journal:
        assert run_once(job, table, bucket.layer(), journal, clock).outcome == "done"
        theirs = json.loads(bucket.stored[-1].body)
        theirs["features"][1]["properties"]["state"] = "open"
        post = bucket.post

        def late(
            path: str, fields: Mapping[str, str], file: bytes | None, headers: Mapping[str, str]
        ) -> Reply:
            monkeypatch.setattr(bucket, "post", post)
            bucket.save(json.dumps(theirs).encode(), bucket.stored[-1].second + 1)
            return post(path, fields, file, headers)

        monkeypatch.setattr(bucket, "post", late)
        table.commit({**rows(12), "1": {"name": "Cité 1", "state": "done"}})
        run = run_once(job, table, bucket.layer(), journal, clock)
        assert run.outcome == "done"
        assert run.plan
        assert [(each.field, each.outcome) for each in run.plan.context.drift] == (
            [("state", "overwrite")] if versioned else []
        )
        told = " ".join(run.plan.context.warnings)
        assert ("keeps no earlier versions" in told) is not versioned
        assert run_once(job, table, bucket.layer(), journal, clock).outcome == "nothing"
