"""The state's branch: one commit, in the place of the one before, and nobody's is lost unseen."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from tests.deploy.repository import STATE, Template, beside, git
from tests.umap.loopback import Loopback, answer


def _memory(duplicate: Path, **files: bytes) -> Path:
    folder = beside(duplicate) / "state"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_no_branch_is_a_fresh_start_that_says_so(template: Template) -> None:
    duplicate = template.duplicate("first")
    assert "a fresh start" in template.state("load", duplicate).stdout
    assert [*(beside(duplicate) / "state").iterdir()] == []


def test_what_is_saved_is_loaded_byte_for_byte(template: Template) -> None:
    content = b"SQLite format 3\0\r\n" + bytes(range(256))
    first = template.duplicate("first")
    template.state("load", first)
    _memory(first, **{"state.db": content, "state.db-journal": b"hot\r\n", ".gitignore": b"*\n"})
    template.state("save", first)

    second = template.duplicate("second")
    assert "State loaded" in template.state("load", second).stdout
    loaded = {file.name: file.read_bytes() for file in (beside(second) / "state").iterdir()}
    assert loaded == {"state.db": content, "state.db-journal": b"hot\r\n", ".gitignore": b"*\n"}


def test_the_branch_never_grows(template: Template) -> None:
    for number in range(3):
        duplicate = template.duplicate(f"run-{number}")
        template.state("load", duplicate)
        _memory(duplicate, **{"state.db": str(number).encode()})
        template.state("save", duplicate)
        assert template.commits() == 1
    assert git(template.remote, "show", f"{STATE}:state.db") == "2"


def test_it_touches_nothing_else(template: Template) -> None:
    before = git(template.remote, "rev-parse", "main")
    duplicate = template.duplicate("first")
    template.state("load", duplicate)
    _memory(duplicate, **{"state.db": b"1"})
    template.state("save", duplicate)
    assert git(duplicate, "status", "--porcelain") == ""
    assert git(duplicate, "diff", "--cached", "--name-only") == ""
    assert git(template.remote, "rev-parse", "main") == before
    assert sorted(template.branches()) == sorted(["main", STATE])
    assert git(template.remote, "ls-tree", "-r", "--name-only", STATE) == "state.db"


def test_two_runs_do_not_overwrite_each_other(template: Template) -> None:
    one, other = template.duplicate("one"), template.duplicate("other")
    for duplicate, content in ((one, b"one"), (other, b"other")):
        template.state("load", duplicate)
        _memory(duplicate, **{"state.db": content})
    template.state("save", one)
    late = template.state("save", other, check=False)
    assert late.returncode == 1
    assert "another run has saved its own" in late.stderr
    assert git(template.remote, "show", f"{STATE}:state.db") == "one"


def test_no_setting_of_the_checkout_runs_anything(template: Template, tmp_path: Path) -> None:
    """Its hooks and configuration may be those of an earlier job, or of whoever could write there."""
    duplicate, mark = template.duplicate("first"), tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\necho $0 >> {mark}\nexit 1\n", "utf-8")
    evil.chmod(0o755)
    for name in ("core.fsmonitor", "core.sshCommand", "credential.helper", "core.alternateRefsCommand"):
        git(duplicate, "config", name, str(evil))
    for name in ("remote.origin.uploadpack", "remote.origin.receivepack"):
        git(duplicate, "config", name, str(evil))
    for name in ("reference-transaction", "pre-push", "post-index-change"):
        (duplicate / ".git" / "hooks").mkdir(exist_ok=True)
        (duplicate / ".git" / "hooks" / name).symlink_to(evil)
    template.state("load", duplicate)
    _memory(duplicate, **{"state.db": b"1"})
    template.state("save", duplicate)
    template.state("load", duplicate)
    assert template.commits() == 1
    assert not mark.exists()


def test_a_remote_that_does_not_answer_is_no_fresh_start(template: Template) -> None:
    duplicate = template.duplicate("first")
    lost = template.state("load", duplicate, check=False, GIT_REMOTE=str(template.folder / "nowhere"))
    assert lost.returncode == 1
    assert "can't be fetched" in lost.stderr
    assert "fresh" not in lost.stdout


def test_a_deleted_branch_is_a_fresh_start_in_the_same_duplicate_too(template: Template) -> None:
    duplicate = template.duplicate("first")
    template.state("load", duplicate)
    _memory(duplicate, **{"state.db": b"1"})
    template.state("save", duplicate)
    git(template.remote, "branch", "-D", STATE)
    assert "a fresh start" in template.state("load", duplicate).stdout
    template.state("save", duplicate)
    assert template.commits() == 1


def test_the_token_is_on_no_command_line(template: Template, tmp_path: Path) -> None:
    """git is asked with it in the environment; a trace of all that was started does not hold it."""
    duplicate = template.duplicate("first")
    trace = tmp_path / "trace"
    template.state("load", duplicate, GIT_TOKEN="a-secret-token", GIT_TRACE=str(trace))
    assert "ls-remote" in trace.read_text("utf-8")
    assert "a-secret-token" not in trace.read_text("utf-8")


def test_the_token_goes_to_the_server_that_asks_for_it(template: Template) -> None:
    duplicate = template.duplicate("first")
    asks = answer("401 Unauthorized", b"", 'WWW-Authenticate: Basic realm="git"')
    with Loopback(asks, answer("404 Not Found")) as server:
        remote = f"{server.origin}/cartes.git"
        template.state("load", duplicate, check=False, GIT_REMOTE=remote, GIT_TOKEN="a-secret-token")
    login = b"Authorization: Basic " + b64encode(b"x-access-token:a-secret-token")
    assert [login in request for request in server.requests] == [False, True]
