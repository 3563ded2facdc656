"""What git's error output means: each kind its own sentence, with the way out."""

from __future__ import annotations

import re
from typing import Final

from umap_bot.dataset.git.command import Result
from umap_bot.errors import GitError
from umap_bot.redaction import words_of_server
from umap_bot.text import Text, say

_MUCH: Final = r"signal 25|File too large|file size limit"
_LOGIN: Final = (
    r"Authentication failed|could not read (Username|Password)|Permission denied|Access denied"
    r"|returned error: 40[13]|Invalid (username|credentials)|HTTP Basic"
)
_MISSING: Final = (
    r"returned error: 404|[Rr]epository .*not found|not appear to be a git repository|does not exist"
    r"|not a git repository"
)
_AWAY: Final = (
    r"Could not resolve|Failed to connect|Couldn't connect|Connection (refused|timed out|reset)|timed out"
    r"|Operation too slow|No route|unreachable|returned error: (429|5\d\d)|early EOF|hung up"
    r"|bad pack header|eof before pack header|still expected|(end|flush) packet"
)
_DAMAGED: Final = (
    r"repository corruption on the remote side|loose object \S+ .*is corrupt|upload-pack: not our ref"
    r"|did not receive expected object|has bad object at offset"
)
"""What git says of objects that the other side should have: our own copy's are mended before."""
_BLANKS: Final = {"url": "", "said": ""}
"""Stand for the repository's URL and for what git said, until `git_error` knows them."""
_KINDS: Final[tuple[tuple[str, Text, Text], ...]] = (
    (
        _MUCH,
        say("The repository {url} sends more than is allowed (git: {said}).", **_BLANKS),
        say("Set DATASET_REPO to a server that can send parts (partial clone), or to a smaller repository."),
    ),
    (
        r"bad (numeric )?config |unable to access '/|reading the configuration|maximum include depth",
        say("git's own configuration can't be read, so {url} can't be asked (git: {said}).", **_BLANKS),
        say("Correct the file that git names: yours (~/.gitconfig), the machine's, or the repository's."),
    ),
    (
        r"dubious ownership",
        say("The repository {url} belongs to another user of this machine (git: {said}).", **_BLANKS),
        say("Run umap-bot as that user, or allow it: git config --global --add safe.directory PATH."),
    ),
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        say(
            "The repository {url} is on a host whose ssh key is not the one that was known (git: {said}).",
            **_BLANKS,
        ),
        say(
            "Ask whoever runs the host whether its key is a new one; only then replace it in "
            "~/.ssh/known_hosts (ssh-keygen -R HOST)."
        ),
    ),
    (
        r"UNPROTECTED PRIVATE KEY FILE",
        say("The ssh key for {url} can be read by others, so ssh does not use it (git: {said}).", **_BLANKS),
        say("Make it yours only: chmod 600 KEY."),
    ),
    (
        r"Host key verification failed",
        say("The repository {url} is on a host whose ssh key is not known (git: {said}).", **_BLANKS),
        say("Check the key, then add it to ~/.ssh/known_hosts (ssh-keyscan HOST)."),
    ),
    (
        r"SSL certificate|certificate verif|self.signed certificate|SSL CA cert",
        say("The repository {url} has a certificate that is not trusted (git: {said}).", **_BLANKS),
        say("Name the file of your own authority by GIT_SSL_CAINFO, or mend the server."),
    ),
    (
        r"returned error: 30\d|redirect",
        say("The repository {url} has moved (git: {said}).", **_BLANKS),
        say("Write the new address (the one a browser ends up at) into DATASET_REPO."),
    ),
    (
        _DAMAGED,
        say(
            "The repository {url} is damaged: it lacks objects, or some can't be read (git: {said}).",
            **_BLANKS,
        ),
        say("Look where it lies with git fsck, and restore it from a clone or a backup."),
    ),
    (
        _LOGIN,
        say(
            "The repository {url} wants a login, or the one it got may not read it (git: {said}).", **_BLANKS
        ),
        say("Check DATASET_REPO, then give a DATASET_TOKEN (https) or DATASET_SSH_KEY (ssh) that may."),
    ),
    (
        _MISSING,
        say(
            "The repository {url} does not exist, or may not be seen without a login (git: {said}).",
            **_BLANKS,
        ),
        say("Check DATASET_REPO; a private repository needs DATASET_TOKEN or DATASET_SSH_KEY."),
    ),
    (
        r"transport '.*' not allowed",
        say(
            "The repository {url} would be reached over a protocol that is not allowed (git: {said}).",
            **_BLANKS,
        ),
        say("Use https or ssh."),
    ),
    (
        r"fsck error|fsckObjects",
        say("The repository {url} holds objects that no git of today would write (git: {said}).", **_BLANKS),
        say("Look with git fsck, and have the file in a repository whose history git accepts."),
    ),
    (
        r"No space left",
        say("The repository {url} can't be stored: the disk is full (git: {said}).", **_BLANKS),
        say("Make room in the cache folder."),
    ),
    (
        _AWAY,
        say("The repository {url} can't be reached (git: {said}).", **_BLANKS),
        say("Try again later; check DATASET_REPO, the network and the proxy."),
    ),
)
"""What git complains of, what that means of the repository, and the way out."""


def is_too_much(result: Result) -> bool:
    """Tell whether git ended because a file that it wrote grew beyond the limit."""
    return result.overflow or re.search(_MUCH, result.stderr) is not None


def finds_none(result: Result) -> bool:
    """Tell whether git found no repository at the address, or a file."""
    return re.search(f"{_MISSING}|invalid gitfile format", result.stderr) is not None


def git_error(url: str, result: Result) -> GitError:
    """Return the error for a failed git: what it means, git's own words, the way out."""
    said = _said(result.stderr)
    if result.overflow:
        said = f"file size limit; {said}"
    for pattern, meaning, way_out in _KINDS:
        if re.search(pattern, result.stderr) or re.search(pattern, said):
            return GitError(say(meaning.template, url=url, said=said), way_out=way_out)
    return GitError(
        say("The repository {url} can't be read (git: {said}).", url=url, said=said),
        way_out=say("Try: git ls-remote with the same address; check DATASET_REPO."),
    )


def _said(stderr: str) -> str:
    """Return git's most telling line, fit for a line of ours: the server wrote some of it."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "ssh:", "remote:", "ERROR:"))]
    line = next((line for line in telling if line.startswith("fatal:")), (telling or lines or ["no word"])[0])
    return words_of_server(line.removeprefix("fatal: "))
