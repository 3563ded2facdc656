"""Repositories, addresses and servers that mean harm, and gits that hang."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream
from umap_bot import redaction
from umap_bot.dataset.git.command import Result, environment
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.git.stderr import git_error
from umap_bot.dataset.git.url import parse_url
from umap_bot.errors import DatasetError, GitError, SettingsError


def commit_entry(upstream: Upstream, mode: str, sha: str, path: str) -> str:
    upstream.git("update-index", "--add", "--cacheinfo", f"{mode},{sha},{path}")
    upstream.git("commit", "--quiet", "--message", "an odd entry")
    return upstream.git("rev-parse", "HEAD")


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../etc/passwd", "b.csv"])
def test_a_symbolic_link_is_never_followed(upstream: Upstream, cache: Path, target: str) -> None:
    blob = upstream.git("hash-object", "-w", "--stdin", stdin=target.encode())
    sha = commit_entry(upstream, "120000", blob, "a.csv")
    with pytest.raises(DatasetError, match=r"a\.csv is a symbolic link in the repository, not a file"):
        Repository(str(upstream.folder), cache).read(sha, "a.csv")


def test_a_linked_folder_is_named(upstream: Upstream, cache: Path) -> None:
    blob = upstream.git("hash-object", "-w", "--stdin", stdin=b"/etc")
    sha = commit_entry(upstream, "120000", blob, "data")
    with pytest.raises(DatasetError, match=r"data/a\.csv: data is a symbolic link"):
        Repository(str(upstream.folder), cache).read(sha, "data/a.csv")


def test_a_submodule_is_named(upstream: Upstream, cache: Path) -> None:
    sha = commit_entry(upstream, "160000", "1" * 40, "data")
    repository = Repository(str(upstream.folder), cache)
    with pytest.raises(DatasetError, match="data is a submodule in the repository"):
        repository.read(sha, "data")
    with pytest.raises(DatasetError, match=r"data/a\.csv: data is a submodule"):
        repository.read(sha, "data/a.csv")


def test_a_pointer_to_lfs_is_named(upstream: Upstream, cache: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"
    sha = upstream.commit({"a.csv": pointer, ".gitattributes": "*.csv filter=lfs diff=lfs\n"})
    with pytest.raises(DatasetError, match="is kept in Git LFS"):
        Repository(str(upstream.folder), cache).read(sha, "a.csv")


def test_filters_hooks_and_line_endings_of_a_repository_do_nothing(
    upstream: Upstream, cache: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    upstream.commit({".gitattributes": "* filter=evil text eol=crlf ident\n"})
    sha = upstream.commit({"a.csv": "id\n$Id$\n"})
    for name in ("post-upload-pack", "pre-upload", "post-checkout", "reference-transaction"):
        hook = upstream.folder / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    upstream.git("config", "filter.evil.smudge", f"touch {mark}")
    upstream.git("config", "uploadpack.packObjectsHook", f"touch {mark};")
    upstream.git("config", "core.fsmonitor", f"touch {mark}")
    assert Repository(str(upstream.folder), cache).read(sha, "a.csv")[1] == b"id\n$Id$\n"
    assert not mark.exists()


def test_a_large_file_is_refused(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": b"x" * (3 * 2**20), "b.csv": b"id\n"})
    repository = Repository(str(upstream.folder), cache, most=2 * 2**20)
    with pytest.raises(DatasetError, match=r"a\.csv is larger than 2 MB"):
        repository.read(sha, "a.csv")
    assert repository.read(sha, "b.csv")[1] == b"id\n"


def test_a_large_file_that_is_fetched_alone_is_refused(upstream: Upstream, cache: Path) -> None:
    upstream.git("config", "uploadpack.allowFilter", "true")
    sha = upstream.commit({"a.csv": os.urandom(5 * 2**20), "b.csv": b"id\n"})
    repository = Repository(str(upstream.folder), cache, most=2 * 2**20)
    with pytest.raises(DatasetError, match=r"a\.csv is larger than 2 MB"):
        repository.read(sha, "a.csv")
    assert repository.read(sha, "b.csv")[1] == b"id\n"
    assert sum(path.stat().st_size for path in cache.rglob("*")) < 5 * 2**20


def test_a_repository_beyond_the_limit_is_refused(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": "id\n", "photo.tif": os.urandom(4 * 2**20)})
    with pytest.raises(GitError, match="sends more data than allowed"):
        Repository(str(upstream.folder), cache, most_fetched=2**20).read(sha, "a.csv")


def test_text_of_a_commit_is_one_line_each(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": "id\n"}, "subject\x1b[31m\n\nbody\n")
    commit, _ = Repository(str(upstream.folder), cache).read(sha, "a.csv")
    assert "\n" not in commit.message + commit.author


def test_a_date_that_no_calendar_has(upstream: Upstream, cache: Path) -> None:
    tree = upstream.git("write-tree")
    text = f"tree {tree}\nauthor A <a@b> 99999999999999 +9959\ncommitter A <a@b> 1 +0000\n\nx\n"
    sha = upstream.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.encode())
    upstream.git("update-ref", "refs/heads/main", sha)
    repository = Repository(str(upstream.folder), cache)
    with pytest.raises(GitError, match="is not in commit"):
        repository.read(sha, "a.csv")


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "",
        "-oProxyCommand=touch x",
        "ext::sh -c touch% x",
        "fd::17",
        "git://example.org/x.git",
        "ftp://example.org/x",
        "https://",
        "https://example.org/x\n.git",
        "ssh://-oProxyCommand=x/y",
        "https://[::1/x",
        "https://example.org/x.git?private_token=abc",
    ],
)
def test_addresses_that_are_none(cache: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="DATASET_REPO"):
        Repository(address, cache)


@pytest.mark.parametrize(
    "address",
    [
        "https://ada:hunter2@example.org/x.git",
        "https://:hunter2@example.org/x.git",
        "https://ghp_hunter2@github.com/a/b.git",
        "https://glpat-hunter2@gitlab.com/a/b.git",
    ],
)
def test_a_secret_in_the_address_is_refused_and_not_repeated(cache: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="DATASET_TOKEN") as caught:
        Repository(address, cache)
    assert "hunter2" not in str(caught.value)


def test_each_address_has_its_own_transports() -> None:
    assert parse_url("https://example.org/x.git").protocols == "https:ssh"
    assert parse_url("http://git.lan/x.git").protocols == "https:ssh:http"
    assert parse_url("git@github.com:a/b.git").protocols == "https:ssh"
    assert parse_url("ssh://git@example.org:2222/x.git").protocols == "https:ssh"
    assert parse_url("file:///srv/x.git").protocols == "file"
    assert parse_url("/srv/x.git").protocols == "file"
    assert parse_url("data").url == str(Path.cwd() / "data")


def test_a_token_never_goes_out_in_clear(cache: Path) -> None:
    with pytest.raises(SettingsError, match="unencrypted"):
        Repository("http://example.org/x.git", cache, token="t")
    Repository("http://example.org/x.git", cache, token="t", plain=["example.org"])
    with pytest.raises(SettingsError, match="not allowed in a token"):
        Repository("https://example.org/x.git", cache, token="a\nb")


def test_an_ssh_key_is_a_file(cache: Path) -> None:
    for key in ("/nowhere/key", f"/{'a' * 5000}", "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2"):
        with pytest.raises(SettingsError, match="DATASET_SSH_KEY is not the path of a file") as caught:
            Repository("git@example.org:a/b.git", cache, ssh_key=key)
        assert "hunter2" not in str(caught.value)


def test_git_gets_nothing_of_our_environment_but_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "GIT_DIR",
        "GIT_TRACE",
        "GIT_SSH_COMMAND",
        "DATASET_TOKEN",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    ):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    made = environment({}, {"gc.auto": "0"})
    assert "x" not in made.values()
    assert made["https_proxy"] == "http://proxy:3128"
    assert (made["GIT_CONFIG_COUNT"], made["GIT_CONFIG_KEY_0"], made["GIT_CONFIG_VALUE_0"]) == (
        "1",
        "gc.auto",
        "0",
    )


# A git that hangs, that is missing, that complains


FAKE_GIT = """#!/bin/sh
case " $* " in *" init "*) mkdir -p "$GIT_DIR"; : > "$GIT_DIR/HEAD"; exit 0;; esac
{trap}
sleep 300 & echo $! > {pids}
echo $$ >> {pids}
wait
sleep 300
"""


@pytest.mark.parametrize("trap", ["", "trap '' TERM"])
def test_a_git_that_hangs_leaves_no_child(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    monkeypatch.setattr("umap_bot.dataset.git.command._GRACE", 0.2)
    pids = tmp_path / "pids"
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(FAKE_GIT.format(pids=pids, trap=trap))
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GitError, match=r"git did not finish within 0\.5 s"):
        Repository("https://example.org/x.git", cache, timeout=0.5).head()
    assert len(pids.read_text().split()) == 2
    for pid in map(int, pids.read_text().split()):
        assert is_gone(pid)


def is_gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":  # dead, and whoever inherited it has not noticed yet
            return True
        time.sleep(0.02)
    return False


def test_without_git(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git is not installed"):
        Repository("https://example.org/x.git", cache).head()


def test_a_path_that_no_system_takes(cache: Path) -> None:
    with pytest.raises(GitError, match=r"The folder /a+ "):
        Repository(f"/{'a' * 1000}", cache).head()


def test_a_remote_that_is_away(cache: Path) -> None:
    with pytest.raises(GitError, match="can't be reached"):
        Repository("http://127.0.0.1:9/x.git", cache).head()


@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        ("fatal: Authentication failed for 'https://x/'", "requires a login"),
        ("fatal: could not read Username for 'https://x': terminal prompts disabled", "requires a login"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", "requires a login"),
        (
            "git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            "requires a login",
        ),
        ("remote: Repository not found.\nfatal: repository 'https://x/' not found", "does not exist"),
        (
            "Host key verification failed.\nfatal: Could not read from remote repository.",
            "The ssh host key of https://x is unknown",
        ),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", "can't be reached"),
        ("fatal: unable to access 'https://x/': SSL certificate problem: self-signed", "certificate"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 301", "has moved"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 503", "can't be reached"),
        ("fatal: protocol error: bad pack header", "can't be reached"),
        ("fatal: expected flush packet after ref listing", "can't be reached"),
        ("error: RPC failed; curl 18\nerror: 36 bytes of body are still expected", "can't be reached"),
        ("fatal: detected dubious ownership in repository at '/x'", "belongs to another user"),
        ("fatal: write error: No space left on device", "the disk is full"),
        ("fatal: transport 'file' not allowed", "a protocol that is not allowed"),
        ("error: index-pack died of signal 25\nfatal: index-pack failed", "sends more data than allowed"),
        ("", "can't be read (git: no word)"),
        ("remote: \x1b]0;hi\x07 s3cret", "can't be read (git: remote: ]0;hi ********)"),
        (f"remote: {'x' * 290} s3cret", "can't be read (git: remote: " + "x" * 290 + " …)"),
    ],
)
def test_complaints_of_git_are_told_apart(complaint: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
    redaction.add_secret("s3cret")
    error = git_error("https://x", Result(128, b"", complaint))
    assert said in error.message
    assert error.way_out
    assert "\n" not in str(error)
