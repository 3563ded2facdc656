"""Data that is fetched: every command knows it, and syncs go on when its source fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.desk import Desk, changed, rows, text, without
from tests.dataset.sources.served import Site, served

TABLE = "/exports/cites.csv"


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        site.tables[TABLE] = text(rows())
        yield site


@pytest.fixture
def fetched(desk: Desk, site: Site) -> Desk:
    """A desk without git: the table is on a web server."""
    desk.settings(DATASET_REPO=None, DATASET_PATH=None, DATASET_URL=site.url + TABLE)
    return desk


def own(desk: Desk) -> Path:
    (found,) = (desk.folder / "sources").glob("*.git")
    return found


def source(site: Site) -> str:
    return site.url + TABLE


def test_a_table_becomes_a_layer_and_its_changes_follow(fetched: Desk, site: Site) -> None:
    assert fetched.type("plan").code == 2
    assert not (fetched.folder / "sources").exists()
    said = fetched.done("sync")
    assert "https (127.0.0.1)" in said.out
    assert f"Data of {source(site)}" in said.out
    assert len(fetched.features) == 10

    idle = fetched.done("sync")
    assert site.asked[-1] == (TABLE, 304, "")
    assert (idle.posts, idle.online) == ([], ("ls-remote",))
    assert "Nothing to do" in idle.out

    site.tables[TABLE] = text(changed(rows(), "c2", commune="Bron"))
    plan = fetched.type("plan")
    assert (plan.code, "Bron" in plan.out) == (2, True)
    assert fetched.feature("c2")["properties"]["commune"] == "Ville 2"
    fetched.done("sync")
    assert fetched.feature("c2")["properties"]["commune"] == "Bron"


def test_fetch_says_what_came_and_where_it_is(fetched: Desk, site: Site) -> None:
    first = fetched.done("fetch")
    assert f"{source(site)}: 10 rows, committed as cites.csv, version " in first.out
    assert str(own(fetched)) in first.out
    again = fetched.done("fetch")
    assert f"{source(site)}: nothing new. The data last changed " in again.out
    (told,) = json.loads(fetched.done("fetch", "--json").out)["sources"]
    assert (told["outcome"], told["file"], told["error"], told["code"]) == ("unchanged", "cites.csv", None, 0)
    assert fetched.features == []


def test_far_fewer_rows_wait_and_the_map_stays(fetched: Desk, site: Site) -> None:
    fetched.done("sync")
    site.tables[TABLE] = text(without(rows(), *(f"c{number}" for number in range(4, 11))))
    said = fetched.type("sync")
    assert (said.code, said.last) == (3, "exit code 3: approval needed")
    assert (
        f"Only 3 of 10 rows are left at {source(site)}. Approval needed: nothing was committed." in said.err
    )
    assert "Nothing to do" in said.out
    assert len(fetched.features) == 10
    code = said.err.partition("umap-bot fetch --accept ")[2].partition(".")[0]
    wrong = fetched.type("fetch", "--accept", "7K2M-9QXT-4HB0-D3WZ")
    assert (wrong.code, "No data waits with the code 7K2M-9QXT-4HB0-D3WZ" in wrong.err) == (3, True)
    assert "3 rows, committed as cites.csv" in fetched.done("fetch", "--accept", code).out
    asked = fetched.type("sync")  # that seven features would go is another question
    assert (asked.code, "correct it at its source" in asked.out, "restore" in asked.out) == (3, True, False)
    assert len(fetched.features) == 10


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("error", "is busy"),
        ("login", "shows a login page"),
        ("half", "answer"),
    ],
)
def test_a_source_that_fails_is_told_and_the_map_kept_as_it_was_fetched(
    fetched: Desk, site: Site, fault: str, told: str
) -> None:
    fetched.done("sync")
    fetched.edit("c2", commune="Autre")
    site.fault = lambda: fault
    said = fetched.type("sync")
    assert (said.code, said.last) == (16, "exit code 16: a problem with the data source")
    assert told in said.err
    assert "Syncs continue with the data of" in said.err
    assert fetched.feature("c2")["properties"]["commune"] == "Ville 2"
    plan = fetched.type("plan", "--json")
    assert (plan.code, [run["outcome"] for run in plan.runs]) == (16, ["nothing", "failed"])
    assert plan.runs[1]["layer"] == source(site)
    fetched.type("sync")
    status = fetched.done("status").out
    assert "PROBLEM: new data can't be used" in status
    assert "no new data since" in status
    log = fetched.done("log").out
    assert log.count("FAILED") == 1
    assert "(and once more" in log
    site.fault = str
    mended = fetched.done("sync")
    assert f"{source(site)}: works again" in mended.err
    assert "works again" not in fetched.done("sync").err
    assert "up to date" in fetched.done("status").out


def test_a_source_that_never_worked_is_the_layers_own_failure(fetched: Desk, site: Site) -> None:
    site.fault = lambda: "error"
    said = fetched.type("sync")
    assert (said.code, said.err.count("is busy")) == (16, 1)
    assert "FAILED" in fetched.done("log").out


def test_who_is_told_hears_once_of_a_failure_and_once_of_its_end(fetched: Desk, site: Site) -> None:
    fetched.settings(NOTIFY_URLS=site.url.replace("http:", "json:") + "/")
    fetched.done("sync")
    site.posted.clear()
    site.fault = lambda: "login"
    for _ in range(3):
        fetched.type("sync")
    site.fault = str
    for _ in range(2):
        fetched.done("sync")
    titles = [json.loads(body)["title"] for body in site.posted]
    assert titles == [
        f"[{source(site)}] The data can't be fetched",
        f"[{source(site)}] Working again (down for 1 minute)",
    ]
    assert "Syncs continue with the data of" in json.loads(site.posted[0])["message"]


def test_status_and_check_say_how_old_the_data_is(fetched: Desk, site: Site) -> None:
    assert f"{source(site)}, with new data; the next sync fetches it" in fetched.done("check").out
    fetched.done("sync")
    assert f"{source(site)}, nothing new since " in fetched.done("check").out
    status = fetched.done("status").out
    assert "data fetched " in status
    assert "data changed " in status
    (told,) = json.loads(fetched.done("status", "--json").out)["layers"]
    assert told["fetched"] >= told["changed"]


def test_validate_reads_an_address(fetched: Desk, site: Site) -> None:
    fetched.settings(DATASET_URL=None)
    assert "cites.csv is valid: 10 rows" in fetched.done("validate", source(site)).out
    site.tables[TABLE] = "id,nom\nc1,Un\nc1,Deux\n"
    said = fetched.type("validate", source(site))
    assert (said.code, "duplicate" in said.err) == (11, True)
    assert fetched.type("validate", site.url + "/nothing.csv").code == 16
    fetched.settings(DATASET_URL=source(site))
    site.tables[TABLE] = text(rows())
    fetched.done("fetch")
    assert "10 rows" in fetched.done("validate").out
    site.tables[TABLE] = "id,nom\nc1,Un\nc1,Deux\n"  # what was fetched before is good, and not asked about
    assert fetched.type("validate").code == 11


def test_it_goes_into_a_repository_of_ones_own(fetched: Desk, site: Site) -> None:
    fetched.settings(DATASET_REPO=str(fetched.repository), DATASET_PATH="tables/cites.csv")
    fetched.done("sync")
    assert fetched.git("log", "-1", "--format=%an") == "https (127.0.0.1)"
    assert (fetched.repository / "tables" / "cites.csv").read_text("utf-8") == text(rows())
    (fetched.repository / "cites.csv").write_text("half done\n")
    site.tables[TABLE] = text(changed(rows(), "c2", commune="Bron"))
    said = fetched.type("sync")
    assert (said.code, "has changes that are not committed" in said.err) == (12, True)
    assert (fetched.repository / "cites.csv").read_text() == "half done\n"


def test_without_an_address_there_is_nothing_to_fetch(desk: Desk) -> None:
    said = desk.type("fetch")
    assert (said.code, "DATASET_URL is not set" in said.err) == (64, True)


@pytest.mark.parametrize("path", ["", "cites.csv"])
def test_two_addresses_are_never_one_file(fetched: Desk, site: Site, path: str) -> None:
    layers = [
        f'[[layer]]\numap_layer = "{name}"\ndataset_url = "{site.url}/{name}.csv"\n' for name in ("A", "B")
    ]
    (fetched.folder / "umap-bot.toml").write_text("".join(layers))
    fetched.settings(UMAP_LAYER=None, DATASET_URL=None, DATASET_PATH=path, DATASET_REPO="data")
    said = fetched.type("fetch")
    assert (said.code, "would be committed to the same file" in said.err) == (10, True)
