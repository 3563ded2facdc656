"""What a source holds becomes a commit, in repositories of every form; nothing else does."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream
from tests.dataset.servers import Server, running
from tests.dataset.sources.table import ADDRESS, NOON, Table, World
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import GitError, SettingsError, SourceError, SourceHeld

HEAD = "id,name,tel,lat,lon\n"
ROWS = [f"c{number},Cité {number},01,45.{number},4.{number}\n" for number in range(1, 9)]
FULL = HEAD + "".join(ROWS)
FEWER = HEAD + "".join(ROWS[:3])
MOVED = FULL.replace("45.2,", "45.25,")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True)
    return done.stdout.decode().strip()


def log(folder: Path, branch: str = "main") -> list[str]:
    """The commits of a branch, newest first: author, date, subject."""
    return git(folder, "log", "--format=%an|%aI|%s", branch).splitlines()


@pytest.fixture
def own(tmp_path: Path) -> World:
    """A table without a repository of somebody's: it gets one of ours."""
    folder = tmp_path / "state" / "sources" / "abc.git"
    return World(Table(FULL), str(folder), tmp_path / "cache", folder)


@pytest.fixture
def bare(tmp_path: Path) -> World:
    folder = tmp_path / "data.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=trunk", folder], check=True)
    return World(Table(FULL), str(folder), tmp_path / "cache")


@pytest.fixture
def folder(upstream: Upstream, tmp_path: Path) -> World:
    """A folder that people work in, with a file of theirs and the branch checked out."""
    upstream.commit({"notes.txt": "ours\n"})
    return World(Table(FULL), str(upstream.folder), tmp_path / "cache")


def test_each_state_is_a_commit_and_nothing_else_is(own: World) -> None:
    assert [own.fetch(), own.fetch()] == ["new", "unchanged"]
    own.table.data = MOVED
    assert [own.fetch(), own.fetch()] == ["new", "unchanged"]
    line = f"Grist (grist.example.org)|2026-11-24T06:41:00+00:00|Data of {ADDRESS} as of 2026-11-24 06:41 UTC"
    assert own.own
    assert log(own.own) == [line, line]
    assert git(own.own, "show", "main:cites.csv") == MOVED.strip()
    assert own.own.stat().st_mode & 0o077 == 0
    assert own.table.asked == ["whole", "conditionally", "conditionally", "conditionally"]
    assert (own.notes.state.fetched, own.notes.state.changed) == (NOON, own.table.moment)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (FULL.replace("\n", "\r\n"), "unchanged"),
        ("\ufeff" + FULL, "unchanged"),
        (FULL.replace(",01,", ",02,"), "new"),
        (FULL.replace("name", "nom"), "new"),
        (FULL.replace(",tel", "").replace(",01", ""), "new"),
    ],
    ids=["line ends", "byte order mark", "a cell", "a column's name", "a column gone"],
)
def test_rows_and_columns_decide_not_bytes(own: World, data: str, outcome: str) -> None:
    own.fetch()
    own.table.data = data
    assert own.fetch() == outcome


def test_a_column_that_is_published_later_is_fetched_again_although_nothing_changed(own: World) -> None:
    own.recipes = [Recipe(path="", leave_out=("tel",))]
    own.fetch()
    own.table.data = FULL.replace(",01,", ",02,")
    assert own.fetch() == "unchanged"
    own.recipes = [Recipe(path="")]
    assert own.fetch() == "new"


def test_a_row_that_one_of_several_layers_reads_is_enough(own: World) -> None:
    own.recipes = [Recipe(path="", filter={"name": f"Cité {number}"}) for number in (1, 2)]
    own.fetch()
    own.table.data = FULL.replace("45.3,", "45.33,")
    assert own.fetch() == "unchanged"
    own.table.data = MOVED
    assert own.fetch() == "new"


@pytest.mark.parametrize(
    "data",
    ["<html>Log in</html>", "", FULL.replace("id,", "key,"), FULL.replace("c2,", "c1,"), b"PK\x03\x04zip"],
    ids=["login page", "empty", "no key", "an id twice", "another format"],
)
def test_what_can_not_be_read_is_never_committed(own: World, data: str | bytes) -> None:
    own.fetch()
    own.table.data = data
    feed = own.feed()
    head = feed.head()
    assert (feed.taken().outcome, isinstance(feed.end, SourceError)) == ("failed", True)
    assert re.search(r"[.!?)] Syncs continue with the data of", str(feed.end)), "a sentence of its own"
    assert own.own
    assert [head.sha] == git(own.own, "log", "--format=%H", "main").splitlines()


def test_without_anything_fetched_before_a_failure_is_the_layers_own(own: World) -> None:
    own.fails()
    with pytest.raises(SourceError, match="does not answer"):
        own.fetch()
    assert own.own
    assert not own.own.exists()
    assert own.notes.log == []


def test_a_failure_is_known_until_it_works_again(own: World) -> None:
    own.fetch()
    own.fails()
    own.fetch()
    own.fetch()
    assert own.notes.state.since == NOON
    own.table.error = None
    feed = own.feed()
    feed.head()
    assert getattr(feed.end, "outcome", "") == "nothing"
    assert [line.partition(":")[0] for line in own.notes.log[:2]] == ["https", "https"]
    assert own.notes.log[2:] == [f"{ADDRESS} works again"]
    assert not own.notes.state.error
    later = own.feed()
    later.head()
    assert later.end is None


def test_less_than_half_of_the_rows_waits_for_its_own_code(own: World) -> None:
    own.fetch()
    own.table.data = FEWER
    feed = own.feed()
    feed.head()
    held = feed.end
    assert isinstance(held, SourceHeld)
    assert (feed.taken().outcome, held.code) == ("waits", 3)
    assert f"Only 3 of 8 rows are left at {ADDRESS}." in str(held)
    assert f"umap-bot fetch --accept {held.approval}" in str(held)

    own.table.data = HEAD + ROWS[0]
    other = own.feed()
    other.accept(held.approval)
    other.head()
    assert other.taken().outcome == "waits"

    own.table.data = FEWER
    accepting = own.feed()
    accepting.accept(held.approval.lower())
    accepting.head()
    assert accepting.taken().outcome == "new"
    assert own.fetch() == "unchanged"


def test_half_of_the_rows_does_not_wait(own: World) -> None:
    own.fetch()
    own.table.data = HEAD + "".join(ROWS[:4])
    assert own.fetch() == "new"


def test_who_only_looks_reads_what_is_new_and_writes_nothing(bare: World, tmp_path: Path) -> None:
    bare.fetch()
    before, kept = git(tmp_path / "data.git", "show-ref"), bare.notes.state
    bare.table.data = MOVED
    feed = bare.feed(commits=False)
    commit, data = bare.repository.read(feed.head().sha, feed.file())
    assert (data.decode(), commit.author) == (MOVED, "Grist (grist.example.org)")
    assert (git(tmp_path / "data.git", "show-ref"), bare.notes.state) == (before, kept)
    assert bare.fetch() == "new"


def test_a_bare_repository_without_commits_gets_its_own_branch(bare: World, tmp_path: Path) -> None:
    assert bare.fetch() == "new"
    assert len(log(tmp_path / "data.git", "trunk")) == 1


def test_somebody_else_was_faster_and_both_commits_stand(
    bare: World, upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.fetch()
    remote = tmp_path / "data.git"
    upstream.git("pull", "--quiet", str(remote), "trunk:trunk")
    upstream.git("checkout", "--quiet", "trunk")
    bare.table.data = MOVED
    feed = bare.feed()
    push = feed._branch.push
    pushes: list[str] = []

    def late(tip: object, sha: str) -> bool:
        if len(pushes) < 2:
            upstream.commit({"notes.txt": f"{len(pushes)}"}, "By hand")
            upstream.git("push", "--quiet", str(remote), "trunk:trunk")
        pushes.append(sha)
        return push(tip, sha)  # type: ignore[arg-type]

    monkeypatch.setattr(feed._branch, "push", late)
    feed.head()
    assert len(pushes) == 3
    assert [line.split("|")[2] for line in log(remote, "trunk")][1:3] == ["By hand", "By hand"]
    assert git(remote, "show", "trunk:cites.csv") == MOVED.strip()


def test_who_is_never_fast_enough_gives_up_and_says_so(bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.fetch()
    bare.table.data = MOVED
    feed = bare.feed()
    pushes: list[str] = []
    monkeypatch.setattr(feed._branch, "push", lambda _tip, sha: pushes.append(sha))
    feed.head()
    assert len(pushes) == 5
    assert isinstance(feed.end, GitError)
    assert "Others kept pushing to the branch trunk" in str(feed.end)


def test_a_repository_that_takes_no_push_is_told_and_its_data_is_used(bare: World, tmp_path: Path) -> None:
    bare.fetch()
    hook = tmp_path / "data.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    bare.table.data = MOVED
    feed = bare.feed()
    feed.head()
    assert isinstance(feed.end, GitError)
    assert "does not accept new data (git: pre-receive hook declined)" in str(feed.end)
    assert "DATASET_PUSH_TOKEN" in str(feed.end)


def test_a_folder_that_people_work_in_goes_along(folder: World, upstream: Upstream) -> None:
    (upstream.folder / "draft.txt").write_text("not added\n")
    folder.fetch()
    folder.table.data = MOVED
    folder.fetch()
    assert (upstream.folder / "cites.csv").read_text() == MOVED
    assert upstream.git("status", "--porcelain") == "?? draft.txt"
    assert (upstream.folder / "notes.txt").read_text() == "ours\n"


@pytest.mark.parametrize("staged", [False, True], ids=["in the file", "in the index"])
@pytest.mark.parametrize("name", ["notes.txt", "cites.csv"])
def test_what_somebody_has_not_committed_is_never_overwritten(
    folder: World, upstream: Upstream, name: str, staged: bool
) -> None:
    folder.fetch()
    edited = upstream.folder / name
    edited.write_text("by hand\n")
    if staged:
        upstream.git("add", name)
    folder.table.data = MOVED
    feed = folder.feed()
    before = feed.head()
    assert isinstance(feed.end, GitError)
    assert f"{upstream.folder} has changes that are not committed" in str(feed.end)
    assert (edited.read_text(), upstream.git("rev-parse", "main")) == ("by hand\n", before.sha)
    upstream.git("checkout", "--force", "main")
    assert folder.fetch() == "new"
    assert upstream.git("status", "--porcelain") == ""


def test_a_file_of_that_name_that_git_does_not_know_is_not_overwritten(
    folder: World, upstream: Upstream
) -> None:
    (upstream.folder / "cites.csv").write_text("by hand\n")
    with pytest.raises(GitError, match="changes that are not committed"):
        folder.fetch()
    assert (upstream.folder / "cites.csv").read_text() == "by hand\n"


def test_another_branch_leaves_the_folder_alone(folder: World, upstream: Upstream) -> None:
    folder.ref, folder.path = "data", "tables/cites.csv"
    (upstream.folder / "notes.txt").write_text("half done\n")
    assert folder.fetch() == "new"
    assert upstream.git("ls-tree", "-r", "--name-only", "data") == "tables/cites.csv"
    assert upstream.git("status", "--porcelain").strip() == "M notes.txt"


@pytest.mark.parametrize("ref", ["v1", "0" * 40])
def test_a_tag_or_a_commit_is_no_branch(folder: World, upstream: Upstream, ref: str) -> None:
    upstream.git("tag", "v1")
    folder.ref = ref
    with pytest.raises(SettingsError, match="is not a branch"):
        folder.fetch()


def test_what_somebody_commits_to_the_file_stays_until_the_source_changes(
    folder: World, upstream: Upstream
) -> None:
    folder.fetch()
    by_hand = upstream.commit({"cites.csv": FULL.replace("Cité 1", "By hand")})
    assert folder.fetch() == "unchanged"
    assert folder.feed().head().sha == by_hand
    folder.table.data = MOVED
    assert folder.fetch() == "new"
    assert upstream.git("rev-parse", "main~1") == by_hand


def test_a_file_that_somebody_removed_comes_back(folder: World, upstream: Upstream) -> None:
    folder.fetch()
    upstream.git("rm", "--quiet", "cites.csv")
    upstream.commit({})
    assert folder.fetch() == "new"


def test_our_own_repository_can_be_lost(own: World, tmp_path: Path) -> None:
    own.fetch()
    assert own.own
    own.own.rename(tmp_path / "gone")
    assert own.fetch() == "new"
    assert len(log(own.own)) == 1


def test_a_table_of_another_kind_takes_the_place_of_the_one_before(own: World) -> None:
    own.fetch()
    own.table.name, own.table.data = "cites 2.csv", MOVED
    own.fetch()
    assert own.own
    assert git(own.own, "ls-tree", "--name-only", "main") == "cites.csv"
    own.table.name, own.table.data = "cites.tsv", MOVED.replace(",", "\t")
    feed = own.feed()
    feed.head()
    assert (feed.end, feed.taken().outcome) == (None, "new")
    assert git(own.own, "ls-tree", "--name-only", "main") == "cites.tsv"


def test_our_copy_does_not_grow_for_ever(bare: World) -> None:
    """No git tidies it: it is made anew when there are as many loose objects as git itself lets there be."""
    bare.fetch()
    clone = bare.repository.remote.clone
    full = clone.folder / "objects" / "17"
    full.mkdir(exist_ok=True)
    for number in range(28):
        (full / f"{number:038}").write_bytes(b"")
    bare.table.data = MOVED
    assert bare.fetch() == "new"
    assert not [*full.glob("0*")]


@pytest.fixture
def server(upstream: Upstream) -> Iterator[Server]:
    """A forge: it can filter, so that our copy lacks the other files, and wants a token."""
    upstream.commit({"photo.tif": b"not here\n" * 1000, "notes.txt": "ours\n"})
    upstream.git("config", "uploadpack.allowFilter", "true")
    upstream.git("config", "http.receivepack", "true")
    upstream.git("checkout", "--quiet", "--detach")
    with running(Server(upstream.folder.parent)) as server:
        server.wanted = "x-access-token:s3cr3t"
        yield server


def test_a_forge_is_pushed_to_over_http_without_its_other_files(
    server: Server, upstream: Upstream, tmp_path: Path
) -> None:
    world = World(Table(FULL), server.url, tmp_path / "cache", token="s3cr3t")
    world.ref, world.path = "main", "tables/cites.csv"
    assert [world.fetch(), world.fetch()] == ["new", "unchanged"]
    world.table.data = MOVED
    assert world.fetch() == "new"
    assert upstream.git("ls-tree", "-r", "--name-only", "main").split() == [
        *("notes.txt", "photo.tif", "tables/cites.csv")
    ]
    assert upstream.git("show", "main:tables/cites.csv") == MOVED.strip()
    assert upstream.git("fsck") == ""


def test_a_token_that_may_not_write_is_told(server: Server, upstream: Upstream, tmp_path: Path) -> None:
    upstream.git("config", "http.receivepack", "false")
    world = World(Table(FULL), server.url, tmp_path / "cache", token="s3cr3t")
    world.ref = "main"
    with pytest.raises(GitError, match=r"does not accept new data .* DATASET_PUSH_TOKEN") as caught:
        world.fetch()
    assert "s3cr3t" not in str(caught.value)
