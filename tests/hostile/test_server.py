"""Whatever a server answers to any request of a run: a clear line, a code of the list, 1 GiB, 60 s."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hostile.answers import ANSWERS, LARGE, LISTED, PLACES, VALUES
from tests.hostile.site import LINK, MAP, NAME, REQUESTS, Site
from tests.programs import ran
from tests.reconcile.test_odd_features import ODD, feature

CODES = {0, 2, 3, 4, 10, 11, 12, 13, 14, 15}
"""Those of the README for a run; 1 is a bug of ours, and no answer is one."""
LONGEST = 3_000
TABLE = "id,name,lat,lon\na,Bron,45.73,4.91\nb,Lyon,45.75,4.85\n"


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one file."""
    folder = tmp_path_factory.mktemp("table")
    (folder / "cites.csv").write_text(TABLE, "utf-8")
    own = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false")
    for words in (("init", "--quiet"), ("add", "."), (*own, "commit", "--quiet", "--message", "one")):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the copy of the repository is kept: no answer of a site has to do with it."""
    return tmp_path_factory.mktemp("cache")


Typed = subprocess.CompletedProcess[str]
Type = Callable[..., Typed]


@pytest.fixture
def typed(tmp_path: Path, table: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Type]:
    """What runs a command in a person's folder, with settings for a site."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def run(site: Site, *words: str, account: bool = False) -> Typed:
        settings = {
            "UMAP_MAP_URL": site.origin + MAP,
            "UMAP_LAYER": NAME,
            "DATASET_REPO": str(table),
            "DATASET_PATH": "cites.csv",
            "STATE_URL": f"sqlite:///{tmp_path / 'state.db'}",
        }
        account_of = {"UMAP_USERNAME": "bot", "UMAP_PASSWORD": "word"}
        settings |= account_of if account else {"UMAP_EDIT_LINK": site.origin + LINK}
        env = tmp_path / ".env"
        env.touch(mode=0o600)
        env.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
        return ran("tests.hostile.small_room", *words, cwd=tmp_path)

    yield run
    shutil.rmtree(tmp_path)


def seen_well(said: subprocess.CompletedProcess[str]) -> None:
    """What people read of it: few lines, no trace, nothing that steers a terminal."""
    told = said.stdout + said.stderr
    assert said.returncode in CODES, said
    assert len(told) < LONGEST, told[:LONGEST]
    assert not re.search(
        r"Traceback|MemoryError|a bug|Warning|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", told
    ), told
    assert said.returncode == 0 or said.stderr.strip(), said
    assert said.returncode == 0 or re.search(r"^exit code \d+: ", said.stderr, re.MULTILINE), said


@pytest.mark.parametrize("account", [False, True])
def test_the_site_is_one_that_umap_bot_works_with(typed: Type, account: bool) -> None:
    with Site() as site:
        said = typed(site, "sync", account=account)
        assert said.returncode == 0, said
        assert len(json.loads(site.body)["features"]) == 2
    asked = {"login page", "login"} if account else {"edit link"}
    assert set(site.asked) == {"settings", "page", "list of versions", "layer", "push", *asked}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("kind", REQUESTS)
def test_any_answer_to_any_request_of_a_run(typed: Type, kind: str, name: str) -> None:
    with Site(kind, ANSWERS[name]) as site:
        seen_well(typed(site, "sync", account=kind.startswith("login")))
    assert kind in site.asked


@pytest.mark.parametrize("what", VALUES)
@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_any_value_in_the_settings_of_a_map(typed: Type, place: tuple[str, ...], what: str) -> None:
    with Site() as site:
        site.odd[place] = VALUES[what]
        seen_well(typed(site, "sync"))


@pytest.mark.parametrize("what", LISTED)
def test_any_version_list(typed: Type, what: str) -> None:
    with Site() as site:
        site.versions = LISTED[what]
        seen_well(typed(site, "sync"))


@pytest.mark.parametrize("odd", ODD)
def test_any_feature_of_people(typed: Type, odd: str) -> None:
    """The file's rows wait for an approval beside it, or the layer is refused with its number. (On the real
    uMap: tests/commands/test_odd_features.py.)"""
    with Site() as site:
        site.body = b'{"type":"FeatureCollection","features":[%b]}' % feature(odd, name="Elsewhere")
        said = typed(site, "sync")
        seen_well(said)
        assert said.returncode == 3 or (said.returncode == 13 and "eature 1" in said.stderr), said


@pytest.mark.parametrize("name", LARGE)
def test_a_large_layer_is_read(typed: Type, name: str) -> None:
    with Site() as site:
        site.body = b'{"type":"FeatureCollection","features":[%b]}' % LARGE[name]()
        said = typed(site, "plan")
        seen_well(said)
        assert said.returncode in {2, 3}, said
