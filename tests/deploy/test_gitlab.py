"""GitLab: a note on a merge request, an issue of what waits, and the job `sync` on a real uMap."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.sheets import document, rows_of, table
from tests.deploy.repository import DEPLOY, ROOT, SCRIPTS, TEMPLATE, Done, Template, beside, run
from tests.deploy.web import Request, page, serving
from umap_bot.sandbox.maps import MadeMap

OURS, STRANGER = 7, 8
TOKEN = "a-project-token"


class GitLab:
    """One merge request's notes, and one project's issues."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []

    def add(self, body: str, author: int) -> dict[str, Any]:
        self.notes.append({"id": len(self.notes) + 1, "body": body, "author": {"id": author}})
        return self.notes[-1]

    def answer(self, request: Request) -> Any:
        assert request.headers["Private-Token"] == TOKEN
        if request.path.startswith(issues := "/api/v4/projects/12/issues"):
            return self._of_issues(request, request.path.removeprefix(issues).split("/")[1:])
        notes = "/api/v4/projects/12/merge_requests/5/notes"
        match request.method, request.path.removeprefix(notes):
            case "GET", "/api/v4/user":
                return {"id": OURS}
            case "GET", "":
                return page(self.notes, request.query)
            case "POST", "":
                return self.add(request.told["body"], OURS)
            case "PUT", number:
                self.notes[int(number.strip("/")) - 1].update(request.told)
                return request.told
        return None

    def _of_issues(self, request: Request, of: list[str]) -> Any:
        match request.method, of:
            case "GET", []:
                return page([each for each in self.issues if each["state"] == "opened"], request.query)
            case "POST", []:
                number = len(self.issues) + 1
                self.issues.append({"iid": number, "state": "opened", "author": {"id": OURS}, **request.told})
                return self.issues[-1]
            case "PUT", [number]:
                issue = self.issues[int(number) - 1]
                closed = {"state": "closed"} if request.told.pop("state_event", "") == "close" else {}
                issue.update(request.told | closed)
                return issue
            case "POST", [_, "notes"]:
                return self.add(request.told["body"], OURS)
        return None


def _note(url: str, folder: Path, told: str, *, check: bool = True, what: str = "plan") -> Done:
    (folder / "told.md").write_text(told, "utf-8")
    (folder / "umap-bot.toml").touch()
    environment = {
        "CI_API_V4_URL": f"{url}/api/v4",
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "5",
        "GIT_TOKEN": TOKEN,
    }
    return run(("python3", "-I", DEPLOY / "gitlab_note.py", what, "."), folder, environment, check=check)


def test_a_merge_request_has_one_note_of_ours_that_follows_it(tmp_path: Path) -> None:
    gitlab = GitLab()
    for number in range(100):
        gitlab.add(f"note {number}", STRANGER)
    fake = gitlab.add("<!-- umap-bot: preview -->\nall is well", STRANGER)
    with serving(gitlab.answer) as url:
        for plan in ("**3** changes", "**4** changes", "**4** changes"):
            _note(url, tmp_path, plan)
    assert fake["body"].endswith("all is well")
    (ours,) = [note for note in gitlab.notes if note["author"]["id"] == OURS]
    assert ours["body"].endswith("\n\n**4** changes")


@pytest.mark.parametrize("line", ["/merge", "  /approve", "/label ~bug", "- a\n/close"])
def test_a_quick_action_is_not_posted(tmp_path: Path, line: str) -> None:
    gitlab = GitLab()
    with serving(gitlab.answer) as url:
        done = _note(url, tmp_path, f"**3** changes\n{line}\n", check=False)
    assert done.returncode == 65
    assert "a quick action of GitLab's begins there. Nothing was posted." in done.stderr
    assert gitlab.notes == []


@pytest.mark.parametrize("line", ["\\/merge", "a / b", "/ 3", "- [ ] /x"])
def test_what_only_looks_like_one_is_posted(tmp_path: Path, line: str) -> None:
    gitlab = GitLab()
    with serving(gitlab.answer) as url:
        _note(url, tmp_path, line)
    assert gitlab.notes[0]["body"].endswith(line.replace("[ ] ", "")), "a box would do nothing here"


@pytest.mark.parametrize(
    ("layers", "state"),
    [([("ok", None)], "closed"), ([("trouble", None)], "opened"), ([("trouble", "24 Nov")], "opened")],
)
def test_what_waits_is_one_issue_until_it_is_settled(
    tmp_path: Path, layers: list[tuple[str, str | None]], state: str
) -> None:
    """What a later run finds decides; one in trouble finds nothing."""
    gitlab = GitLab()
    rounds: list[list[tuple[str, str | None]]]
    rounds = [[("waiting", "24 Nov")], [("waiting", "24 Nov"), ("trouble", None)], layers]
    with serving(gitlab.answer) as url:
        for told in rounds:
            status = [{"status": status, "asked": asked} for status, asked in told]
            (tmp_path / "status.json").write_text(json.dumps({"layers": status}), "utf-8")
            (tmp_path / "asked.md").write_text("- **ANSWER=3fa2c1** Leave it: `umap-bot keep c3`", "utf-8")
            _note(url, tmp_path, "", what="waiting")
    (issue,) = gitlab.issues
    assert issue["state"] == state
    assert issue["title"].startswith("Approval needed")
    assert "the field `ANSWER`" in issue["description"]


@pytest.mark.parametrize(
    ("typed", "code", "carried"),
    [
        ("0c5344", 0, ["keep c3"]),
        (" 0C5344, 9f4a9f\n", 0, ["keep c3", "sync --foreign keep"]),
        ("0c5344 0a1b2c", 64, []),
        ("umap-bot keep c4", 64, []),
    ],
)
def test_an_answer_is_one_that_the_last_run_offered(
    tmp_path: Path, typed: str, code: int, carried: list[str]
) -> None:
    """Or nothing at all is done, and the names that there are, are told."""
    (tmp_path / "state").mkdir()
    told = (
        "- [ ] Leave it: `umap-bot keep c3`\n- [ ] Leave all: `umap-bot sync --foreign keep`\n- [ ] By hand"
    )
    for name, text in {"told.md": told, "code": "3\n"}.items():
        (tmp_path / name).write_text(text, "utf-8")
    script, environment = TEMPLATE / SCRIPTS / "answers.py", {"BOT_FOLDER": str(tmp_path)}
    run(("python3", "-I", script, "offer", "."), tmp_path, environment)
    done = run(("python3", "-I", script, "choose", ".", "ada", typed), tmp_path, environment, check=False)
    assert done.returncode == code
    assert ("There are: " in done.stderr) == bool(code)
    chosen = tmp_path / "chosen.json"
    answers = json.loads(chosen.read_text("utf-8"))["answers"] if chosen.exists() else []
    assert [" ".join(words[1:]) for _, words in answers] == carried


def test_nothing_that_is_committed_lies_where_the_program_does() -> None:
    text = (DEPLOY / "gitlab-ci.yml").read_text("utf-8")
    assert re.findall(r"(?<!CI_PROJECT_DIR)\.umap-bot\S*", text) == []


def _script(job: str) -> list[str]:
    """Return the lines of a job's script."""
    text = (DEPLOY / "gitlab-ci.yml").read_text("utf-8").partition(f"\n{job}:")[2]
    lines = text.partition("  script:\n")[2].splitlines()
    end = next(number for number, line in enumerate(lines) if not re.match(r"    [-#]", line))
    return [line.removeprefix("    - ") for line in lines[:end] if line.startswith("    - ")]


@pytest.fixture
def project(template: Template, made_map: MadeMap) -> Template:
    made_map.add_layer("Lieux", {"type": "FeatureCollection", "features": []})
    manifest = (template.desk / "umap-bot.toml").read_text("utf-8")
    template.write("umap-bot.toml", manifest.replace('url = ""', f'url = "{made_map.url}"'))
    template.push("The map's address")
    return template


def _carry_out(job: str, duplicate: Path, made: MadeMap, **typed: str) -> Done:
    folder = beside(duplicate)
    folder.mkdir()
    (folder / "source").symlink_to(ROOT)
    scripts = "scripts=$BOT_FOLDER/source/deploy/template/.github/umap-bot"
    environment = {
        **dict.fromkeys(("APPROVE", "ANSWER", "LAYER"), ""),
        "WHAT": "sync",
        "RUN": "latest",
        "GITLAB_USER_LOGIN": "ada",
        **typed,
        "BOT_FOLDER": str(folder),
        "GIT_REMOTE": "origin",
        "STATE_URL": f"sqlite:///{folder}/state/state.db",
        "UMAP_EDIT_LINK": made.edit_link,
    }
    lines = "\n".join([scripts, *_script(job)])
    return run(("bash", "-e", "-o", "pipefail", "-c", lines), duplicate, environment, check=False)


def test_its_sync_keeps_the_state_and_ends_with_our_code(project: Template, made_map: MadeMap) -> None:
    assert _carry_out("sync", project.duplicate("one"), made_map).returncode == 0
    assert project.commits() == 1
    head = ["id", "name", "description", "lat", "lon"]
    rows = rows_of([head, ["mairie", "Mairie", "", 45.7676, 4.8358]])
    project.write("carte.ods", document(table(*rows)))
    project.push("Another table")
    duplicate = project.duplicate("two")
    held = _carry_out("sync", duplicate, made_map)
    assert held.returncode == 3, "the job is orange"
    assert project.commits() == 1
    (answer,) = re.findall(r"ANSWER=(\w+)", (beside(duplicate) / "said" / "asked.md").read_text("utf-8"))
    assert _carry_out("sync", project.duplicate("four"), made_map, ANSWER=answer).returncode == 0
    pages = _carry_out("pages", project.duplicate("three"), made_map)
    assert pages.returncode == 0
    assert (project.folder / "three" / "public" / "index.html").is_file()
