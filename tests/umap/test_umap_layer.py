"""One layer on the real uMap: looked at, read, written; and what people do to it meanwhile."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.accounts import log_in, new_user
from tests.umap.made import AGENT, BRON, LYON, VIENNE, Pauses, collection, names, point
from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.http.failures import LostAnswerError
from umap_bot.model.layer import Collection, Live, Push
from umap_bot.ports import LiveLayer
from umap_bot.sandbox import browser
from umap_bot.sandbox.maps import MadeMap
from umap_bot.sandbox.server import Sandbox
from umap_bot.text import verbatim
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.layer.versions import read_versions
from umap_bot.umap.map import UmapMap, open_map
from umap_bot.umap.wire import Reply

Opener = Callable[[], UmapMap]


def feature(name: str, umap_id: str) -> bytes:
    return json.dumps(point(name, umap_id)).encode()


def with_one_more(standing: Collection) -> Collection:
    return Collection(standing.members, (*standing.features, feature("Givors", "ggggg")))


def before_the_post(opened: UmapMap, act: Callable[[], object]) -> None:
    """Let somebody act at the worst moment: after the page was read, before the POST arrives."""
    post = opened.wire.post

    def late(path: str, fields: Mapping[str, str], file: bytes | None, headers: Mapping[str, str]) -> Reply:
        opened.wire.post = post  # type: ignore[method-assign]
        act()
        return post(path, fields, file, headers)

    opened.wire.post = late  # type: ignore[method-assign]


def test_it_is_the_port(layer: UmapLayer) -> None:
    port: LiveLayer = layer
    live = port.read()
    assert port.overwritten(Push(live.version, live.standing, live.standing, live.known), live) == ()


def test_looking_costs_one_request_and_no_way_in(layer: UmapLayer, made_map: MadeMap, layer_id: str) -> None:
    entry = layer.look()
    assert layer.look() == entry
    assert layer._map.wire.requests == 2
    assert (entry.layer_id, entry.name, entry.version) == (layer_id, "Cités", made_map.read(layer_id)[1])
    assert (entry.map_id, entry.map_name) == (str(made_map.id), made_map.name)
    assert entry.editable is False  # a stranger's view
    assert entry.settings["color"] == "Orchid"


def test_reading_takes_the_way_in_once(layer: UmapLayer, made_map: MadeMap, layer_id: str) -> None:
    live = layer.read()
    assert layer._map.wire.requests == 4
    body, version = made_map.read(layer_id)
    assert live.entry.editable
    assert live.version == live.entry.version == version
    assert live.standing is live.carried
    assert json.loads(live.standing.encode()) == json.loads(body)
    layer.read()
    assert layer._map.wire.requests == 7


def test_a_push_stands_and_touches_nothing_else(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, pauses: Pauses
) -> None:
    made_map.add_layer("Autre", collection(VIENNE))
    before = made_map.layer(layer_id)
    live = layer.read()
    asked = layer._map.wire.requests
    wanted = with_one_more(live.standing)
    layer.push(wanted, live)
    assert layer._map.wire.requests - asked == 2
    assert live.known == (live.version,)
    after = layer.read()
    assert after.standing == wanted
    assert after.version != live.version
    assert after.entry.settings == live.entry.settings
    now = made_map.layer(layer_id)
    versions = {"referenceVersion": 0, "_referenceVersion": 0}
    assert now | versions == before | versions
    assert pauses.seconds == []


def test_what_a_person_changed_in_the_settings_meanwhile_stays(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, opened: UmapMap
) -> None:
    live = layer.read()
    body, version = made_map.read(layer_id)
    settings = {**made_map.settings(layer_id), "color": "Green", "name": "Cités (2026)"}

    def style() -> None:
        made_map.save(layer_id, body, version, settings)

    before_the_post(opened, style)
    layer.push(with_one_more(live.standing), live)
    assert made_map.settings(layer_id) == settings


def test_a_layer_stays_in_its_group(umap: Sandbox, made_map: MadeMap, opened: UmapMap) -> None:
    """A push without `parent` takes it out (protocol 0, fact 12). Before 3.7 there are no groups."""
    nested = tuple(map(int, umap.release.split(".")[:2])) >= (3, 7)
    group = made_map.add_layer("Groupe", collection(), {"group": True})
    child = made_map.add_layer("Enfant", collection(LYON), parent=group)
    layer = UmapLayer(opened, "Enfant")
    live = layer.read()
    assert (live.entry.layer_id, live.entry.parent) == (child, group if nested else None)
    layer.push(with_one_more(live.standing), live)
    assert layer.read().entry.parent == live.entry.parent
    grouped = UmapLayer(opened, "Groupe")
    whole = grouped.read()
    with pytest.raises(RefusedError, match="group of layers"):
        grouped.push(live.standing, whole)


def test_a_conflict_is_told_by_the_next_read(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, opened: UmapMap
) -> None:
    """412 raises nothing."""
    live = layer.read()
    body, version = made_map.read(layer_id)
    theirs = collection(point("Lyon 8", "aaaaa"), BRON)
    before_the_post(opened, lambda: made_map.save(layer_id, theirs, version))
    ours = Collection(live.standing.members, (feature("Lyon VIII", "aaaaa"), live.standing.features[1]))
    layer.push(ours, live)
    after = layer.read()
    assert names(after.standing.encode()) == ["Lyon 8", "Bron"]
    assert after.version != live.version
    assert names(body) == ["Lyon 8e", "Bron"]


def test_a_merge_is_told_by_the_next_read(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, opened: UmapMap
) -> None:
    live = layer.read()
    theirs = collection(LYON, BRON, VIENNE)
    before_the_post(opened, lambda: made_map.save(layer_id, theirs, live.version))
    layer.push(with_one_more(live.standing), live)
    assert sorted(names(layer.read().standing.encode())) == ["Bron", "Givors", "Lyon 8e", "Vienne"]


def test_on_an_old_version_nothing_is_sent(layer: UmapLayer, made_map: MadeMap, layer_id: str) -> None:
    """uMap would merge it, at a cost that is quadratic (protocol 6)."""
    live = layer.read()
    made_map.save(layer_id, collection(LYON, BRON, VIENNE), live.version)
    layer.push(with_one_more(live.standing), live)
    assert names(layer.read().standing.encode()) == ["Lyon 8e", "Bron", "Vienne"]
    assert len(made_map.versions(layer_id)) == 2


def test_versions_and_what_they_hold(layer: UmapLayer, opened: UmapMap, layer_id: str) -> None:
    live = layer.read()
    layer.push(with_one_more(live.standing), live)
    newest, oldest = read_versions(opened.wire, opened.page(), layer_id)
    assert oldest.version == live.version
    assert newest.at > oldest.at > 1_700_000_000_000
    assert oldest.size == len(json.dumps(collection(LYON, BRON), ensure_ascii=False).encode())
    assert layer.content(oldest) == live.standing
    assert layer.content(oldest.__class__("123", "")) is None


def test_a_lost_answer_is_waited_for_once(
    layer: UmapLayer, opened: UmapMap, monkeypatch: pytest.MonkeyPatch, pauses: Pauses
) -> None:
    """A slow server may store the push later (protocol 16, 13)."""
    live = layer.read()

    def lost(*_: object) -> Reply:
        raise LostAnswerError(verbatim("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(opened.wire, "post", lost)
        layer.push(with_one_more(live.standing), live)
    assert layer.read() == live
    assert layer.read() == live
    assert pauses.seconds == [10.0]


def test_a_forged_looking_request_is_tried_with_a_new_page(
    layer: UmapLayer, opened: UmapMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token in the header is not that of the cookie: 403 with HTML."""
    live = layer.read()
    post = opened.wire.post
    tokens = ["x" * 32, None]

    def stale(path: str, fields: Mapping[str, str], file: bytes | None, headers: Mapping[str, str]) -> Reply:
        token = tokens.pop(0)
        return post(path, fields, file, {**headers, **({"X-CSRFToken": token} if token else {})})

    monkeypatch.setattr(opened.wire, "post", stale)
    wanted = with_one_more(live.standing)
    layer.push(wanted, live)
    assert layer.read().standing == wanted
    tokens[:] = ["x" * 32, "y" * 32]
    with pytest.raises(RefusedError, match="CSRF"):
        layer.push(live.standing, layer.read())


def test_a_wrong_edit_link(made_map: MadeMap, layer_id: str, pauses: Pauses) -> None:
    link = made_map.edit_link[:-3] + ("abc" if made_map.edit_link[-3:] != "abc" else "abd")
    opened = open_map(made_map.url, edit_link=link, agent=AGENT, pause=pauses)
    with pytest.raises(RefusedError, match="edit link is wrong") as caught:
        UmapLayer(opened, layer_id).read()
    signature = link.rpartition(":")[2]
    assert signature not in str(caught.value) + repr(opened) + repr(vars(opened))


def test_an_edit_link_ends_when_the_map_gets_an_owner(
    umap: Sandbox, layer: UmapLayer, made_map: MadeMap, layer_id: str
) -> None:
    """The link still sends on to the page, the old cookie is still sent: neither opens anything."""
    live = layer.read()
    name = f"owner-{layer_id[:8]}"
    new_user(umap, name, "s3cret")
    session = log_in(umap.url, name, "s3cret")
    browser.get(session, made_map.edit_link)
    browser.success(browser.post(session, f"{browser.site(umap.url)}en/map/{made_map.id}/update/owner/", {}))
    assert layer.look().layer_id == layer_id  # the map is public still
    for act in (layer.read, lambda: layer.push(live.standing, live)):
        with pytest.raises(
            RefusedError, match=r"owner since \d{4}-\d\d-\d\d at the latest, so the secret edit link no"
        ):
            act()
    made_map.session = session
    made_map.set_permissions(share_status=3)
    with pytest.raises(RefusedError, match="has an owner, so the secret edit link no longer works"):
        layer.look()


def test_no_text_shows_the_edit_link(layer: UmapLayer, opened: UmapMap, made_map: MadeMap) -> None:
    live = layer.read()
    signature = made_map.edit_link.rpartition(":")[2]
    layer.push(live.standing, live)
    shown = [layer, layer.look(), live, opened.access(), opened.latest]
    assert signature in made_map.page()["permissions"]["anonymous_edit_url"]
    assert signature not in "".join(map(repr, [*shown, vars(opened), vars(layer)]))


def test_without_a_way_in_a_layer_can_be_read_and_is_not_written(
    theirs: Opener, made_map: MadeMap, layer_id: str
) -> None:
    layer = UmapLayer(theirs(), "Cités")
    live = layer.read()
    assert not live.entry.editable
    with pytest.raises(RefusedError, match="can't be edited with this sign-in method: none set"):
        layer.push(with_one_more(live.standing), live)
    assert len(made_map.versions(layer_id)) == 1


def test_a_layer_that_everyone_may_edit_needs_no_secret(
    theirs: Opener, made_map: MadeMap, layer_id: str
) -> None:
    made_map.set_layer_permissions(layer_id, 1)
    layer = UmapLayer(theirs(), layer_id)
    live = layer.read()
    assert live.entry.editable
    layer.push(with_one_more(live.standing), live)
    assert layer.read().standing == with_one_more(live.standing)


def test_a_draft_is_looked_at_with_the_way_in(
    layer: UmapLayer, theirs: Opener, made_map: MadeMap, layer_id: str
) -> None:
    made_map.set_permissions(share_status=0)
    assert layer.look().layer_id == layer_id
    assert layer._map.wire.requests == 3
    layer.look()
    assert layer._map.wire.requests == 4
    with pytest.raises(RefusedError, match="deleted or made private"):
        UmapLayer(theirs(), layer_id).look()


def test_a_deleted_layer_is_gone_though_uMap_still_takes_it(  # noqa: N802  its name
    layer: UmapLayer, made_map: MadeMap, layer_id: str
) -> None:
    live = layer.read()
    made_map.add_layer("Autre", collection())
    made_map.delete_layer(layer_id)
    with pytest.raises(RefusedError, match="“Cités” is no longer on the map"):
        layer.push(live.standing, live)
    for gone in (layer.look, layer.read):
        with pytest.raises(RefusedError, match=r"has no layer .*Layers: “Autre”"):
            gone()


def test_a_deleted_map(layer: UmapLayer, made_map: MadeMap) -> None:
    live = layer.read()
    made_map.delete()
    with pytest.raises(RefusedError, match="made private"):
        layer.push(live.standing, live)
    with pytest.raises(RefusedError, match="deleted or made private"):
        layer.look()


def test_a_layer_of_remote_data_is_not_written(made_map: MadeMap, opened: UmapMap) -> None:
    """uMap stores such a push, never shows it, and the next save by a person drops it (fact 6)."""
    remote = {"url": "https://data.example/a.json?key=hidden", "format": "geojson"}
    made_map.add_layer("Ailleurs", collection(), {"remoteData": remote})
    layer = UmapLayer(opened)
    live = layer.read()
    assert live.entry.remote == "https://data.example/a.json?…"
    with pytest.raises(RefusedError, match="remote data") as caught:
        layer.push(live.standing, live)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("broken", [b"[1,2]", b'{"type":"FeatureCollection","features":[null]}'])
def test_a_file_that_cannot_be_written_back_is_refused(
    broken: bytes, layer: UmapLayer, made_map: MadeMap, layer_id: str, pauses: Pauses
) -> None:
    """uMap stores whatever it is sent (fact 4)."""
    made_map.save(layer_id, broken, None)
    with pytest.raises(RefusedError, match="The layer's data on the map"):
        layer.read()
    assert pauses.seconds == []


def test_a_broken_file_is_read_again_before_it_is_believed(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, monkeypatch: pytest.MonkeyPatch, pauses: Pauses
) -> None:
    made_map.save(layer_id, b'{"type":"FeatureCollection","features":[', None)
    with pytest.raises(RefusedError, match="incomplete"):
        layer.read()
    assert pauses.seconds == [0.5, 1, 1.5, 2]
    patience = layer._map.wire.patience
    monkeypatch.setattr(patience, "wait", lambda _: made_map.save(layer_id, collection(BRON), None))
    assert names(layer.read().standing.encode()) == ["Bron"]


def test_page_and_file_are_one_snapshot(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, opened: UmapMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody saves between the two."""
    get = opened.wire.get
    saves = [collection(BRON), collection(VIENNE)]

    def meanwhile(path: str, *, plain: bool = False, layer: bool = False) -> Reply:
        if plain and saves:
            made_map.save(layer_id, saves.pop(0), None)
        return get(path, plain=plain, layer=layer)

    monkeypatch.setattr(opened.wire, "get", meanwhile)
    live = layer.read()
    assert names(live.standing.encode()) == ["Vienne"]
    assert live.version == live.entry.version == made_map.read(layer_id)[1]


@pytest.mark.parametrize("moves", [False, True])
def test_a_file_without_a_version_has_that_of_the_page(
    moves: bool,
    *,
    layer: UmapLayer,
    made_map: MadeMap,
    layer_id: str,
    opened: UmapMap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Behind nginx without the line in its settings; the page is asked before and after."""
    get = opened.wire.get
    saves = [collection(BRON)] if moves else []

    def bare(path: str, *, plain: bool = False, layer: bool = False) -> Reply:
        reply = get(path, plain=plain, layer=layer)
        if not plain:
            return reply
        if saves:
            made_map.save(layer_id, saves.pop(0), None)
        return Reply(reply.status, {}, reply.body, reply.path)

    monkeypatch.setattr(opened.wire, "get", bare)
    live = layer.read()
    assert (live.standing.encode(), live.version) == (live.standing.encode(), made_map.read(layer_id)[1])
    assert names(live.standing.encode()) == (["Bron"] if moves else ["Lyon 8e", "Bron"])


def test_a_body_limit_is_remembered(
    layer: UmapLayer, opened: UmapMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = layer.read()
    monkeypatch.setattr(opened.wire, "post", lambda *_: Reply(413, {}, b"<html>", "/"))
    with pytest.raises(RefusedError, match=r"does not accept a layer of 0\.0 MB"):
        layer.push(live.standing, live)
    asked = opened.wire.requests
    with pytest.raises(RefusedError, match="accepts less than"):
        layer.push(with_one_more(live.standing), live)
    assert opened.wire.requests == asked


def test_a_uMap_without_versions_in_its_page_is_read_only(  # noqa: N802  its name
    layer: UmapLayer, opened: UmapMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before 2.8: the page can't tell whether the layer changed."""
    look, enter = opened.look, opened.enter

    def old(read: Callable[[], Any]) -> Callable[[], Any]:
        def page() -> Any:
            from msgspec.structs import replace  # noqa: PLC0415

            given = read()
            layers = tuple(replace(entry, version="", release="2.6.3") for entry in given.layers)
            return replace(given, layers=layers)

        return page

    monkeypatch.setattr(opened, "look", old(look))
    monkeypatch.setattr(opened, "enter", old(enter))
    live = layer.read()
    assert names(live.standing.encode()) == ["Lyon 8e", "Bron"]
    with pytest.raises(RefusedError, match=r"uMap \(2.6.3\) is too old"):
        layer.push(live.standing, live)


def test_a_uMap_that_is_down(made_map: MadeMap, layer_id: str, pauses: Pauses) -> None:  # noqa: N802
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/en/map/x_{made_map.id}"
    layer = UmapLayer(open_map(url, agent=AGENT, pause=pauses), layer_id)
    for act in (layer.look, layer.read):
        with pytest.raises(UnreachableError, match="can't be reached"):
            act()
    assert pauses.seconds == []


def test_a_map_that_is_not_there(umap: Sandbox, pauses: Pauses) -> None:
    for tail in ("en/map/x_99999", "xx/map/x_99999"):
        layer = UmapLayer(open_map(f"{umap.url.rstrip('/')}/{tail}", agent=AGENT, pause=pauses))
        with pytest.raises(RefusedError, match="no map 99999"):
            layer.look()
        with pytest.raises(RefusedError, match="no map 99999"):
            layer.read()


def test_a_map_by_its_number_and_by_an_old_slug(
    umap: Sandbox, made_map: MadeMap, layer_id: str, pauses: Pauses
) -> None:
    for tail in (f"m/{made_map.id}/", f"map/old-name_{made_map.id}", f"fr/map/{made_map.id}"):
        opened = open_map(f"{umap.url.rstrip('/')}/{tail}", agent=AGENT, pause=pauses)
        assert [entry.layer_id for entry in opened.page().layers] == [layer_id]


def test_what_check_asks(opened: UmapMap, theirs: Opener, layer_id: str) -> None:
    access = opened.access()
    assert (access.kind, access.editable, access.owned) == ("the secret edit link", True, False)
    assert [entry.layer_id for entry in access.layers] == [layer_id]
    assert opened.page().layers == access.layers
    assert theirs().access().editable is False


def test_looking_does_not_import_what_reads_html(made_map: MadeMap, layer_id: str) -> None:
    """It costs 100 ms, in a run that finds nothing new."""
    code = (
        "import sys; from umap_bot.umap.map import open_map; from umap_bot.umap.layer.layer import UmapLayer;"
        f"layer = UmapLayer(open_map({made_map.url!r}, agent='x', pause=print), {layer_id!r});"
        "layer.look(); print('bs4' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


def run_over(opened: UmapMap, act: Callable[[], str]) -> None:
    """Let somebody save in the gap of uMap's lock, and our push win over it: it comes with their version."""
    post = opened.wire.post

    def late(path: str, fields: Mapping[str, str], file: bytes | None, headers: Mapping[str, str]) -> Reply:
        opened.wire.post = post  # type: ignore[method-assign]
        return post(path, fields, file, {**headers, "X-Datalayer-Reference": act()})

    opened.wire.post = late  # type: ignore[method-assign]


def pushed(layer: UmapLayer, wanted: Collection, live: Live) -> Push:
    layer.push(wanted, live)
    return Push(live.version, live.standing, wanted, live.known)


def test_a_save_that_our_push_ran_over_is_found(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, opened: UmapMap
) -> None:
    live = layer.read()
    theirs = collection(LYON, point("Bron centre", "bbbbb"))

    def save() -> str:
        return str(made_map.save(layer_id, theirs, live.version).headers["X-Datalayer-Version"])

    run_over(opened, save)
    push = pushed(layer, with_one_more(live.standing), live)
    after = layer.read()
    asked = opened.wire.requests
    (lost_save,) = layer.overwritten(push, after)
    assert opened.wire.requests - asked == 1
    assert (lost_save.was, lost_save.ours) == (live.standing, push.ours)
    assert lost_save.lost is not None
    assert json.loads(lost_save.lost.encode()) == theirs
    assert layer.overwritten(push, after) == (lost_save,)
    assert opened.wire.requests - asked == 1  # nothing is asked twice
    assert lost_save.version in after.known


def test_a_clean_push_costs_no_request_more(layer: UmapLayer, opened: UmapMap) -> None:
    live = layer.read()
    push = pushed(layer, with_one_more(live.standing), live)
    after = layer.read()
    asked = opened.wire.requests
    assert layer.overwritten(push, after) == ()
    assert opened.wire.requests == asked


def test_a_save_that_is_no_layer_is_lost_without_content(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, opened: UmapMap
) -> None:
    live = layer.read()
    run_over(opened, lambda: made_map.save(layer_id, b"[1,2]", None).headers["X-Datalayer-Version"])
    push = pushed(layer, with_one_more(live.standing), live)
    (lost_save,) = layer.overwritten(push, layer.read())
    assert lost_save.lost is None


def test_too_many_saves_since_are_said(layer: UmapLayer, made_map: MadeMap, layer_id: str) -> None:
    live = layer.read()
    push = pushed(layer, with_one_more(live.standing), live)
    for _ in range(11):
        made_map.save(layer_id, collection(BRON), None)
    (lost_save,) = layer.overwritten(push, layer.read())
    assert (lost_save.version, lost_save.lost) == (live.version, None)


def test_what_a_late_push_ran_over_is_found_after_the_next_one(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, opened: UmapMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was let through by the lock, hung, and stored after a save that the next push was made on."""
    live = layer.read()
    late = with_one_more(live.standing)

    def lost(*_: object) -> Reply:
        raise LostAnswerError(verbatim("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(opened.wire, "post", lost)
        layer.push(late, live)
    theirs = collection(LYON, point("Bron centre", "bbbbb"))
    made_map.save(layer_id, theirs, live.version)
    again = layer.read()
    before_the_post(opened, lambda: made_map.save(layer_id, late.encode(), again.version))
    push = pushed(layer, with_one_more(again.standing), again)  # 412, or merged
    (lost_save,) = layer.overwritten(push, layer.read())
    assert lost_save.version == again.version
    layer.look()  # the next run: that is over
    assert layer.overwritten(push, layer.read()) == ()


def test_a_merge_that_wipes_a_large_layer_late_is_seen(
    layer: UmapLayer, made_map: MadeMap, layer_id: str, opened: UmapMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the layer before our push, and stores 15 seconds after it (protocol 0, fact 2)."""
    many = collection(*(point(f"Nr {number}", f"n{number:04}") for number in range(1001)))
    made_map.save(layer_id, many, None)
    live = layer.read()
    layer.push(with_one_more(live.standing), live)
    waits: list[float] = []

    def wiped(seconds: float) -> None:
        waits.append(seconds)
        made_map.save(layer_id, many, None)

    monkeypatch.setattr(opened.wire.patience, "wait", wiped)
    assert len(layer.read().standing.features) == 1001
    assert layer.read().standing.features
    assert waits == [15.0]  # once, and only after a push


def test_what_could_not_be_read_again_is_not_sent(layer: UmapLayer, made_map: MadeMap, layer_id: str) -> None:
    live = layer.read()
    many = Collection(live.standing.members, (b"{}",) * 1_000_001)
    with pytest.raises(
        RefusedError, match=r"read again: 1000001 features\. Split the data into several layers"
    ):
        layer.push(many, live)
    assert made_map.read(layer_id)[1] == live.version
