"""Edits that people made on the map, proposed for the file: a branch of its repository, one commit."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from umap_bot.dataset.editing.proposal import Proposed, propose
from umap_bot.dataset.git.forge import request_form
from umap_bot.dataset.git.proposing import Branch
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.keys import slug
from umap_bot.dataset.recipe import Recipe
from umap_bot.model.decision import Decision
from umap_bot.model.hidden import Hidden
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan
from umap_bot.model.proposal import Edit
from umap_bot.ports import Clock, Journal
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.proposals import edits_of
from umap_bot.report.language import Language
from umap_bot.report.story.proposals import commit_message
from umap_bot.run.attempt import preview_of
from umap_bot.run.job import Work


class Draft(msgspec.Struct, frozen=True):
    """What would be proposed of a layer, on top of which commit, and what a sync would do otherwise."""

    plan: Plan
    head: Commit
    proposed: Proposed


def branch_of(layer: str, map_id: str, others: Collection[str] = ()) -> str:
    """Return the name of a layer's branch. `others` are those of other layers of the same repository."""
    name = slug(layer, fallback=f"map-{map_id}")
    shared = name in {slug(other, fallback="") for other in others}
    return f"umap-bot/edits-{name}{f'-{map_id}' if shared else ''}"


def draft(
    work: Work,
    repository: Repository,
    recipe: Recipe,
    journal: Journal,
    clock: Clock,
    taken: Collection[str] = (),
) -> Draft:
    """Look at the map and at the newest file; nothing is written. `taken` are ids that no new row may get.

    Raise as a preview does, and DatasetError for a file that can't be read.
    """
    state = journal.load(work.job.layer, clock)
    head = work.dataset.head()
    commit, desired = work.dataset.read(head, state.base)
    outcome = preview_of(Sync(commit, desired, work.job.policy), work.job, work.layer, state, clock)
    edits = edits_of(outcome, state.decisions)
    if not edits:
        return Draft(outcome.plan, commit, Proposed(None, (), ()))
    _, data = repository.read(head.sha, recipe.path)
    return Draft(outcome.plan, commit, propose(data, recipe, edits, taken))


def decisions_of(edits: Collection[Edit], branch: str) -> tuple[Decision, ...]:
    """Return the note that these edits are proposed on a branch."""
    return tuple(Decision(side="proposed", change=edit.change, by=branch) for edit in edits)


def push(drafted: Draft, repository: Repository, recipe: Recipe, branch: str, message: str) -> Branch:
    """Write the branch with the commit. Raise GitError; ValueError if there is nothing to write."""
    if drafted.proposed.data is None:
        raise ValueError("nothing to write")
    return repository.propose(drafted.head.sha, recipe.path, drafted.proposed.data, branch, message)


def message_of(drafted: Draft, hidden: Hidden, tongue: Language) -> str:
    """Return the message of the commit, in the language of the reports."""
    context = drafted.plan.context
    lines = commit_message(drafted.proposed.edits, hidden, context.map_url, context.layer_name)
    return "\n".join(map(tongue.say, lines)) + "\n"


def form_of(repository: Repository, branch: Branch) -> str:
    """Return the address of the forge's form to ask for the merge; "" if none is known. Raise GitError."""
    return request_form(repository.url, branch.name, repository.followed, branch.said)
