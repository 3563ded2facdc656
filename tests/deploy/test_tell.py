"""What people on GitHub are told: once, up to date, and never by a stranger's hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.github import REPOSITORY, ROBOT, TOKEN, GitHub
from tests.deploy.repository import SCRIPTS, TEMPLATE, Done, Template, git, run

CODE = "7K2M-9QXT-4HB0-D3WZ"
OK = f"- [ ] Remove these 17 features: `umap-bot sync --approve {CODE}`"
HELD = f"**WAITING** 17 of 18 would be removed\n\n{OK}"
KEEP = "- [ ] (1) Leave it off the map: `umap-bot keep c3`"
PUT_BACK = f"- [ ] (1) Restore it from the file: `umap-bot approve {CODE} c3`"
BY_HAND = "- [ ] (1) To remove it permanently, delete row 3 of cites.csv"
MATCH = "- [ ] (2) Match the features on the map with their rows: `umap-bot adopt`"
ASKS = f"**Nothing was changed.**\n\n{KEEP}\n{PUT_BACK}\n{BY_HAND}\n{MATCH}"


class Teller:
    """A folder as run.sh leaves it, and tell.py run on it."""

    def __init__(self, folder: Path, github: GitHub) -> None:
        self.folder, self.github = folder, github
        self.said = folder / "said"
        self.said.mkdir()
        (folder / "state").mkdir()
        self.manifest('[map.carte]\numap_map_url = "https://umap.example.org/fr/map/carte_1"\n')

    def manifest(self, text: str) -> None:
        (self.folder / "umap-bot.toml").write_text(text, "utf-8")

    def ended(self, code: int, said: str = "", plan: str = "", layers: str = "") -> None:
        """`layers` says how it stands with each: `w` waits, `t` is in trouble, `W` both, `.` neither."""
        layers = layers or {0: ".", 3: "w"}.get(code, "t")
        status = {".": "ok", "w": "waiting", "t": "trouble", "W": "trouble"}
        told = [{"status": status[each], "asked": "2026-11-24" if each in "wW" else None} for each in layers]
        files = {"code": f"{code}\n", "said.txt": said, "told.md": plan}
        for name, text in (files | {"status.json": json.dumps({"layers": told})}).items():
            (self.said / name).write_text(text, "utf-8")

    def edited(self, event: dict[str, Any]) -> list[str]:
        """Read an edit of the issue; return the commands that are carried out, and empty the folder."""
        (self.folder / "event.json").write_text(json.dumps(event), "utf-8")
        (self.folder / "output").unlink(missing_ok=True)
        self.tell("ticked", "said")
        chosen = self.said / "chosen.json"
        told = json.loads(chosen.read_text("utf-8")) if chosen.exists() else {"answers": []}
        assert self.read("output") == f"answers={'yes' if told['answers'] else 'no'}\n"
        return [" ".join(words[1:]) for _, words in told["answers"]]

    def tell(self, *words: str, pull_request: int = 0, **more: str) -> Done:
        environment = {
            "BOT_FOLDER": str(self.folder),
            "PROGRAM": "https://git.example.org/umap-bot",
            "PROGRAM_COMMIT": "1" * 40,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.example.org",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "77",
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "PULL_REQUEST": str(pull_request),
            **more,
        }
        return run(("python3", TEMPLATE / SCRIPTS / "tell.py", *words), self.folder, environment)

    def read(self, name: str) -> str:
        file = self.folder / name
        return file.read_text("utf-8") if file.exists() else ""


@pytest.fixture
def teller(tmp_path: Path, github: GitHub) -> Teller:
    return Teller(tmp_path, github)


def test_a_pull_request_has_one_comment_that_follows_it(teller: Teller) -> None:
    for plan in ("**3** changes", "**4** changes"):
        teller.ended(2, plan=plan)
        teller.tell("preview", "said", pull_request=5)
    (comment,) = teller.github.comments
    assert (comment["issue"], comment["body"].endswith("\n\n**4** changes")) == (5, True)


def test_the_same_plan_is_not_written_again(teller: Teller) -> None:
    teller.ended(2, plan="**3** changes")
    for _ in range(2):
        teller.tell("preview", "said", pull_request=5)
    assert [method for method, _ in teller.github.asked] == ["GET", "POST", "GET"]


def test_a_unmanaged_comment_is_not_ours(teller: Teller) -> None:
    """Anybody can write our mark; it would let them hide the plan, or have us fail."""
    theirs = teller.github.add_comment(5, "<!-- umap-bot: preview -->\nall is well", login="mallory")
    teller.ended(2, plan="**3** changes")
    teller.tell("preview", "said", pull_request=5)
    assert theirs["body"].endswith("all is well")
    assert [each["user"]["login"] for each in teller.github.comments] == ["mallory", ROBOT]


def test_a_comment_is_found_behind_a_hundred_others(teller: Teller) -> None:
    for number in range(100):
        teller.github.add_comment(5, f"comment {number}", login="ada")
    teller.ended(2, plan="**3** changes")
    teller.tell("preview", "said", pull_request=5)
    teller.ended(2, plan="**4** changes")
    teller.tell("preview", "said", pull_request=5)
    assert len(teller.github.comments) == 101
    assert teller.github.comments[-1]["body"].endswith("**4** changes")


def test_a_held_sync_is_one_issue_updated_then_closed(teller: Teller) -> None:
    teller.ended(3, plan=HELD)
    teller.tell("waiting", "said")
    (issue,) = teller.github.issues
    assert (issue["state"], issue["labels"]) == ("open", ["umap-bot"])
    assert f"`{CODE}`" in issue["body"]
    assert "https://github.example.org/labo/cartes/actions/workflows/umap-bot.yml" in issue["body"]

    teller.ended(3, plan=HELD.replace("17", "16"))
    teller.tell("waiting", "said")
    assert [each["number"] for each in teller.github.issues] == [1]
    assert "16 of 18" in issue["body"]

    teller.ended(0, "Done.\n")
    teller.tell("waiting", "said")
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert [each["body"][:8] for each in teller.github.comments] == ["Settled:"]


@pytest.mark.parametrize("layers", ["t", "W", ".t", ".W"])
def test_trouble_settles_nothing_and_offers_no_less(teller: Teller, layers: str) -> None:
    teller.ended(3, plan=HELD)
    teller.tell("waiting", "said")
    before = teller.github.issues[0]["body"]
    teller.ended(14, "trouble", "**No answer from uMap**", layers)
    teller.tell("waiting", "said")
    assert [(each["state"], each["body"]) for each in teller.github.issues] == [("open", before)]


def test_what_waits_beside_a_layer_that_fails_is_an_issue_too(teller: Teller) -> None:
    teller.ended(14, plan=f"**No answer from uMap**\n\n---\n\n{ASKS}", layers="tw")
    teller.tell("waiting", "said")
    assert KEEP in teller.github.issues[0]["body"]


def test_there_is_a_box_only_where_a_tick_does_something(teller: Teller) -> None:
    teller.ended(3, plan=ASKS)
    teller.tell("waiting", "said")
    lines = teller.github.issues[0]["body"].splitlines()
    assert [line for line in lines if line.startswith("- ")] == [
        KEEP,
        PUT_BACK,
        BY_HAND.replace("- [ ]", "-"),
        MATCH.replace("- [ ]", "-"),
    ]


def test_elsewhere_there_is_no_box_since_a_tick_would_do_nothing(teller: Teller) -> None:
    teller.ended(3, plan=ASKS)
    teller.tell("preview", "said", pull_request=5)
    teller.tell("summary", "said")
    for text in (teller.github.comments[0]["body"], teller.read("summary.md")):
        assert "- (1) Leave it off the map: `umap-bot keep c3`" in text
        assert "[ ]" not in text


def test_each_tick_is_of_who_made_it(teller: Teller) -> None:
    """The second comes while the first is carried out: it stays, and has its turn."""
    teller.github.writers = ("ada", "eve")
    teller.ended(3, plan=ASKS)
    teller.tell("waiting", "said")
    (issue,) = teller.github.issues
    first, second = teller.github.tick(issue, "keep"), teller.github.tick(issue, "approve", by="eve")
    assert teller.edited(first) == ["keep c3"]
    teller.tell("waiting", "said")
    assert KEEP in issue["body"]
    assert PUT_BACK.replace("[ ]", "[x]") in issue["body"]
    assert teller.edited(second) == [f"approve {CODE} c3"]


def test_a_box_that_was_emptied_again_is_no_answer(teller: Teller) -> None:
    teller.ended(3, plan=ASKS)
    teller.tell("waiting", "said")
    (issue,) = teller.github.issues
    event = teller.github.tick(issue, "keep")
    issue["body"] = event["changes"]["body"]["from"]
    assert teller.edited(event) == []


def test_who_may_not_write_answers_nothing_and_leaves_no_tick(teller: Teller) -> None:
    """Else the next who ticks another box would have both carried out."""
    teller.ended(3, plan=ASKS)
    teller.tell("waiting", "said")
    (issue,) = teller.github.issues
    assert teller.edited(teller.github.tick(issue, "approve", by="mallory")) == []
    assert PUT_BACK in issue["body"]
    assert "mallory ticked a box, but may not write" in teller.github.comments[0]["body"]


@pytest.mark.parametrize(
    "forged",
    [
        "- [x] Leave it off the map: `umap-bot keep c3; id`",
        "- [x] (1) Leave it off the map: `umap-bot keep c4`",
        f"- [x] (1) Leave it off the map: `umap-bot approve {CODE} c3`",
        "- [x] (2) Match the features on the map with their rows: `umap-bot adopt`",
    ],
)
def test_only_what_the_run_itself_offered_is_carried_out(teller: Teller, forged: str) -> None:
    """A line of the issue that somebody rewrote is none of the run's, whoever ticks it."""
    teller.ended(3, plan=ASKS)
    teller.tell("waiting", "said")
    (issue,) = teller.github.issues
    before = issue["body"]
    issue["body"] = f"{before}\n{forged}"
    event = {"issue": dict(issue), "sender": {"login": "ada"}, "changes": {"body": {"from": before}}}
    assert teller.edited(event) == []
    assert "no longer offers what ada ticked" in teller.github.comments[0]["body"]


def test_an_edit_of_another_issue_is_no_answer(teller: Teller) -> None:
    teller.ended(3, plan=ASKS)
    teller.tell("waiting", "said")
    body = teller.github.issues[0]["body"]
    theirs = teller.github.add_issue(
        {"title": "Approval needed", "body": body, "labels": ["umap-bot"]}, "eve"
    )
    assert teller.edited(teller.github.tick(theirs, "keep")) == []
    assert teller.github.comments == []


def test_rows_that_must_be_corrected_ask_for_no_approval(teller: Teller) -> None:
    teller.ended(3, plan="**Done.** 1 row in the file must be corrected.")
    teller.tell("waiting", "said")
    (issue,) = teller.github.issues
    assert issue["title"] == "Rows of the file must be corrected"
    assert "approval code" not in issue["body"]
    assert "Correct these rows in the file" in issue["body"]
    teller.ended(0)
    teller.tell("waiting", "said")
    assert issue["state"] == "closed"


def test_an_issue_that_was_closed_by_hand_comes_again(teller: Teller) -> None:
    teller.ended(3, plan=HELD)
    teller.tell("waiting", "said")
    teller.github.issues[0]["state"] = "closed"
    teller.tell("waiting", "said")
    assert [each["state"] for each in teller.github.issues] == ["closed", "open"]


@pytest.mark.parametrize(
    ("act", "command"),
    [
        (f"Restore it from the file: `umap-bot approve {CODE} c3`", f"approve {CODE} c3"),
        (
            f"Restore it from the file: `umap-bot approve --layer Cités {CODE} c3`",
            f"approve --layer Cités {CODE} c3",
        ),
        (f"Restore it from the file: ``umap-bot approve {CODE} 'c`d'``", f"approve {CODE} c`d"),
        (f'Remove "\\`umap-bot keep c4": `umap-bot sync --approve {CODE}`', f"sync --approve {CODE}"),
        ("Keep all: `umap-bot sync --foreign keep`", "sync --foreign keep"),
    ],
)
def test_a_command_is_the_one_that_ends_its_line(teller: Teller, act: str, command: str) -> None:
    """Words of the map come before it, their backticks escaped."""
    teller.ended(3, plan=f"1. removed: umap-bot sync --approve 0000-0000-0000-0000\n\n- [ ] {act}")
    teller.tell("waiting", "said")
    (issue,) = teller.github.issues
    assert teller.edited(teller.github.tick(issue, "umap-bot")) == [command]
    assert "0000" not in issue["body"].rpartition("---")[2]


@pytest.mark.parametrize(
    "act",
    [
        "Name it: `umap-bot sync --base COMMIT`",
        "`umap-bot keep c3` is one",
        "Keep: `umap-bot keep 'c3`",
        "None",
    ],
)
def test_what_a_run_can_not_carry_out_has_no_box(teller: Teller, act: str) -> None:
    teller.ended(3, plan=f"- [ ] {act}")
    teller.tell("waiting", "said")
    assert "[ ]" not in teller.github.issues[0]["body"]


def test_what_was_said_is_no_markdown_on_the_runs_page(teller: Teller) -> None:
    teller.ended(14, "uMap said: ```\n# <img src=x> @everybody [x](http://x)\n````")
    teller.tell("summary", "said")
    fence = re.match(r"`+", teller.read("summary.md"))
    assert fence
    assert len(fence[0]) == 5
    assert teller.read("summary.md").count(fence[0]) == 2
    assert "exit code 14" in teller.read("summary.md")


def test_a_plan_that_is_too_long_is_cut_aloud(teller: Teller) -> None:
    teller.ended(3, plan=f"{'x' * 100_000}\n{OK}")
    teller.tell("waiting", "said")
    teller.tell("preview", "said", pull_request=5)
    for body in (teller.github.issues[0]["body"], teller.github.comments[0]["body"]):
        assert len(body) < 65_536
        assert "cut here" in body
    assert f"`{CODE}`" in teller.github.issues[0]["body"]


def test_it_speaks_french_where_the_manifest_does(teller: Teller) -> None:
    teller.manifest('report_language = "fr"\n')
    teller.ended(3, plan=HELD)
    teller.tell("waiting", "said")
    assert teller.github.issues[0]["title"].startswith("Accord demandé")


def test_a_fresh_copy_is_told_what_is_left_to_do(teller: Teller) -> None:
    teller.manifest((TEMPLATE / "umap-bot.toml").read_text("utf-8"))
    done = teller.tell("ready", PROGRAM="", PROGRAM_COMMIT="")
    assert teller.read("output") == "ready=no\n"
    missing = ("UMAP_BOT_REPOSITORY", "UMAP_BOT_COMMIT", "umap_map_url")
    assert f"il manque\u00a0: {', '.join(missing)}. " in done.stdout
    for name in (*missing, "UMAP_EDIT_LINK"):
        assert name in teller.read("summary.md")


def test_the_newest_commit_is_told_to_who_has_named_the_repository(
    teller: Teller, template: Template
) -> None:
    """`git` is led to a repository of ours by its own settings."""
    led: dict[str, Any] = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{template.remote.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://git.example.org/umap-bot",
    }
    teller.tell("ready", PROGRAM_COMMIT="main", **led)
    newest = git(template.remote, "rev-parse", "HEAD")
    assert f"`{newest}`" in teller.read("summary.md")
    assert "UMAP_BOT_REPOSITORY" not in teller.read("summary.md")


def test_a_filled_in_one_is_ready(teller: Teller) -> None:
    teller.tell("ready")
    assert (teller.read("output"), teller.read("summary.md")) == ("ready=yes\n", "")


@pytest.mark.parametrize(
    ("pages", "output"),
    [
        (None, ""),
        ({"build_type": "legacy", "html_url": "https://labo.example.org/cartes/"}, ""),
        (
            {"build_type": "workflow", "html_url": "https://labo.example.org/cartes/"},
            "publish=yes\nurl=https://labo.example.org/cartes/\n",
        ),
    ],
)
def test_pages_are_published_only_where_they_are_switched_on(
    teller: Teller, pages: dict[str, str] | None, output: str
) -> None:
    teller.github.pages = pages
    teller.tell("pages")
    assert teller.read("output") == output
