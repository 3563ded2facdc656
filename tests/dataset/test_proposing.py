"""A branch of ours in real repositories: one commit, replaced by the next, and nobody else's work lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream
from umap_bot.dataset.git.forge import request_form
from umap_bot.dataset.git.proposing import EMAIL, NAME
from umap_bot.dataset.git.repository import Repository
from umap_bot.errors import GitError

BRANCH = "umap-bot/edits-cites"
ROWS, OTHER = "id,nom\na,Bron\n", "id,nom\na,Lyon\n"


def proposed(repository: Repository, data: str, file: str = "data/a.csv") -> str:
    return repository.propose(repository.head().sha, file, BRANCH, [(data.encode(), "Edits\n\n- é")]).became


def test_a_branch_is_made_updated_and_left_alone(upstream: Upstream, cache: Path) -> None:
    """Only the file differs from the commit before, the work tree is not touched, and no hook is run. Our
    copy has no other file of the commit."""
    for setting in ("allowFilter", "allowAnySHA1InWant"):
        upstream.git("config", f"uploadpack.{setting}", "true")
    upstream.commit({"b.txt": "a"})
    head = upstream.commit({"data/a.csv": ROWS, "b.txt": "b", "deep/er/c.txt": "c"})
    hook = upstream.folder / ".git" / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    repository = Repository(str(upstream.folder), cache)
    assert [proposed(repository, data) for data in (OTHER, OTHER, ROWS + "b,Y\n")] == [
        "new",
        "same",
        "updated",
    ]
    assert (
        upstream.git("log", "--format=%an %ae %P %B", BRANCH, "-1") == f"{NAME} {EMAIL} {head} Edits\n\n- é"
    )
    assert upstream.git("diff", "--stat", "main", BRANCH).startswith("data/a.csv | 1 +\n")
    assert (upstream.git("status", "--porcelain"), upstream.git("branch", "--show-current")) == ("", "main")
    assert not list(upstream.folder.rglob("ran"))
    other = upstream.git("rev-parse", "main:b.txt")
    (copy,) = cache.glob("*.git")
    assert subprocess.run(["git", "-C", copy, "cat-file", "-e", other], check=False).returncode != 0


def test_work_of_others_on_the_branch_is_not_lost(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"data/a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    proposed(repository, OTHER)
    upstream.git("checkout", "--quiet", BRANCH)
    upstream.commit({"data/a.csv": "id,nom\na,Vienne\n"}, "by hand")
    upstream.git("checkout", "--quiet", "main")
    with pytest.raises(GitError, match=rf"Somebody else has committed to the branch {BRANCH} .* not changed"):
        proposed(repository, ROWS + "b,Y\n")
    assert upstream.git("log", "-1", "--format=%s", BRANCH) == "by hand"
    upstream.git("merge", "--quiet", BRANCH)
    assert proposed(repository, ROWS + "b,Y\n") == "updated", "what was merged is not lost"


def test_a_branch_that_is_checked_out_is_named(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"data/a.csv": ROWS})
    upstream.git("checkout", "--quiet", "-b", BRANCH)
    repository = Repository(str(upstream.folder), cache, ref="main")
    with pytest.raises(GitError, match=r"is checked out in .* Switch to another branch there"):
        proposed(repository, OTHER)


def test_a_bare_repository_that_may_only_be_read(upstream: Upstream, cache: Path, tmp_path: Path) -> None:
    upstream.commit({"data/a.csv": ROWS})
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", upstream.folder, bare], check=True)
    (bare / "hooks").mkdir(exist_ok=True)
    repository = Repository(str(bare), cache)
    assert (proposed(repository, OTHER), repository.followed, len(repository.tip(BRANCH))) == (
        "new",
        "main",
        40,
    )
    assert repository.tip("umap-bot/none") == ""


FORMS = {
    "https://github.com/ville/carte.git": (
        "https://github.com/ville/carte/compare/main...umap-bot/edits-cites?expand=1"
    ),
    "git@github.com:ville/carte.git": (
        "https://github.com/ville/carte/compare/main...umap-bot/edits-cites?expand=1"
    ),
    "https://gitlab.com/a/b/carte": (
        "https://gitlab.com/a/b/carte/-/merge_requests/new?merge_request%5Bsource_branch%5D="
        "umap-bot%2Fedits-cites&merge_request%5Btarget_branch%5D=main"
    ),
    "ssh://git@codeberg.org:22/ville/carte.git": (
        "https://codeberg.org/ville/carte/compare/main...umap-bot/edits-cites"
    ),
    "https://forgejo.example.org/ville/carte": (
        "https://forgejo.example.org/ville/carte/compare/main...umap-bot/edits-cites"
    ),
    "https://git.example.org/ville/carte": "https://git.example.org/x/new",
    "/srv/carte": "",
    "file:///srv/carte": "",
}
SAID = "remote: \nremote:   https://evil.example/new\nremote:   https://git.example.org/x/new\n"


@pytest.mark.parametrize(("url", "form"), FORMS.items())
def test_the_address_of_the_form_is_that_of_the_forge(url: str, form: str) -> None:
    assert request_form(url, BRANCH, "main", SAID) == form
