"""A branch of ours with one commit on top of the newest one: made in our copy, pushed, never merged by us."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

import msgspec

from umap_bot.dataset.git.command import Result
from umap_bot.dataset.git.remote import ORIGIN, Remote
from umap_bot.dataset.git.tree import Entry
from umap_bot.errors import GitError
from umap_bot.text import Text, say

NAME: Final = "umap-bot"
EMAIL: Final = "umap-bot@localhost"
"""The author of our commits: by it, a branch is known to be ours."""
_AUTHOR: Final = ("-c", f"user.name={NAME}", "-c", f"user.email={EMAIL}")
_NO_HOOKS: Final = "--receive-pack=git -c core.hooksPath=/dev/null receive-pack"
"""For a folder of this machine: no program is run that lies in it."""

_NO_RIGHT: Final = (
    r"returned error: 403|[Pp]ermission.*denied|denied to|Write access|read.only|not have permission"
    r"|Authentication failed|could not read Username|insufficient permission|unable to create temporary"
)
_REFUSALS: Final[tuple[tuple[str, Text, Text], ...]] = (
    (
        r"stale info|fetch first|non-fast-forward|cannot lock ref",
        say("The branch {branch} was changed while it was written.", branch=""),
        say("Run umap-bot propose again."),
    ),
    (
        r"checked out branch|branch is currently checked out",
        say("The branch {branch} is checked out in {url}, so it can't be updated.", branch="", url=""),
        say("Switch to another branch there, and run umap-bot propose again."),
    ),
    (
        r"protected branch|hook declined|GH006|GL-HOOK-ERR|not allowed to (push|create)",
        say("{url} does not accept the branch {branch}: a rule or a hook of it refuses.", branch="", url=""),
        say("Allow branches that begin with umap-bot/ there."),
    ),
    (
        _NO_RIGHT,
        say("umap-bot may not write to {url}, so the branch {branch} was not pushed.", branch="", url=""),
        say("Give DATASET_TOKEN (https) or DATASET_SSH_KEY (ssh) write access to the repository's contents."),
    ),
)
"""What a server says to a push that it refuses, what that means, and the way out."""


class Branch(msgspec.Struct, frozen=True):
    """A branch with a proposal. `became`: it is "new", "updated", or says the "same" already. `said` is what
    the server answered to the push."""

    name: str
    sha: str
    became: Literal["new", "updated", "same"]
    said: str = ""


def tip_of(remote: Remote, branch: str) -> str:
    """Return the commit at the tip of a branch of the remote, "" if there is none. Raise GitError."""
    ref = f"refs/heads/{branch}"
    listing = remote.online("ls-remote", "--quiet", ORIGIN, ref).text
    pairs = (line.split("\t", 1) for line in listing.splitlines() if "\t" in line)
    return next((sha for sha, name in pairs if name == ref), "")


def is_ours(remote: Remote, sha: str) -> bool:
    """Tell whether a commit in our copy is one of ours."""
    return remote.local("log", "-1", "--format=%ae%x00%ce", sha, "--").text.strip() == f"{EMAIL}\0{EMAIL}"


def commit_of(remote: Remote, parent: str, entry: Entry, data: bytes, message: str) -> str:
    """Make a commit on top of `parent` with other content in one file of it, and return its name. The files
    beside it need not be in our copy. Raise GitError."""
    with remote.alone() as folder:
        blob = _stored(remote, folder / "umap-bot-file", data, "hash-object", "-w", "--no-filters", "--")
        remote.local("read-tree", parent)
        remote.local("update-index", "--cacheinfo", f"{entry.mode},{blob},{entry.path}")
        tree = remote.local("write-tree", "--missing-ok").text.strip()
        command = (*_AUTHOR, "commit-tree", tree, "-p", parent, "-F")
        return _stored(remote, folder / "umap-bot-message", message.encode(), *command)


def _stored(remote: Remote, file: Path, data: bytes, *command: str) -> str:
    """Return the name that git gives to what it makes of this content."""
    try:
        file.write_bytes(data)
        return remote.local(*command, str(file)).text.strip()
    finally:
        file.unlink(missing_ok=True)


def push(remote: Remote, sha: str, branch: str, tip: str) -> str:
    """Push a commit as the branch, if its tip is still this one ("": there is none). Return what the server
    said. Raise GitError."""
    ref = f"refs/heads/{branch}"
    options = [f"--force-with-lease={ref}:{tip}", *([_NO_HOOKS] if remote.is_folder else [])]
    result = remote.push(*options, ORIGIN, f"{sha}:{ref}")
    if result.code:
        raise _refusal(remote, result, branch)
    return result.stderr


def _refusal(remote: Remote, result: Result, branch: str) -> GitError:
    for pattern, meaning, way_out in _REFUSALS:
        if re.search(pattern, result.stderr):
            values = {name: {"branch": branch, "url": remote.url}[name] for name in meaning.values}
            return GitError(say(meaning.template, **values), way_out=way_out)
    return remote.refusal(result)


def not_ours(branch: str, url: str) -> GitError:
    """Return the error for a branch on which somebody else has worked."""
    return GitError(
        say(
            "Somebody else has committed to the branch {branch} of {url}, so it is not changed.",
            branch=branch,
            url=url,
        ),
        way_out=say("Merge the branch or delete it, then run umap-bot propose again."),
    )
