"""REPORT_HIDE: no report holds a hidden value, and nothing else about a plan changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from tests.plans import but
from tests.report.told import NOON, done, failed, held, plan, run
from umap_bot.dataset.decode import decode
from umap_bot.dataset.findings import FileError, Findings
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import BotError, DatasetError
from umap_bot.model.change import Create, Delete, Field, Update
from umap_bot.model.decision import Decision
from umap_bot.model.drift import GoneColumn, Rowless
from umap_bot.model.hidden import Hidden
from umap_bot.model.pairing import Doubt, Drawn, Match, Pairing, Row
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.run import Run
from umap_bot.report import hide
from umap_bot.report.formats import changes_geojson, markdown, record, terminal
from umap_bot.report.formats.feed import feed
from umap_bot.report.history import history_story
from umap_bot.report.language import language
from umap_bot.report.log import log_lines
from umap_bot.report.story.adoption import Steps, adoption_story
from umap_bot.report.story.sentences import plan_story, run_story
from umap_bot.report.story.story import Story
from umap_bot.report.story.words import HIDDEN_MARK
from umap_bot.text import Text, joined, say, verbatim

ENGLISH = language("en")
SECRET = "s3cr3t"
LAYER = "umap.example/map/1/Cités"

Told: TypeAlias = "Run | Plan"
T = TypeVar("T", bound="Run | Plan | BotError")


def without_columns(told: T, columns: tuple[str, ...], shown: tuple[str, ...] | None = None) -> T:
    veiled: T = hide.without_columns(cast("Any", told), Hidden.of(columns, shown))
    return veiled


def story(told: Told) -> Story:
    return plan_story(told, NOON) if isinstance(told, Plan) else run_story(told, NOON)


def as_feed(told: Told) -> str:
    return feed([told] if isinstance(told, Run) else [], tongue=ENGLISH, title="t", layer=LAYER)


def as_record(told: Told) -> str:
    return record.runs([told]) if isinstance(told, Run) else record.results([(LAYER, told)])


def as_lines(told: Told) -> str:
    runs = [told] if isinstance(told, Run) else []
    return "\n".join(log_lines(runs)) + terminal.render(history_story("k", runs), ENGLISH, full=True)


RENDERERS: dict[str, Callable[[Told], str]] = {
    "terminal": lambda told: terminal.render(story(told), ENGLISH, full=True),
    "markdown": lambda told: markdown.render(story(told), ENGLISH),
    "geojson": changes_geojson.render,
    "record": as_record,
    "feed": as_feed,
    "log": as_lines,
}


def waiting(made: Plan) -> Run:
    """The run after which all that a plan would do waits."""
    asked = made.asking([part for change in made.effects.changes for part in parts_of(change)])
    return run(but(asked, objections=made.verdict.objections), "held", code=3)


def kept(made: Plan) -> Plan:
    """The plan of which a person decided to leave all."""
    parts = [part for change in made.effects.changes for part in parts_of(change)]
    said = [Decision(side="map", change=change, at=NOON) for change in made.effects.changes]
    return but(made.leaving(parts), decided=tuple(said))


TOLD: dict[str, Callable[[Plan], Told]] = {
    "plan": lambda made: made,
    "held plan": Plan.holding,
    "done": done,
    "held": held,
    "nothing": lambda made: run(but(made, changes=()), "nothing"),
    "restless": lambda made: replace(done(made), outcome="restless"),
    "unfinished": lambda made: run(made, "unfinished"),
    "waiting": waiting,
    "kept": lambda made: run(kept(made), "nothing"),
    "failed": lambda made: failed(value=SECRET),
}


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("what", TOLD)
def test_no_report_holds_a_hidden_value(what: str, renderer: str) -> None:
    told = TOLD[what](plan(value=SECRET))
    assert SECRET not in RENDERERS[renderer](without_columns(told, ("q",)))


def test_the_reports_hold_it_if_it_is_not_hidden() -> None:
    """Else the test above could not fail: every renderer shows it of some plan or run."""
    for renderer, render in RENDERERS.items():
        assert any(SECRET in render(make(plan(value=SECRET))) for make in TOLD.values()), renderer
    assert SECRET in as_lines(done(plan(value=SECRET)))


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("what", [what for what in TOLD if what != "failed"])
def test_a_hidden_name_is_nowhere(what: str, renderer: str) -> None:
    """Features are then called by their id."""
    named, context = plan(name=SECRET), plan().context
    made = but(
        named,
        layer_name="Layer",
        map_name="Map",
        commit=context.commit,
        news_of_map=context.news_of_map,
    )
    assert SECRET in as_record(made)
    text = RENDERERS[renderer](without_columns(TOLD[what](made), ("name",)))
    assert SECRET not in text


@given(st.text(min_size=4, max_size=20), st.sampled_from(["q", "Quartiers d'été", "a.b", "(x)"]))
def test_any_value_of_any_column(value: str, column: str) -> None:
    """A value that no report holds by itself, in a text that quotes it without saying where from too."""
    value = f"{value}{SECRET}"
    told = plan(value=value, column=column, warnings=(say("It is {what}.", what=f"<{value}6>"),))
    for make in TOLD.values():
        whole = failed(column, value) if make is TOLD["failed"] else make(told)
        veiled = without_columns(whole, (column,))
        for render in RENDERERS.values():
            assert SECRET not in render(veiled)


def test_the_problems_of_a_file_can_be_told_with_a_hidden_column() -> None:
    findings = Findings("f.csv")
    findings.problem(say('{column} "{value}" is wrong', column="q", value=SECRET), 3)
    with pytest.raises(FileError) as caught:
        findings.stop()
    veiled = without_columns(caught.value, ("q",))
    assert (str(veiled), veiled.code) == ('f.csv, row 3: q "(not shown)" is wrong', 11)


def test_a_reason_hides_the_name_of_what_waits() -> None:
    """It is in no change that is done, nor in any edit: only in what waits."""
    far = Create(key="k", name=SECRET, properties={"id": "k", "name": SECRET}, geometry=None)
    reason = Objection("jump", say('"{name}" would be far away.', name=SECRET), 1, parts=parts_of(far))
    told = waiting(but(plan(), changes=(far,), drift=(), objections=(reason,)))
    for render in RENDERERS.values():
        assert SECRET not in render(without_columns(told, ("name",)))
    assert '"k" would be far away.' in RENDERERS["terminal"](without_columns(told, ("name",)))


@pytest.mark.parametrize("column", ["name", "q"])
def test_what_people_added_is_kept_by_the_same_command(column: str) -> None:
    """It is known by what it holds, and that is hidden."""
    raw = json.dumps({"type": "Feature", "properties": {"name": SECRET, "q": SECRET}, "geometry": None})
    own = Delete(key="Own42", name="Kiosque", umap_id="Own42", raw=raw, why="foreign")
    reason = Objection("foreign", say("Why."), 1, parts=parts_of(own))
    told = waiting(but(plan(), changes=(own,), drift=(), objections=(reason,)))
    named = {"name": "Own42", "q": "Kiosque"}[column]
    assert f"umap-bot keep {named}\n" in RENDERERS["terminal"](without_columns(told, (column,)))


def test_that_it_changed_is_told() -> None:
    text = RENDERERS["terminal"](without_columns(done(plan(value=SECRET)), ("q",)))
    assert "~ Bron" in text
    assert "q: changed (not shown)" in text
    assert 'n  "before" → "after"' in text
    assert without_columns(done(plan(value=SECRET)), ("q",)).plan


def test_a_column_is_hidden_by_its_name_in_the_file_too() -> None:
    (edit, *_) = plan(value=SECRET, column="contact").context.drift
    told = without_columns(
        plan(value=SECRET, column="contact", drift=(replace(edit, header="Ansprech."),)), ("Ansprech.",)
    )
    assert (told.context.drift[0].base, told.context.drift[0].desired, told.context.drift[0].live) == (
        HIDDEN_MARK,
    ) * 3
    update = Update(key="k", name="Bron", fields=(Field("a_b", SECRET, "x"),))
    assert SECRET not in as_record(without_columns(plan(changes=(update,)), ("a.b",)))


@pytest.mark.parametrize("what", TOLD)
def test_digests_and_codes_stay(what: str) -> None:
    """What a person approves is what is done, not what is shown of it."""
    whole = TOLD[what](plan(value=SECRET))
    told = without_columns(whole, ("q", "name"))
    digest, shown = ([each["digest"] for each in _runs(one)] for one in (whole, told))
    assert digest == shown
    if isinstance(whole, Plan) and isinstance(told, Plan):
        assert told.code == whole.code
        assert f"--approve {whole.code}" in RENDERERS["terminal"](told) or not whole.verdict.held
    assert SECRET in as_record(whole) or what == "nothing"  # and what was given is as it was


def _runs(told: Told) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(as_record(told))["runs"]
    return found


def test_nothing_is_hidden_if_nothing_is_to_be() -> None:
    made = plan()
    assert without_columns(made, ()) is made
    assert [as_record(without_columns(make(made), ("nosuch",))) for make in TOLD.values()] == [
        as_record(make(made)) for make in TOLD.values()
    ]


def error(text: Text) -> DatasetError:
    return DatasetError(text, way_out=say("Mend {file}.", file="cites.csv"))


def test_an_error_is_hidden_where_it_speaks_of_the_column() -> None:
    lines = (
        say("{file}, row {row}: {column} is {value}", file="cites.csv", row=2, column="q", value=SECRET),
        say("{file}, row {row}: {column} is {value}", file="cites.csv", row=3, column="n", value="open"),
        say(
            "{where}: {what}", where=say("column {column}", column='"q"'), what=say("not {text}", text=SECRET)
        ),
    )
    whole = error(joined(lines, "\n"))
    told = without_columns(whole, ("q",))
    assert str(told).split("\n") == [
        "cites.csv, row 2: q is (not shown)",
        "cites.csv, row 3: n is open",
        'column "q": not (not shown) Mend cites.csv.',
    ]
    assert isinstance(told, DatasetError)
    assert SECRET in str(whole)


def test_what_is_said_of_rows_that_can_not_be_read_is_hidden_too() -> None:
    recipe = Recipe(path="a.csv", bad_rows="wait")
    told = decode(f"id,lat,lon\na,{SECRET},4.8\nb,45.7,4.8\n".encode(), recipe).bad_rows.told
    of = but(plan(), bad_rows=told, bad_row_count=1, rowless=(Rowless("c", "Caen"),))
    assert SECRET in RENDERERS["terminal"](of)
    hidden = without_columns(of, ("lat", "name"))
    for render in RENDERERS.values():
        assert SECRET not in render(hidden)
        assert "Caen" not in render(hidden)
    assert "a.csv, row 2" in RENDERERS["terminal"](hidden)


def test_somebody_s_own_words_about_the_column_are_hidden_whole() -> None:
    told = without_columns(error(verbatim(f"row 2: q is {SECRET}")), ("q",))
    assert SECRET not in str(told)
    assert "REPORT_HIDE" in str(told)
    assert str(without_columns(error(verbatim("row 2: quiet is x")), ("q",))).startswith("row 2: quiet is x")


def test_a_record_says_that_a_value_is_hidden() -> None:
    (create, update, *_, delete) = _runs(without_columns(done(plan(value=SECRET)), ("q",)))[0]["changes"]
    assert create["properties"] == {"id": "new", "q": {"hidden": True}, "name": "Bron"}
    assert update["fields"][0] == {"name": "q", "before": {"hidden": True}, "after": {"hidden": True}}
    assert delete["properties"] == {"id": "old", "q": {"hidden": True}, "name": "Bron"}


def test_who_writes_what_stands_for_hidden_is_seen() -> None:
    """A person can't make an edit of theirs unseen by writing the words that reports use."""
    update = Update(key="k", name="Bron", fields=(Field("n", "a", "(not shown)"),))
    text = RENDERERS["terminal"](without_columns(plan(changes=(update,), drift=()), ("q",)))
    assert 'n  "a" → "(not shown)"' in text


def test_a_value_that_is_cut_is_hidden_too() -> None:
    update = Update(key="k", name="Bron", fields=(Field("q", SECRET * 20, "x"),))
    cut = say("It begins with {words}.", words=f'"{SECRET * 2}…"')
    told = without_columns(plan(changes=(update,), warnings=(cut,)), ("q",))
    assert [str(text) for text in told.context.warnings] == ["It begins with (not shown)."]


def test_of_the_words_of_a_guess_those_of_hidden_values_are_hidden() -> None:
    """They were of columns that could be shown when they were read; the setting may have come since."""
    text = say("Read as Windows-1252: {words:, }. Are they right?", words=("Zoë", "Écully", "Né"))
    rows = (Create(key="a", name="A", properties={"id": "a", "contact": "Zoë X", "b": "Né"}, geometry=None),)
    told = but(plan(), changes=rows, warnings=(text,), objections=(Objection("encoding", text),))
    veiled = without_columns(told, ("contact", "b"))
    for shown in (*veiled.context.warnings, veiled.verdict.objections[0].text):
        assert str(shown) == "Read as Windows-1252: (not shown), Écully, (not shown). Are they right?"


def test_of_columns_that_are_not_shown_no_value_is() -> None:
    """DATASET_COLUMNS: whatever else the file has is told by no report, and needs no name for that."""
    shown = without_columns(done(plan(value=SECRET)), (), ("id", "name"))
    for render in RENDERERS.values():
        assert SECRET not in render(shown)
    assert "Bron" in RENDERERS["terminal"](shown)
    assert "moved" in RENDERERS["terminal"](shown)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (say('"{column}" is too long ({value})', column="q", value=SECRET), '"q" is too long ((not shown))'),
        (say('"{column}" is too long ({value})', column="nom", value="x"), '"nom" is too long (x)'),
        (say('{place} "{value}" is no number', place="lat", value="x"), 'lat "x" is no number'),
    ],
)
def test_a_text_about_a_column_that_is_not_shown_holds_none_of_its_values(text: Text, told: str) -> None:
    """Coordinates place the features, and so are public, whatever their columns are called."""
    assert without_columns(error(text), (), ("id", "nom")).message == told


def test_the_name_of_a_row_that_may_be_in_no_change_is_hidden() -> None:
    text = say('the id 7 ("{title}") is no longer in the file', title=SECRET)
    assert SECRET not in str(without_columns(error(text), ("name",)))
    assert SECRET in str(without_columns(error(text), ("q",)))


def test_hidden_columns_of_several_layers_are_hidden_in_both() -> None:
    one, other = Hidden.of(("a",), ("x", "y")), Hidden.of(("b",), ("y", "z"))
    assert [name for name in "abxyz" if name in one | other] == ["a", "b", "x", "z"]
    assert "z" not in Hidden.of(("a",)) | Hidden.of(())
    assert Hidden.of((), ())
    assert not Hidden()


@pytest.mark.parametrize(
    "data",
    [
        'id,nom,contact\na,A,x\n"b,B,Zoe"\n',
        'id,nom,contact\na,"A,x\nb,B,Zoe\nc,C",y\n',
    ],
    ids=["a quoted row", "swallowed rows"],
)
def test_cells_that_hold_others_are_hidden(data: str) -> None:
    """A row in quotes, or several: values of all columns are in them."""
    try:
        told: Plan | BotError = but(plan(), warnings=decode(data.encode(), Recipe(path="f.csv")).warnings)
    except DatasetError as error:
        told = error
    veiled = without_columns(told, ("contact",))
    shown = veiled.context.warnings if isinstance(veiled, Plan) else [veiled.message]
    assert shown
    assert not [text for text in shown if "Zoe" in text]
    assert any("quote" in text and "(not shown)" in text for text in shown)


def test_errors_of_every_kind_can_be_hidden() -> None:
    class OwnError(BotError):
        def __init__(self, number: int) -> None:
            super().__init__(say("q is {value}", value=str(number)))
            self.number = number

    told = without_columns(OwnError(7), ("q",))
    assert isinstance(told, OwnError)
    assert told.number == 7


def renamed(*, likely: str, values: tuple[str, str] = (SECRET, SECRET)) -> Plan:
    """The hidden column `q` is gone from the file, and `r` is new."""
    fields = (Field("q", values[0], UNSET), Field("r", UNSET, values[1]))
    made = but(plan(), changes=(Update(key="lyon", name="Lyon", fields=fields),))
    gone = GoneColumn("q", likely, likely, 9, 10) if likely else GoneColumn("q", total=10)
    question = Objection(
        "column", say('The column "{column}" is no longer in the file.', column="q"), features=("q",)
    )
    return but(made, gone_columns=(gone,), objections=(question,), held=True)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(
    "made",
    [
        renamed(likely="r"),
        renamed(
            likely="r", values=("another", SECRET)
        ),  # nearly all rows have the same: it is the same column
        renamed(likely=""),  # few have, and of those that have nothing is told
    ],
)
def test_a_hidden_column_under_a_new_name_is_hidden(made: Plan, renderer: str) -> None:
    assert SECRET not in RENDERERS[renderer](without_columns(made, ("q",)))
    assert SECRET not in RENDERERS[renderer](without_columns(held(made), ("q",)))


def test_who_is_asked_about_a_hidden_column_is_told_to_hide_its_new_name() -> None:
    shown = terminal.render(story(without_columns(renamed(likely="r"), ("q",))), ENGLISH)
    assert 'The column "q" is no longer in the file. REPORT_HIDE hides this column. ' in shown
    assert "add that name to REPORT_HIDE before you approve." in shown
    assert "REPORT_HIDE" not in terminal.render(story(without_columns(renamed(likely="r"), ("z",))), ENGLISH)


def test_pairs_are_told_without_hidden_names() -> None:
    drawn = Drawn(SECRET, "abc12", "45,4", 3.0)
    pairing = Pairing(
        sure=(Match("k", SECRET, 2, 0, drawn, "name"),),
        doubtful=(Doubt("k", SECRET, 2, say("is also {name}", name=SECRET), (drawn,)),),
        rows=(Row("k", SECRET, 2),),
        unplaced=(Row("k", SECRET, 2),),
        features=(drawn,),
    )
    steps = Steps("umap-bot adopt", "umap-bot plan")
    for columns, shown in ((("name",), False), (("q",), True)):
        veiled = hide.pairing_without(pairing, Hidden.of(columns))
        assert (SECRET in terminal.render(adoption_story(plan(), veiled, steps), ENGLISH)) is shown
        assert (SECRET in repr(veiled)) is shown
