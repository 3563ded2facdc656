"""A uMap like one's own: its public address, its settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from http import HTTPStatus

import pytest
import requests

from umap_bot.errors import SandboxError
from umap_bot.sandbox.maps import new_map
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.server import Sandbox

SITE = "https://maps.example.org:8443"
BEHIND = {"Host": "maps.example.org:8443", "X-Forwarded-Proto": "https"}  # what a proxy passes on
LOGIN = "/en/login/"


@pytest.fixture(scope="module")
def proxied(prepared: Prepared) -> Iterator[Sandbox]:
    with Sandbox(prepared, site=f"{SITE}/") as sandbox:
        yield sandbox


def create(sandbox: Sandbox, **headers: str) -> requests.Response:
    """A map made by hand, as a proxy passes the request on."""
    token = requests.get(sandbox.url + LOGIN, headers=BEHIND, timeout=30).headers["Set-Cookie"].split(";")[0]
    value = token.partition("=")[2]
    sent = {**BEHIND, "Cookie": token, "X-CSRFToken": value, **headers}
    center = '{"type": "Point", "coordinates": [4, 45]}'
    form = {"name": "A", "center": center, "settings": '{"properties": {"name": "A"}}'}
    return requests.post(f"{sandbox.url}/en/map/create/", data=form, headers=sent, timeout=30)


def test_links_lead_to_the_site_and_cookies_are_for_https_alone(proxied: Sandbox) -> None:
    assert (proxied.site, proxied.url[:17]) == (SITE, "http://127.0.0.1:")
    assert "; Secure" in requests.get(proxied.url + LOGIN, headers=BEHIND, timeout=30).headers["Set-Cookie"]
    made = create(proxied, Referer=f"{SITE}/")
    assert made.json()["permissions"]["anonymous_edit_url"].startswith(f"{SITE}/en/map/anonymous-edit/")


@pytest.mark.parametrize("referer", ["https://elsewhere.example.org/", "http://maps.example.org:8443/"])
def test_the_site_knows_that_it_is_spoken_to_over_https(proxied: Sandbox, referer: str) -> None:
    assert create(proxied, Referer=referer).status_code == HTTPStatus.FORBIDDEN


def test_another_host_is_unknown(proxied: Sandbox) -> None:
    answer = requests.get(proxied.url + LOGIN, headers={"Host": "elsewhere.example.org"}, timeout=30)
    assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_settings_go_over_ours(prepared: Prepared) -> None:
    with Sandbox(prepared, settings={"UMAP_READONLY": True, "SITE_NAME": "Town"}) as sandbox:
        assert sandbox.site == sandbox.url
        assert "Town" in requests.get(sandbox.url + LOGIN, timeout=30).text
        with pytest.raises(SandboxError, match=r"with 403: .*maintenance"):
            new_map(sandbox.url, "A")


@pytest.mark.parametrize(
    "site", ["maps.example.org", "ftp://a", "https://a/umap", "https://a:b@c", "https://a b"]
)
def test_what_is_no_site_is_refused(prepared: Prepared, site: str) -> None:
    with pytest.raises(SandboxError, match="is not the address of a site"):
        Sandbox(prepared, site=site)


@pytest.mark.parametrize("name", ["umap_readonly", "", "A B", "__class__", os.linesep])
def test_what_is_no_setting_is_refused(prepared: Prepared, name: str) -> None:
    with pytest.raises(SandboxError, match="is not the name of a setting"):
        Sandbox(prepared, settings={name: True})
