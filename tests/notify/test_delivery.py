"""Messages that can't be delivered: the others get theirs, nothing fails, no secret is logged."""

from __future__ import annotations

import json
import logging
import sys
from datetime import date

import pytest

from tests.notify.made import DAY, HOUR, LAYER, NOON, added, changed, held, refused, run
from tests.notify.passes import Memory, Passes
from tests.notify.receivers import Post as Mail
from tests.notify.receivers import Web
from umap_bot.errors import SettingsError
from umap_bot.notify.announcer import Announcer
from umap_bot.notify.memory import Held, Told, Trouble
from umap_bot.notify.message import Letter, Message
from umap_bot.notify.post import Post
from umap_bot.report.language import language
from umap_bot.sessions import Reminded
from umap_bot.text import verbatim

LETTER = Letter("subject", "body")
SECRET = "s3cr3t-k3y"


def closed() -> str:
    """Return the place of a server that is gone."""
    server = Web()
    server.server_close()
    return server.place


def guarded(place: str) -> str:
    """Return an address that holds a secret wherever one can stand."""
    return f"json://user:{SECRET}@{place}/{SECRET}/?+X-Key={SECRET}&-q={SECRET}"


def test_one_that_is_down_keeps_nobody_from_the_news(hook: Web, mail: Mail) -> None:
    urls = f"json://{closed()}/ json://{hook.place}/ mailto://{mail.place}/?from=bot@example.org&to=a@example.org"
    Passes(urls=urls).go(changed())
    assert len(hook.messages) == len(mail.texts) == 1


def test_one_that_answers_500_keeps_nobody_from_the_news(hook: Web, other_hook: Web) -> None:
    hook.status = 500
    passes = Passes(urls=f"json://{hook.place}/ json://{other_hook.place}/")
    passes.go(changed())
    assert len(hook.requests) == len(other_hook.requests) == 1
    passes.go(run())
    assert len(other_hook.requests) == 1, "it arrived somewhere, and so it was told"


@pytest.mark.parametrize("how", ["hangs", "trickles"])
def test_one_that_hangs_keeps_nobody_from_the_news(hook: Web, other_hook: Web, how: str) -> None:
    setattr(hook, how, True)
    post = Post(f"json://{hook.place}/ json://{other_hook.place}/", deadline=0.5)
    assert post.send(LETTER)
    assert hook.asked.is_set()
    assert len(other_hook.requests) == 1


def test_one_that_failed_is_left_alone_for_the_rest_of_the_pass(hook: Web) -> None:
    hook.status = 500
    passes = Passes(urls=f"json://{hook.place}/")
    ended = [(f"umap.example.org/map/7/{name}", added(name)) for name in "abc"]
    passes.all([*ended])
    assert len(hook.requests) == 1
    hook.status = 200
    passes.all([(layer, run()) for layer, _ in ended])
    assert len(hook.requests) == 4


def test_a_change_that_could_not_be_told_is_told_by_the_next_run(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/")
    hook.status = 500
    passes.go(changed())
    passes.go(run())
    hook.requests.clear()
    hook.status = 200
    passes.go(run())
    passes.go(run())
    ((subject, body),) = hook.messages
    assert subject == "[Map 484645] 3 of 18 features changed, 1 of them restored from the file"
    assert body.splitlines()[0] == "This message could not be delivered earlier."
    assert "! Vénissieux" in body


def test_messages_do_not_pile_up_while_nobody_takes_them(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/")
    hook.status = 500
    for name in ("Lyon", "Bron", "Vaulx"):
        passes.go(added(name))
    hook.requests.clear()
    hook.status = 200
    passes.go(added("Oullins"))
    passes.go(run())
    ((subject, body),) = hook.messages
    assert subject == "[Map 484645] 1 added"
    assert "Oullins" in body
    assert "3 earlier messages could not be delivered. The change log shows what they said." in body
    told = Told.from_json(passes.memory.kept[LAYER])
    assert (told.undelivered, told.lost) == (None, 0)


def test_trouble_and_its_end_are_told_when_that_is_possible(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/")
    hook.status = 500
    passes.go(refused())
    hook.status = 200
    passes.go(refused())
    passes.go(refused())
    hook.status = 500
    passes.go(changed(), DAY)
    hook.status = 200
    passes.go(run(), DAY)
    passes.go(run(), DAY)
    assert [subject for subject, _ in hook.messages[2:]] == [
        (
            "[Map 484645] Working again (down for 26 hours); "
            "3 of 18 features changed, 1 of them restored from the file"
        ),
        "[Map 484645] 3 of 18 features changed, 1 of them restored from the file",
        "[Map 484645] Working again (down for 26 hours)",
    ]
    assert [subject for subject, _ in hook.messages[:2]] == [
        "[Map 484645] uMap refuses access to the bot"
    ] * 2


def test_a_trouble_that_nobody_heard_of_ends_silently(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/")
    hook.status = 500
    passes.go(refused())
    hook.requests.clear()
    passes.go(run())
    assert hook.requests == []


def test_a_broken_state_does_not_silence_nor_fail_a_pass(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/")
    passes.memory.broken = True
    announcer = passes.announcer()
    for _ in range(3):
        announcer.end([(LAYER, refused())], 13)
    assert len(hook.messages) == 1, "the process still knows what it told"


def test_a_memory_that_is_no_memory_is_forgotten(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/")
    for wrong in (
        b"",
        b"[]",
        b'{"sent": 1}',
        b"\xff",
        b'{"sent":"2026-11-24T12:00:00Z","owed":{"subject":{"t":1}}}',
    ):
        passes.memory.kept[LAYER] = wrong
        passes.go(held())
    assert len(hook.messages) == 5


def test_what_older_versions_remembered_is_read() -> None:
    """Names in the state stay, whatever the code calls them."""
    stored = (
        b'{"sent":"2026-11-24T12:00:00Z","settled":"2026-11-23T12:00:00Z",'
        b'"trouble":{"since":"2026-11-22T12:00:00Z","codes":[13]},'
        b'"held":{"digest":"d","since":"2026-11-22T12:00:00Z","times":1,"before":["d"]},'
        b'"restless":"2026-11-24T11:00:00Z","owed":{"subject":"1 added","body":[],"end":[]},"lost":2,'
        b'"session":{"mark":"a","ends":"2026-12-08","step":5}}'
    )
    told = Told.from_json(stored)
    assert told == Told(
        sent=NOON,
        settled=NOON - DAY,
        trouble=Trouble(NOON - 2 * DAY, (13,)),
        held=Held("d", NOON - 2 * DAY, times=1, before=("d",)),
        not_converged=NOON - HOUR,
        undelivered=Message(verbatim("1 added")),
        lost=2,
        session=Reminded("a", date(2026, 12, 8), 5),
    )
    assert json.loads(told.to_json()) == json.loads(stored)


def test_nobody_to_tell_needs_no_memory(watcher: Web) -> None:
    passes = Passes()
    passes.go(changed())
    assert passes.memory.kept == {}
    passes = Passes(ping_url=f"http://{watcher.place}/uuid")
    passes.go(changed())
    told = Told.from_json(passes.memory.kept[LAYER])
    assert told.undelivered is None, "there is nobody to tell"


@pytest.mark.parametrize("state", ["down", "500", "hangs", "fine"])
@pytest.mark.parametrize("way", ["webhook", "mail"])
def test_no_address_is_logged(
    state: str,
    way: str,
    hook: Web,
    mail: Mail,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(1)
    hook.status = 500 if state == "500" else 200
    hook.hangs = state == "hangs"
    place = closed() if state == "down" else mail.place if way == "mail" and state == "fine" else hook.place
    address = guarded(place)
    if way == "mail":
        address = f"mailto://user:{SECRET}@{place}/?from=bot@example.org&to=a@example.org&name={SECRET}"
    arrived = Post(address, deadline=0.5).send(LETTER)
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())
    said = [record.getMessage() for record in caplog.records if record.name == "umap_bot.notify.post"]
    assert len(said) == (0 if arrived else 1)
    assert all("NOTIFY_URLS, address 1 (" in line for line in said)
    assert {record.name for record in caplog.records} <= {"umap_bot.notify.post"}


def test_others_may_log_what_they_ask_of_the_web(hook: Web, caplog: pytest.LogCaptureFixture) -> None:
    Post(f"json://{hook.place}/").send(LETTER)
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3.connectionpool").debug("somebody else's request")
    assert "somebody else's request" in caplog.text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"slack://{SECRET}", "address 2 (slack://)"),
        (f"MAILTO://{SECRET}", "address 2 (mailto://)"),
        (f"{SECRET}://x", "address 2 (?)"),
        (SECRET, "address 2 (?)"),
        (f"https//hooks.example.org/{SECRET}", "address 2 (?)"),
    ],
)
def test_an_address_that_is_none_is_named_by_its_place(
    address: str, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1)
    with pytest.raises(SettingsError) as caught:
        Post(f"json://127.0.0.1/ {address}")
    assert shown in str(caught.value)
    assert caught.value.code == 10
    assert SECRET not in str(caught.value) + caplog.text


def test_without_apprise_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(SettingsError, match=r"pip install apprise"):
        Announcer(Memory(), lambda: NOON + HOUR, language("en"), urls="json://127.0.0.1/")
    Announcer(Memory(), lambda: NOON, language("en"))


def test_a_service_that_is_optional_fails_all_the_same(hook: Web) -> None:
    hook.status = 500
    assert not Post(f"json://{hook.place}/?optional=yes").send(LETTER)


@pytest.mark.parametrize(
    "address",
    [
        "gotify://chat.lan/AbCdEf123456789",
        "json://hook.lan/secret",
        "mailto://anne:geheim@mail.lan",
        "ntfy://ntfy.lan/topic",
    ],
)
def test_an_address_that_is_a_secret_goes_to_no_other_machine_in_the_clear(address: str) -> None:
    with pytest.raises(SettingsError, match=r"would be sent to \w+\.lan unencrypted") as caught:
        Post(address)
    assert not any(part in str(caught.value) for part in ("AbCdEf", "geheim", "secret/"))
    host = address.partition("://")[2].rpartition("@")[2].partition("/")[0]
    assert Post(address, plain=[host])


@pytest.mark.parametrize(
    "address",
    [
        "gotifys://chat.lan/AbCdEf123456789",
        "mailtos://anne:geheim@mail.lan",
        "mailto://anne:geheim@gmail.com",  # Apprise knows that this one takes TLS alone
        "mailto://mail.lan?to=anne@example.org&from=bot@example.org",  # no password
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "ntfy://topic",
        "json://127.0.0.1/secret",
    ],
)
def test_an_address_that_goes_encrypted_or_nowhere_is_taken(address: str) -> None:
    assert Post(address)


@pytest.mark.parametrize("sign", ["#", "/", "?"])
def test_a_password_that_cuts_its_address_is_told_how_to_write_it(sign: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Post(f"mailtos://me:{SECRET}{sign}x@example.org")
    assert "In a password, write % as %25, # as %23, ; as %3B" in raised.value.way_out
    assert SECRET not in raised.value.text
    assert Post(f"mailtos://me:{SECRET}%23x@example.org")
