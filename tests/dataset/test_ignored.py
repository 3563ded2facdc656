"""What holds secrets is kept out of git: in any folder of a work tree, whatever the file's name is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from umap_bot.dataset.git.ignored import ignore


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "tree")
    (tmp_path / "tree" / ".git" / "info" / "exclude").write_text("mine", encoding="utf-8")
    return tmp_path / "tree"


@pytest.mark.parametrize("name", [".env", "a/.env", "a [b]/c*d?.env", "a/!#\\ .env", "a\nb/.env"])
def test_only_that_file_is_ignored_and_what_was_ignored_stays_so(tree: Path, name: str) -> None:
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("secret", encoding="utf-8")
    (tree / "other.env").touch()
    (tree / "mine").touch()
    exclude = tree / ".git" / "info" / "exclude"
    assert ignore(tree / name) == exclude
    assert git(tree, "status", "--porcelain", "--untracked-files=all") == "?? other.env\n"
    once = exclude.read_bytes()
    assert once.startswith(b"mine\n/")
    assert (ignore(tree / name), exclude.read_bytes()) == (None, once)


def test_a_work_tree_beside_its_repository(tree: Path, tmp_path: Path) -> None:
    git(
        tree, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--allow-empty", "-qm", "first"
    )
    git(tree, "worktree", "add", "-q", str(tmp_path / "beside"))
    (tmp_path / "beside" / ".env").touch()
    assert ignore(tmp_path / "beside" / ".env")
    assert git(tmp_path / "beside", "status", "--porcelain") == ""


def test_no_work_tree_is_no_matter(tmp_path: Path) -> None:
    assert ignore(tmp_path / ".env") is None
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_can_not_be_written_is_told(tree: Path) -> None:
    shutil.rmtree(tree / ".git" / "info")
    (tree / ".git" / "info").touch()
    with pytest.raises(OSError, match="info"):
        ignore(tree / ".env")
