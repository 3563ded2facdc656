"""Two services of one machine share a state on PostgreSQL, and one of them is killed in a push."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.commands.desk import LAYER, Desk, Rows, changed, rows, stands
from tests.faults.proxy import Proxy
from tests.service.served import Gate, Served

SECOND = "Autres"
DONE = "1 changed (Neuve)"
QUICK = ("tests.service.quick", "200")


@contextmanager
def serving(desk: Desk) -> Iterator[Served]:
    with Served(desk.folder, *QUICK) as served:
        yield served
    desk.said.extend(served.said)


@pytest.fixture
def shared(proxied: Desk, on_postgres: str) -> Desk:
    """Two layers of one file, in step; then a commit that changes the first one alone."""
    proxied.made.add_layer(SECOND, {"type": "FeatureCollection", "features": []})
    proxied.settings(STATE_URL=on_postgres)
    layers = [
        f'[[layer]]\numap_layer = "{name}"\ndataset_filter = {{ commune = "{name}" }}\n'
        for name in (LAYER, SECOND)
    ]
    (proxied.folder / "umap-bot.toml").write_text("".join(layers), "utf-8")
    proxied.commit(of_two())
    assert proxied.fork("sync").code == 0
    proxied.commit(changed(of_two(), "c1", nom="Neuve"))
    return proxied


def of_two() -> Rows:
    table = rows(10)
    return {key: {**table[key], "commune": LAYER if key != "c10" else SECOND} for key in table}


@pytest.mark.parametrize("stored", [False, True], ids=["push lost", "push stored"])
def test_one_is_killed_in_its_push_and_the_other_takes_over(shared: Desk, proxy: Proxy, stored: bool) -> None:
    before = len(shared.versions)
    gate = Gate(stored=stored, lost=not stored)
    proxy.fail("push", gate.fault)
    with serving(shared) as first:
        gate.arrived()
        with serving(shared) as second:
            first.process.kill()
            assert first.ended() == -9
            for layer in (LAYER, SECOND):
                taken = second.told(lambda record: "code" in record)
                assert (taken["layer"].rpartition("/")[2], taken["code"]) == (layer, 0)
            second.process.terminate()
            assert second.ended() == 0
        gate.open()
    wanted = {key: cells for key, cells in changed(of_two(), "c1", nom="Neuve").items() if key != "c10"}
    assert stands(shared) == wanted
    assert len(shared.versions) == before + 1
    last, killed, _first = shared.fork("log", "--layer", LAYER).out.splitlines()
    assert killed.endswith(f"interrupted; {DONE if stored else 'none of it is on the map'}")
    assert last.endswith("nothing to do" if stored else DONE)


def test_the_dead_ones_layer_is_free_at_once_for_a_sync_too(shared: Desk, proxy: Proxy) -> None:
    gate = Gate()
    proxy.fail("push", gate.fault)
    with serving(shared) as first:
        gate.arrived()
        assert shared.fork("sync").code == 5
        first.process.kill()
        first.ended()
        assert shared.fork("sync").code == 0
        gate.open()
