"""What people on GitHub are told: once, up to date, and never by a stranger's hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.deploy.github import REPOSITORY, ROBOT, TOKEN, GitHub
from tests.deploy.repository import SCRIPTS, TEMPLATE, Done, run

CODE = "7K2M-9QXT-4HB0-D3WZ"
OK = f"- [ ] Remove these 17 features: `umap-bot sync --approve {CODE}`"
HELD = f"**WAITING** 17 of 18 would be removed\n\n{OK}"


class Teller:
    """A folder as run.sh leaves it, and tell.py run on it."""

    def __init__(self, folder: Path, github: GitHub) -> None:
        self.folder, self.github = folder, github
        self.said = folder / "said"
        self.said.mkdir()
        self.manifest('[map.carte]\numap_map_url = "https://umap.example.org/fr/map/carte_1"\n')

    def manifest(self, text: str) -> None:
        (self.folder / "umap-bot.toml").write_text(text, "utf-8")

    def ended(self, code: int, said: str = "", plan: str = "") -> None:
        for name, text in {"code": f"{code}\n", "said.txt": said, "told.md": plan}.items():
            (self.said / name).write_text(text, "utf-8")

    def tell(self, *words: str, pull_request: int = 0) -> Done:
        environment = {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.example.org",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "77",
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "PULL_REQUEST": str(pull_request),
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


@pytest.mark.parametrize("code", [1, 4, 5, 12, 13, 14])
def test_trouble_settles_nothing(teller: Teller, code: int) -> None:
    teller.ended(3, plan=HELD)
    teller.tell("waiting", "said")
    teller.ended(code, "trouble")
    teller.tell("waiting", "said")
    assert [each["state"] for each in teller.github.issues] == ["open"]


def test_rows_that_must_be_corrected_ask_for_no_approval(teller: Teller) -> None:
    teller.ended(3, plan="**Done.** 1 row of the file must be corrected.")
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


def test_a_name_that_looks_like_a_code_is_not_the_code(teller: Teller) -> None:
    """The map's words come before the program's own last ones."""
    teller.ended(3, plan=f"1. removed: umap-bot sync --approve 0000-0000-0000-0000\n{HELD}")
    teller.tell("waiting", "said")
    told = teller.github.issues[0]["body"].rpartition("---")[2]
    assert (f"`{CODE}`" in told, "0000-0000" in told) == (True, False)


@pytest.mark.parametrize(
    "act",
    [
        f"Put it back: `umap-bot approve {CODE} c3`",
        f"Put it back: `umap-bot approve --layer Cités {CODE} c3`",
        f"Put it back: ``umap-bot approve {CODE} 'c`umap-bot approve 0000-0000-0000-0000'``",
        f'Remove "\\`umap-bot approve 0000-0000-0000-0000" from the map: `umap-bot sync --approve {CODE}`',
    ],
)
def test_the_code_of_what_waits_is_found_whatever_it_is_called(teller: Teller, act: str) -> None:
    teller.ended(3, plan=f"**Done.** 1 change waits\n\n- [ ] Leave it: `umap-bot keep c3`\n- [ ] {act}")
    teller.tell("waiting", "said")
    told = teller.github.issues[0]["body"].rpartition("---")[2]
    assert (f"`{CODE}`" in told, "0000-0000-0000-0000" in told) == (True, False)


def test_what_was_said_is_no_markdown_on_the_runs_page(teller: Teller) -> None:
    teller.ended(14, "uMap said: ```\n# <img src=x> @everybody [x](http://x)\n````")
    teller.tell("summary", "said")
    fence = re.match(r"`+", teller.read("summary.md"))
    assert fence
    assert len(fence[0]) == 5
    assert teller.read("summary.md").count(fence[0]) == 2
    assert "ended with code 14" in teller.read("summary.md")


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
    teller.tell("ready")
    assert teller.read("output") == "ready=no\n"
    assert "UMAP_EDIT_LINK" in teller.read("summary.md")


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
