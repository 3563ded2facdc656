"""The template as its workflow carries it out: on a real uMap, from clones, the state in a bare remote."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.sheets import document, rows_of, table
from tests.deploy.github import GitHub
from tests.deploy.job import Job
from tests.deploy.repository import SCRIPTS, STATE, TEMPLATE, WORKFLOW, Template, beside, git, run
from umap_bot.sandbox.maps import MadeMap

LAYER = "Lieux"
_OPEN = "Ouverte du lundi au vendredi"
_OTHERS = ("gare,Gare,Accès par la place,45.7605,4.8597", "parc,Parc,Entrée libre,45.7772,4.8556")
"""What carte.ods says."""


@dataclass
class Owner:
    """Somebody who made a copy of the template, filled in the address, and has a map with an empty layer."""

    template: Template
    made: MadeMap
    layer_id: str
    github: GitHub
    jobs: list[Job] = field(default_factory=list)

    def job(self, name: str, **given: Any) -> Job:
        """One job on a checkout of its own, as on GitHub: nothing is left of the one before."""
        duplicate = self.template.duplicate(f"run-{len(self.jobs) + 1}")
        secrets = {"UMAP_EDIT_LINK": self.made.edit_link} if name != "file" else {}
        self.jobs.append(Job(name, duplicate, self.github, secrets))
        return self.jobs[-1].carry_out(**given)

    def table(self, *rows: str) -> None:
        cells = [row.split(",") for row in ("id,name,description,lat,lon", *rows)]
        self.template.write("carte.ods", document(table(*rows_of(cells))))
        self.template.push("Another table")

    @property
    def code(self) -> str:
        """The approval code that the one issue tells."""
        (issue,) = self.github.issues
        return str(issue["body"]).rpartition("approval code `")[2].partition("`")[0]

    @property
    def boxes(self) -> list[str]:
        """The answers that the one issue offers."""
        (issue,) = self.github.issues
        return [line for line in issue["body"].splitlines() if line.startswith("- [")]

    @property
    def names(self) -> list[str]:
        return sorted(self.descriptions)

    @property
    def descriptions(self) -> dict[str, str]:
        """What stands on the map, by name."""
        features = json.loads(self.made.read(self.layer_id)[0])["features"]
        told = [feature["properties"] for feature in features]
        return {each["name"]: each.get("description", "") for each in told}


@pytest.fixture
def owner(template: Template, made_map: MadeMap, github: GitHub) -> Iterator[Owner]:
    """At its end everything that was said and published is looked through for the secret edit link."""
    layer_id = made_map.add_layer(LAYER, {"type": "FeatureCollection", "features": []})
    manifest = (template.desk / "umap-bot.toml").read_text("utf-8")
    filled = manifest.replace('umap_map_url = ""', f'umap_map_url = "{made_map.url}"')
    template.write("umap-bot.toml", filled.replace('"fr"', '"en"'))
    template.push("The map's address")
    owner = Owner(template, made_map, layer_id, github)
    yield owner
    secret = made_map.edit_link.rpartition(":")[2]
    assert secret not in repr([github.issues, github.comments, *(job.words for job in owner.jobs)])
    files = [file for file in template.folder.rglob("*") if file.is_file()]
    assert [str(file) for file in files if secret.encode() in file.read_bytes()] == []


def _log(job: Job) -> str:
    state = f"sqlite:///{beside(job.duplicate)}/state/state.db"
    return run(
        ("umap-bot", "log"), job.duplicate, {"STATE_URL": state, "UMAP_EDIT_LINK": "", "NO_COLOR": "1"}
    ).stdout


def _failed(job: Job) -> dict[str, int]:
    return {name: code for name, code in job.codes.items() if code}


def test_the_second_run_is_idle_with_the_state_kept_and_without_it_one_begins_anew(owner: Owner) -> None:
    owner.github.pages = {"build_type": "workflow", "html_url": "https://labo.example.org/cartes/"}
    first = owner.job("sync")
    assert _failed(first) == {}
    assert "a fresh start" in first.said["state.sh load"].stdout
    assert owner.names == ["Gare", "Mairie", "Parc"]
    assert owner.template.commits() == 1

    second = owner.job("sync")
    assert _failed(second) == {}
    assert "State loaded" in second.said["state.sh load"].stdout
    assert "Nothing to do" in second.summary
    assert owner.template.commits() == 1
    assert owner.template.branches() == ["main", STATE]
    assert _log(second).split(" · ")[0].strip() == "1"
    assert (beside(second.duplicate) / "site" / "index.html").exists()

    git(owner.template.remote, "branch", "-D", STATE)
    again = owner.job("sync")
    assert "a fresh start" in again.said["state.sh load"].stdout
    assert owner.names == ["Gare", "Mairie", "Parc"]
    assert owner.template.commits() == 1


def test_what_looks_wrong_waits_as_an_issue_until_its_box_is_ticked(owner: Owner) -> None:
    owner.job("sync")
    owner.table("mairie,Mairie,Fermée,45.7676,4.8358")
    held = owner.job("sync")
    assert _failed(held) == {}, "a question is no failure"
    assert owner.names == ["Gare", "Mairie", "Parc"]
    assert f"--approve {owner.code}" in held.summary

    done = owner.job("sync", edited=owner.github.tick(owner.github.issues[0], "umap-bot sync --approve"))
    assert _failed(done) == {}
    assert owner.names == ["Mairie"]
    assert "approved by ada" in _log(done)
    assert [each["state"] for each in owner.github.issues] == ["closed"]


def test_what_was_drawn_by_hand_is_matched_by_the_same_button(owner: Owner) -> None:
    """`adopt` in the place of `sync`: shown first, done with the code that stands on the run's page. What is
    doubtful is settled by a file."""
    drawn = [
        _drawn("Mairie", _OPEN, 4.8358, 45.7676),
        _drawn("Gare", "Accès par la place", 4.8597, 45.7605),
        _drawn("Jardin", "Entrée libre", 4.8556, 45.7872),
    ]
    version = owner.made.read(owner.layer_id)[1]
    owner.made.save(owner.layer_id, {"type": "FeatureCollection", "features": drawn}, version)
    shown = owner.job("sync", what="adopt")
    assert _failed(shown) == {}
    table = shown.summary.rpartition("```text\n")[2].partition("```")[0]
    owner.template.write("pairs.csv", table.replace("parc,Parc,4,,", 'parc,Parc,4,"geo:45.787200,4.855600",'))
    owner.template.push("The garden is the park")
    shown = owner.job("sync", what="adopt")
    assert "The id of the matching row would be written to 3 features" in shown.summary
    assert "choose *adopt* again" in shown.summary
    assert "pairs.csv`, content" not in shown.summary
    code = shown.summary.rpartition("--approve ")[2].split()[0]
    assert _failed(owner.job("sync", what="adopt", code=code)) == {}
    owner.job("sync")
    assert _failed(owner.job("sync", code=owner.code)) == {}
    assert owner.names == ["Gare", "Mairie", "Parc"], "none is there twice"


def _drawn(name: str, description: str, longitude: float, latitude: float) -> dict[str, Any]:
    place = {"type": "Point", "coordinates": [longitude, latitude]}
    return {
        "type": "Feature",
        "geometry": place,
        "properties": {"name": name, "description": description},
    }


def test_a_pull_request_is_checked_without_secrets_and_its_plan_is_a_comment(owner: Owner) -> None:
    owner.job("sync")
    owner.table("mairie,Mairie,Fermée,45.7676,4.8358", *_OTHERS)
    before = git(owner.template.remote, "rev-parse", STATE)
    assert _failed(owner.job("file")) == {}
    for _ in range(2):
        assert _failed(owner.job("preview", pull_request=5)) == {}
    (comment,) = owner.github.comments
    assert "Fermée" in comment["body"]
    assert git(owner.template.remote, "rev-parse", STATE) == before, "a look writes nothing"


def test_a_bad_table_fails_the_check_with_its_row(owner: Owner) -> None:
    owner.table("mairie,Mairie,,45.7676,4.8358", "mairie,Encore,,45.7605,4.8597")
    bad = owner.job("file")
    assert _failed(bad) == {"run.sh validate": 11}
    assert "mairie" in bad.summary


def test_a_failed_run_still_saves_and_tells(owner: Owner) -> None:
    """The state must remember what went wrong, or each run would tell it anew."""
    owner.job("sync")
    owner.template.write("carte.ods", "no table at all")
    owner.template.push("A slip")
    failed = owner.job("sync")
    assert _failed(failed) == {"run.sh what": 11}
    assert "exit code 11: a problem with the file" in failed.summary
    assert "State saved" in failed.said["state.sh save"].stdout


@pytest.mark.parametrize("typed", ["--drift", "$(id)", "abc", "; rm -rf ."])
def test_a_wrong_code_is_no_option(tmp_path: Path, typed: str) -> None:
    said = run((TEMPLATE / SCRIPTS / "run.sh", "sync", "said", typed), tmp_path, check=False)
    assert said.returncode == 64
    assert "no approval code" in (tmp_path / "said" / "said.txt").read_text("utf-8")


def test_what_was_said_is_no_command_to_the_runner(tmp_path: Path) -> None:
    """GitHub obeys `::add-mask::…` wherever a line begins so, unless it was told to stop listening."""
    program = tmp_path / "bin" / "umap-bot"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho '::add-mask::Gare'\n", "utf-8")
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:{os.environ['PATH']}", "GITHUB_ACTIONS": "true"}
    done = run((TEMPLATE / SCRIPTS / "run.sh", "validate", "said"), tmp_path, environment)
    stop, said, *_, again = done.stdout.splitlines()
    word = stop.removeprefix("::stop-commands::")
    assert (len(word), said, again) == (32, "::add-mask::Gare", f"::{word}::")


def test_nothing_that_is_committed_lies_where_the_program_does(tmp_path: Path) -> None:
    """A committed `.umap-bot/program/venv/…/x.pth` ran with the edit link."""
    assert ".umap-bot/" not in WORKFLOW.read_text("utf-8")
    environment = {"PROGRAM": str(tmp_path), "PROGRAM_COMMIT": "1" * 40}
    done = run((TEMPLATE / SCRIPTS / "install.sh", ".umap-bot"), tmp_path, environment, check=False)
    assert done.returncode == 64
    assert "lies in the checkout" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_program_is_installed_beside_what_was_left_there(tmp_path: Path) -> None:
    """What an earlier job, or anybody, left in the folder is gone before anything of it can run."""
    folder, checkout, variables = tmp_path / "umap-bot", tmp_path / "checkout", tmp_path / "variables"
    (folder / "venv").mkdir(parents=True)
    (folder / "venv" / "x.pth").write_text("import os", "utf-8")
    checkout.mkdir()
    environment = {"PROGRAM": str(tmp_path / "no"), "PROGRAM_COMMIT": "1" * 40, "GITHUB_ENV": str(variables)}
    done = run((TEMPLATE / SCRIPTS / "install.sh", folder), checkout, environment, check=False)
    assert done.returncode not in (0, 64), "there is no such program"
    assert not (folder / "venv").exists()


def test_a_copy_that_is_not_filled_in_says_what_is_left(template: Template, github: GitHub) -> None:
    job = Job("sync", template.duplicate("fresh"), github, {})
    assert next(iter(job.carry_out().codes)) == "tell.py ready"
    assert "Pas encore réglé" in job.summary
    assert "::warning::" in job.words


def test_a_run_is_undone_by_the_same_button(owner: Owner) -> None:
    """And the next sync does not do it again by itself, but asks; the answer is one box."""
    owner.job("sync")
    owner.table("mairie,Mairie,Fermée,45.7676,4.8358", *_OTHERS)
    owner.job("sync")
    undone = owner.job("sync", what="rollback")
    assert _failed(undone) == {}
    assert owner.descriptions["Mairie"] == _OPEN
    owner.job("sync")
    kept = owner.job("sync", edited=owner.github.tick(owner.github.issues[0], "umap-bot keep mairie"))
    assert _failed(kept) == {}
    assert owner.descriptions["Mairie"] == _OPEN
    assert "by ada" in owner.github.comments[0]["body"].partition("```")[2], "as umap-bot keeps it"
    assert [each["state"] for each in owner.github.issues] == ["closed"]


@pytest.mark.parametrize("typed", ["--plan", "$(id)", "4 2;"])
def test_a_wrong_run_is_no_option(tmp_path: Path, typed: str) -> None:
    said = run((TEMPLATE / SCRIPTS / "run.sh", "rollback", "said"), tmp_path, {"RUN": typed}, check=False)
    assert said.returncode == 64
    assert "That is no run" in (tmp_path / "said" / "said.txt").read_text("utf-8")
