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
        say("The repository {url} sends more data than allowed (git: {said}).", **_BLANKS),
        say("Set DATASET_REPO to a server that supports partial clones, or to a smaller repository."),
    ),
    (
        r"bad (numeric )?config |unable to access '/|reading the configuration|maximum include depth",
        say("git can't read its configuration, so {url} can't be reached (git: {said}).", **_BLANKS),
        say(
            "Correct the configuration file that git names: your own (~/.gitconfig), the "
            "system's or the repository's."
        ),
    ),
    (
        r"dubious ownership",
        say("The repository {url} belongs to another user of this machine (git: {said}).", **_BLANKS),
        say("Run umap-bot as that user, or allow access: git config --global --add safe.directory PATH"),
    ),
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        say(
            "The ssh host key of {url} has changed (git: {said}).",
            **_BLANKS,
        ),
        say(
            "Ask the host's administrators whether the key was replaced. Only if it was, remove "
            "the old one: ssh-keygen -R HOST"
        ),
    ),
    (
        r"UNPROTECTED PRIVATE KEY FILE",
        say("Other users can read the ssh key for {url}, so ssh does not use it (git: {said}).", **_BLANKS),
        say("Restrict access to the key: chmod 600 KEY"),
    ),
    (
        r"Host key verification failed",
        say("The ssh host key of {url} is unknown (git: {said}).", **_BLANKS),
        say("Verify the key (ssh-keyscan HOST shows it), then add it to ~/.ssh/known_hosts."),
    ),
    (
        r"SSL certificate|certificate verif|self.signed certificate|SSL CA cert",
        say("The certificate of {url} is not trusted (git: {said}).", **_BLANKS),
        say(
            "If you use your own certificate authority, set GIT_SSL_CAINFO to its file; "
            "otherwise have the server's certificate fixed."
        ),
    ),
    (
        r"returned error: 30\d|redirect",
        say("The repository {url} has moved (git: {said}).", **_BLANKS),
        say("Open the old address in a browser, and set DATASET_REPO to the address that it leads to."),
    ),
    (
        _DAMAGED,
        say(
            "The repository {url} is damaged: some objects are missing or unreadable (git: {said}).",
            **_BLANKS,
        ),
        say("Run git fsck where the repository is stored, and restore it from a clone or a backup."),
    ),
    (
        _LOGIN,
        say(
            "The repository {url} requires a login, or the one given has no read access (git: {said}).",
            **_BLANKS,
        ),
        say(
            "Check DATASET_REPO, then set a DATASET_TOKEN (https) or DATASET_SSH_KEY (ssh) that "
            "has read access."
        ),
    ),
    (
        _MISSING,
        say(
            "The repository {url} does not exist or requires a login (git: {said}).",
            **_BLANKS,
        ),
        say("Check DATASET_REPO; a private repository needs DATASET_TOKEN or DATASET_SSH_KEY."),
    ),
    (
        r"transport '.*' not allowed",
        say(
            "The repository {url} uses a protocol that is not allowed (git: {said}).",
            **_BLANKS,
        ),
        say("Use an https or ssh address in DATASET_REPO."),
    ),
    (
        r"fsck error|fsckObjects",
        say("The repository {url} contains objects that git rejects as malformed (git: {said}).", **_BLANKS),
        say("Run git fsck in the repository, or move the file to a repository whose history git accepts."),
    ),
    (
        r"No space left",
        say("The repository {url} can't be stored: the disk is full (git: {said}).", **_BLANKS),
        say("Free up space in the cache folder."),
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
        way_out=say("Check DATASET_REPO, and try git ls-remote with the same address."),
    )


def push_refused(url: str, result: Result) -> GitError | None:
    """Return the error for a push that the repository does not take; None if something else went wrong."""
    refusal = re.search(r"\[remote rejected\] (.+)|\[rejected\] (.+)", result.text)
    if not refusal and not re.search(f"{_LOGIN}|denied|protected", result.stderr):
        return None
    said = (
        words_of_server((refusal[1] or refusal[2]).strip().strip("()")) if refusal else _said(result.stderr)
    )
    return GitError(
        say("The repository {url} does not accept new data (git: {said}).", url=url, said=said),
        way_out=say(
            "Set a DATASET_TOKEN (https) or DATASET_SSH_KEY (ssh) that has write access; if the branch "
            "is protected, set DATASET_REF to another one."
        ),
    )


def _said(stderr: str) -> str:
    """Return git's most telling line, fit for a line of ours: the server wrote some of it."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "ssh:", "remote:", "ERROR:"))]
    line = next((line for line in telling if line.startswith("fatal:")), (telling or lines or ["no word"])[0])
    return words_of_server(line.removeprefix("fatal: "))
