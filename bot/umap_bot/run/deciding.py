"""Decisions of people on parts of a plan, written down: the next runs go by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from umap_bot.errors import UsageError
from umap_bot.model.approval_code import read_code
from umap_bot.model.change import Change, Delete, Update
from umap_bot.model.decision import PLACE, Decision
from umap_bot.model.layer import GEOMETRY, NAME
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.model.state import LayerState
from umap_bot.ports import Clock
from umap_bot.reconcile.decided import named
from umap_bot.run.attempt import preview
from umap_bot.run.job import Work
from umap_bot.text import say


class Decisions(Protocol):
    """Where what people decide is written down."""

    def load(self, layer: str, clock: Clock) -> LayerState: ...
    def find_held(self, code: str) -> tuple[Run, ...]: ...
    def decide(self, layer: str, made: Iterable[Decision], clock: Clock) -> tuple[Decision, ...]: ...


def keep(
    work: Work, keys: Sequence[str], field: str, by: str, journal: Decisions, clock: Clock
) -> tuple[Decision, ...]:
    """Leave what a sync would do to these features, or to one field of them, as it is on the map.

    Raise UsageError if it would do nothing there, or nothing that people may decide, and as `preview`.
    """
    state = journal.load(work.job.layer, clock)
    plan = preview(work.job, work.dataset, work.layer, state, clock).plan
    plan = plan.doing([*plan.effects.changes, *plan.verdict.waiting])
    found = [part for key in keys for part in _keepable(plan, key, _cell(field))]
    made = [Decision(side="map", change=change, by=by) for change in found]
    return journal.decide(work.job.layer, made, clock)


def approve_parts(
    layers: Sequence[str], typed: str, keys: Sequence[str], by: str, journal: Decisions, clock: Clock
) -> tuple[Decision, ...]:
    """Let the file win for these features of what the plan with this code asks; the rest goes on waiting.

    Raise UsageError if no plan that waits has this code, or none of it is about one of the keys; or if it is
    a doubt of the file, which only a whole plan can answer.
    """
    code = read_code(typed)
    asked = [run for run in journal.find_held(code) if run.layer in layers and run.plan]
    if not asked or asked[0].plan is None:
        raise UsageError(
            say("No plan that needs approval has the code {code}.", code=code),
            way_out=say(
                "If only umap-bot plan has shown the code, first run umap-bot sync, which applies "
                "the other changes and records what needs approval. To list what needs approval: "
                "umap-bot decisions"
            ),
        )
    plan = asked[0].plan
    if plan.verdict.held:
        raise UsageError(
            say("The plan needs approval as a whole; single features of it can't be approved."),
            way_out=say(
                "Approve the whole plan: umap-bot sync --approve {code}. To keep features as they "
                "are on the map: umap-bot keep ID",
                code=code,
            ),
        )
    found = [part for key in keys for part in _of_key(plan.doing(plan.verdict.waiting), key, "")]
    made = [Decision(side="file", change=change, by=by) for change in found]
    return journal.decide(asked[0].layer, made, clock)


def _keepable(plan: Plan, key: str, cell: str) -> tuple[Change, ...]:
    """Return the parts that a key means and that may stay: the id is the file's own, and so is what a setting
    keeps off the map; a second copy that is the same is nobody's. Raise UsageError if there are none."""
    found = [
        each for each in _of_key(plan, key, cell) if not isinstance(each, Delete) or each.why != "double"
    ]
    own = {plan.context.key, *(gone.name for gone in plan.context.gone_columns if gone.left_out)}
    left = tuple(change for change in found if parts_of(change)[0].cell not in own)
    if not left:
        raise UsageError(
            say(
                'This field of "{key}" can\'t be kept, because only the file and the settings decide it.',
                key=key,
            ),
            way_out=say("To see what a sync would change: umap-bot plan"),
        )
    return left


def _names(change: Change) -> tuple[str, ...]:
    """Return what people call a feature: its name in the file, and the one that it has on the map."""
    fields = change.fields if isinstance(change, Update) else ()
    on_map = (each.before for each in fields if each.name == NAME)
    return (change.name, *(name.strip() for name in on_map if isinstance(name, str)))


def _of_key(plan: Plan, key: str, cell: str) -> tuple[Change, ...]:
    """Return the parts that a key, or else a name, means. Raise UsageError if there are none, or if several
    features have the name."""
    changes = plan.effects.changes
    meant = [each for each in changes if each.key == key] or [each for each in changes if key in _names(each)]
    keys = {change.key for change in meant}
    if len(keys) > 1:
        raise UsageError(
            say('{count} features are called "{name}".', count=len(keys), name=key),
            way_out=say("Use the id of the one you mean: {keys:, }.", keys=tuple(sorted(keys))),
        )
    found = named(plan.doing(meant), (), cell) if meant else ()
    if not found:
        raise UsageError(
            say('A sync would not change "{key}".', key=key)
            if not cell
            else say('A sync would not change that field of "{key}".', key=key),
            way_out=say("To see what a sync would change: umap-bot plan"),
        )
    return found


def _cell(field: str) -> str:
    return GEOMETRY if field == PLACE else field
