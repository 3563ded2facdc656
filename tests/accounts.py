"""Accounts on a sandbox: made, and logged in."""

from __future__ import annotations

import atexit
import json
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import requests

from umap_bot.errors import SandboxError
from umap_bot.sandbox import browser
from umap_bot.sandbox.browser import Verify
from umap_bot.sandbox.server import Sandbox
from umap_bot.text import say

_CONSOLE = """
import json, sys
answers, sys.stdout = sys.stdout, sys.stderr  # uMap greets
import django
django.setup()
from django.contrib.auth import get_user_model
from django.db import Error
from umap.models import Team
people = get_user_model().objects

def create(name, password):
    people.create_user(name, password=password)

def team(name, members):
    made = Team.objects.create(name=name)
    made.users.set(people.filter(username__in=members))
    return made.id

def change(name, password, active):
    user = people.get(username=name)
    user.is_active = active
    if password is not None:
        user.set_password(password)
    user.save()

for line in sys.stdin:
    act, *arguments = json.loads(line)
    try:
        answer = [globals()[act](*arguments), ""]
    except Error as error:
        answer = [None, str(error)]
    print(json.dumps(answer), file=answers, flush=True)
"""
_consoles: dict[Path, subprocess.Popen[str]] = {}
"""By the folder of a sandbox. A Django takes a second to start, and an act then a few milliseconds."""


def _act(sandbox: Sandbox, act: str, *arguments: object) -> object:
    instance = sandbox.instance
    if instance.folder not in _consoles:
        _consoles[instance.folder] = console = subprocess.Popen(
            [instance.python, "-c", _CONSOLE],
            cwd=instance.folder,
            env=instance.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(console.communicate)  # at the end of what it is told, it ends
    console = _consoles[instance.folder]
    if not console.stdin or not console.stdout:
        raise AssertionError(console)
    console.stdin.write(json.dumps([act, *arguments]) + "\n")
    console.stdin.flush()
    answer, error = json.loads(console.stdout.readline())
    if error:
        raise SandboxError(say("uMap refused {url}: {words}", url=sandbox.url, words=error))
    return answer


def new_user(sandbox: Sandbox, name: str, password: str) -> None:
    """Make an account. Raise SandboxError if the name is taken."""
    _act(sandbox, "create", name, password)


def new_team(sandbox: Sandbox, name: str, *members: str) -> int:
    """Make a team of accounts, and return its id."""
    return int(str(_act(sandbox, "team", name, members)))


def change_user(sandbox: Sandbox, name: str, *, password: str | None = None, active: bool = True) -> None:
    """Set another password of an account (None keeps it), or close it."""
    _act(sandbox, "change", name, password, active)


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
