"""Edits that people made on the map, proposed for the file: a branch of its repository, one commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from umap_bot.dataset.decode import decode
from umap_bot.dataset.editing.correction import SaidError, correction
from umap_bot.dataset.editing.inbox import Received
from umap_bot.dataset.editing.proposal import Proposed, propose
from umap_bot.dataset.git.forge import request_form
from umap_bot.dataset.git.proposing import Branch
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.keys import slug
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import BotError, UsageError
from umap_bot.model.canon import canonical, digest
from umap_bot.model.decision import Decision
from umap_bot.model.hidden import Hidden
from umap_bot.model.layer import Commit
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Plan
from umap_bot.model.proposal import Edit
from umap_bot.model.run import Run
from umap_bot.ports import Clock, Journal
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.proposals import edits_of
from umap_bot.report.formats.terminal import one_line
from umap_bot.report.language import Language
from umap_bot.report.story.proposals import commit_message, proposed
from umap_bot.run.attempt import preview_of
from umap_bot.run.job import Work
from umap_bot.run.passes import Ended
from umap_bot.text import Text, say

_CALL: Final = re.compile(r"([#@!]|\bGH-)(?=\w)")
"""What a forge takes for a person, a team, an issue or a request."""


class Draft(msgspec.Struct, frozen=True):
    """What would be proposed of a layer, on top of which commit, and what a sync would do otherwise."""

    plan: Plan
    head: Commit
    proposed: Proposed


def branch_of(layer: str, map_id: str, others: Collection[str] = (), kind: str = "edits") -> str:
    """Return the name of a layer's branch. `others` are the names of other layers of the same repository."""
    name = slug(layer, fallback=f"map-{map_id}")
    shared = name in {slug(other, fallback="") for other in others}
    return f"umap-bot/{kind}-{name}{f'-{map_id}' if shared else ''}"


def draft(
    work: Work,
    repository: Repository,
    recipe: Recipe,
    journal: Journal,
    clock: Clock,
    taken: Collection[str] = (),
    wanted: Callable[[Edit], bool] = lambda _: True,
) -> Draft:
    """Look at the map and at the newest file; nothing is written. `taken` are ids that no new row may get,
    `wanted` tells which edits are to be proposed.

    Raise as a preview does, and DatasetError for a file that can't be read.
    """
    state = journal.load(work.job.layer, clock)
    head = work.dataset.head()
    commit, desired = work.dataset.read(head, state.base)
    outcome = preview_of(Sync(commit, desired, work.job.policy), work.job, work.layer, state, clock)
    edits = tuple(filter(wanted, edits_of(outcome, state.decisions)))
    if not edits:
        return Draft(outcome.plan, commit, Proposed(None, (), ()))
    _, data = repository.read(head.sha, recipe.path)
    return Draft(outcome.plan, commit, propose(data, recipe, edits, taken))


def corrected(
    work: Work, repository: Repository, recipe: Recipe, key: str, pair: str, seen: str = ""
) -> tuple[Commit, Proposed]:
    """Return the newest commit, and its file with one cell that somebody corrects (`correction`). The map is
    not asked. Raise GitError, DatasetError, UsageError."""
    commit, layer = work.dataset.read(work.dataset.head())
    edit = correction(layer, key, pair, seen)
    _, data = repository.read(commit.sha, recipe.path)
    return commit, propose(data, recipe, (edit,))


class Inbox(msgspec.Struct, frozen=True):
    """What an inbox comes to: the newest commit, each accepted correction with the file after it, how many
    the file has already, and why others are refused, by the numbers of their rows."""

    head: Commit
    accepted: tuple[tuple[Edit, bytes], ...] = ()
    done: int = 0
    refused: tuple[tuple[int, Text], ...] = ()


def accepted(work: Work, repository: Repository, recipe: Recipe, received: Iterable[Received]) -> Inbox:
    """Return what becomes of the corrections of an inbox, one after the other. Raise GitError,
    DatasetError."""
    head, layer = work.dataset.read(work.dataset.head())
    _, data = repository.read(head.sha, recipe.path)
    found: list[tuple[Edit, bytes]] = []
    refused: list[tuple[int, Text]] = []
    done = 0
    for each in received:
        try:
            proposed = propose(data, recipe, (correction(layer, each.key, each.pair, each.seen),))
        except SaidError:
            done += 1
            continue
        except UsageError as error:
            refused.append((each.row, error.text))
            continue
        if proposed.data is None:
            refused.append((each.row, proposed.why or proposed.left[0].why))
            continue
        data, layer = proposed.data, decode(proposed.data, recipe)
        found.append((proposed.edits[0], data))
    return Inbox(head, tuple(found), done, tuple(refused))


def correction_branch(edit: Edit) -> str:
    """Return the name of the branch of one correction: the same one is proposed once."""
    what = f"{slug(edit.key, fallback='row')}-{slug(edit.column, fallback='cell')}"
    return f"umap-bot/correction-{what}-{digest([edit.key, edit.column, canonical(edit.after)])[:6]}"


class Target(msgspec.Struct, frozen=True):
    """A layer whose edits are proposed after each run, and all that it takes. `branch` names the branch by a
    plan, `taken` are ids that no new row may get."""

    work: Work
    repository: Repository
    recipe: Recipe
    hidden: Hidden
    branch: Callable[[Plan], str]
    taken: Callable[[], Collection[str]]


class Proposer:
    """Proposes people's edits after each pass (SYNC_DRIFT=propose), and finds out what became of branches.

    What goes wrong here fails no run: it is told, and tried again with the next one. `tell` is handed what
    was done, a line each.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        journal: Decisions,
        clock: Clock,
        tongue: Language,
        tell: Callable[[Text], None],
    ) -> None:
        self._targets = {each.work.job.layer: each for each in targets}
        self._journal = journal
        self._clock = clock
        self._tongue = tongue
        self._tell = tell

    def begin(self) -> None: ...

    def end(self, ended: list[Ended], code: int) -> None:  # noqa: ARG002  each run tells for itself
        for layer, run in ended:
            target = self._targets.get(layer)
            if target is None or isinstance(run, BotError) or run.outcome in ("failed", "restless"):
                continue
            try:
                self._after(target, run)
            except BotError as error:
                self._tell(say("The edits made on the map were not proposed: {why}", why=error.text))
                self._journal.take_back(layer, (), self._clock)  # so that the next run looks again

    def _after(self, target: Target, run: Run) -> None:
        layer = target.work.job.layer
        made = [each for each in self._journal.load(layer, self._clock).decisions if each.side == "proposed"]
        gone = {branch for branch in {each.by for each in made} if not target.repository.tip(branch)}
        refused = [replace(each, side="refused") for each in made if each.by in gone]
        if refused:
            self._journal.decide(layer, refused, self._clock)
            self._tell(
                say(
                    "The branch {branch} was deleted without a merge. The next sync asks which side wins.",
                    branch=refused[0].by,
                )
            )
        if run.number:
            self._propose(target)

    def _propose(self, target: Target) -> None:
        """Propose what nobody has refused or decided; a branch that says all of it already stays."""
        layer = target.work.job.layer
        answered = [
            each
            for each in self._journal.load(layer, self._clock).decisions
            if each.side in ("map", "file", "refused")
        ]

        def is_open(edit: Edit) -> bool:
            parts = parts_of(edit.change)
            return not edit.is_asked and not any(each.holds_for(part) for each in answered for part in parts)

        found = draft(
            target.work,
            target.repository,
            target.recipe,
            self._journal,
            self._clock,
            target.taken(),
            is_open,
        )
        if found.proposed.data is None:
            if found.proposed.why:
                self._tell(say("The edits made on the map were not proposed: {why}", why=found.proposed.why))
            return
        message = message_of(found, target.hidden, self._tongue)
        branch = push(found, target.repository, target.recipe, target.branch(found.plan), message)
        if branch.became != "same":
            self._journal.decide(layer, decisions_of(found.proposed.edits, branch.name), self._clock)
            self._tell(proposed(found.proposed.edits, branch.name, form_of(target.repository, branch)))


class Decisions(Journal, Protocol):
    """The state, where it is noted what was proposed and what became of it."""

    def decide(self, layer: str, made: Iterable[Decision], clock: Clock) -> tuple[Decision, ...]: ...
    def take_back(self, layer: str, numbers: Iterable[int], clock: Clock) -> None: ...


def decisions_of(edits: Collection[Edit], branch: str) -> tuple[Decision, ...]:
    """Return the note that these edits are proposed on a branch."""
    return tuple(Decision(side="proposed", change=edit.change, by=branch) for edit in edits)


def push(drafted: Draft, repository: Repository, recipe: Recipe, branch: str, message: str) -> Branch:
    """Write the branch with the commit. Raise GitError; ValueError if there is nothing to write."""
    if drafted.proposed.data is None:
        raise ValueError("nothing to write")
    version = (drafted.proposed.data, message)
    return repository.propose(drafted.head.sha, recipe.path, branch, [version])


def message_of(drafted: Draft, hidden: Hidden, tongue: Language) -> str:
    """Return the message of the commit, in the language of the reports."""
    context = drafted.plan.context
    return written(
        commit_message(drafted.proposed.edits, hidden, context.map_url, context.layer_name), tongue
    )


def written(lines: Iterable[Text], tongue: Language) -> str:
    """Return the lines of a commit's message. What people wrote calls nobody there, and closes no issue: a
    blank stands in it."""
    said = (one_line(tongue.say(line)) for line in lines)
    return "".join(_CALL.sub(r"\1 ", line) + "\n" for line in said)


def form_of(repository: Repository, branch: Branch) -> str:
    """Return the address of the forge's form to ask for the merge; "" if none is known. Raise GitError."""
    return request_form(repository.url, branch.name, repository.followed, branch.said)
