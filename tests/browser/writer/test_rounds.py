"""Rounds of a person's edits around a bot's syncs, at random: nobody's saved edit vanishes silently.

BROWSER_ROUNDS is how many, BROWSER_SEED which. What was seen is printed (`-s`).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from tests.browser.writer.account import WHOLE, Account
from tests.browser.writer.conftest import KEYS, MOMENTS, Stage
from tests.browser.writer.editor import Editor, Saved
from umap_bot.model.layer import GEOMETRY

ROUNDS = int(os.environ.get("BROWSER_ROUNDS", "20"))
SEED = int(os.environ.get("BROWSER_SEED", "484645"))


class Person:
    """Somebody who edits at random, and tells the account."""

    def __init__(self, editor: Editor, account: Account, random: Random) -> None:
        self.editor = editor
        self.account = account
        self.random = random
        self.count = 0
        self.said: list[str] = []

    def edit(self) -> str:
        """Do one edit, of one of the features that the page shows. Return what it was."""
        acts: dict[str, Callable[[str], None]] = {
            "a name": lambda key: self._fill(key, "name"),
            "a state": lambda key: self._fill(key, "state"),
            "a note": lambda key: self._fill(key, "note"),
            "a drag": self._drag,
            "a new marker": lambda _: self._draw(),
            "a deletion": self._delete,
            "the style": lambda _: self.editor.restyle(),
        }
        what = self.random.choice(list(acts))
        self.count += 1
        acts[what](self.random.choice(self.editor.keys))
        return what

    def save(self) -> None:
        """Save; a conflict is answered by one of the dialog's two buttons."""
        saved = self.editor.save()
        self._told(saved)
        if saved.refused:
            choice = self.random.choice(("yours", "theirs"))
            self.said.append(choice)
            forced = self.editor.choose("yours" if choice == "yours" else "theirs")
            if forced is None:
                self.account.discard()
            else:
                self.account.forced = True
                self._told(forced)

    def reload(self) -> None:
        self.editor.reload()
        self.account.discard()

    def _told(self, saved: Saved) -> None:
        self.said.append(str(saved))
        self.account.confirm(saved)

    def _fill(self, key: str, cell: str) -> None:
        value = f"{cell} by hand {self.count}"
        self.editor.edit(key, **{cell: value})
        self.account.edit(key, cell, value)

    def _drag(self, key: str) -> None:
        place = self.editor.drag(key, 0, self.random.choice((-60, 60)))
        self.account.edit(key, GEOMETRY, [*place])

    def _draw(self) -> None:
        name = f"Own {self.count}"
        self.editor.draw(name, (100 + 20 * self.count, 700))
        self.account.draw(name)

    def _delete(self, key: str) -> None:
        self.editor.delete(key)
        self.account.edit(key, WHOLE, None)


def test_rounds_of_edits(stage: Stage, editor: Editor, capsys: pytest.CaptureFixture[str]) -> None:
    random = Random(SEED)  # noqa: S311  which edits, no secret
    account = Account()
    person = Person(editor, account, random)
    seen: Counter[str] = Counter()
    for number in range(1, ROUNDS + 1):
        before = len(stage.runs)
        moment = random.choice(MOMENTS)
        stage.commit(random.choice(KEYS), state=f"state {number}")
        what = person.edit()
        assert editor.dirty, what
        stage.sync_while(moment, person.save)
        for _ in range(2):
            stage.sync()
        answers, person.said = person.said, []
        runs = stage.runs[before:]
        account.balance(stage, runs)
        logged = sum(len(run.drift) for run in runs)
        seen.update(answers)
        with capsys.disabled():
            print(f"\n{number}: {what}, {moment}: {', '.join(answers)}; {logged} in the log", end="")  # noqa: T201
        if random.random() < 0.4:
            person.reload()
    with capsys.disabled():
        print(f"\n{ROUNDS} rounds: {dict(seen)}")  # noqa: T201
    assert seen["stored"] or seen["merged"]
