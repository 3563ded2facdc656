"""Repositories that somebody made to break us, or that broke by themselves: each ends in a line and a code.

A case makes a repository, and says how `umap-bot validate` is to end on it, and with which words. What is
read well is asked for its history, too. All of it in 1 GiB and 60 s (`confined`).
"""

from __future__ import annotations

import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha1
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.dataset.conftest import Upstream
from tests.hostile.confined import confined

GOOD: Final = "id,nom,lat,lon\nlyon-8e,Lyon 8e,45.73472,4.86806\n"
FILE: Final = "a.csv"
NOBODY: Final = "0" * 39 + "1"
ZEROS: Final = "0" * 40

PROGRAM: Final = """
import sys
from pathlib import Path
from umap_bot.cli.main import run
from umap_bot.errors import BotError
from umap_bot.settings import Settings, load
from umap_bot.wiring import dataset

code = run(["validate"])
if code == 0:
    found = dataset(load(Settings, Path(".env"), {}))
    try:
        head = found.head()
        for commit in found.history(head):
            print("version", commit.sha, commit.author, commit.date, commit.message)
        print("named", found.named(head.sha[:12], head)[0].short)
    except BotError as error:
        print(error, file=sys.stderr)
        code = error.code
sys.exit(code)
"""
"""`umap-bot validate`, then what a run asks that lost its state."""

Build = Callable[[Upstream], "dict[str, str] | None"]


class Case(NamedTuple):
    """`build` returns settings beside the usual ones, if there are any."""

    build: Build
    code: int
    words: str


CASES: Final[dict[str, Case]] = {}


def case(code: int, words: str = "") -> Callable[[Build], Build]:
    def note(build: Build) -> Build:
        CASES[build.__name__] = Case(build, code, words)
        return build

    return note


# What a repository is made of


def blob(there: Upstream, content: str | bytes = GOOD) -> str:
    data = content.encode() if isinstance(content, str) else content
    return there.git("hash-object", "-w", "--stdin", stdin=data)


def raw(there: Upstream, kind: str, content: bytes) -> str:
    """Write any bytes as an object of this kind."""
    return there.git("hash-object", "-w", "-t", kind, "--literally", "--stdin", stdin=content)


def tree(there: Upstream, *entries: tuple[str, bytes, str]) -> str:
    """Write a tree of (mode, name, object), as it is: unsorted, doubled, of any names."""
    return raw(
        there, "tree", b"".join(b"%s %s\0" % (m.encode(), n) + bytes.fromhex(s) for m, n, s in entries)
    )


def commit_of(there: Upstream, of_tree: str, *parents: str, headers: bytes = b"", **given: bytes) -> str:
    who = given.get("who", b"Ada <ada@example.org> 1700000000 +0100")
    lines = [b"tree " + of_tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
    lines += [b"author " + who, b"committer " + who]
    head = b"\n".join(lines) + b"\n" + headers
    return raw(there, "commit", head + b"\n" + given.get("message", b"a change\n"))


def set_main(there: Upstream, sha: str) -> None:
    """Let the branch be there, whatever that is."""
    heads = there.folder / ".git" / "refs" / "heads"
    heads.mkdir(parents=True, exist_ok=True)
    (heads / "main").write_text(f"{sha}\n")


def with_entries(there: Upstream, *more: tuple[str, bytes, str]) -> None:
    """A commit of the good file and these entries beside it."""
    entries = sorted([("100644", FILE.encode(), blob(there)), *more], key=lambda each: each[1])
    set_main(there, commit_of(there, tree(there, *entries)))


def good(there: Upstream) -> str:
    return there.commit({FILE: GOOD})


def loose(there: Upstream, sha: str) -> Path:
    return there.folder / ".git" / "objects" / sha[:2] / sha[2:]


def overwritten(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


# Names of files


@case(0)
def names_with_newlines_beside_it(there: Upstream) -> None:
    with_entries(there, ("100644", b"x\ny.csv", blob(there, "x")), ("100644", b"\n", blob(there, "x")))


@case(0)
def a_name_that_is_an_option(there: Upstream) -> dict[str, str]:
    there.commit({"--help.csv": GOOD})
    return {"DATASET_PATH": "--help.csv"}


@case(0)
def a_name_that_is_git_s_magic(there: Upstream) -> dict[str, str]:
    with_entries(there, ("100644", b":(glob)x.csv", blob(there)))
    return {"DATASET_PATH": ":(glob)x.csv"}


@case(0)
def a_name_with_quotes_and_stars(there: Upstream) -> dict[str, str]:
    with_entries(there, ("100644", b"'\"*?[a].csv", blob(there)))
    return {"DATASET_PATH": "'\\\"*?[a].csv"}


@case(0)
def names_that_are_not_utf_8(there: Upstream) -> None:
    with_entries(there, ("100644", b"\xff\xfe.csv", blob(there)), ("100644", b"z\x1b[31m.csv", blob(there)))


@case(12, "is not in commit")
def only_names_that_nobody_can_print(there: Upstream) -> dict[str, str]:
    with_entries(there, *(("100644", b"z\x1b]0;x\x07%d.csv" % number, blob(there)) for number in range(9)))
    return {"DATASET_PATH": "z.csv"}


@case(0)
def names_that_differ_in_case_alone(there: Upstream) -> None:
    with_entries(there, ("100644", b"A.CSV", blob(there, "x")), ("100644", b"A.csv", blob(there, "x")))


@case(0)
def a_decomposed_name(there: Upstream) -> dict[str, str]:
    there.commit({"cafe\u0301.csv": GOOD})
    return {"DATASET_PATH": "caf\u00e9.csv"}


@case(0)
def a_name_of_255_bytes(there: Upstream) -> dict[str, str]:
    name = "x" * 251 + ".csv"
    there.commit({name: GOOD})
    return {"DATASET_PATH": name}


@case(12, "is not in commit")
def a_path_of_1_900_letters(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_PATH": "x/" * 950 + "a.csv"}


@case(10, "DATASET_REPO: write 2000 characters at most")
def an_address_of_5_000_letters(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_REPO": f"{there.folder}/{'x' * 5_000}"}


@case(10, "DATASET_REPO: write 2000 characters at most")
def a_server_s_address_of_5_000_letters(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_REPO": f"http://127.0.0.1:1/{'x' * 5_000}"}


@case(10, "DATASET_PATH is not a valid path")
def a_path_out_of_the_repository(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_PATH": "../../etc/passwd"}


@case(12, "git rejects as malformed")
def a_folder_named_git(there: Upstream) -> None:
    inner = tree(there, ("100644", b"config", blob(there, "[core]\n\tfsmonitor = touch trap\n")))
    with_entries(there, ("40000", b".GIT", inner))


@case(12, "git rejects as malformed")
def a_name_that_climbs(there: Upstream) -> None:
    with_entries(there, ("100644", b"..", blob(there)))


@case(12, "git rejects as malformed")
def a_name_with_a_slash(there: Upstream) -> None:
    with_entries(there, ("100644", b"b/c.csv", blob(there)))


@case(12, "git rejects as malformed")
def a_name_that_stands_twice(there: Upstream) -> None:
    with_entries(there, ("100644", FILE.encode(), blob(there, "other")))


@case(12, "git rejects as malformed")
def a_tree_out_of_order(there: Upstream) -> None:
    entries = ("100644", b"z.csv", blob(there)), ("100644", FILE.encode(), blob(there))
    set_main(there, commit_of(there, tree(there, *entries)))


@case(12, "is damaged")
def a_tree_that_is_cut_off(there: Upstream) -> None:
    set_main(there, commit_of(there, raw(there, "tree", b"100644 a.csv\0abc")))


# What stands in the place of a file


@case(11, "is a symbolic link")
def a_link_out_of_the_tree(there: Upstream) -> None:
    (there.folder / FILE).symlink_to("/etc/passwd")
    there.commit({})


@case(11, "is a symbolic link")
def a_link_to_itself(there: Upstream) -> None:
    (there.folder / FILE).symlink_to(FILE)
    there.commit({})


@case(11, "data is a symbolic link")
def a_linked_folder(there: Upstream) -> dict[str, str]:
    (there.folder / "data").symlink_to("/etc")
    there.commit({})
    return {"DATASET_PATH": "data/passwd.csv"}


@case(11, "is a folder")
def a_folder(there: Upstream) -> None:
    there.commit({"a.csv/b.csv": GOOD})


@case(11, "is a submodule")
def a_submodule(there: Upstream) -> None:
    there.git("update-index", "--add", "--cacheinfo", f"160000,{NOBODY},{FILE}")
    there.git("commit", "--quiet", "--message", "x")


@case(11, "sub is a submodule")
def a_file_in_a_submodule(there: Upstream) -> dict[str, str]:
    there.git("update-index", "--add", "--cacheinfo", f"160000,{NOBODY},sub")
    there.git("commit", "--quiet", "--message", "x")
    return {"DATASET_PATH": "sub/a.csv"}


@case(12, "git rejects as malformed")
def a_submodule_whose_address_is_an_option(there: Upstream) -> None:
    text = '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch trap\n'
    with_entries(there, ("100644", b".gitmodules", blob(there, text)))


@case(11, "is kept in Git LFS")
def a_pointer_of_lfs(there: Upstream) -> None:
    there.commit({FILE: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"})


@case(0)
def attributes_that_would_convert(there: Upstream) -> None:
    text = "* filter=lfs ident export-subst working-tree-encoding=UTF-16\n"
    with_entries(there, ("100644", b".gitattributes", blob(there, text)))


@case(0)
def a_file_that_all_may_write(there: Upstream) -> None:
    set_main(there, commit_of(there, tree(there, ("100664", FILE.encode(), blob(there)))))


@case(11)
def an_empty_file(there: Upstream) -> None:
    there.commit({FILE: b""})


@case(11)
def a_file_of_nul(there: Upstream) -> None:
    there.commit({FILE: bytes(100_000)})


# Much


@case(11, "is larger than 100 MB")
def a_large_file(there: Upstream) -> None:
    there.commit({FILE: b"x" * (101 * 2**20)})


@case(12, "is damaged")
def a_file_of_2_gb_that_is_only_announced(there: Upstream) -> None:
    good(there)
    path = loose(there, there.git("rev-parse", f"HEAD:{FILE}"))
    overwritten(path, zlib.compress(b"blob 2147483648\0" + GOOD.encode()))


@case(0)
def a_folder_of_100_000_files(there: Upstream) -> None:
    other = blob(there, "x")
    with_entries(there, *(("100644", b"z%06d" % number, other) for number in range(100_000)))


@case(12, "is not in commit")
def a_missing_file_among_100_000(there: Upstream) -> dict[str, str]:
    a_folder_of_100_000_files(there)
    return {"DATASET_PATH": "b.csv"}


def deep(there: Upstream, folders: int) -> None:
    inner = tree(there, ("100644", FILE.encode(), blob(there)))
    for _ in range(folders):
        inner = tree(there, ("40000", b"d", inner))
    with_entries(there, ("40000", b"d", inner))


@case(0)
def folders_in_folders(there: Upstream) -> dict[str, str]:
    deep(there, 500)
    return {"DATASET_PATH": "d/" * 501 + FILE}


@case(12, "Did you mean a.csv")
def a_missing_file_below_300_folders_of_long_names(there: Upstream) -> dict[str, str]:
    inner = tree(there, ("100644", FILE.encode(), blob(there)))
    trees = [inner]
    for _ in range(300):
        trees.append(tree(there, ("40000", b"d" * 200, trees[-1])))
    with_entries(there, ("40000", b"d", trees[-1]))
    return {"DATASET_PATH": "missing.csv"}


def bomb(there: Upstream) -> str:
    """Ten trees that hold one another ten times each: ten milliards of files."""
    inner = tree(there, *(("100644", b"%d" % number, blob(there)) for number in range(10)))
    for _ in range(9):
        inner = tree(there, *(("40000", b"%d" % number, inner) for number in range(10)))
    return inner


@case(12, "is not in commit")
def a_missing_file_among_milliards(there: Upstream) -> dict[str, str]:
    with_entries(there, ("40000", b"z", bomb(there)))
    return {"DATASET_PATH": "b.csv"}


@case(0)
def milliards_of_files_that_went_as_ours_came(there: Upstream) -> None:
    before = commit_of(there, tree(there, ("40000", b"z", bomb(there))))
    set_main(there, commit_of(there, tree(there, ("100644", FILE.encode(), blob(there))), before))


@case(0)
def a_thousand_commits(there: Upstream) -> None:
    each = (
        b"commit refs/heads/main\ncommitter A <a@b> %d +0000\ndata 1\nx\nM 100644 inline a.csv\ndata %d\n%s\n"
    )
    content = GOOD.encode() + b"bron,Bron %04d,45.7,4.9\n"
    stream = (each % (1_700_000_000 + n, len(content), content % n) for n in range(1_000))
    there.git("fast-import", "--quiet", "--force", stdin=b"".join(stream))


@case(0)
def five_thousand_branches(there: Upstream) -> None:
    sha = good(there)
    lines = "".join(f"create refs/heads/b{number} {sha}\n" for number in range(5_000))
    there.git("update-ref", "--stdin", stdin=lines.encode())


@case(0)
def a_merge_of_thirty(there: Upstream) -> None:
    of_tree = tree(there, ("100644", FILE.encode(), blob(there)))
    parents = [commit_of(there, of_tree, message=b"%d\n" % number) for number in range(30)]
    set_main(there, commit_of(there, of_tree, *parents))


# Refs


@case(10, "DATASET_REF is not a valid")
def a_ref_that_is_an_option(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_REF": "-x"}


@case(10, "DATASET_REF is not a valid")
def a_ref_that_is_a_program(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_REF": "--upload-pack=touch trap"}


@case(10, "DATASET_REF is not a valid")
def a_ref_that_is_an_expression(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_REF": "main@{1}"}


@case(12, "has no branch or tag")
def a_ref_that_is_not_there(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_REF": "x" * 1_900}


@case(12, "has no default branch")
def a_head_that_points_nowhere(there: Upstream) -> None:
    good(there)
    there.git("symbolic-ref", "HEAD", "refs/heads/nowhere")


@case(12, "has no default branch")
def a_head_that_points_in_a_circle(there: Upstream) -> None:
    good(there)
    heads = there.folder / ".git" / "refs" / "heads"
    (heads / "x").write_text("ref: refs/heads/y\n")
    (heads / "y").write_text("ref: refs/heads/x\n")
    (there.folder / ".git" / "HEAD").write_text("ref: refs/heads/x\n")


@case(12, "does not exist or ")
def a_head_that_is_a_folder(there: Upstream) -> None:
    good(there)
    (there.folder / ".git" / "HEAD").unlink()
    (there.folder / ".git" / "HEAD").mkdir()


@case(12, "is damaged")
def a_branch_of_no_object(there: Upstream) -> None:
    good(there)
    set_main(there, NOBODY)


@case(12, "is damaged")
def a_branch_of_garbage(there: Upstream) -> dict[str, str]:
    good(there)
    (there.folder / ".git" / "refs" / "heads" / "odd").write_bytes(b"\xff\n\0not a name")
    return {"DATASET_REF": "odd"}


@case(0)
def a_list_of_refs_that_is_garbage_in_part(there: Upstream) -> None:
    sha = good(there)
    there.git("checkout", "--quiet", "--detach")
    there.git("update-ref", "-d", "refs/heads/main")
    packed = there.folder / ".git" / "packed-refs"
    packed.write_bytes(b"%s refs/heads/main\n%s refs/heads/\xff\xfe\n" % (sha.encode(), sha.encode()))


@case(0)
def a_tag_in_place_of_a_branch(there: Upstream) -> dict[str, str]:
    good(there)
    there.git("tag", "--annotate", "v1", "--message", "x")
    return {"DATASET_REF": "v1"}


@case(0)
def a_branch_and_a_tag_of_one_name(there: Upstream) -> dict[str, str]:
    good(there)
    there.git("branch", "both")
    there.commit({FILE: "nothing"})
    there.git("tag", "both")
    return {"DATASET_REF": "both"}


@case(0)
def a_tag_of_a_tag_of_a_tag(there: Upstream) -> dict[str, str]:
    name = good(there)
    for number in range(20):
        there.git("tag", "--annotate", f"t{number}", "--message", "x", name)
        name = f"t{number}"
    return {"DATASET_REF": name}


@case(12, "not a commit")
def a_tag_of_a_file(there: Upstream) -> dict[str, str]:
    good(there)
    there.git("tag", "file", f"HEAD:{FILE}")
    return {"DATASET_REF": "file"}


@case(12, "not a commit")
def the_name_of_a_file_as_that_of_a_commit(there: Upstream) -> dict[str, str]:
    good(there)
    there.git("tag", "file", f"HEAD:{FILE}")
    return {"DATASET_REF": there.git("rev-parse", f"HEAD:{FILE}")}


@case(12, "does not have commit")
def a_commit_that_never_was(there: Upstream) -> dict[str, str]:
    good(there)
    return {"DATASET_REF": NOBODY}


@case(0)
def a_branch_named_head(there: Upstream) -> dict[str, str]:
    sha = good(there)
    (there.folder / ".git" / "refs" / "heads" / "HEAD").write_text(f"{sha}\n")
    return {"DATASET_REF": "HEAD"}


@case(0)
def a_head_of_no_branch(there: Upstream) -> None:
    good(there)
    there.git("checkout", "--quiet", "--detach")


@case(0)
def commits_that_are_replaced(there: Upstream) -> None:
    sha = good(there)
    other = commit_of(there, tree(there, ("100644", FILE.encode(), blob(there, "replaced"))))
    there.git("replace", sha, other)


@case(0)
def grafts(there: Upstream) -> None:
    sha = good(there)
    (there.folder / ".git" / "info").mkdir(exist_ok=True)
    (there.folder / ".git" / "info" / "grafts").write_text(f"{sha} {NOBODY}\n")


@case(12, "is empty: it has no commit yet")
def an_empty_repository(there: Upstream) -> None:
    assert there.git("status", "--porcelain") == ""


# What commits say


def saying(there: Upstream, **said: bytes) -> None:
    set_main(there, commit_of(there, tree(there, ("100644", FILE.encode(), blob(there))), **said))


@case(0)
def an_author_of_control_characters(there: Upstream) -> None:
    saying(there, who=b"\x1b[31mA\rB\x07\xe2\x80\xae\xff <a@b> 1700000000 +0100")


@case(0)
def a_commit_without_a_message(there: Upstream) -> None:
    saying(there, message=b"")


@case(0)
def a_message_of_a_million_letters(there: Upstream) -> None:
    saying(there, message=b"\x1b]0;x\x07" + b"x" * 1_000_000)


@case(0)
def the_first_second(there: Upstream) -> None:
    saying(there, who=b"A <a@b> 0 +0000")


@case(0)
def the_year_9999(there: Upstream) -> None:
    saying(there, who=b"A <a@b> 253402300799 +1400")


@case(0)
def a_year_that_no_calendar_has(there: Upstream) -> None:
    saying(there, who=b"A <a@b> 99999999999999 +0000")


@case(12, "git rejects as malformed")
def a_date_before_all(there: Upstream) -> None:
    saying(there, who=b"A <a@b> -62167219200 +0000")


@case(12, "git rejects as malformed")
def a_date_beyond_all(there: Upstream) -> None:
    saying(there, who=b"A <a@b> 18446744073709551615 +0000")


@case(0)
def a_zone_that_is_none(there: Upstream) -> None:
    saying(there, who=b"A <a@b> 1700000000 +9999")


@case(12, "git rejects as malformed")
def an_author_without_an_address(there: Upstream) -> None:
    saying(there, who=b"A 1700000000 +0000")


@case(0)
def an_encoding_that_is_none(there: Upstream) -> None:
    saying(there, headers=b"encoding \x1b[31mKlingon\n", message=b"\xe9t\xe9\n")


@case(0)
def a_signature_that_is_none(there: Upstream) -> None:
    saying(there, headers=b"gpgsig -----BEGIN PGP SIGNATURE-----\n x\n")


@case(12, "is damaged")
def a_commit_whose_parent_is_missing(there: Upstream) -> None:
    set_main(there, commit_of(there, tree(there, ("100644", FILE.encode(), blob(there))), NOBODY))


@case(12, "is damaged")
def a_commit_whose_tree_is_missing(there: Upstream) -> None:
    set_main(there, commit_of(there, NOBODY))


@case(12, "is damaged")
def a_commit_whose_file_is_missing(there: Upstream) -> None:
    set_main(there, commit_of(there, tree(there, ("100644", FILE.encode(), NOBODY))))


@case(12, "is damaged")
def a_commit_of_one_name_and_no_content(there: Upstream) -> None:
    sha = good(there)
    overwritten(loose(there, sha), b"")


@case(12, "is damaged")
def a_file_of_another_content_than_its_name(there: Upstream) -> None:
    good(there)
    path = loose(there, there.git("rev-parse", f"HEAD:{FILE}"))
    other = b"id,nom,lat,lon\nx,Y,1,1\n"
    assert path.name != sha1(other, usedforsecurity=False).hexdigest()
    overwritten(path, zlib.compress(b"blob %d\0" % len(other) + other))


# How it is kept


@case(12, "is damaged")
def a_broken_pack(there: Upstream) -> None:
    good(there)
    there.git("repack", "-adq")
    for pack in there.folder.glob(".git/objects/pack/*.pack"):
        overwritten(pack, pack.read_bytes()[:-30] + bytes(30))


@case(12, "is damaged")
def a_pack_without_its_index(there: Upstream) -> None:
    good(there)
    there.git("repack", "-adq")
    for index in there.folder.glob(".git/objects/pack/*.idx"):
        overwritten(index, index.read_bytes()[:40])


@case(0)
def objects_that_lie_elsewhere(there: Upstream) -> None:
    good(there)
    elsewhere = there.folder.parent / "elsewhere"
    shutil.move(there.folder / ".git" / "objects", elsewhere)
    (there.folder / ".git" / "objects" / "info").mkdir(parents=True)
    (there.folder / ".git" / "objects" / "info" / "alternates").write_text(f"{elsewhere}\n")


@case(12, "is damaged")
def objects_that_lie_nowhere(there: Upstream) -> None:
    objects_that_lie_elsewhere(there)
    shutil.rmtree(there.folder.parent / "elsewhere")


@case(0)
def objects_that_lie_in_a_circle(there: Upstream) -> None:
    good(there)
    objects = there.folder / ".git" / "objects"
    (objects / "info").mkdir(exist_ok=True)
    (objects / "info" / "alternates").write_text(f"{objects}\n\xff/x\n", "latin-1")


@case(12, "can't read its configuration")
def a_configuration_of_nul(there: Upstream) -> None:
    good(there)
    (there.folder / ".git" / "config").write_bytes(bytes(66))


@case(12, "can't be read")
def a_configuration_of_a_later_git(there: Upstream) -> None:
    good(there)
    (there.folder / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 99\n")


@case(12, "can't read its configuration")
def a_configuration_that_includes_itself(there: Upstream) -> None:
    good(there)
    with (there.folder / ".git" / "config").open("a") as config:
        config.write("[include]\n\tpath = config\n")


@case(0)
def a_configuration_of_programs(there: Upstream) -> None:
    good(there)
    trap = f"touch {there.folder.parent / 'trap'}"
    for name in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "uploadpack.packObjectsHook",
        "gpg.program",
    ):
        there.git("config", name, trap)
    there.git("config", "alias.upload-pack", f"!{trap}")
    hook = there.folder / ".git" / "hooks" / "post-upload-pack"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{trap}\n")
    hook.chmod(0o755)


@case(0)
def a_bare_one(there: Upstream) -> dict[str, str]:
    good(there)
    bare = there.folder.parent / "bare.git"
    there.git("clone", "--quiet", "--bare", ".", str(bare))
    return {"DATASET_REPO": str(bare)}


@case(0)
def a_shallow_one(there: Upstream) -> dict[str, str]:
    there.commit({FILE: GOOD + "x,X,45,4\n"})
    good(there)
    shallow = there.folder.parent / "shallow"
    there.git("clone", "--quiet", "--depth=1", there.folder.as_uri(), str(shallow))
    return {"DATASET_REPO": str(shallow)}


@case(0)
def one_of_long_names(there: Upstream) -> None:
    shutil.rmtree(there.folder / ".git")
    there.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    good(there)


@case(0)
def a_second_work_tree(there: Upstream) -> dict[str, str]:
    good(there)
    second = there.folder.parent / "second"
    there.git("worktree", "add", "--quiet", "--detach", str(second))
    return {"DATASET_REPO": str(second)}


@case(12, "does not exist or ")
def a_git_file_that_points_at_itself(there: Upstream) -> None:
    good(there)
    shutil.rmtree(there.folder / ".git")
    (there.folder / ".git").write_text("gitdir: .git\n")


@case(12, "does not exist or ")
def a_git_file_that_points_at_a_device(there: Upstream) -> None:
    good(there)
    shutil.rmtree(there.folder / ".git")
    (there.folder / ".git").symlink_to("/dev/zero")


@case(12, "was never committed")
def a_file_that_was_never_committed(there: Upstream) -> None:
    there.commit({"b.csv": GOOD})
    (there.folder / FILE).write_text(GOOD)


@case(0)
def a_work_tree_whose_file_is_a_pipe(there: Upstream) -> None:
    good(there)
    (there.folder / FILE).unlink()
    os.mkfifo(there.folder / FILE)


def lines_of(text: str) -> Iterator[str]:
    return (line for line in text.split("\n") if line)


@pytest.mark.parametrize("name", CASES)
def test_it_ends_in_a_line_and_a_code(tmp_path: Path, name: str) -> None:
    build, code, words = CASES[name]
    there = Upstream(tmp_path / "there")
    settings = {"DATASET_REPO": str(there.folder), "DATASET_PATH": FILE, **(build(there) or {})}
    settings |= {"UMAP_MAP_URL": "http://127.0.0.1:1/en/map/x_1", "STATE_URL": "sqlite:///state.db"}
    (tmp_path / ".env").write_text("".join(f'{key}="{value}"\n' for key, value in settings.items()), "utf-8")
    (tmp_path / ".env").chmod(0o600)
    around = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "LC_ALL": "C.UTF-8"}
    ended = confined("-c", PROGRAM, cwd=tmp_path, environment=around)
    assert (ended.returncode, words in ended.stderr) == (code, True), ended
    assert "Traceback" not in ended.stderr
    said = list(lines_of(ended.stdout + ended.stderr))
    assert said
    assert all(line.isprintable() and len(line) < 12_000 for line in said), said
    assert [line for line in said if re.match("version", line)] or code
    assert not (tmp_path / "trap").exists()


def test_there_are_many() -> None:
    assert len(CASES) >= 74
