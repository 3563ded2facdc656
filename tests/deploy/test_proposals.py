"""The branches of proposals, between a checkout and the server; and their pull requests, never doubled."""

from __future__ import annotations

from pathlib import Path

from tests.deploy.github import GitHub
from tests.deploy.repository import SCRIPTS, Done, Template, beside, git, run
from tests.deploy.test_tell import Teller

BRANCH = "umap-bot/edits-carte"


def bring(what: str, duplicate: Path, *, check: bool = True) -> Done:
    script = duplicate / SCRIPTS / "proposals.sh"
    return run((script, what, beside(duplicate) / "proposals"), duplicate, check=check)


def propose(duplicate: Path, text: str) -> str:
    """Commit to the branch as umap-bot does, without touching the checkout."""
    tree = git(duplicate, "rev-parse", "HEAD^{tree}")
    sha = git(duplicate, "commit-tree", tree, "-p", "HEAD", "-m", text)
    git(duplicate, "update-ref", f"refs/heads/{BRANCH}", sha)
    return sha


def test_what_was_proposed_is_there_in_the_next_checkout_until_it_is_deleted(template: Template) -> None:
    first = template.duplicate("first")
    bring("load", first)
    sha = propose(first, "Edits")
    bring("save", first)
    assert git(template.remote, "rev-parse", BRANCH) == sha
    assert (beside(first) / "proposals.names").read_text() == f"{BRANCH}\n"

    second = template.duplicate("second")
    bring("load", second)
    assert git(second, "rev-parse", BRANCH) == sha
    git(template.remote, "branch", "-D", BRANCH)
    third = template.duplicate("third")
    bring("load", third)
    assert git(third, "branch", "--list", "umap-bot/*") == ""


def test_a_commit_that_somebody_pushed_meanwhile_is_not_lost(template: Template) -> None:
    ours, theirs = template.duplicate("ours"), template.duplicate("theirs")
    for each in (ours, theirs):
        bring("load", each)
    sha = propose(theirs, "Theirs")
    bring("save", theirs)
    propose(ours, "Ours")
    assert bring("save", ours, check=False).returncode != 0
    assert git(template.remote, "rev-parse", BRANCH) == sha


def test_a_pull_request_is_opened_updated_and_not_asked_for_again_once_closed(
    tmp_path: Path, github: GitHub
) -> None:
    teller = Teller(tmp_path, github)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "first")
    (tmp_path / "names").write_text(f"{BRANCH}\n")

    def told(text: str) -> None:
        github.tips[BRANCH] = propose(tmp_path, text)
        teller.tell("proposals", "names", BASE="main")

    told("1 edit\n\n- @ada: nom")
    told("2 edits\n\n- @ada: nom")
    (pull,) = github.pulls
    assert (pull["title"], pull["base"], pull["head"]["ref"]) == ("2 edits", "main", BRANCH)
    assert "```text\n- @ada: nom\n```" in pull["body"]
    pull.update(state="closed", head={"ref": BRANCH, "sha": github.tips[BRANCH]})
    teller.tell("proposals", "names", BASE="main")
    assert len(github.pulls) == 1
    told("3 edits")
    assert [each["title"] for each in github.pulls] == ["2 edits", "3 edits"]
