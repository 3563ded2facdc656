"""What a watcher is told: at the start and at the end of a pass, whatever becomes of it."""

from __future__ import annotations

import pytest

from tests.notify.made import LAYER, NOON, busy, changed, held, refused, run, unreadable
from tests.notify.passes import Memory, Passes
from tests.notify.receivers import Web
from tests.notify.test_delivery import SECRET, closed
from umap_bot.errors import SettingsError
from umap_bot.notify.announcer import Announcer
from umap_bot.notify.decision import End
from umap_bot.notify.ping import Ping, joined_url
from umap_bot.report.language import language


@pytest.mark.parametrize(
    ("end", "path", "words"),
    [
        (run(), "/uuid", ["Exit code 0", f"{LAYER}: nothing to do"]),
        (changed(), "/uuid", ["Exit code 0", f"{LAYER}: 3 changed (Bron, Grenoble, Vénissieux)"]),
        (held(), "/uuid", ["Exit code 3", f"{LAYER}: APPROVAL NEEDED: 17 of 18 would be removed."]),
        (run("restless"), "/uuid", ["Exit code 4", f"{LAYER}: the map kept changing"]),
        (busy(), "/uuid", ["Exit code 5", f"{LAYER}: Another run has the layer."]),
        (refused(), "/uuid/fail", ["Exit code 13", f"{LAYER}: FAILED: The map has an owner now."]),
        (unreadable(), "/uuid/fail", ["Exit code 11", f"{LAYER}: FAILED: cites.csv: 20 problems."]),
    ],
)
def test_start_and_end(watcher: Web, end: End, path: str, words: list[str]) -> None:
    Passes(ping_url=f"http://{watcher.place}/uuid").go(end)
    start, last = watcher.requests
    assert (start.method, start.path, start.body) == ("POST", "/uuid/start", "")
    assert (last.method, last.path) == ("POST", path)
    lines = last.body.splitlines()
    assert len(lines) == len(words)
    assert all(line.startswith(word) for line, word in zip(lines, words, strict=True))


def test_a_restless_map_fails_the_second_time_running(watcher: Web) -> None:
    passes = Passes(ping_url=f"http://{watcher.place}/uuid")
    for end in (run("restless"), run("restless"), run()):
        passes.go(end)
    assert watcher.paths[1::2] == ["/uuid", "/uuid/fail", "/uuid"]


def test_a_layer_in_trouble_is_not_hidden_by_a_busy_one(watcher: Web) -> None:
    passes = Passes(ping_url=f"http://{watcher.place}/uuid")
    for _ in range(2):
        passes.all([("a", run("restless")), ("b", busy())])
    assert watcher.paths[1::2] == ["/uuid", "/uuid/fail"]


@pytest.mark.parametrize("code", [1, 6, 10, 64, 70, 99])
def test_every_code_that_is_not_known_as_good_is_a_failure(watcher: Web, code: int) -> None:
    Ping(f"http://{watcher.place}/uuid").end(code, "", troubled=False)
    assert watcher.paths == ["/uuid/fail"]


@pytest.mark.parametrize(
    ("address", "start"),
    [
        ("https://hc.example.org/u", "https://hc.example.org/u/start"),
        ("https://hc.example.org/u/", "https://hc.example.org/u/start"),
        ("https://hc.example.org/u?rid=1&a=%2F", "https://hc.example.org/u/start?rid=1&a=%2F"),
        ("http://me:pw@hc.example.org:8000/a/b?x#top", "http://me:pw@hc.example.org:8000/a/b/start?x"),
        ("https://hc.example.org", "https://hc.example.org/start"),
    ],
)
def test_the_query_stays_behind_the_path(address: str, start: str) -> None:
    assert joined_url(address, "/start") == start
    assert joined_url(address, "") == address


@pytest.mark.parametrize("how", ["hangs", "trickles"])
def test_a_watcher_that_does_not_answer_is_left(
    watcher: Web, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    setattr(watcher, how, True)
    caplog.set_level(1)
    announcer = Announcer(
        Memory(), lambda: NOON, language("en"), ping_url=Ping(f"http://{watcher.place}/{SECRET}", seconds=0.3)
    )
    announcer.begin()
    announcer.end([(LAYER, run())], 0)
    assert all(watcher.counted.acquire(timeout=60) for _ in range(2))
    assert watcher.paths == [f"/{SECRET}/start", f"/{SECRET}"]
    assert caplog.text.count("NOTIFY_PING_URL: no answer") == 2
    assert SECRET not in caplog.text


@pytest.mark.parametrize("status", [404, 500])
def test_a_watcher_that_refuses_is_logged_without_its_address(
    watcher: Web, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    watcher.status = status
    caplog.set_level(1)
    Passes(ping_url=f"http://{watcher.place}/{SECRET}?rid={SECRET}").go(run())
    assert caplog.text.count(f"NOTIFY_PING_URL: the answer is HTTP {status}.") == 2
    assert SECRET not in caplog.text


@pytest.mark.parametrize("host", ["", "no-such-host.invalid", "a" * 70])
def test_a_watcher_that_is_not_there_fails_nothing(host: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    Ping(f"http://{host or closed()}/{SECRET}", plain=[host]).start()
    assert "NOTIFY_PING_URL: no answer" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        SECRET,
        f"ftp://hc.example.org/{SECRET}",
        f"file:///{SECRET}",
        f"https:///{SECRET}",
        f"http://h:x/{SECRET}",
        f"http://[::1/{SECRET}",
    ],
)
def test_an_address_that_is_none_is_not_quoted(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Ping(address)
    assert SECRET not in str(caught.value)
    assert "NOTIFY_PING_URL" in str(caught.value)


def test_an_address_goes_to_no_other_machine_in_the_clear() -> None:
    """It is all that somebody needs to say that the bot works."""
    with pytest.raises(SettingsError, match=r"NOTIFY_PING_URL would be sent to hc.lan unencrypted") as caught:
        Ping(f"http://hc.lan:8000/{SECRET}")
    assert SECRET not in str(caught.value)
    assert Ping(f"http://hc.lan:8000/{SECRET}", plain=["HC.lan"])
    assert Ping(f"https://hc.lan/{SECRET}")


def test_no_address_no_ping() -> None:
    ping = Ping("")
    assert not ping
    ping.start()
    ping.end(13, "words", troubled=True)


def test_the_last_run_of_a_layer_tells_whether_it_is_in_trouble(watcher: Web) -> None:
    passes = Passes(ping_url=f"http://{watcher.place}/uuid")
    for ended in ([run("restless"), run("restless")], [run("restless"), run("restless"), run()]):
        passes.all([(LAYER, end) for end in ended])
    assert watcher.paths[1::2] == ["/uuid/fail", "/uuid"]
