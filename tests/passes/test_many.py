"""Two hundred layers: what people read stays short enough to be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from umap_bot.errors import DatasetError, UnreachableError
from umap_bot.report.formats.terminal import RULE, together, way_on
from umap_bot.report.language import language
from umap_bot.report.site.site import LayerState, Status
from umap_bot.report.status import GRACE, PAUSE, health, is_fresh, status_lines
from umap_bot.report.story.several import LayerStory, failed
from umap_bot.report.story.story import Kind, Line, Section, Story
from umap_bot.service import LONGEST_PAUSE
from umap_bot.text import say, verbatim

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ENGLISH = language("en")
NAMES = [f"Calque {number}" for number in range(1, 201)]


def quiet(name: str) -> LayerStory:
    return LayerStory(name, Story(sentence=say("Nothing to do: the map is up to date.")), quiet=True)


def state(name: str, status: Status = "ok", **more: datetime | None) -> LayerState:
    return LayerState(name=name, shown=verbatim(name), status=status, **more)  # type: ignore[arg-type]


def test_layers_with_nothing_to_read_are_one_line() -> None:
    said = together([quiet(name) for name in NAMES], ENGLISH)
    assert said == (
        "Nothing to do on 200 layers: Calque 1, Calque 2, Calque 3, Calque 4, Calque 5 and 195 more."
    )
    assert together([quiet(name) for name in NAMES], ENGLISH, full=True).count("Calque") == 200


def test_one_trouble_of_all_is_told_once() -> None:
    error = UnreachableError(verbatim("umap.example.org does not answer."), way_out=verbatim("Try later."))
    said = together([failed(name, error) for name in NAMES], ENGLISH)
    assert said.count("does not answer") == 1
    assert said.startswith(
        "✗ Calque 1, Calque 2, Calque 3, Calque 4, Calque 5 and 195 more: umap.example.org does not answer."
    )


def test_troubles_of_their_own_are_told_one_by_one_before_the_quiet_ones() -> None:
    told = [quiet(name) for name in NAMES]
    told[50] = failed("A", DatasetError(verbatim("row 3")))
    told[150] = failed("B", DatasetError(verbatim("row 4")))
    assert together(told, ENGLISH).splitlines() == [
        "✗ A: row 3",
        "✗ B: row 4",
        f"Nothing to do on 198 layers: {', '.join(NAMES[:5])} and 193 more.",
    ]


def lines(kind: Kind, count: int) -> Section:
    return Section(kind, say("Lines"), tuple(Line(mark="~", said=(say("x"),)) for _ in range(count)))


def test_first_a_line_for_each_layer_then_what_needs_somebody_then_the_others_in_short() -> None:
    """And the way on is the last thing on the screen."""
    acts = Section("acts", say("What you can do"), (Line(mark="→", said=(say("Approve"),)),))
    done = Story(head=(say("Head A"),), sentence=say("Done."), sections=(lines("file", 9),))
    asks = Story(head=(say("Head B"),), sentence=say("ASKED."), sections=(lines("why", 9), acts))
    told = [LayerStory("A", done), LayerStory("Layer B", asks), quiet("C")]
    overview, needy, other, last = together(told, ENGLISH).split(RULE)
    assert overview.splitlines() == ["✓ A        Done.", "! Layer B  ASKED.", "Nothing to do on 1 layer: C."]
    assert (needy.splitlines()[0], needy.count("~ x")) == ("Head B", 9)
    assert (other.splitlines()[0], other.count("~ x")) == ("Head A", 5)
    assert last == "Head B\n\nWhat you can do\n  → Approve" == way_on(told, ENGLISH)
    assert together(told, ENGLISH, full=True).count("~ x") == 18
    assert together(told, ENGLISH, end=say("All: x")).endswith("\nAll: x")


def test_status_is_a_line_a_layer_the_worst_first() -> None:
    states = [state(name, checked=NOON) for name in NAMES]
    states[120] = state("Stadtplan", "trouble", checked=NOON)
    states[180] = state("Waiting", "waiting", checked=NOON)
    states[190] = state("Asleep", checked=NOON - timedelta(days=1), due=NOON - timedelta(hours=3))
    lines = status_lines(states, NOON, ENGLISH)
    assert len(lines) == 200
    assert [line.split()[1] for line in lines[:4]] == ["Asleep", "Stadtplan", "Waiting", "Calque"]
    assert "SILENT: a run has been overdue since 24 Nov 2026 09:00" in lines[0]


def test_a_layer_that_is_left_alone_after_trouble_is_not_silent() -> None:
    """The service looks at it again in growing pauses; that it failed is what people are to read."""
    assert PAUSE == LONGEST_PAUSE
    due = NOON - GRACE - timedelta(seconds=1)
    assert health(state("a", "ok", due=due), NOON) == "silent"
    assert health(state("a", "trouble", due=due), NOON) == "trouble"
    assert health(state("a", "trouble", due=due - PAUSE), NOON) == "silent"


def test_only_a_success_within_the_time_is_fresh() -> None:
    day = timedelta(days=1)
    assert is_fresh(state("a", success=NOON - day), NOON, day)
    assert not is_fresh(state("a", success=NOON - day - timedelta(seconds=1)), NOON, day)
    assert not is_fresh(state("a", "waiting", checked=NOON), NOON, day)
