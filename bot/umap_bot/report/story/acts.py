"""What a person can do about each reason to ask them: in words of that reason, with the exact command."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

import msgspec

from umap_bot.model.change import Change, Delete
from umap_bot.model.decision import PLACE
from umap_bot.model.drift import GoneColumn
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Objection, Plan
from umap_bot.report.story.words import cell_of, features, row_of
from umap_bot.text import Text, say, say_n

FEW: Final = 10
"""So many features are named in a command; more are meant by one without names."""

PAIR: Final = 2
"""A feature that goes, and one that comes in its place."""


class Answer(msgspec.Struct, frozen=True):
    """What an act answers: the file wins (approve), or the map stays (keep), for the features of these keys,
    for all that is asked without any. `field` is the one column, or place, that stays ("": all of them)."""

    side: Literal["approve", "keep"]
    keys: tuple[str, ...] = ()
    field: str = ""


class Act(msgspec.Struct, frozen=True):
    """One thing that a person can do: in words, and the command ("": it is done in the file, on the map or in
    the settings). `answer` is what that command answers, None if it does more, or something else."""

    said: Text
    command: str = ""
    answer: Answer | None = None

    @property
    def told(self) -> Text:
        """Both in one line."""
        return say("{what}: {command}", what=self.said, command=self.command) if self.command else self.said


class Commands(msgspec.Struct, frozen=True, kw_only=True):
    """What people type about one layer.

    `sync` makes such a run again, with all its options. `chosen` are the options that choose this layer for
    any other command. `asked`: a run asked what waits; before that, only a run can be told the answer.
    `filtered` are the columns whose values put a row of the file on this layer. `fetched`: the data lives
    elsewhere, and git has only what was fetched.
    """

    sync: str = "umap-bot sync"
    chosen: tuple[str, ...] = ()
    asked: bool = True
    filtered: tuple[str, ...] = ()
    fetched: bool = False

    def approving(self, code: str) -> str:
        return f"{self.sync} --approve {code}"

    def about(self, command: str, *words: str, options: Iterable[str] = ()) -> str:
        """Return a command about this layer. An id may begin as an option does."""
        apart = ["--"] if any(word.startswith("-") for word in words) else []
        return shlex.join(["umap-bot", command, *self.chosen, *options, *apart, *words])


USUAL: Final = Commands()


def acts(objection: Objection, plan: Plan, commands: Commands = USUAL) -> tuple[Act, ...]:
    """Return what a person can do about one objection of a plan: first what costs nothing."""
    return tuple(_ACTS[objection.rule](_Asked(objection, plan, commands)))


def answers(plan: Plan, commands: Commands = USUAL) -> tuple[tuple[str, Act], ...]:
    """Return what a person can do about a plan that asks: each act once, with the number of its reason.

    The number is "" if there is but one reason, or if the act is about several of them. What answers all of
    them comes last.
    """
    numbered = tuple(enumerate(plan.verdict.objections, 1))
    # Under ids that were numbered again any other command would name another row than it seems to.
    asking = tuple(each for each in numbered if each[1].rule == "renumbered") or numbered
    several = len(asking) > 1
    found: dict[str, tuple[Act, list[int]]] = {}
    for number, objection in asking:
        for act in acts(objection, plan, commands):
            found.setdefault(act.command or act.said, (act, []))[1].append(number)
    ranked = sorted(found.values(), key=lambda each: len(each[1]) == len(asking))
    return tuple((str(numbers[0]) if several and len(numbers) == 1 else "", act) for act, numbers in ranked)


class _Asked(msgspec.Struct, frozen=True):
    """What a person is asked, and the acts that many reasons have in common."""

    objection: Objection
    plan: Plan
    commands: Commands

    @property
    def count(self) -> int:
        return len(self.objection.features) or self.objection.count

    @property
    def file(self) -> str:
        return self.plan.context.file

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the plan would do, whether it waits or not."""
        return (*self.plan.effects.changes, *self.plan.verdict.waiting)

    @property
    def names(self) -> tuple[str, ...]:
        """What the features are called in a command: by their ids, what people added by its name if nothing
        else of the plan has it; none if they are many, or if one has neither."""
        parts = self.objection.parts
        named = [part.key for part in parts if part.key]
        called = Counter(name for each in self.changes for name in {each.key, each.name})
        added = [
            each.name if called[each.name] == 1 else each.key
            for each in self.changes
            if _is_added(each) and parts_of(each)[0] in parts
        ]
        found = tuple(dict.fromkeys((*named, *added)))
        return found if all(found) and len(found) <= FEW else ()

    def approve(self, said: Text) -> Iterator[Act]:
        """The file wins: for these features, or for the whole plan if it waits as one."""
        code, commands = self.plan.code, self.commands
        alone = len(self.plan.verdict.objections) == 1
        if self.plan.verdict.held or not self.objection.parts:
            what = said if alone else say("Apply the whole plan as it is")
            yield Act(what, commands.approving(code), Answer("approve"))
        elif not commands.asked:
            yield Act(
                said if alone else say("Apply everything that needs approval"), commands.approving(code)
            )
        elif alone or self.names:
            yield Act(said, commands.about("approve", code, *self.names), Answer("approve", self.names))
        else:
            everything = say("Apply everything that needs approval")
            yield Act(everything, commands.about("approve", code), Answer("approve"))

    def keep(self, said: Text, option: str = "") -> Iterator[Act]:
        """The map stays: for these features, or their one cell; or by an option of a sync for many."""
        fields = self._fields()
        if self.names and fields is not None:
            field = fields[1] if fields else ""
            command = self.commands.about("keep", *self.names, options=fields)
            yield Act(said, command, Answer("keep", self.names, field))
        elif option and option not in self.commands.sync:
            yield Act(said, f"{self.commands.sync} --{option} keep")

    def correct(self, said: Text) -> Iterator[Act]:
        yield Act(said)

    def restore(self) -> Iterator[Act]:
        """The file was changed: its version of before can come back. Or nothing but the settings was."""
        context = self.plan.context
        if context.replaces and self.commands.fetched:
            yield Act(say("If the data is wrong, correct it at its source; nothing else is needed"))
        elif context.replaces:
            said = say(
                "If the file is wrong, restore version {version} of {file}; nothing else is needed",
                version=context.replaces.short,
                file=self.file,
            )
            yield Act(said)
        elif context.published == context.commit.sha:
            yield Act(say("The file has not changed. If the settings are wrong, restore the previous ones"))

    def _fields(self) -> tuple[str, ...] | None:
        """Return the option that narrows `keep` to what this is about; None if no single one does."""
        asked = {(part.key, part.cell) for part in self.objection.parts}
        keys = {key for key, _ in asked if key}
        all_of_them = {
            (part.key, part.cell) for each in self.changes if each.key in keys for part in parts_of(each)
        }
        cells = {cell for _, cell in asked}
        if all_of_them <= asked:
            return ()
        (cell, *more) = cells
        return None if more or not cell else ("--field", PLACE if cell == GEOMETRY else cell)


def _is_added(change: Change) -> bool:
    return isinstance(change, Delete) and change.why == "foreign"


def _lost(asked: _Asked) -> Iterator[Act]:
    base = f"{asked.commands.sync} --base COMMIT"
    yield Act(say("If the state was lost, give the version of the file that was published last"), base)
    yield from _first(asked)


def _first(asked: _Asked) -> Iterator[Act]:
    if asked.plan.context.unmanaged:
        adopt = asked.commands.about("adopt")
        yield Act(say("First match the features that were drawn by hand with the rows"), adopt)
    yield from asked.approve(say("Apply the changes shown here"))


def _orphaned(asked: _Asked) -> Iterator[Act]:
    count = asked.count
    said = say(
        "If you know which version of the file was published last, give it; rows removed since then are "
        "removed from the map"
    )
    yield Act(said, f"{asked.commands.sync} --base COMMIT")
    yield Act(
        say_n(
            "To remove it, delete it by hand in uMap; nothing else is needed",
            "To remove them, delete them by hand in uMap; nothing else is needed",
            count,
        )
    )
    yield from asked.approve(
        say_n("Keep it on the map permanently", "Keep them on the map permanently", count)
    )


def _nothing_left(asked: _Asked) -> Iterator[Act]:
    yield from asked.restore()
    said = say_n(
        "Remove the last feature from the map", "Remove all {count} features from the map", asked.count
    )
    yield from asked.approve(said)


def _deletes(asked: _Asked) -> Iterator[Act]:
    deletes = asked.plan.effects.deletes
    if any(map(_is_added, deletes)) and "--foreign" not in asked.commands.sync:
        keep = f"{asked.commands.sync} --foreign keep"
        yield Act(say("Keep what was added on the map"), keep)
    if any(delete.why == "row" for delete in deletes):
        yield from asked.restore()
    yield from asked.approve(say("Remove these {features}", features=features(asked.count)))


def _updates(asked: _Asked) -> Iterator[Act]:
    edited = any(drift.outcome == "overwrite" for drift in asked.plan.context.news)
    if edited and "--drift" not in asked.commands.sync:
        keep = f"{asked.commands.sync} --drift keep"
        yield Act(say("Keep what was edited on the map"), keep)
    if not edited or asked.plan.context.replaces:
        yield from asked.restore()
    said = (
        say(
            "Change these {features}, and overwrite the edits made on the map", features=features(asked.count)
        )
        if edited
        else say("Change these {features}", features=features(asked.count))
    )
    yield from asked.approve(said)


def _creates(asked: _Asked) -> Iterator[Act]:
    yield from asked.restore()
    yield from asked.approve(say("Add these {features}", features=features(asked.count)))


def _renumbered(asked: _Asked) -> Iterator[Act]:
    yield from asked.correct(
        say("Restore the old ids of the rows in {file}; nothing else is needed", file=asked.file)
    )
    yield from asked.approve(
        say("If the ids are right, move styles and notes to the rows that have these ids now")
    )


def _rekeyed(asked: _Asked) -> Iterator[Act]:
    ids = tuple(part.key for part in asked.objection.parts)
    kinds = frozenset(part.kind for part in asked.objection.parts)
    if len(ids) == len(kinds) == PAIR:
        new, old = ids
        said = say(
            "To keep its style and notes, change the id {new} back to {old} in {file}",
            old=old,
            new=new,
            file=asked.file,
        )
    else:
        said = say_n(
            "To keep its style and notes, restore the row's old id in {file}",
            "To keep their styles and notes, restore the rows' old ids in {file}",
            asked.count,
            file=asked.file,
        )
    yield Act(said)
    yield from asked.keep(say("Leave the map as it is"))
    halves = {
        frozenset({"create"}): say("Add it in addition to the old one"),
        frozenset({"delete"}): say("Remove the old one"),
    }
    yield from asked.approve(halves.get(kinds, say("Replace the old one with the new one")))


def _look_alike(asked: _Asked) -> Iterator[Act]:
    count = asked.count
    if asked.plan.effects.kind == "rollback":
        yield Act(say("First remove the other one from the map, then undo again"), asked.commands.sync)
        said = say_n(
            "Undo the run anyway; the feature is then on the map twice",
            "Undo the run anyway; the features are then on the map twice",
            count,
        )
        yield from asked.approve(said)
        return
    said = say_n(
        "If it is the same place, match the feature on the map with its row",
        "If they are the same places, match the features on the map with their rows",
        count,
    )
    yield Act(said, asked.commands.about("adopt"))
    yield from asked.keep(say("Leave the map as it is"))
    if any(part.kind == "delete" for part in asked.objection.parts):
        yield from asked.approve(say("Replace the drawn feature with the row"))
    else:
        yield from asked.approve(
            say_n("If it is another place, add it", "If they are other places, add them", count)
        )


def _encoding(asked: _Asked) -> Iterator[Act]:
    yield from asked.correct(say("If these words are wrong, save {file} as CSV UTF-8", file=asked.file))
    yield from asked.approve(say("If these words are right, continue"))


def _column(asked: _Asked) -> Iterator[Act]:
    name = asked.objection.features[0]
    column = next((each for each in asked.plan.context.gone_columns if each.name == name), GoneColumn(name))
    if column.left_out:
        said = say("To keep it on the map, change DATASET_LEAVE_OUT or DATASET_COLUMNS")
    elif column.likely and column.header == column.name:
        said = say(
            "To keep its name on the map, remove {header}={likely} from DATASET_RENAME",
            header=column.header,
            likely=column.likely,
        )
    elif column.likely:
        said = say(
            "If it was renamed, add {header}={column} to DATASET_RENAME",
            header=column.header,
            column=column.name,
        )
    else:
        said = say("If it was lost by mistake, restore the column in {file}", file=asked.file)
    yield Act(said)
    yield from asked.approve(say('Remove "{column}" from the map', column=name))


def _coordinates(asked: _Asked) -> Iterator[Act]:
    yield from asked.correct(
        say(
            "Restore the coordinates in {file}, or set their columns: DATASET_LATITUDE and "
            "DATASET_LONGITUDE, or DATASET_GEOMETRY",
            file=asked.file,
        )
    )
    yield from asked.approve(say("Continue without coordinates; the features stay where they are"))


def _places(asked: _Asked) -> Iterator[Act]:
    count = asked.count
    said = say_n(
        "If the position is wrong, correct it in {file}; nothing else is needed",
        "If the positions are wrong, correct them in {file}; nothing else is needed",
        count,
        file=asked.file,
    )
    yield Act(said)
    yield from asked.keep(say_n("Leave it as it is on the map", "Leave them as they are on the map", count))
    yield from asked.approve(
        say_n("If the position is right, apply it", "If the positions are right, apply them", count)
    )


def _drift(asked: _Asked) -> Iterator[Act]:
    count = asked.count
    yield from asked.keep(say("Keep what was edited on the map"), "drift")
    keys = {part.key for part in asked.objection.parts}
    waits = [each for each in asked.plan.context.news if each.outcome == "hold" and each.key in keys]
    if len(waits) == 1 and waits[0].kind in ("drift", "conflict"):
        yield Act(say("To have it in the file, enter it in {where}", where=cell_of(asked.file, waits[0])))
    going = [each for each in asked.changes if isinstance(each, Delete) and each.key in keys]
    if going:
        said = say_n("Remove it, as in the file", "Remove what is no longer in the file", count)
    else:
        said = say_n("Restore the file's value", "Restore the file's values", count)
    yield from asked.approve(said)


def _deleted(asked: _Asked) -> Iterator[Act]:
    count = asked.count
    yield from asked.keep(say_n("Leave it off the map", "Leave them off the map", count), "deleted")
    keys = {part.key for part in asked.objection.parts}
    removed = [each for each in asked.plan.context.drift if each.kind == "deleted" and each.key in keys]
    one = removed[0] if len(removed) == 1 else None
    if asked.commands.filtered:
        said = say(
            "If it was moved to another layer, change {columns:, } in {row}; do not restore it here",
            columns=asked.commands.filtered,
            row=row_of(asked.file, one.line if one else None),
        )
        yield Act(said)
    yield from asked.approve(say_n("Restore it from the file", "Restore them from the file", count))
    if one and one.line:
        said = say("To remove it permanently, delete row {row} of {file}", row=one.line, file=asked.file)
        yield Act(said)
    else:
        said = say_n(
            "To remove it permanently, delete its row in {file}",
            "To remove them permanently, delete their rows in {file}",
            count,
            file=asked.file,
        )
        yield Act(said)


def _strayed(asked: _Asked) -> Iterator[Act]:
    """To follow comes first. On the layer that it left, an approval would make it stand twice; on the one
    where it is now, nowhere."""
    count = asked.count
    keys = {part.key for part in asked.objection.parts}
    gone = [each for each in asked.plan.context.drift if each.kind == "deleted" and each.key in keys]
    row = row_of(asked.file, gone[0].line if len(gone) == 1 else None)
    if columns := asked.commands.filtered:
        yield Act(
            say("To make the same move in the file, change {columns:, } in {row}", columns=columns, row=row)
        )
    else:
        yield Act(say("To make the same move in the file: {row}", row=row))
    yield from asked.keep(say_n("Leave it where it is now", "Leave them where they are now", count))
    yield Act(
        say_n(
            "To undo the move, move it back by hand in uMap",
            "To undo the move, move them back by hand in uMap",
            count,
        )
    )
    if any(part.kind == "delete" for part in asked.objection.parts):
        said = say_n(
            "Remove it here; it is on no other layer",
            "Remove them here; they are on no other layer",
            count,
        )
    else:
        said = say_n(
            "Add it here again; it is then on both layers",
            "Add them here again; they are then on both layers",
            count,
        )
    yield from asked.approve(said)


def _foreign(asked: _Asked) -> Iterator[Act]:
    yield from asked.keep(say_n("Leave it on the map", "Leave them on the map", asked.count), "foreign")
    yield from asked.approve(say_n("Remove it from the map", "Remove them from the map", asked.count))


def _reverted(asked: _Asked) -> Iterator[Act]:
    yield Act(
        say(
            "If an old copy was saved by accident, restore an earlier version of the layer in uMap; nothing "
            "else is needed"
        )
    )
    yield from asked.approve(say("If it was on purpose, leave the map as it is"))


def _clone(asked: _Asked) -> Iterator[Act]:
    yield Act(say("Give the copy another id on the map; nothing else is needed"))
    if asked.plan.effects.kind == "sync":
        yield from asked.keep(say("Leave all of them untouched"))
    yield from asked.approve(say("Use the first of them, and leave the copy untouched"))


def _redo(asked: _Asked) -> Iterator[Act]:
    yield from asked.keep(say("Keep it undone"))
    keys = {part.key for part in asked.objection.parts}
    undone = [each for each in asked.plan.context.undone if each.key in keys]
    if len(undone) == 1:
        where = cell_of(asked.file, undone[0]) if undone[0].field else row_of(asked.file, undone[0].line)
        yield Act(say("Correct the file: {where}", where=where))
    else:
        yield Act(say("Correct the file at the places that umap-bot plan lists under “Undone”"))
    yield from asked.approve(say("Redo what was undone"))


def _adopt(asked: _Asked) -> Iterator[Act]:
    yield from asked.approve(say("Write these ids to the map"))


_ACTS: Final[dict[str, Callable[[_Asked], Iterator[Act]]]] = {
    "redo": _redo,
    "strayed": _strayed,
    "first": _first,
    "lost": _lost,
    "orphaned": _orphaned,
    "nothing-left": _nothing_left,
    "renumbered": _renumbered,
    "deletes": _deletes,
    "updates": _updates,
    "creates": _creates,
    "encoding": _encoding,
    "re-keyed": _rekeyed,
    "look-alike": _look_alike,
    "column": _column,
    "coordinates": _coordinates,
    "area": _places,
    "jump": _places,
    "drift": _drift,
    "deleted": _deleted,
    "foreign": _foreign,
    "reverted": _reverted,
    "clone": _clone,
    "adopt": _adopt,
}
"""By the name of the rule that objects."""
