"""People who save at the worst moments of a push: what uMap confirmed to them is not lost."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.faults import faults
from tests.faults.conftest import Scene
from tests.faults.faults import meanwhile, run_over
from tests.faults.proxy import LOCK
from tests.faults.scene import TYPE, content, edited
from umap_bot.model.policy import Policy

PLACE = {"type": "Point", "coordinates": [4.6, 45.5]}
THEIRS = {"type": "Feature", "id": "Thrs1", "geometry": PLACE, "properties": {"name": "Theirs"}}
Save = Callable[[Scene], str]


def a_note(scene: Scene) -> str:
    """On a feature that the push leaves alone."""
    return scene.save(key="3", note="by hand")


def a_note_on_ours(scene: Scene) -> str:
    """On the feature that the push changes."""
    return scene.save(key="1", note="by hand")


def a_point(scene: Scene) -> str:
    return scene.save(THEIRS)


def a_deletion(scene: Scene) -> str:
    """Of a point of their own."""
    version = scene.made.read(scene.layer_id)[1]
    kept = [feature for feature in scene.features if feature["id"] != "Siege"]
    saved = scene.made.save(scene.layer_id, {**TYPE, "features": kept}, version)
    return saved.headers["X-Datalayer-Version"]


def expected(scene: Scene, save: Save) -> list[object]:
    """What is to stand: the file's part, and theirs."""
    planned = [
        {"properties": dict(properties), "geometry": geometry, "id": ""}
        for properties, geometry in scene.after
    ]
    if save is a_note or save is a_note_on_ours:
        planned = edited(planned, "3" if save is a_note else "1", note="by hand")
    elif save is a_point:
        planned.append(THEIRS)
    else:
        planned = [feature for feature in planned if feature["properties"]["name"] != "Our office"]
    return content(planned)


SAVES = (a_note, a_note_on_ours, a_point, a_deletion)


@pytest.fixture(params=SAVES, ids=lambda save: str(save.__name__))
def save(request: pytest.FixtureRequest) -> Save:
    chosen: Save = request.param
    return chosen


def settles(scene: Scene, wanted: list[object]) -> None:
    assert scene.stands == wanted
    assert scene.bot.requests <= 20
    assert scene.bot.run().code == 0
    assert scene.stands == wanted
    assert scene.bot.run().outcome == "nothing"
    assert scene.bot.requests == 1
    assert all(push.headers[LOCK] for push in scene.proxy.every_push)


def test_a_save_just_before_the_push_arrives(scene: Scene, save: Save) -> None:
    """uMap merges, or refuses with 412."""
    scene.proxy.fail("push", meanwhile(lambda: save(scene)))
    assert scene.bot.run().outcome == "done"
    settles(scene, expected(scene, save))


def test_a_save_that_the_push_wins_over(scene: Scene, save: Save) -> None:
    scene.proxy.fail("push", run_over(lambda: save(scene)))
    assert scene.bot.run().outcome == "done"
    settles(scene, expected(scene, save))


@pytest.mark.parametrize("fault", ["drop_after", "stale"])
def test_a_save_that_the_push_wins_over_while_more_goes_wrong(scene: Scene, save: Save, fault: str) -> None:
    scene.proxy.fail("push", run_over(lambda: save(scene)))
    if fault == "stale":  # the list of versions shows neither theirs nor ours
        scene.proxy.fail("versions", faults.stale, skip=1)
    else:  # the run ends here, and what it ran over is found by the next
        scene.proxy.fail("layer", faults.drop_after, skip=1, times=3)
    assert scene.bot.code() == (0 if fault == "stale" else 14)
    if fault == "drop_after":
        assert scene.bot.run().code == 0
    settles(scene, expected(scene, save))


def test_a_save_just_before_the_plan_is_made(scene: Scene, save: Save) -> None:
    scene.proxy.fail("layer", meanwhile(lambda: save(scene)))
    assert scene.bot.run().outcome == "done"
    settles(scene, expected(scene, save))


def test_a_save_just_after_the_push(scene: Scene, save: Save) -> None:
    scene.proxy.fail("versions", meanwhile(lambda: save(scene)), skip=1)
    assert scene.bot.run().outcome == "done"
    settles(scene, expected(scene, save))


def test_a_save_that_ran_over_ours(scene: Scene) -> None:
    """It began on the version that we pushed on, was let through with ours, and stored after it."""
    theirs = edited(scene.features, "3", note="by hand")

    def stored() -> None:
        scene.made.save(scene.layer_id, {**TYPE, "features": theirs}, scene.made.read(scene.layer_id)[1])

    scene.proxy.fail("settings", meanwhile(stored), skip=2)
    run = scene.bot.run()
    assert (run.outcome, run.pushes, run.drift) == ("done", 2, ())
    settles(scene, expected(scene, a_note))


def test_an_owned_cell_that_a_lost_save_changed_is_decided_by_policy_and_logged(scene: Scene) -> None:
    def save() -> str:
        return scene.save(key="3", state="closed")

    scene.proxy.fail("push", run_over(save))
    run = scene.bot.run()
    assert [(drift.key, drift.field, drift.live) for drift in run.drift] == [("3", "state", "closed")]
    settles(scene, scene.after)


def test_under_keep_it_stays(scene: Scene) -> None:
    scene.bot.policy = Policy(drift="keep")
    scene.proxy.fail("push", run_over(lambda: scene.save(key="3", state="closed")))
    assert scene.bot.run().outcome == "done"
    (theirs,) = [each for each in scene.features if each["properties"].get("id") == "3"]
    assert theirs["properties"]["state"] == "closed"


def test_what_people_did_to_the_settings_meanwhile_stays(scene: Scene) -> None:
    body, version = scene.made.read(scene.layer_id)
    settings = {**scene.made.settings(scene.layer_id), "color": "Green"}
    scene.proxy.fail("push", run_over(lambda: _styled(scene, body, version, settings)))
    assert scene.bot.run().outcome == "done"
    assert scene.made.settings(scene.layer_id) == settings
    settles(scene, scene.after)


def _styled(scene: Scene, body: bytes, version: str, settings: dict[str, object]) -> str:
    saved = scene.made.save(scene.layer_id, body, version, settings)
    return str(saved.headers["X-Datalayer-Version"])


def test_a_late_twin_after_somebody_added_a_point_doubles_nothing_for_long(scene: Scene) -> None:
    """uMap merges the twin: what we added stands twice (protocol 6), until it is looked at."""

    def act() -> None:
        scene.save(THEIRS)
        scene.proxy.forward(scene.proxy.every_push[-1])

    scene.proxy.fail("versions", meanwhile(act), skip=1)
    assert scene.bot.run().outcome == "done"
    scene.bot.table.commit({**scene.bot.table.states[-1]})
    settles(scene, expected(scene, a_point))


def test_no_confirmed_save_is_in_a_merge_only(scene: Scene) -> None:
    """A merge of ours that stores after a second save of a person's: it read the layer before."""
    first: list[str] = []

    def act() -> str:
        body = json.loads(scene.made.read(scene.layer_id)[0])
        first.append(scene.save(key="3", note="by hand"))
        assert body["features"] != scene.features
        return scene.save(THEIRS)

    scene.proxy.fail("push", run_over(act))
    assert scene.bot.run().outcome == "done"
    kept = [each["properties"] for each in scene.features]
    assert sum(each.get("note") == "by hand" for each in kept) == 1
    assert sum(each["name"] == "Theirs" for each in kept) == 1
