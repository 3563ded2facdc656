"""A job of the template's workflow, carried out step by step as a runner would, on a clone of its own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.deploy.github import REPOSITORY, TOKEN, GitHub
from tests.deploy.repository import WORKFLOW, Done, beside, run

_STEP: Final = re.compile(r"^      - ", re.MULTILINE)
_RUN: Final = re.compile(r"^ *run: (.+)$", re.MULTILINE)
_INSTALL: Final = "install.sh"
"""Not carried out: it fetches the program from where it is published. Here its commands are on the path."""

_PAGES: Final = "steps.pages.outputs.publish == 'yes'"
_SYNC_ALONE: Final = "(inputs.what || 'sync') == 'sync'"
_AFTER_AN_EDIT: Final = "github.event_name == 'issues'"
_ANSWERED: Final = "steps.ticked.outputs.answers == 'yes'"
_HAS_RUN: Final = "steps.run.outcome != 'skipped'"
"""Conditions of steps. `always()` is in force here; the others hold in these tests, or their step says so."""


@dataclass
class Job:
    """`said` is what each step said, by its script's name and first word."""

    name: str
    duplicate: Path
    github: GitHub
    secrets: dict[str, str]
    said: dict[str, Done] = field(default_factory=dict)

    def carry_out(
        self,
        *,
        what: str = "sync",
        code: str = "",
        run_number: str = "latest",
        pull_request: int = 0,
        edited: dict[str, Any] | None = None,
    ) -> Job:
        """Every step in its order; those after one that failed too, as `always()` has it. `edited` is the
        event of an issue's edit that starts the job."""
        environment = self._environment(what, code, pull_request) | {"RUN": run_number}
        self._file("event.json").write_text(json.dumps(edited), "utf-8")
        for step, typed in _steps(self.name):
            if not self._is_skipped(step, what, edited=edited is not None):
                done = run(("bash", "-e", "-c", typed), self.duplicate, environment, check=False)
                self.said[_name(typed)] = done
        return self

    def _is_skipped(self, step: str, what: str, *, edited: bool) -> bool:
        answered = "answers=yes" in self.output
        return (
            _INSTALL in step
            or (_PAGES in step and not self.github.pages)
            or (_SYNC_ALONE in step and what != "sync")
            or (_AFTER_AN_EDIT in step and not edited)
            or (_ANSWERED in step and not answered and (edited or "event_name" not in step))
            or (_HAS_RUN in step and "run.sh what" not in self.said)
        )

    @property
    def output(self) -> str:
        file = self._file("output")
        return file.read_text("utf-8") if file.exists() else ""

    @property
    def codes(self) -> dict[str, int]:
        return {name: done.returncode for name, done in self.said.items()}

    @property
    def summary(self) -> str:
        return self._file("summary.md").read_text("utf-8")

    @property
    def words(self) -> str:
        return "".join(done.stdout + done.stderr for done in self.said.values())

    def _file(self, name: str) -> Path:
        return beside(self.duplicate) / name

    def _environment(self, what: str, code: str, pull_request: int) -> dict[str, str]:
        self._file("").mkdir(exist_ok=True)
        return {
            "CODE": code,
            "WHAT": what,
            "PULL_REQUEST": str(pull_request),
            "LAYER": "",
            "PROGRAM": "https://git.example.org/umap-bot",
            "PROGRAM_COMMIT": "1" * 40,
            "BOT_FOLDER": str(self._file("")),
            "STATE_URL": f"sqlite:///{self._file('state')}/state.db",
            "XDG_CACHE_HOME": str(self._file("cache")),
            "REPORT_PROJECT_URL": f"https://github.example.org/{REPOSITORY}",
            "REPORT_SITE_URL": "",
            "NOTIFY_URLS": "",
            "NOTIFY_PING_URL": "",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.example.org",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "77",
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_STEP_SUMMARY": str(self._file("summary.md")),
            "GITHUB_OUTPUT": str(self._file("output")),
            "GITHUB_EVENT_PATH": str(self._file("event.json")),
            **self.secrets,
        }


def _steps(job: str) -> list[tuple[str, str]]:
    """Return a job's steps in their order, each with what it runs."""
    whole = WORKFLOW.read_text("utf-8").partition(f"\n  {job}:\n")[2]
    own = re.split(r"^  \w+:$", whole, maxsplit=1, flags=re.MULTILINE)[0]
    return [
        (step, found[1]) for step in _STEP.split(own.partition("steps:")[2]) if (found := _RUN.search(step))
    ]


def _name(typed: str) -> str:
    """`state.sh load`, `tell.py summary`, `umap-bot report`."""
    words = [word for word in typed.split() if word != "python3"]
    return f"{Path(words[0]).name} {words[1]}".replace('"$WHAT"', "what")
