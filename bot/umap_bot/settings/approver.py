"""Who gives an approval: what is said, else what forge or system know of whoever runs the command."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from typing import Final

from umap_bot.errors import UsageError
from umap_bot.text import say

ACTORS: Final = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "SUDO_USER")
"""Variables that name a person: of GitHub, Gitea and Forgejo; of GitLab; of sudo, whose user is another."""

LONGEST: Final = 100
"""Characters of a name."""


def approver(said: str = "", environment: Mapping[str, str] = os.environ) -> str:
    """Return the name of who approves; "" if nobody knows. Raise UsageError for what can be no name."""
    named = {"--by": said, **{name: environment.get(name, "") for name in ACTORS}}
    for source, name in named.items():
        if name.strip():
            return _checked(name.strip(), source)
    return _checked(_user(), "USER")


def _user() -> str:
    try:
        return getpass.getuser().strip()
    except (
        OSError,
        KeyError,
        ImportError,
    ):  # a container's user without a name; which of them differs by version
        return ""


def _checked(name: str, source: str) -> str:
    """A name goes into the log, onto pages and into messages."""
    if len(name) > LONGEST or not name.isprintable():
        raise UsageError(
            say(
                "{source}: a name can have at most {count} characters, and no control characters.",
                source=source,
                count=LONGEST,
            ),
            way_out=say("Say who approves: --by NAME"),
        )
    return name
