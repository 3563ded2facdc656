"""Which commit a ref means: branches before tags, tags as the commit that they name."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from umap_bot.dataset.git.folder import first_commit
from umap_bot.errors import GitError, SettingsError, UsageError
from umap_bot.text import joined, say

FULL_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""A commit's whole name: SHA-1, or SHA-256 in a repository that names its objects so."""
_SHORT_SHA: Final = re.compile(r"[0-9a-f]{4,40}|[0-9a-f]{64}")
_BAD: Final = re.compile(r"^-|[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{|^$|/$|\.lock$")
"""git-check-ref-format(1), as far as it matters here."""
_LISTED: Final = 8


def names_of(sha: str) -> str:
    """Return by what git names objects in the repository of this commit's whole name."""
    return "sha256" if len(sha) > 40 else "sha1"  # noqa: PLR2004  hexadecimal digits of SHA-1


def check_ref(ref: str) -> str:
    """Return the ref as it is: "" (the remote's HEAD), a branch, a tag, or a commit. Raise SettingsError."""
    if ref and _BAD.search(ref):
        raise SettingsError(
            say("DATASET_REF is not a valid branch or tag name."),
            way_out=say("To use the default branch, remove DATASET_REF."),
        )
    return ref


def patterns(ref: str) -> tuple[str, ...]:
    """Return what to ask `git ls-remote` for, best first."""
    if not ref:
        return ("HEAD",)
    if ref.startswith("refs/"):
        return (f"{ref}^{{}}", ref)
    return (f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}")


def parse(listing: str) -> dict[str, str]:
    """Return name → sha of what `git ls-remote` answered."""
    pairs = (line.split("\t", 1) for line in listing.splitlines() if "\t" in line)
    return {name: sha for sha, name in pairs if FULL_SHA.fullmatch(sha)}


def no_such_ref(url: str, ref: str, listing: dict[str, str], folder: Path | None) -> GitError:
    """Return the error for a ref that the remote does not have; `listing` is all that it has.

    `folder` is where its files lie, if that is on this machine.
    """
    names = [
        name.split("/", 2)[2]
        for name in listing
        if name.startswith(("refs/heads/", "refs/tags/")) and name[-1] != "}"
    ]
    if not names:
        return GitError(
            say("The repository {url} is empty: it has no commit yet.", url=url),
            way_out=first_commit(folder) if folder else say("Commit and push the file."),
        )
    near = get_close_matches(ref, names, n=_LISTED)
    some = list(dict.fromkeys([*near, *names]))[:_LISTED]
    plain = tuple(map(_plain, some))
    way_out = (
        say("Set DATASET_REF to one of: {names:, }, ….", names=plain)
        if len(names) > len(some)
        else say("Set DATASET_REF to one of: {names:, }.", names=plain)
    )
    if not ref:
        return GitError(say("The repository {url} has no default branch.", url=url), way_out=way_out)
    message = say('The repository {url} has no branch or tag "{ref}".', url=url, ref=ref)
    if re.fullmatch(r"[0-9a-f]{7,39}", ref):
        message = joined((message, say("To name a commit, write all 40 characters.")))
    return GitError(message, way_out=way_out)


def short_sha(name: str) -> str:
    """Return the name of a commit as git writes it, whole or its beginning. Raise UsageError."""
    if not _SHORT_SHA.fullmatch(name.strip().lower()):
        raise UsageError(
            say('"{commit}" is not a valid commit.', commit=_plain(name[:40])),
            way_out=say(
                "Write at least the first 7 characters of the commit. To list them: git log, or umap-bot log"
            ),
        )
    return name.strip().lower()


def no_such_commit(url: str, name: str) -> GitError:
    """Return the error for the beginning of a commit's name that no commit has, or more than one."""
    return GitError(
        say(
            "The repository {url} has no commit {commit}, or several that begin with it.",
            url=url,
            commit=name,
        ),
        way_out=say("Write more characters of the commit. To see all 40: git log"),
    )


def no_commit(url: str, ref: str) -> GitError:
    """Return the error for a tag (or a name of 40 characters) that names a file or a folder."""
    return GitError(
        say('In the repository {url}, "{ref}" is a file or a folder, not a commit.', url=url, ref=ref),
        way_out=say("Set DATASET_REF to a branch, or to a tag that points to a commit."),
    )


def _plain(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)
