"""`umap-bot desk` and `serve --desk`: as programs, and what they say when they can't."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator

import pytest
import requests

from tests.commands.desk import Desk
from tests.service.served import Served


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", 0))
        yield free.getsockname()[1]  # bound, and nobody listens: nobody else is given it


def at(port: int) -> str:
    return f"127.0.0.1:{port}"


@pytest.mark.parametrize("words", [("desk", "--listen"), ("serve", "--desk")])
def test_it_listens_until_it_is_stopped(desk: Desk, port: int, words: tuple[str, str]) -> None:
    desk.settings(LOG_FORMAT="json", SYNC_SCHEDULE="0 0 1 1 *")
    link = desk.done("desk", "invite", "Anne", "--role", "keeper", "--listen", at(port)).out.strip()
    with Served(desk.folder, "umap_bot", *words, at(port)) as served:
        served.told(lambda record: "The desk is open at" in record["message"])
        with requests.Session() as anne:
            assert anne.get(f"http://{at(port)}/healthz", timeout=60).text == "ok"
            assert "Open the desk" in anne.get(link, timeout=60).text
            opened = anne.post(link, headers={"Origin": f"http://{at(port)}"}, timeout=60)
            assert "Layers" in opened.text
        served.send(signal.SIGTERM)
        assert served.ended() == 0
    secret = link.rpartition("/")[2]
    assert [record["message"] for record in served.records if secret in str(record)] == []
    assert [record for record in served.records if "Opened the invitation" in record["message"]]
    desk.said.extend(served.said)


def test_who_has_access_and_its_end(desk: Desk) -> None:
    said = desk.done("desk", "invite", "Rita")
    assert said.out.startswith("http://127.0.0.1:8765/door/")
    assert "Send this link to Rita. It works once, within 7 days:" in said.err
    assert desk.done("desk", "people").out.startswith("1 Rita (reader) · invited ")
    assert desk.done("desk", "people", "--end", "1").out == "Ended the access of Rita.\n"
    assert "Nobody has access." in desk.done("desk", "people").out
    again = desk.type("desk", "people", "--end", "1")
    assert (again.code, "There is no access 1 in force." in again.err) == (64, True)


def test_a_link_is_to_the_address_that_people_open(desk: Desk) -> None:
    desk.settings(DESK_URL="https://desk.example.org")
    assert desk.done("desk", "invite", "Rita").out.startswith("https://desk.example.org/door/")


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb"])
def test_a_name_that_is_none(desk: Desk, name: str) -> None:
    assert desk.type("desk", "invite", name).code == 64
    assert "Nobody has access." in desk.done("desk", "people").out


def test_where_it_can_not_listen(desk: Desk, port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = desk.type("desk", "--listen", at(taken.getsockname()[1]))
    assert (said.code, "The desk can't listen at 127.0.0.1" in said.err) == (10, True)
    open_to_all = desk.type("desk", "--listen", f"0.0.0.0:{port}")
    assert (open_to_all.code, "DESK_URL is not set" in open_to_all.err) == (10, True)


def test_without_its_packages_it_says_how_to_get_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap_bot.desk.server", None)
    said = desk.type("desk")
    assert said.code == 10
    assert "To install them: pip install '.[desk]'" in said.err
