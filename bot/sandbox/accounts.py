"""Accounts on a sandbox: made, and logged in."""

from __future__ import annotations

from urllib.parse import urljoin

import requests

from bot.errors import SandboxError
from bot.sandbox import browser
from bot.sandbox.browser import Verify
from bot.sandbox.server import Sandbox
from bot.text import say

_CREATE = (
    "import os; from django.contrib.auth import get_user_model as model; "
    "model().objects.create_user(os.environ['NEW_USER'], password=os.environ['NEW_PASSWORD'])"
)


def new_user(sandbox: Sandbox, name: str, password: str) -> None:
    """Make an account (one second). Raises SandboxError if the name is taken."""
    sandbox.place.run(
        say("Making the account '{name}'", name=name),
        *("-m", "django", "shell", "-v0", "-c", _CREATE),
        NEW_USER=name,
        NEW_PASSWORD=password,
    )


def log_in(url: str, name: str, password: str, verify: Verify = True) -> requests.Session:
    """A session of the account NAME, for `new_map`. Raises SandboxError if uMap does not let it in."""
    session = browser.open_session(url, verify)
    browser.post(session, urljoin(url, "/en/login/"), {"username": name, "password": password})
    if "sessionid" not in session.cookies:
        session.close()
        raise SandboxError(say("uMap does not let '{name}' in.", name=name))
    return session
