"""Repositories on this machine that mean harm, named by their path: nothing in them runs anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream
from umap_bot.dataset.git.command import PASSED_ON
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.source import GitDataset
from umap_bot.errors import DatasetError, GitError, SettingsError

HOOKS = (
    *("pre-upload", "post-upload-pack", "post-checkout", "post-index-change", "reference-transaction"),
    *("fsmonitor-watchman", "query-watchman", "pre-auto-gc", "post-merge", "proc-receive", "pre-receive"),
)


class Trap:
    """A file that is there as soon as anything of the repository was run."""

    def __init__(self, upstream: Upstream, folder: Path) -> None:
        self.mark = folder / "ran"
        program = folder / "evil"
        program.write_text(f'#!/bin/sh\necho "$0 $@" >> {self.mark}\nexit 0\n')
        program.chmod(0o755)
        self._git = upstream.folder / ".git"
        self._set(upstream, str(program))
        for name in HOOKS:
            hook = self._git / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_bytes(program.read_bytes())
            hook.chmod(0o755)
        (folder / "more").write_text(f"[core]\n\tsshCommand = {program}\n\tfsmonitor = {program}\n")

    def _set(self, upstream: Upstream, program: str) -> None:
        values = {
            "core.fsmonitor": program,
            "core.sshCommand": program,
            "core.gitProxy": program,
            "core.askPass": program,
            "core.editor": program,
            "core.pager": program,
            "core.hooksPath": "hooks",
            "core.alternateRefsCommand": program,
            "credential.helper": program,
            "uploadpack.packObjectsHook": program,
            "alias.upload-pack": f"!{program}",
            "alias.ls-remote": f"!{program}",
            "alias.fetch": f"!{program}",
            "filter.evil.clean": program,
            "filter.evil.smudge": program,
            "filter.evil.process": program,
            "diff.evil.textconv": program,
            "diff.external": program,
            "gpg.program": program,
            "log.showSignature": "true",
            "remote.origin.uploadpack": program,
            "remote.origin.vcs": "ext",
            "remote.origin.promisor": "true",
            "protocol.ext.allow": "always",
            "trailer.x.command": program,
            "include.path": "../../trap/more",
            "submodule.sub.update": f"!{program}",
            "safe.directory": "*",
        }
        for name, value in values.items():
            upstream.git("config", name, value)
        upstream.git("config", f"url.ext::{program} .insteadOf", "https://")

    @property
    def sprung(self) -> str:
        return self.mark.read_text() if self.mark.exists() else ""


@pytest.fixture
def trap(upstream: Upstream, tmp_path: Path) -> Trap:
    """A repository with a commit, an uncommitted change, a submodule, and every snare that we know of."""
    upstream.commit(
        {"a.csv": "id\n$Id$\n", ".gitattributes": "* filter=evil diff=evil text eol=crlf ident\n"}
    )
    upstream.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    upstream.git("commit", "--quiet", "--message", "a submodule")
    folder = tmp_path / "trap"
    folder.mkdir()
    return Trap(upstream, folder)


def sha_of(upstream: Upstream) -> str:
    """The commit at HEAD, read without asking a git that the snares are laid for."""
    return (upstream.folder / ".git" / "refs" / "heads" / "main").read_text().strip()


def test_nothing_of_a_repository_on_this_machine_runs(upstream: Upstream, cache: Path, trap: Trap) -> None:
    sha = sha_of(upstream)
    (upstream.folder / "a.csv").write_text("id\nedited\n")
    dataset = GitDataset(Repository(str(upstream.folder), cache), Recipe(path="a.csv"))
    commit, layer = dataset.read(dataset.head())
    assert commit.sha == sha
    assert list(layer.rows) == ["$Id$"]
    assert not layer.warnings  # a filter may have written what lies there: nothing is said of it
    repository = Repository(str(upstream.folder), cache)
    assert [each.commit.sha for each in repository.history(sha, "a.csv")]
    with pytest.raises(DatasetError, match="sub is a submodule"):
        repository.read(sha, "sub/a.csv")
    with pytest.raises(GitError, match="no branch or tag"):
        Repository(str(upstream.folder), cache, ref="no").head()
    assert trap.sprung == ""


def test_the_snares_are_real(upstream: Upstream, trap: Trap) -> None:
    """A person's own git in that folder does run them: the test above would see it."""
    (upstream.folder / "a.csv").write_text("id\nedited\n")
    subprocess.run(["git", "status"], cwd=upstream.folder, capture_output=True, check=False)
    assert "evil" in trap.sprung


def test_a_repository_of_another_user_is_refused_with_the_way_out(
    upstream: Upstream, cache: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "GIT_TEST_ASSUME_DIFFERENT_OWNER"  # git's own tests make it believe so by this
    monkeypatch.setattr("umap_bot.dataset.git.command.PASSED_ON", (*PASSED_ON, name))
    monkeypatch.setenv(name, "1")
    with pytest.raises(GitError, match=r"belongs to another user.*safe\.directory"):
        Repository(str(upstream.folder), cache).head()
    assert trap.sprung == ""


def test_a_git_file_that_points_elsewhere_is_followed_to_a_repository_only(
    upstream: Upstream, cache: Path, trap: Trap, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / ".git").write_text(f"gitdir: {tmp_path / 'trap'}\n")
    with pytest.raises(GitError, match="does not exist or requires a login"):
        Repository(str(folder), cache).head()
    assert trap.sprung == ""


def test_modules_that_would_run_something_are_refused_at_the_fetch(upstream: Upstream, cache: Path) -> None:
    modules = '[submodule "sub"]\n\tpath = sub\n\turl = -u./evil\n'
    sha = upstream.commit({"a.csv": "id\n", ".gitmodules": modules})
    with pytest.raises(GitError, match="contains objects that git rejects as malformed"):
        Repository(str(upstream.folder), cache).read(sha, "a.csv")


@pytest.mark.parametrize("url", ["file:///etc", "../upstream", "ext::sh -c touch% x", "git://127.0.0.1/x"])
def test_submodules_are_never_fetched(upstream: Upstream, cache: Path, url: str, tmp_path: Path) -> None:
    modules = f'[submodule "sub"]\n\tpath = sub\n\turl = {url}\n'
    upstream.commit({"a.csv": "id\n", ".gitmodules": modules})
    upstream.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    upstream.git("commit", "--quiet", "--message", "a submodule")
    repository = Repository(str(upstream.folder), cache)
    assert repository.read(repository.head().sha, "a.csv")[1] == b"id\n"
    assert not list(cache.rglob("modules"))
    assert not (tmp_path / "x").exists()


def test_a_link_out_of_the_work_tree_is_not_looked_at(
    upstream: Upstream, cache: Path, tmp_path: Path
) -> None:
    """The file was committed as a file; in the folder it is now a link to somebody's secret."""
    sha = upstream.commit({"a.csv": "id\n", "data/a.csv": "id\n"})
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "a.csv").write_text("secret\n")
    (upstream.folder / "a.csv").unlink()
    (upstream.folder / "a.csv").symlink_to(secret / "a.csv")
    (upstream.folder / "data" / "a.csv").unlink()
    (upstream.folder / "data").rmdir()
    (upstream.folder / "data").symlink_to(secret)
    for path in ("a.csv", "data/a.csv"):
        repository = Repository(str(upstream.folder), cache)
        commit, _ = repository.read(sha, path)
        assert not repository.uncommitted(commit, path)


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c 'touch {}'",
        "--upload-pack=touch {}",
        "-u./evil",
        "file::/etc",
        "fd::0",
        "git://127.0.0.1/x",
        "ssh://-oProxyCommand=touch%20{}/x",
        "-oProxyCommand=touch {}:x",
    ],
)
def test_addresses_that_would_run_something(cache: Path, tmp_path: Path, address: str) -> None:
    mark = tmp_path / "ran"
    with pytest.raises((SettingsError, GitError)):
        Repository(address.format(mark), cache).head()
    assert not mark.exists()


def test_a_host_that_begins_with_a_dash_as_scp_writes_it(cache: Path) -> None:
    with pytest.raises((SettingsError, GitError), match=r"DATASET_REPO|blocked|strange hostname"):
        Repository("x@-oProxyCommand=touch:x", cache).head()


def test_our_copy_believes_no_configuration_but_ours(upstream: Upstream, cache: Path, tmp_path: Path) -> None:
    """Somebody who can write to the cache writes a configuration there, or commits one where it will lie."""
    sha = upstream.commit({"a.csv": "id\n"})
    Repository(str(upstream.folder), cache).read(sha, "a.csv")
    [copy] = cache.glob("*.git")
    mark = tmp_path / "ran"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {mark}\nexec git-upload-pack .\n")
    program.chmod(0o755)
    evil = f"[core]\n\tfsmonitor = {program}\n\thooksPath = {tmp_path}\n\talternateRefsCommand = {program}\n"
    evil += f'[remote "origin"]\n\tuploadpack = {program}\n[credential]\n\thelper = {program}\n'
    with (copy / "config").open("a") as config:
        config.write(evil)
    hook = tmp_path / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    new = upstream.commit({"a.csv": "id\nb\n"})
    assert Repository(str(upstream.folder), cache).read(new, "a.csv")[1] == b"id\nb\n"
    assert not mark.exists()
    assert str(program) not in (copy / "config").read_text()
    assert os.environ["HOME"] not in (copy / "config").read_text()
