"""Where people ask for a branch to be merged: the address of the form, by the address of the repository."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

_SCP: Final = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>[^/].*)")
_HINT: Final = re.compile(r"^remote:\s+(https?://\S+)\s*$", re.MULTILINE)
_GITLAB: Final = ("framagit.org", "git.adullact.net", "forge.apps.education.fr", "salsa.debian.org")
_GITEA: Final = ("codeberg.org", "gitea.com", "git.framasoft.org")


def request_form(url: str, branch: str, into: str, said: str = "") -> str:
    """Return the address of the form for a pull or merge request; "" if the forge is not known.

    `into` is the branch that is followed. `said` is what the server answered to the push: some write the
    address there, which is taken if it is on the repository's host.
    """
    host, path = _place(url)
    if not host or not path:
        return ""
    from_, to = quote(branch), quote(into)
    if host == "github.com":
        return f"https://{host}/{path}/compare/{to}...{from_}?expand=1"
    if host in _GITLAB or "gitlab" in host:
        source, target = quote(branch, safe=""), quote(into, safe="")
        asked = f"merge_request[source_branch]={source}&merge_request[target_branch]={target}"
        return f"https://{host}/{path}/-/merge_requests/new?{quote(asked, safe='=&%')}"
    if host in _GITEA or "gitea" in host or "forgejo" in host:
        return f"https://{host}/{path}/compare/{to}...{from_}"
    return next((hint for hint in _HINT.findall(said) if urlsplit(hint).hostname == host), "")


def _place(url: str) -> tuple[str, str]:
    """Return the host and the path of a repository, both "" for a folder of this machine."""
    if "://" in url:
        parts = urlsplit(url)
        host, path = (
            (parts.hostname or "", parts.path) if parts.scheme in ("http", "https", "ssh") else ("", "")
        )
    elif found := _SCP.fullmatch(url):
        host, path = found["host"], found["path"]
    else:
        return "", ""
    return host.lower(), path.strip("/").removesuffix(".git")
