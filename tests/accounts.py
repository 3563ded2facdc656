"""Accounts on a sandbox: made, and logged in."""

from __future__ import annotations

from urllib.parse import urljoin

import requests

from umap_bot.errors import SandboxError
from umap_bot.sandbox import browser
from umap_bot.sandbox.browser import Verify
from umap_bot.sandbox.server import Sandbox
from umap_bot.text import say

_CREATE = (
    "import os; from django.contrib.auth import get_user_model as model; "
    "model().objects.create_user(os.environ['NEW_USER'], password=os.environ['NEW_PASSWORD'])"
)

_TEAM = (
    "import os, pathlib; from umap.models import Team; "
    "from django.contrib.auth import get_user_model as model; "
    "team = Team.objects.create(name=os.environ['NEW_TEAM']); "
    "team.users.set(model().objects.filter(username__in=os.environ['MEMBERS'].split())); "
    "pathlib.Path(os.environ['ANSWER']).write_text(str(team.id))"
)
_CHANGE = (
    "import os; from django.contrib.auth import get_user_model as model; "
    "user = model().objects.get(username=os.environ['USER_NAME']); "
    "user.is_active = bool(os.environ['ACTIVE']); "
    "word = os.environ['NEW_PASSWORD']; word and user.set_password(word); user.save()"
)


def new_user(sandbox: Sandbox, name: str, password: str) -> None:
    """Make an account (one second). Raise SandboxError if the name is taken."""
    sandbox.instance.run(
        say("Making the account '{name}'", name=name),
        *("-m", "django", "shell", "-v0", "-c", _CREATE),
        NEW_USER=name,
        NEW_PASSWORD=password,
    )


def new_team(sandbox: Sandbox, name: str, *members: str) -> int:
    """Make a team of accounts (one second), and return its id."""
    answer = sandbox.instance.folder / "team"
    sandbox.instance.run(
        say("Making the team '{name}'", name=name),
        *("-m", "django", "shell", "-v0", "-c", _TEAM),
        NEW_TEAM=name,
        MEMBERS=" ".join(members),
        ANSWER=str(answer),
    )
    return int(answer.read_text("utf-8"))


def change_user(sandbox: Sandbox, name: str, *, password: str | None = None, active: bool = True) -> None:
    """Give an account another password (None keeps it), or close it (one second)."""
    sandbox.instance.run(
        say("Changing the account '{name}'", name=name),
        *("-m", "django", "shell", "-v0", "-c", _CHANGE),
        USER_NAME=name,
        NEW_PASSWORD=password or "",
        ACTIVE="yes" if active else "",
    )


def log_out(session: requests.Session, url: str) -> None:
    """End a session, as the button in the browser does."""
    session.get(urljoin(url, "/en/logout/"), timeout=browser.TIMEOUT)


def log_in(url: str, name: str, password: str, verify: Verify = True) -> requests.Session:
    """Return a session of an account, for `new_map`. Raise SandboxError if uMap does not let it in."""
    session = browser.open_session(url, verify)
    browser.post(session, urljoin(url, "/en/login/"), {"username": name, "password": password})
    if "sessionid" not in session.cookies:
        session.close()
        raise SandboxError(say("uMap does not let '{name}' in.", name=name))
    return session
