"""No command, however it ends, shows or writes down the secret edit link, or the cookie it opens with."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote

import pytest

from tests.faults import faults
from tests.faults.faults import HTML, says
from tests.faults.proxy import Exchange, Proxy
from tests.faults.scene import NAME, TYPE
from umap_bot.cli.main import run
from umap_bot.sandbox.maps import MadeMap
from umap_bot.umap.map import UmapMap
from umap_bot.wiring import WallClock

ROWS = "id,name,lat,lon\n1,Lyon,45.7,4.8\n2,Bron,45.7,4.9\n"
AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")


@dataclass
class Desk:
    """A person's folder: settings, repository, state; and all that the commands said."""

    folder: Path
    proxy: Proxy
    secrets: list[str]
    said: list[str]
    type: Callable[..., int]

    def settings(self, **changed: str) -> None:
        file = self.folder / ".env"
        lines = dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())
        file.write_text("".join(f"{k}={v}\n" for k, v in {**lines, **changed}.items()), "utf-8")

    def commit(self, text: str) -> None:
        repository = self.folder / "data"
        (repository / "rows.csv").write_text(text, "utf-8")
        for arguments in (("add", "."), (*AUTHOR, "commit", "--quiet", "--allow-empty", "-m", "rows")):
            subprocess.run(["git", "-C", repository, *arguments], check=True)


@pytest.fixture
def desk(
    made_map: MadeMap,
    proxy: Proxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    """Whatever a test does here: at its end every word and every byte is looked through."""
    made_map.add_layer(NAME, {**TYPE, "features": []})
    cookie = next(held.value or "" for held in made_map.session.cookies if "anonymous" in held.name)
    signature = made_map.edit_link.partition("anonymous-edit/")[2].partition(":")[2]
    secrets = [form for secret in (signature, cookie) for form in forms(secret)]
    repository = tmp_path / "data"
    subprocess.run(["git", "init", "--quiet", repository], check=True)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    def type_(*words: str) -> int:
        code = run([word for word in words if word])
        told = capfd.readouterr()
        said.extend((told.out, told.err))
        return code

    (tmp_path / ".env").write_text(
        f"UMAP_MAP_URL={proxy.through(made_map.url)}\nUMAP_LAYER={NAME}\n"
        f"UMAP_EDIT_LINK={proxy.through(made_map.edit_link)}\n"
        f"DATASET_REPO={repository}\nDATASET_PATH=rows.csv\nSTATE_URL=sqlite:///{tmp_path / 'state.db'}\n",
        "utf-8",
    )
    desk = Desk(tmp_path, proxy, secrets, said, type_)
    desk.commit(ROWS)
    yield desk
    (tmp_path / ".env").unlink()
    texts = [*said, caplog.text, *(repr(record.args) for record in caplog.records)]
    assert [secret for secret in secrets if any(secret in text for text in texts)] == []
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert [secret for secret in secrets if any(secret.encode() in held for held in files)] == []


def forms(secret: str) -> set[str]:
    """Return a secret as it may be spelled: as it is, in addresses, and the part that nobody could guess."""
    spelled = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), unquote(secret)}
    return spelled | {secret.rpartition(":")[2]}


COMMANDS = (
    ("check", ""),
    ("check", "--json"),
    ("plan", ""),
    ("plan", "--json"),
    ("sync", ""),
    ("sync", "--json"),
    ("log", ""),
    ("log", "--json"),
    ("show", "1"),
    ("show", "99"),
    ("approve", "0123-4567-89AB-CDEF"),
    ("approve", "x"),
    ("validate", ""),
    ("sync", "--approve=x"),
    ("sync", "--unknown"),
)


def everything(desk: Desk) -> None:
    for words in COMMANDS:
        desk.type(*words)


def elsewhere(exchange: Exchange) -> None:
    """A redirect to another host, with the whole address in it."""
    says(302, b"", ("Location", f"http://elsewhere.example{exchange.request.path}"))(exchange)


FAULTS = {
    "none": ("link", None),
    "link refused": ("link", says(403)),
    "link echoed by an error page": (
        "link",
        lambda exchange: says(500, exchange.request.path.encode() * 9)(exchange),
    ),
    "link to elsewhere": ("link", elsewhere),
    "link lost": ("link", faults.drop_before),
    "link reset": ("link", faults.reset_after),
    "link cut": ("link", faults.truncate),
    "page of another's": ("page", says(200, HTML)),
    "page cut": ("page", faults.cut),
    "settings cut": ("settings", faults.cut),
    "settings of another's": ("settings", says(200, b"[1]")),
    "versions cut": ("versions", faults.cut),
    "layer 500": ("layer", says(500, HTML)),
    "layer cut": ("layer", faults.cut),
    "push refused": ("push", says(403)),
    "push forged": ("push", says(403, HTML)),
    "push to elsewhere": ("push", elsewhere),
    "push form refused": ("push", says(200, b'{"errors": {"name": ["?"]}, "error": "?"}')),
    "push lost": ("push", faults.drop_after),
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_told_of_the_secret(name: str, desk: Desk) -> None:
    kind, fault = FAULTS[name]
    if fault:
        desk.proxy.fail(kind, fault, times=10**6)
    everything(desk)
    desk.proxy.heal()
    desk.commit(ROWS + "3,Vienne,45.5,4.8\n")
    assert desk.type("sync") == 0
    for words in (("log", "--json"), ("show", "1"), ("show", "2")):
        desk.type(*words)


def damaged(link: str) -> str:
    return link[:-3] + ("abc" if link[-3:] != "abc" else "abd")


WRONG: dict[str, Callable[[str], dict[str, str]]] = {
    "damaged": lambda link: {"UMAP_EDIT_LINK": damaged(link)},
    "of another map": lambda link: {"UMAP_EDIT_LINK": link.replace("anonymous-edit/", "anonymous-edit/9")},
    "for another site": lambda link: {"UMAP_EDIT_LINK": link.replace("127.0.0.1", "localhost")},
    "encoded": lambda link: {"UMAP_EDIT_LINK": link.replace(":", "%3A").replace("http%3A", "http:", 1)},
    "in the wrong place": lambda link: {"UMAP_MAP_URL": link, "UMAP_EDIT_LINK": ""},
    "as the layer": lambda link: {"UMAP_LAYER": link},
    "as the repository": lambda link: {"DATASET_REPO": link},
    "as the file": lambda link: {"DATASET_PATH": link},
    "as a policy": lambda link: {"SYNC_DRIFT": link},
    "as a share": lambda link: {"GUARD_DELETES": link},
    "as the state": lambda link: {"STATE_URL": link},
    "under an unknown name": lambda link: {"UMAP_EDIT_LNK": link},
    "site is down": lambda link: {
        "UMAP_EDIT_LINK": link.replace(link.split("/")[2], "127.0.0.1:9"),
        "UMAP_MAP_URL": "http://127.0.0.1:9/en/map/x_1",
    },
}


@pytest.mark.parametrize("name", WRONG)
def test_a_secret_in_wrong_settings(name: str, desk: Desk, made_map: MadeMap) -> None:
    """It is hidden as soon as the settings are read, so wherever it was pasted beside its own place."""
    desk.settings(**WRONG[name](desk.proxy.through(made_map.edit_link)))
    everything(desk)
    assert os.listdir(desk.folder)  # noqa: PTH208  the folder is looked through at the end


def test_a_bug_whose_text_holds_the_secret(
    desk: Desk, made_map: MadeMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trace is kept in a file, without it."""

    def broken(_: UmapMap) -> None:
        raise AssertionError(f"{made_map.edit_link} and {quote(made_map.edit_link, safe='')}")

    monkeypatch.setattr(UmapMap, "look", broken)
    assert desk.type("sync") == 1
    (trace,) = (desk.folder / "xdg_cache_home" / "umap-bot" / "traces").iterdir()
    assert "AssertionError" in trace.read_text("utf-8")
