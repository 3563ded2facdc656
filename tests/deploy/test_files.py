"""Workflows, container, crontab: what they type is there, what they pin is pinned, no secret is in them."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.deploy.repository import DEPLOY, ROOT, SCRIPTS, TEMPLATE, WORKFLOW
from tests.deploy.typed import commands, is_there
from umap_bot.settings import KNOWN, SECRETS

GITLAB = DEPLOY / "gitlab-ci.yml"
TYPING = [
    WORKFLOW,
    GITLAB,
    DEPLOY / "Dockerfile",
    DEPLOY / "crontab",
    TEMPLATE / SCRIPTS / "run.sh",
]
FILES = [
    Path(name)
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", DEPLOY],
        cwd=ROOT, capture_output=True, check=True, encoding="utf-8",
    ).stdout.rstrip("\0").split("\0")
]  # fmt: skip


def _jobs() -> dict[str, str]:
    """The workflow's jobs by name, as text."""
    whole = WORKFLOW.read_text("utf-8").partition("\njobs:\n")[2]
    parts = re.split(r"^  (\w+):\n", whole, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("file", TYPING, ids=lambda file: str(file.name))
def test_what_is_typed_is_there(file: Path) -> None:
    typed = [*commands(file.read_text("utf-8"))]
    assert typed
    assert [words for words in typed if not is_there([word for word in words if "$" not in word])] == []


def test_run_knows_only_commands_of_ours() -> None:
    """`umap-bot "$what"`: what may stand there."""
    kinds = re.findall(r"^ +(\w+)\)$", (TEMPLATE / SCRIPTS / "run.sh").read_text("utf-8"), re.MULTILINE)
    assert kinds == ["plan", "validate", "sync", "adopt", "rollback"]
    assert is_there(["sync", "--approve", "0"])
    assert is_there(["adopt", "--layer", "0", "--pairs", "0", "--save", "0", "--approve", "0"])
    assert is_there(["rollback", "--layer", "0", "--approve", "0"])
    assert is_there(["keep", "--by", "0"])
    assert is_there(["approve", "--by", "0"])


def test_every_step_that_asks_the_map_may_sign_in_by_any_method() -> None:
    steps = [step for job in _jobs().values() for step in job.split("\n      - ")]
    asking = [
        step
        for step in steps
        if re.search(r"run\.sh (plan|\"\$WHAT)|answers\.py carry|umap-bot report", step)
    ]
    assert len(asking) == 4
    for name in ("UMAP_EDIT_LINK", "UMAP_USERNAME", "UMAP_PASSWORD", "UMAP_SESSION_COOKIE"):
        assert all(f"{name}: ${{{{ secrets.{name} }}}}" in step for step in asking)
    for name in ("UMAP_SESSION_UNTIL", "SECRETS_FOR_MANIFEST"):
        assert name in KNOWN
        assert all(f"{name}: ${{{{ vars.{name} }}}}" in step for step in asking)


def test_who_ticks_a_box_gets_at_nothing_but_the_bot() -> None:
    """The token that may write to the repository is in no step that runs umap-bot; what people wrote into an
    issue is in none."""
    for job in _jobs().values():
        for step in job.split("\n      - "):
            assert not ("github.token" in step and "secrets." in step)
            assert "github.event.issue.body" not in step
            assert "github.event.sender" not in step


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    used = re.findall(r"uses: (.*)$", WORKFLOW.read_text("utf-8"), re.MULTILINE)
    assert len(used) > 5
    pinned = re.compile(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [each for each in used if not pinned.fullmatch(each)] == []


def test_a_unmanaged_pull_request_meets_no_secret_and_may_write_nothing() -> None:
    jobs = _jobs()
    assert set(jobs) == {"file", "preview", "sync", "page"}
    assert "secrets." not in jobs["file"]
    assert "write" not in jobs["file"].replace("written", "")
    assert "pull_request_target" not in WORKFLOW.read_text("utf-8")
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert own in jobs["preview"].partition("steps:")[0]
    for name in ("sync", "page"):
        assert "pull_request" not in jobs[name].replace("github.event.pull_request.number", "")


def test_nothing_is_allowed_but_what_a_job_says() -> None:
    text = WORKFLOW.read_text("utf-8")
    assert "\npermissions: {}\n" in text
    for name, job in _jobs().items():
        allowed = set(re.findall(r"^      ([\w-]+): (read|write)\b", job, re.MULTILINE))
        wanted = {
            "file": {("contents", "read")},
            "preview": {("contents", "read"), ("pull-requests", "write")},
            "sync": {
                ("contents", "write"),
                ("issues", "write"),
                ("pull-requests", "write"),
                ("pages", "read"),
            },
            "page": {("pages", "write"), ("id-token", "write")},
        }
        assert allowed == wanted[name]


def test_what_people_type_is_no_part_of_a_script() -> None:
    """`${{ inputs.code }}` within `run:` would run what somebody typed."""
    scripts = re.findall(r"^ +(?:- )?run: (.*)$", WORKFLOW.read_text("utf-8"), re.MULTILINE)
    assert len(scripts) > 10
    assert [script for script in scripts if "${{" in script or script.startswith(("|", ">"))] == []


def test_two_syncs_never_meet() -> None:
    """And none that waits is dropped: each tick of a box is a run of its own."""
    assert "group: umap-bot-sync\n      cancel-in-progress: false\n      queue: max" in _jobs()["sync"]
    assert GITLAB.read_text("utf-8").count("resource_group: umap-bot") == 2


def test_the_page_goes_by_the_workflows_schedule() -> None:
    manifest = tomllib.loads((TEMPLATE / "umap-bot.toml").read_text("utf-8"))
    ((cron, zone),) = re.findall(r'- cron: "(.*)"\n +timezone: (.*)', WORKFLOW.read_text("utf-8"))
    assert (manifest["sync_schedule"], manifest["sync_timezone"]) == (cron, zone)
    assert f"\n  TZ: {zone} " in WORKFLOW.read_text("utf-8"), "people read times of the same zone"


def test_the_templates_manifest_has_only_settings_and_no_secret() -> None:
    manifest = tomllib.loads((TEMPLATE / "umap-bot.toml").read_text("utf-8"))
    named = {name for name in manifest if name not in {"map", "layer"}}
    named |= {
        name for table in [*manifest["map"].values(), *manifest["layer"]] for name in table if name != "map"
    }
    assert {name.upper() for name in named} <= KNOWN
    assert not {name.upper() for name in named} & {*SECRETS}
    assert (TEMPLATE / manifest["dataset_path"]).is_file()


def test_no_variable_of_ours_is_taken_for_a_setting() -> None:
    """Names that begin like a setting's and are none would be refused, or mean nothing."""
    for file in [WORKFLOW, GITLAB, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"]:
        named = re.findall(
            r"^[ -]*((?:UMAP|DATASET|SYNC|GUARD|STATE|REPORT|NOTIFY|LOG)_[A-Z_]+)[:=]",
            file.read_text("utf-8"),
            re.MULTILINE,
        )
        assert set(named) <= KNOWN, file.name


def test_the_program_is_what_the_project_says_and_nothing_is_left_to_fill_in_here() -> None:
    for file in (WORKFLOW, GITLAB):
        text = file.read_text("utf-8")
        for name in ("UMAP_BOT_REPOSITORY", "UMAP_BOT_COMMIT"):
            assert name in text
    for file in FILES:
        assert b"OWNER" not in (ROOT / file).read_bytes(), file


@pytest.mark.parametrize("of", ["dependencies", "notify", "postgres", "sheets"])
def test_the_container_has_what_the_program_needs_in_the_tested_versions(of: str) -> None:
    """deploy/requirements.lock is a part of requirements.lock, hashes included. If not: `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = project["dependencies"] if of == "dependencies" else project["optional-dependencies"][of]
    ours, tested = _locked(DEPLOY / "requirements.lock"), _locked(ROOT / "requirements.lock")
    names = {re.split(r"[\[<>=]", each)[0].lower() for each in needed}
    assert names <= {entry.partition("==")[0].partition("[")[0] for entry in ours}
    assert {entry: tested.get(entry) for entry in ours} == ours


def _locked(file: Path) -> dict[str, tuple[str, ...]]:
    """The hashes of each `name==version`."""
    text = re.sub(r" *#.*", "", file.read_text("utf-8")).replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if "==" in line]
    return {line[0]: tuple(sorted(word for word in line if word.startswith("--hash="))) for line in lines}


def test_the_container_is_nobodys_root_and_keeps_nothing_but_its_folders() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert text.index("USER 10001") < text.index("ENTRYPOINT")
    assert "--require-hashes" in text
    assert is_there(["serve"])
    assert 'CMD ["serve"]' in text
    compose = (DEPLOY / "compose.yaml").read_text("utf-8")
    for line in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "stop_grace_period: 6m"):
        assert line in compose
    for folder in ("/var/lib/umap-bot", "/var/cache/umap-bot"):
        assert text.count(folder) >= 2
        assert f":{folder}\n" in compose


def test_the_container_is_built_of_all_that_the_wheel_is_made_of() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    sources = [*wheel["packages"], *wheel["force-include"], *wheel["shared-data"]]
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = re.findall(r"^COPY (\S+) /src/\1$", text, re.MULTILINE)
    let_in = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for source in sources:
        assert any(f"{source}/".startswith(f"{folder}/") and f"!{folder}" in let_in for folder in copied), (
            source
        )


@pytest.mark.parametrize("file", FILES, ids=str)
def test_nothing_secret_stands_in_a_file(file: Path) -> None:
    text = (ROOT / file).read_bytes().decode("utf-8", "replace")
    assert not re.search(r"anonymous-edit/|gh[pousr]_\w{20}|glpat-|BEGIN [A-Z ]*PRIVATE KEY", text)


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.suffix == ".sh" or file.name == "check"], ids=str
)
def test_scripts_can_be_run(file: Path) -> None:
    assert (ROOT / file).stat().st_mode & 0o111
    assert (ROOT / file).read_text("utf-8").startswith("#!/usr/bin/env bash\n")
