"""Reading from real git repositories."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import pytest

from tests.dataset.conftest import Upstream
from tests.dataset.test_known_rows import published, unread
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.source import GitDataset
from umap_bot.errors import CommitGone, DatasetError, GitError, SettingsError, UsageError
from umap_bot.model.layer import Commit
from umap_bot.run.portions import Portion

ROWS = "id,nom,lat,lon\nlyon-8e,Lyon 8e,45.73472,4.86806\n"


def test_head_and_read(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"data/cités.csv": ROWS}, "Lyon is there\n\nand more")
    dataset = GitDataset(Repository(str(upstream.folder), cache), Recipe(path="data/cités.csv"))
    assert dataset.head() == Commit(sha)
    commit, layer = dataset.read(dataset.head())
    written = datetime(2026, 11, 24, 5, 41, tzinfo=UTC)
    blob = upstream.git("rev-parse", "HEAD:data/cités.csv")
    assert commit == Commit(sha, "Ada Zoë", written, "Lyon is there", blob)
    assert list(layer.rows) == ["lyon-8e"]
    assert layer.file == "data/cités.csv"


def test_a_file_url_does_the_same(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": ROWS})
    repository = Repository(upstream.folder.as_uri(), cache)
    assert repository.read(repository.head().sha, "./a.csv")[1] == ROWS.encode()
    assert repository.head().sha == sha


def test_what_is_in_the_copy_needs_no_remote(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    first = repository.read(sha, "a.csv")
    shutil.rmtree(upstream.folder)
    assert repository.read(sha, "a.csv") == first
    assert Repository(str(upstream.folder), cache, ref=sha).head() == Commit(sha)
    with pytest.raises(GitError, match="does not exist"):
        repository.head()


def test_branches_tags_and_commits(upstream: Upstream, cache: Path) -> None:
    first = upstream.commit({"a.csv": ROWS})
    upstream.git("tag", "--annotate", "v1", "--message", "one")
    upstream.git("tag", "light")
    second = upstream.commit({"a.csv": ROWS + "x,X,1,2\n"})
    upstream.git("branch", "feature/x", first)

    def head(ref: str) -> str:
        return Repository(str(upstream.folder), cache, ref=ref).head().sha

    assert [head(""), head("main"), head("refs/heads/main")] == [second] * 3
    assert [head("v1"), head("light"), head("feature/x"), head("refs/tags/v1"), head(first)] == [first] * 5


def test_an_older_commit_can_still_be_read(upstream: Upstream, cache: Path) -> None:
    old = upstream.commit({"a.csv": "id\nold\n"})
    for number in range(3):
        new = upstream.commit({"a.csv": f"id\nnew-{number}\n"})
    repository = Repository(str(upstream.folder), cache)
    assert repository.read(new, "a.csv")[1] == b"id\nnew-2\n"
    assert repository.read(old, "a.csv")[1] == b"id\nold\n"


def test_the_copy_follows_rewritten_history(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    gone = repository.head().sha
    repository.read(gone, "a.csv")
    upstream.git("checkout", "--quiet", "--orphan", "other")
    upstream.commit({"a.csv": "id\nother\n"})
    upstream.git("branch", "--force", "main", "other")
    upstream.git("checkout", "--quiet", "main")
    assert repository.read(repository.head().sha, "a.csv")[1] == b"id\nother\n"


def test_a_commit_that_never_was_is_named(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    with pytest.raises(GitError, match=r"does not have commit 1234567|can't be read"):
        repository.read("1234567" + "0" * 33, "a.csv")
    with pytest.raises(GitError, match="is not a full commit hash"):
        repository.read("main", "a.csv")


def test_history_gives_the_files_commits_with_their_blobs(upstream: Upstream, cache: Path) -> None:
    first = upstream.commit({"a.csv": "id\na\n", "b.csv": "id\n"}, "first | of all")
    upstream.commit({"b.csv": "id\nb\n"})
    second = upstream.commit({"a.csv": "id\na\nb\n"}, "second")
    back = upstream.commit({"a.csv": "id\na\n"}, "back")
    repository = Repository(str(upstream.folder), cache)
    history = repository.history(back, "a.csv")
    assert [version.commit.sha for version in history] == [back, second, first]
    assert history[0].commit.blob == history[2].commit.blob != history[1].commit.blob
    assert history[2].commit.message == "first | of all"
    assert len(repository.history(back, "a.csv", limit=2)) == 2
    assert repository.history(back, "c.csv") == ()
    assert repository.read(first, "a.csv")[1] == b"id\na\n"


EDITED = ROWS + "bron,Bron,45.73,4.91\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a.csv": ROWS}, {"b.csv": ROWS}),
        ({"a.csv": ROWS}, {"data/places/a.csv": EDITED}),
        ({"a.csv": ROWS, "c.csv": "x", "d.csv": "x"}, {"a.geojson": EDITED}),
        ({"a.csv": ROWS, "z.txt": "x"}, {"places.csv": EDITED, "z.md": "x"}),
        ({"cafe\u0301.csv": ROWS}, {"caf\u00e9.csv": EDITED}),
    ],
    ids=[
        "renamed",
        "moved and edited",
        "another kind of file",
        "renamed and edited",
        "in another Unicode form",
    ],
)
def test_history_goes_on_under_the_names_of_before(
    upstream: Upstream, cache: Path, old: dict[str, str], new: dict[str, str]
) -> None:
    (before, *_), (now, *_) = old, new
    first = upstream.commit(old)
    upstream.git("rm", "--quiet", *old)
    second = upstream.commit(new)
    third = upstream.commit({now: EDITED + "\n"})
    repository = Repository(str(upstream.folder), cache)
    found = [(each.commit.sha, each.path) for each in repository.history(third, now)]
    assert found == [(third, now), (second, now), (first, before)]
    assert [each.path for each in repository.history(third, now, since=first)] == [now, now]
    assert len(repository.history(third, now, limit=2)) == 2


def test_a_file_beside_it_of_another_kind_was_the_file_before_it_came(
    upstream: Upstream, cache: Path
) -> None:
    first = upstream.commit({"data/a.csv": ROWS, "data/b.csv": "x"})
    second = upstream.commit({"data/a.geojson": "{}"})
    found = Repository(str(upstream.folder), cache).history(second, "data/a.geojson")
    assert [(each.commit.sha, each.path) for each in found] == [
        (second, "data/a.geojson"),
        (first, "data/a.csv"),
    ]


def test_a_new_file_has_no_history_of_others(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS, "b.csv": "x", "c.csv": "y"})
    upstream.git("rm", "--quiet", "b.csv", "c.csv")
    second = upstream.commit({"new.csv": EDITED})
    assert [
        each.commit.sha for each in Repository(str(upstream.folder), cache).history(second, "new.csv")
    ] == [second]


def test_the_history_of_a_decomposed_name_is_found_by_the_other(upstream: Upstream, cache: Path) -> None:
    first = upstream.commit({"cafe\u0301.csv": ROWS})
    second = upstream.commit({"cafe\u0301.csv": EDITED})
    found = Repository(str(upstream.folder), cache).history(second, "caf\u00e9.csv")
    assert [each.commit.sha for each in found] == [second, first]


def test_a_shallow_repository_stays_so_and_says_so(upstream: Upstream, cache: Path, tmp_path: Path) -> None:
    """Ours is deepened, somebody's own never."""
    upstream.commit({"a.csv": ROWS})
    upstream.commit({"a.csv": EDITED})
    folder = tmp_path / "shallow"
    upstream.git("clone", "--quiet", "--depth=1", upstream.folder.as_uri(), str(folder))
    for address, cut, count in ((upstream.folder, False, 2), (folder, True, 1)):
        dataset = GitDataset(Repository(str(address), cache), Recipe(path="a.csv"))
        commit, layer = dataset.read(dataset.head())
        dataset.history(commit, since=commit.sha)  # which needs no older ones
        assert layer.warnings == dataset.read(commit)[1].warnings == ()
        assert len(dataset.history(commit)) == count
        told = [str(note) for note in dataset.read(commit)[1].warnings]
        said = (
            f"{address} is a shallow clone, so older versions of a.csv are missing. "
            "To get them: git fetch --unshallow"
        )
        assert told == [said] * cut
    assert (folder / ".git" / "shallow").exists()


def test_a_version_of_before_is_read_by_its_name_of_then(upstream: Upstream, cache: Path) -> None:
    first = upstream.commit({"a.csv": ROWS})
    beside = upstream.commit({"README": "x"})
    upstream.git("mv", "a.csv", "b.csv")
    second = upstream.commit({})
    dataset = GitDataset(Repository(str(upstream.folder), cache), Recipe(path="b.csv"))
    head = dataset.head()
    assert head.sha == second
    for name in (first, beside):
        commit, leads = dataset.named(name[:8], head)
        assert leads
        assert list(dataset.read(commit)[1].rows) == ["lyon-8e"]
    assert [list(dataset.read(each)[1].rows) for each in dataset.history(head)] == [["lyon-8e"]]


def test_history_since_a_commit_is_of_those_after_it_and_of_its_line_only(
    upstream: Upstream, cache: Path
) -> None:
    first = upstream.commit({"a.csv": "id\n"})
    beside = upstream.commit({"b.csv": "x"})
    second = upstream.commit({"a.csv": "id\na\n"})
    third = upstream.commit({"a.csv": "id\nb\n"})
    repository = Repository(str(upstream.folder), cache)

    def since(sha: str) -> list[str]:
        return [version.commit.sha for version in repository.history(third, "a.csv", since=sha)]

    assert since(first) == since(beside) == [third, second]
    assert since(third) == []
    assert since("1234567" + "0" * 33) == []
    assert repository.history(second, "a.csv", since=third) == ()


def test_a_commit_is_named_by_its_beginning(upstream: Upstream, cache: Path) -> None:
    first = upstream.commit({"a.csv": "id\n"}, "first of all")
    second = upstream.commit({"a.csv": "id\na\n"})
    upstream.git("checkout", "--quiet", "--orphan", "other")
    other = upstream.commit({"a.csv": "id\nb\n"})
    repository = Repository(str(upstream.folder), cache)
    for name in (first, first[:7], first[:10].upper(), f" {first[:8]} "):
        commit, leads = repository.named(name, second)
        assert (commit.sha, commit.message, leads) == (first, "first of all", True)
    assert repository.named(second[:7], second)[1]
    assert repository.named(other[:7], second) == (repository.named(other, second)[0], False)


def test_a_name_that_no_commit_has_or_that_is_none(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    repository = Repository(str(upstream.folder), cache)
    blob = repository.read(sha, "a.csv")[0].blob
    for name in ("1234567", blob[:10]):
        with pytest.raises(GitError, match=f"has no commit {name}, or several that begin with it"):
            repository.named(name, sha)
    for name in ("", "abc", "main", "-x", "HEAD~1", sha + "0", "\x1b[31m"):
        with pytest.raises(UsageError, match="is not a valid commit"):
            repository.named(name, sha)


def test_the_history_of_a_file_that_went_and_came(upstream: Upstream, cache: Path) -> None:
    first = upstream.commit({"a.csv": "id\n", "b.csv": "x"})
    upstream.git("rm", "--quiet", "a.csv")
    upstream.commit({})
    third = upstream.commit({"a.csv": "id\na\n"})
    history = Repository(str(upstream.folder), cache).history(third, "a.csv")
    assert [version.commit.sha for version in history] == [third, first]


def test_a_commit_without_a_message(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": "id\n"})
    upstream.git("commit", "--quiet", "--amend", "--allow-empty-message", "--message", "")
    sha = upstream.git("rev-parse", "HEAD")
    repository = Repository(str(upstream.folder), cache)
    assert repository.read(sha, "a.csv")[0].message == ""
    assert len(repository.history(sha, "a.csv")) == 1


# What goes wrong, told apart


def test_no_such_branch_lists_those_that_are(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS})
    upstream.git("branch", "develop")
    with pytest.raises(GitError) as caught:
        Repository(str(upstream.folder), cache, ref="devlop").head()
    assert str(caught.value) == (
        f'The repository {upstream.folder} has no branch or tag "devlop". '
        "Set DATASET_REF to one of: develop, main."
    )
    with pytest.raises(GitError, match="write all 40 characters"):
        Repository(str(upstream.folder), cache, ref="1234567").head()


def test_an_empty_repository_is_called_empty(upstream: Upstream, cache: Path) -> None:
    for address, way_out in (
        (str(upstream.folder), f"To add the file: git -C {upstream.folder} add FILE, then git -C "),
        (upstream.folder.as_uri(), "Commit and push the file."),
    ):
        said = refused(address, cache)
        assert "is empty: it has no commit yet. " in said
        assert way_out in said


def test_a_head_that_points_nowhere(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS})
    upstream.git("symbolic-ref", "HEAD", "refs/heads/gone")
    with pytest.raises(GitError, match=r"has no default branch\. Set DATASET_REF to one of: main"):
        Repository(str(upstream.folder), cache).head()


def refused(address: Path | str, cache: Path) -> str:
    with pytest.raises(GitError) as refusal:
        Repository(str(address), cache).head()
    return str(refusal.value)


def test_a_folder_that_is_no_repository_can_be_made_one(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "ma carte"
    folder.mkdir()
    (folder / "cites.csv").write_text(ROWS)
    said = refused(folder, cache)
    assert said.startswith(
        f"The folder {folder} is not a git repository. To turn it into one: git -C '{folder}' init"
    )
    commands = re.findall(r"git -C .*?(?=, then|\. Replace FILE)", said)
    assert len(commands) == 3
    author = {"user.name": "Ada", "user.email": "ada@example.org"}
    for command in commands:
        program, *words = shlex.split(command.replace("FILE", "cites.csv"))
        who = [part for name, value in author.items() for part in ("-c", f"{name}={value}")]
        subprocess.run([program, *who, *words], check=True, capture_output=True)
    repository = Repository(str(folder), cache)
    assert repository.read(repository.head().sha, "cites.csv")[1] == ROWS.encode()


def test_a_path_that_is_no_folder_of_a_repository_says_what_it_is(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"data/cites.csv": ROWS})
    folder = upstream.folder
    nowhere = folder.parent / "nowhere"
    assert refused(nowhere, cache) == (
        f"The folder {nowhere} does not exist or can't be accessed. Check DATASET_REPO."
    )
    assert f"{folder}/data/cites.csv is a file, not a git repository" in refused(
        folder / "data/cites.csv", cache
    )
    said = refused(folder / "data", cache)
    assert f"{folder}/data is a folder inside the git repository {folder}, not a repository" in said
    assert said.endswith(f"Set DATASET_REPO={folder}, and begin DATASET_PATH with data/")


def test_a_damaged_repository_is_not_taken_for_a_plain_folder(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    assert "does not exist or requires a login" in refused(tmp_path, cache)


def test_a_missing_file_comes_with_near_names(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"data/cites.csv": ROWS, "data/other.csv": ROWS, "Readme.md": "x"})
    repository = Repository(str(upstream.folder), cache)
    for path in ("cites.csv", "data/Cites.csv", "data/cite.csv"):
        with pytest.raises(GitError) as caught:
            repository.read(sha, path)
        assert str(caught.value).startswith(f"{path} is not in commit {sha[:7]}. Did you mean data/cites.csv")
    with pytest.raises(DatasetError, match=r"data is a folder .* Set DATASET_PATH to a file in it"):
        repository.read(sha, "data")


def test_a_name_in_another_unicode_form_is_found(upstream: Upstream, cache: Path) -> None:
    blob = upstream.git("hash-object", "-w", "--stdin", stdin=ROWS.encode())
    upstream.git("update-index", "--add", "--cacheinfo", f"100644,{blob},cite\u0301s.csv")
    upstream.git("commit", "--quiet", "--message", "from a Mac")
    sha = upstream.git("rev-parse", "HEAD")
    assert Repository(str(upstream.folder), cache).read(sha, "cités.csv")[1] == ROWS.encode()


@pytest.mark.parametrize("path", ["", "../x.csv", "a/../../x.csv", "a\nb.csv", "/"])
def test_a_path_that_is_none_is_a_setting(upstream: Upstream, cache: Path, path: str) -> None:
    with pytest.raises(SettingsError, match="DATASET_PATH"):
        Repository(str(upstream.folder), cache).read("0" * 40, path)


@pytest.mark.parametrize(
    "ref", ["-x", "--upload-pack=touch", "a b", "a..b", "a:b", "a*", "a\nb", "HEAD^", "x.lock"]
)
def test_a_ref_that_is_none_is_a_setting(cache: Path, ref: str) -> None:
    with pytest.raises(SettingsError, match="DATASET_REF"):
        Repository("https://example.org/x.git", cache, ref=ref)


# What people forget, and what becomes of a repository


def test_an_edit_that_is_not_committed_is_told_and_not_read(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS, "b.csv": ROWS})
    dataset = GitDataset(Repository(str(upstream.folder), cache), Recipe(path="a.csv"))
    assert dataset.read(dataset.head())[1].warnings == ()
    (upstream.folder / "a.csv").write_text(ROWS + "x,X,45,5\n")
    (upstream.folder / "b.csv").write_text("")
    dataset = GitDataset(Repository(str(upstream.folder), cache), Recipe(path="a.csv"))
    layer = dataset.read(dataset.head())[1]
    assert list(layer.rows) == ["lyon-8e"]
    assert layer.warnings == (
        "a.csv has uncommitted changes, which are not synced. To sync them, commit them first: git commit",
    )


def test_rows_of_the_state_s_base_are_not_read_again(upstream: Upstream, cache: Path) -> None:
    text = "id,lat,lon\n" + "".join(f"k{number},4{number % 9},4\n" for number in range(20))
    upstream.commit({"a.csv": text})
    repository, recipe = Repository(str(upstream.folder), cache), Recipe(path="a.csv")
    commit, layer = GitDataset(repository, recipe).read(repository.head())
    assert unread(layer) == set()
    base, _ = published(layer)
    alone = Portion(GitDataset(repository, recipe), "layer", {}, lambda _: frozenset())
    again = alone.read(commit, base)
    assert len(unread(again[1])) == 10
    assert again == (commit, layer)


def uncommitted(repository: Repository) -> bool:
    return repository.uncommitted(repository.read(repository.head().sha, "a.csv")[0], "a.csv")


def test_line_endings_that_git_wrote_there_are_no_edit(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    (upstream.folder / "a.csv").write_bytes(ROWS.replace("\n", "\r\n").encode())
    assert not uncommitted(repository)
    (upstream.folder / "a.csv").unlink()
    assert not uncommitted(repository)


@pytest.mark.parametrize(
    ("attributes", "there"),
    [
        ("*.csv working-tree-encoding=UTF-16", ROWS.encode("utf-16")),
        ("*.csv text eol=crlf", ROWS.replace("\n", "\r\n").encode()),
        ("*.csv filter=other", b"what a filter made of it"),
        ("*.csv ident", b"$Id: 0$\n"),
    ],
)
def test_what_git_itself_writes_otherwise_is_no_edit(
    upstream: Upstream, cache: Path, attributes: str, there: bytes
) -> None:
    upstream.commit({"a.csv": ROWS})
    (upstream.folder / ".gitattributes").write_text(attributes)
    upstream.git("add", ".gitattributes")
    upstream.git("commit", "--quiet", "--message", "x")
    (upstream.folder / "a.csv").write_bytes(there)
    assert not uncommitted(Repository(str(upstream.folder), cache))


@pytest.mark.parametrize(
    "attributes", ["*.csv export-subst", "*.csv text eol=lf", "*.txt ident", "* -filter"]
)
def test_an_edit_is_told_whatever_else_gitattributes_say(
    upstream: Upstream, cache: Path, attributes: str
) -> None:
    upstream.commit({"a.csv": ROWS, ".gitattributes": attributes})
    assert not uncommitted(Repository(str(upstream.folder), cache))
    (upstream.folder / "a.csv").write_bytes(b"edited")
    assert uncommitted(Repository(str(upstream.folder), cache))


def test_a_path_that_git_can_not_have_is_not_to_be_committed(upstream: Upstream, cache: Path) -> None:
    """Through a linked folder, in a submodule, in a repository within: the file lies there all the same."""
    inner = Upstream(upstream.folder / "inner")
    inner.commit({"a.csv": ROWS})
    head = inner.git("rev-parse", "HEAD")
    upstream.git("update-index", "--add", "--cacheinfo", f"160000,{head},inner")
    (upstream.folder / "real").mkdir()
    (upstream.folder / "real" / "a.csv").write_text(ROWS)
    (upstream.folder / "linked").symlink_to("real")
    (upstream.folder / "beside").symlink_to("real")
    within = Upstream(upstream.folder / "within")
    within.commit({"b.csv": ROWS})
    upstream.git("add", "real", "linked")
    upstream.git("commit", "--quiet", "--message", "x")
    repository = Repository(str(upstream.folder), cache)
    sha = repository.head().sha
    told = {
        "inner/a.csv": "inner is a submodule in the repository. Set DATASET_REPO to that repository.",
        "linked/a.csv": "linked is a symbolic link in the repository. Set DATASET_PATH to the file that it",
        "beside/a.csv": "beside/a.csv is not in commit",
        "within/b.csv": "within/b.csv is not in commit",
    }
    for path, words in told.items():
        with pytest.raises((GitError, DatasetError)) as caught:
            repository.read(sha, path)
        assert words in str(caught.value)
        assert "git add" not in str(caught.value)


def test_only_a_folder_that_is_at_that_commit_is_compared(upstream: Upstream, cache: Path) -> None:
    """Another branch is checked out, or the repository has no files beside it, or it is named by a URL."""
    upstream.commit({"a.csv": ROWS})
    upstream.git("checkout", "--quiet", "-b", "draft")
    upstream.commit({"a.csv": "id\ndraft\n"})
    upstream.git("clone", "--quiet", "--bare", ".", str(upstream.folder.parent / "bare.git"))
    (upstream.folder / "a.csv").write_text("edited")
    assert uncommitted(Repository(str(upstream.folder), cache))
    assert uncommitted(Repository(str(upstream.folder), cache, ref="draft"))
    assert not uncommitted(Repository(str(upstream.folder), cache, ref="main"))
    assert not uncommitted(Repository(upstream.folder.as_uri(), cache))
    assert not uncommitted(Repository(str(upstream.folder.parent / "bare.git"), cache))


def test_a_file_that_was_never_committed_is_told_so(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": ROWS})
    (upstream.folder / "new.csv").write_text(ROWS)
    with pytest.raises(GitError) as caught:
        Repository(str(upstream.folder), cache).read(sha, "new.csv")
    assert str(caught.value) == (
        f"new.csv is not in commit {sha[:7]}, because it was never committed. To commit it: git add "
        '"new.csv", '
        "then git commit"
    )
    assert caught.value.code == 12


def test_a_new_default_branch_is_followed(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    repository.read(repository.head().sha, "a.csv")
    upstream.git("checkout", "--quiet", "-b", "trunk")
    new = upstream.commit({"a.csv": "id\nnew\n"})
    assert repository.head().sha == new
    assert repository.read(new, "a.csv")[1] == b"id\nnew\n"


def test_a_branch_that_vanished_a_history_rewritten_and_nothing_left_are_told_apart(
    upstream: Upstream, cache: Path
) -> None:
    sha = upstream.commit({"a.csv": ROWS})
    upstream.git("branch", "data")
    assert Repository(str(upstream.folder), cache, ref="data").head().sha == sha
    upstream.git("branch", "--delete", "--force", "data")
    with pytest.raises(
        GitError, match=r'has no branch or tag "data"\. Set DATASET_REF to one of: main'
    ) as gone:
        Repository(str(upstream.folder), cache, ref="data").head()
    upstream.git("commit", "--quiet", "--amend", "--message", "rewritten")
    upstream.git("reflog", "expire", "--expire=now", "--all")
    upstream.git("gc", "--quiet", "--prune=now")
    with pytest.raises(CommitGone, match=r"no longer has it\. If its history was rewritten") as rewritten:
        Repository(str(upstream.folder), cache).read(sha, "a.csv")
    upstream.git("update-ref", "-d", "HEAD")
    with pytest.raises(GitError, match="is empty: it has no commit yet") as empty:
        Repository(str(upstream.folder), cache).head()
    assert {caught.value.code for caught in (gone, rewritten, empty)} == {12}


def test_a_branch_comes_before_a_tag_of_its_name(upstream: Upstream, cache: Path) -> None:
    first = upstream.commit({"a.csv": ROWS})
    upstream.git("branch", "both")
    second = upstream.commit({"a.csv": "id\n"})
    upstream.git("tag", "both")
    assert Repository(str(upstream.folder), cache, ref="both").head().sha == first
    assert Repository(str(upstream.folder), cache, ref="refs/tags/both").head().sha == second


def test_a_tag_of_a_tag_and_a_tag_of_no_commit(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": ROWS})
    upstream.git("tag", "--annotate", "one", "--message", "x")
    upstream.git("tag", "--annotate", "two", "--message", "x", "one")
    upstream.git("tag", "file", "HEAD:a.csv")
    assert Repository(str(upstream.folder), cache, ref="two").head().sha == sha
    repository = Repository(str(upstream.folder), cache, ref="file")
    with pytest.raises(GitError, match="is a file or a folder, not a commit"):
        repository.read(repository.head().sha, "a.csv")


def made_anew(upstream: Upstream, object_format: str) -> None:
    shutil.rmtree(upstream.folder / ".git")
    upstream.git("init", "--quiet", f"--object-format={object_format}", "--initial-branch=main")


def test_the_copy_names_objects_as_the_remote_does(upstream: Upstream, cache: Path) -> None:
    """A repository whose names are SHA-256, as git 3 makes them; and one that was made anew in between."""
    for object_format, digits in (("sha256", 64), ("sha1", 40), ("sha256", 64)):
        made_anew(upstream, object_format)
        first = upstream.commit({"a.csv": ROWS})
        upstream.commit({"a.csv": "id\n"})
        repository = Repository(str(upstream.folder), cache)
        head = repository.head()
        assert len(head.sha) == digits
        assert repository.read(head.sha, "a.csv")[1] == b"id\n"
        assert len(repository.history(head.sha, "a.csv")) == 2
        named, leads = repository.named(first[:7], head.sha)
        assert (named.sha, leads) == (first, True)
        assert not uncommitted(repository)
        (upstream.folder / "a.csv").write_text("edited")
        assert uncommitted(repository)


def test_what_git_makes_by_default_does_not_make_our_copy(
    upstream: Upstream, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`init.defaultObjectFormat`, which git 2.39 does not know yet, or git 3's own default."""
    sha = upstream.commit({"a.csv": ROWS})
    git = shutil.which("git")
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nGIT_DEFAULT_HASH=sha256 exec {git} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}:{os.environ['PATH']}")
    assert Repository(str(upstream.folder), cache).read(sha, "a.csv")[1] == ROWS.encode()


# Names


def test_names_of_all_kinds(upstream: Upstream, cache: Path) -> None:
    """Quotes, stars, colons, another case: each is that file and no other."""
    names = ['it\'s "a".csv', ":(glob)*.csv", "*.csv", "-x.csv", "A.csv", "a.csv", "ü b/é.csv", "a\\b.csv"]
    entries = [(name.encode(), name) for name in names] + [(b"\xff\n.csv", "odd")]
    listing = b""
    for path, content in entries:
        blob = upstream.git("hash-object", "-w", "--stdin", stdin=content.encode())
        listing += b"100644 %s\t%s\0" % (blob.encode(), path)
    upstream.git("update-index", "-z", "--index-info", stdin=listing)
    upstream.git("commit", "--quiet", "--message", "names")
    sha = upstream.git("rev-parse", "HEAD")
    repository = Repository(str(upstream.folder), cache)
    for name in names:
        assert repository.read(sha, name)[1] == name.encode()
        assert len(repository.history(sha, name)) == 1
    with pytest.raises(GitError, match="is not in commit") as caught:
        repository.read(sha, "odd.csv")
    str(caught.value).encode()
    assert "\n" not in str(caught.value)


def test_branches_of_all_names(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": ROWS})
    names = ("it's", 'a"b', "données/été", "a;touch", "$(touch)", "'$IFS'")
    for name in names:
        upstream.git("update-ref", f"refs/heads/{name}", sha)
    packed = upstream.folder / ".git" / "packed-refs"
    packed.write_bytes(b"%s refs/heads/\xff\xfe\n" % sha.encode())
    for ref in names:
        assert Repository(str(upstream.folder), cache, ref=ref).head().sha == sha
    with pytest.raises(GitError, match="has no branch or tag") as caught:
        Repository(str(upstream.folder), cache, ref="no-such").head()
    str(caught.value).encode()


# What goes into the log


def raw_commit(upstream: Upstream, author: bytes, message: bytes, headers: bytes = b"") -> str:
    tree = upstream.git("rev-parse", "HEAD^{tree}").encode()
    who = b"%s <a@b> 1700000000 +0000" % author
    body = b"tree %s\nauthor %s\ncommitter %s\n%s\n%s" % (tree, who, who, headers, message)
    return upstream.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=body)


@pytest.mark.parametrize(
    ("author", "message", "headers", "expected"),
    [
        (b"A\x1b[31m", b"red\x1b[0m\x07\r\n", b"", ("A [31m", "red [0m")),
        ("A\u202ezib".encode(), "x\u2066\u2028y\u0085z".encode(), b"", ("A zib", "x y z")),
        (b"A" * 10_000, b"x " * 5_000, b"", ("A" * 99 + "…", ("x " * 100)[:199] + "…")),
        (b"A\xff", b"h\xe9", b"", ("A\ufffd", "h\ufffd")),
        (b"Zo\xeb", b"h\xe9", b"encoding ISO-8859-1\n", ("Zoë", "hé")),
        (b"A+AAA-b", b"x+AAA-y", b"encoding UTF-7\n", ("A+AAA-b", "x+AAA-y")),
        (b"A", b"x", b"encoding no-such\n", ("A", "x")),
        ("Zoë 👩\u200d💻".encode(), "می\u200cخواهم".encode(), b"", ("Zoë 👩\u200d💻", "می\u200cخواهم")),
        (b"", b"", b"", ("", "")),
    ],
)
def test_what_a_commit_says_is_harmless_and_short(
    upstream: Upstream,
    cache: Path,
    author: bytes,
    message: bytes,
    headers: bytes,
    expected: tuple[str, str],
) -> None:
    upstream.commit({"a.csv": ROWS})
    upstream.git("update-ref", "refs/heads/main", raw_commit(upstream, author, message, headers))
    repository = Repository(str(upstream.folder), cache)
    commit, _ = repository.read(repository.head().sha, "a.csv")
    assert (commit.author, commit.message) == expected
    assert repository.history(commit.sha, "a.csv")[0].commit == commit


def test_a_commit_that_git_finds_broken_is_not_taken(upstream: Upstream, cache: Path) -> None:
    upstream.commit({"a.csv": ROWS})
    upstream.git("update-ref", "refs/heads/main", raw_commit(upstream, b"A\0B", b"x\0y"))
    repository = Repository(str(upstream.folder), cache)
    with pytest.raises(GitError, match="contains objects that git rejects as malformed"):
        repository.read(repository.head().sha, "a.csv")


# Our own copy


def test_a_broken_copy_is_made_anew(upstream: Upstream, cache: Path) -> None:
    old = upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    repository.read(old, "a.csv")
    [copy] = cache.glob("*.git")
    for pack in copy.glob("objects/pack/*"):
        pack.chmod(0o600)
        pack.write_bytes(b"broken")
    (copy / "shallow.lock").touch()
    new = upstream.commit({"a.csv": "id\nnew\n"})
    assert repository.read(new, "a.csv")[1] == b"id\nnew\n"
    assert repository.read(old, "a.csv")[1] == ROWS.encode()


def test_a_copy_that_was_cut_off_is_made_anew(upstream: Upstream, cache: Path) -> None:
    """By a full disk, or a machine that went down: packs, indexes, or the list of where history was cut."""
    old = upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    for number, pattern in enumerate(
        ("objects/pack/*.pack", "objects/pack/*.idx", "shallow", "config", "HEAD")
    ):
        repository.read(old, "a.csv")
        [copy] = cache.glob("*.git")
        for file in copy.glob(pattern):
            file.chmod(0o600)
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        new = upstream.commit({"a.csv": f"id\n{number}\n"})
        assert repository.read(new, "a.csv")[1] == f"id\n{number}\n".encode(), pattern


@pytest.mark.parametrize("name", ["config", "HEAD"])
def test_a_copy_that_git_can_not_even_open_is_made_anew(upstream: Upstream, cache: Path, name: str) -> None:
    """A file full of NUL, as a machine that lost its power leaves it: found when the newest is asked for."""
    sha = upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    repository.read(sha, "a.csv")
    [copy] = cache.glob("*.git")
    (copy / name).write_bytes(bytes(66))
    assert repository.head().sha == sha
    assert repository.read(sha, "a.csv")[1] == ROWS.encode()


def configured(monkeypatch: pytest.MonkeyPatch, home: Path, content: str | bytes) -> None:
    home.mkdir(exist_ok=True)
    (home / ".gitconfig").write_bytes(content.encode() if isinstance(content, str) else content)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.mark.parametrize("content", [b"[core", bytes(66), b"\xff\xfe[\0c\0"])
def test_a_damaged_configuration_of_the_user_is_named_and_costs_no_copy(
    upstream: Upstream, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    sha = upstream.commit({"a.csv": ROWS})
    Repository(str(upstream.folder), cache).read(sha, "a.csv")
    [copy] = cache.glob("*.git")
    born = copy.stat().st_ino
    configured(monkeypatch, tmp_path / "home", content)
    repository = Repository(str(upstream.folder), cache)
    with pytest.raises(GitError, match=r"git can't read its configuration.*home/\.gitconfig") as caught:
        repository.head()
    assert "Correct the configuration file that git names" in str(caught.value)
    assert repository.read(sha, "a.csv")[1] == ROWS.encode()
    assert copy.stat().st_ino == born


HOSTILE = """
[alias]
    ls-remote = !touch {trap}
    fetch = !touch {trap}
    log = !touch {trap}
[core]
    pager = touch {trap}
    hooksPath = {trap}s
    fsmonitor = touch {trap}
    editor = touch {trap}
    attributesFile = {trap}s/attributes
[filter "x"]
    smudge = touch {trap}
    clean = touch {trap}
[init]
    templateDir = {trap}s
    defaultBranch = "..bad.."
[i18n]
    logOutputEncoding = UTF-16
[log]
    showSignature = true
    mailmap = false
    follow = true
[format]
    pretty = raw
[diff]
    external = touch {trap}
[gpg]
    program = touch {trap}
[fetch]
    fsckObjects = false
    prune = true
    pruneTags = true
    recurseSubmodules = on-demand
[transfer]
    fsckObjects = false
[protocol]
    allow = never
    version = 0
[safe]
    bareRepository = explicit
[remote "origin"]
    url = {elsewhere}
    uploadpack = touch {trap}
    fetch = +refs/*:refs/*
    mirror = true
[url "{mirror}"]
    insteadOf = {named}
"""


def test_of_the_user_s_configuration_only_what_reaches_a_server_counts(
    upstream: Upstream, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """url.insteadOf is the user's way to a mirror. Nothing else here changes what is read, or runs."""
    sha = upstream.commit({"a.csv": ROWS}, "Été")
    traps, named = tmp_path / "traps", tmp_path / "named"
    traps.mkdir()
    for hook in ("reference-transaction", "post-checkout", "pre-auto-gc"):
        (traps / hook).write_text(f"#!/bin/sh\ntouch {tmp_path}/trap\n")
        (traps / hook).chmod(0o755)
    (traps / "attributes").write_text("* filter=x\n")
    text = HOSTILE.format(
        trap=tmp_path / "trap",
        mirror=upstream.folder.as_uri(),
        named=named.as_uri(),
        elsewhere=tmp_path / "elsewhere",
    )
    configured(monkeypatch, tmp_path / "home", text)
    repository = Repository(named.as_uri(), cache)
    commit, data = repository.read(repository.head().sha, "a.csv")
    assert (commit.sha, commit.message, data) == (sha, "Été", ROWS.encode())
    assert [each.commit.sha for each in repository.history(sha, "a.csv")] == [sha]
    (upstream.folder / "a.csv").write_text("edited")
    assert uncommitted(Repository(str(upstream.folder), cache))
    assert not (tmp_path / "trap").exists()


def test_a_broken_copy_of_what_is_already_here(upstream: Upstream, cache: Path) -> None:
    """The commit is known, and the file in it can't be read: nothing new has to come for it to be mended."""
    sha = upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    repository.read(sha, "a.csv")
    [copy] = cache.glob("*.git")
    for pack in copy.glob("objects/pack/*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:-40])
    assert repository.read(sha, "a.csv")[1] == ROWS.encode()


def test_a_copy_of_an_earlier_version_is_used_further(upstream: Upstream, cache: Path) -> None:
    """It knows its remote as a partial clone's, by another name and without an address."""
    old = upstream.commit({"a.csv": ROWS})
    repository = Repository(str(upstream.folder), cache)
    repository.read(old, "a.csv")
    [copy] = cache.glob("*.git")
    (copy / "umap-bot-made").write_text("")
    with (copy / "config").open("a") as config:
        config.write("[extensions]\n\tpartialClone = origin\n")
        config.write('[remote "origin"]\n\tpromisor = true\n\tpartialclonefilter = blob:none\n')
    made = copy.stat().st_ino
    new = upstream.commit({"a.csv": "id\nnew\n"})
    assert repository.read(new, "a.csv")[1] == b"id\nnew\n"
    assert [each.commit.sha for each in repository.history(new, "a.csv")] == [new, old]
    assert copy.stat().st_ino == made


def test_the_copy_is_its_owners_only_and_one_for_each_address(upstream: Upstream, cache: Path) -> None:
    sha = upstream.commit({"a.csv": ROWS})
    Repository(str(upstream.folder), cache).read(sha, "a.csv")
    Repository(upstream.folder.as_uri(), cache).read(sha, "a.csv")
    copies = list(cache.glob("*.git"))
    assert len(copies) == 2
    assert all(copy.stat().st_mode & 0o077 == 0 for copy in copies)


def test_a_cache_that_cannot_be_written(upstream: Upstream, tmp_path: Path) -> None:
    upstream.commit({"a.csv": ROWS})
    (tmp_path / "file").touch()
    with pytest.raises(GitError, match=r"Can't write to the cache folder"):
        Repository(str(upstream.folder), tmp_path / "file").head()


def test_many_fetches_do_not_fill_the_disk(
    upstream: Upstream, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("umap_bot.dataset.git.clone._PACKS", 2)
    assert len(packs_after(5, upstream, cache)) <= 3


def test_large_fetches_do_not_fill_the_disk(
    upstream: Upstream, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("umap_bot.dataset.git.clone._ROOM", 40_000)
    assert sum(packs_after(8, upstream, cache, 10_000)) <= 60_000


def packs_after(fetches: int, upstream: Upstream, cache: Path, size: int = 0) -> list[int]:
    """Read so many versions of a file. Return the sizes of the packs that our copy has then."""
    repository = Repository(str(upstream.folder), cache)
    for number in range(fetches):
        content = f"id\nk{number}{token_hex(size)}\n"
        sha = upstream.commit({"a.csv": content})
        assert repository.read(sha, "a.csv")[1] == content.encode()
    return [pack.stat().st_size for pack in cache.glob("*.git/objects/pack/*.pack")]
