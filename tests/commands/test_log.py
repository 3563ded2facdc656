"""`umap-bot log` and `show`: what was done, one line a run, and field by field."""

from __future__ import annotations

from tests.commands.desk import LAYER, Desk, changed, rows, without


def test_nothing_was_done_so_far(desk: Desk) -> None:
    said = desk.done("log")
    assert said.out == "Nothing was done so far.\n"
    assert said.requests == ()
    assert not desk.state.exists()


def test_one_line_a_run_newest_first(synced: Desk) -> None:
    commit = synced.commit(changed(without(rows(11), "c9"), "c1", nom="Neuve"))
    synced.edit("c2", name="Autre")
    synced.done("sync")
    synced.commit(rows(4))
    code = synced.held("sync")
    synced.done("sync", "--approve", code)
    lines = synced.done("log").out.splitlines()
    assert [line[:7] for line in lines] == ["   4 · ", "   3 · ", "   2 · ", "   1 · "]
    assert f"(plan {code})" in lines[1]
    assert "APPROVAL NEEDED: 6 of 10 features (60 %) would be removed." in lines[1]
    assert (
        f" · file {commit[:7]} · 2 changed (Neuve, Cité 2), 1 added (Cité 11), 1 removed (Cité 9), "
        in lines[2]
    )
    assert lines[2].endswith("1 of them put back after someone changed the map")
    assert "10 added (Cité 1, Cité 10, Cité 2 and 7 more)" in lines[3]


def test_idle_runs_are_no_lines(synced: Desk) -> None:
    for _ in range(3):
        synced.done("sync")
    assert len(synced.done("log").out.splitlines()) == 1


def test_as_many_as_asked_for(synced: Desk) -> None:
    for number in range(3):
        synced.commit(changed(rows(), "c1", nom=f"Neuve {number}"))
        synced.done("sync")
    assert [line[:4] for line in synced.done("log", "-n", "2").out.splitlines()] == ["   4", "   3"]
    assert synced.type("log", "-n", "0").code == 64


def test_several_problems_of_a_file_are_one_line_and_show_has_all(synced: Desk) -> None:
    synced.commit("id,nom,lat,lon\n1,A,45,4\n1,B,45,5\n,C,45,6\n")
    assert synced.type("sync").code == 11
    lines = synced.done("log").out.splitlines()
    assert lines[0].endswith("FAILED: cites.csv has 2 problems: … (umap-bot show 2)")
    assert len(lines) == 2
    shown = synced.done("show", "2").out
    assert "cites.csv, row 3: " in shown
    assert "cites.csv, row 4: " in shown


def test_show_latest_is_the_last_run_in_the_log(synced: Desk) -> None:
    synced.commit(rows(4))
    assert synced.type("sync").code == 3
    assert synced.done("show", "latest").out == synced.done("show", "2").out
    assert synced.done("show", "latest", "--layer", LAYER, "--json").runs[0]["run"] == 2
    for words, told in (
        (
            ("show", "last"),
            '"last" is not a run: use the number of a run, or latest. To list the runs: umap-bot log',
        ),
        (("show", "latest", "--layer", "Autre"), 'There is no layer "Autre" in the settings.'),
        (("show", "0"), '"0" is not a run: use the number of a run, or latest.'),
    ):
        said = synced.type(*words)
        assert (said.code, said.out) == (64, "")
        assert told in said.err


def test_without_a_run_there_is_no_latest(desk: Desk) -> None:
    said = desk.type("show", "latest")
    assert said.code == 64
    assert "The log has no runs yet. To make the first one: umap-bot sync" in said.err
    assert not desk.state.exists()


def test_show_tells_before_and_after(synced: Desk) -> None:
    synced.commit(changed(rows(), "c1", nom="Neuve", lat="45.101"))
    synced.edit("c2", name="Autre")
    told = synced.done("sync").out
    shown = synced.done("show", "2").out
    assert 'name  "Cité 1" → "Neuve"; moved ' in shown
    assert 'name  "Cité 2" → "Autre"' in shown
    assert shown == f"{told}To export the layer as it was before this run: umap-bot export --backup 2\n"


def test_a_held_run_tells_of_the_last_success_before_it(synced: Desk) -> None:
    synced.commit(rows(4))
    held = synced.type("sync").out
    assert "last success " in held
    assert synced.done("show", "2").out == held
