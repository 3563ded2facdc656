"""The command line in French: no English sentence of ours is left in any answer, and the codes stay."""

from __future__ import annotations

import ast
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from tests.commands.desk import Desk, Said, changed, rows, without
from tests.commands.test_help import WRONG
from umap_bot.cli import translation
from umap_bot.cli.main import COMMANDS, run
from umap_bot.report.catalogues.__main__ import read

SHORTEST = 10
"""Letters from which on a template is told from a name or a number."""

ANSWERS = [
    ["check"],
    ["plan"],
    ["adopt"],
    ["validate"],
    ["template"],
    ["export"],
    ["export", "--format", "geojson"],
    ["log"],
    ["show", "1"],
    ["show", "99"],
    ["history", "c1"],
    ["history", "nobody"],
    ["approve", "1234-5678-9ABC-DEFG"],
    ["approve", "xyz"],
    ["adopt", "--pair", "c1"],
    ["export", "--output", "data/cites.csv"],
]

TROUBLE = {
    "a wrong value": (10, {"SYNC_DRIFT": "maybe", "GUARD_DELETES": "many", "SYNC_AREA": "here"}),
    "no setting": (10, {"DATASET_PTH": "cites.csv"}),
    "missing": (10, {"UMAP_MAP_URL": None, "DATASET_PATH": None}),
    "no map": (10, {"UMAP_MAP_URL": "https://example.org/"}),
    "no file": (12, {"DATASET_PATH": "places.csv"}),
    "no key": (11, {"DATASET_KEY": "code"}),
    "nowhere": (12, {"DATASET_REPO": "nowhere"}),
    "no branch": (12, {"DATASET_REF": "other"}),
    "no layer": (13, {"UMAP_LAYER": "Other"}),
    "no right": (13, {"UMAP_EDIT_LINK": None}),
    "not reachable": (14, {"UMAP_MAP_URL": "http://localhost:9/fr/map/x_1", "UMAP_EDIT_LINK": None}),
    "no state": (15, {"STATE_URL": "sqlite:////dev/null/state.db"}),
}


def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The English templates that French says otherwise, as they stand in a line, values and all.

    Each comes with its longest part between values: only a line that has that is worth a search.
    """
    found = []
    for message in read("fr"):
        english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        other = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        for template in set(english) - set(other):
            parts = re.split(r"\{[^}]*\}|%\(\w+\)s", template.strip())
            if sum(map(str.isalpha, "".join(parts))) >= SHORTEST:
                pattern = r"\b" * template[0].isalpha() + ".*".join(map(re.escape, parts))
                found.append((max(parts, key=len), re.compile(pattern)))
    return found


PATTERNS = _patterns()


def english(said: Said) -> list[str]:
    """The lines that say something in English."""
    lines = re.sub(r"\(git\s*: .*?\)\.", "", said.out + "\n" + said.err).splitlines()  # git speaks English
    return [
        line for line in lines if any(part in line and pattern.search(line) for part, pattern in PATTERNS)
    ]


@pytest.fixture
def french(desk: Desk) -> Desk:
    desk.settings(REPORT_LANGUAGE="fr")
    return desk


@pytest.fixture
def published(french: Desk) -> Desk:
    """The file is on the map; then both changed."""
    french.done("sync")
    french.edit("c1", name="Une autre", commune="Ailleurs")
    french.draw("Notre point")
    table = changed(rows(11), "c2", nom="Cité deux", lat="45.2")
    french.commit(without(table, "c10"), "three changes")
    return french


def test_an_answer_is_french_and_its_code_the_same(published: Desk, subtests: pytest.Subtests) -> None:
    for words in ANSWERS:
        with subtests.test(words=words):
            published.settings(REPORT_LANGUAGE="fr")
            said = published.type(*words)
            assert english(said) == []
            published.settings(REPORT_LANGUAGE="en")
            again = published.type(*words)
            assert again.code == said.code
            assert again.out + again.err != said.out + said.err


@pytest.mark.parametrize(("code", "settings"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_is_told_in_french(french: Desk, code: int, settings: dict[str, str | None]) -> None:
    french.settings(**settings)
    said = french.type("sync")
    assert said.code == code, said
    assert english(said) == []
    french.settings(REPORT_LANGUAGE="en")
    again = french.type("sync")
    assert (again.code, english(again) != []) == (code, True)
    assert english(french.type("check")) != []
    french.settings(REPORT_LANGUAGE="fr")
    assert english(french.type("check")) == []


def test_a_bad_file_is_told_line_by_line(french: Desk) -> None:
    french.commit("id,nom,lat,lon\na,A,45,4\na,B,95,4\n,C,x,4\nd,D\n")
    said = french.type("plan")
    assert (said.code, english(said)) == (11, [])
    assert "a 5 problèmes" in said.err.splitlines()[0]
    assert len(said.err.splitlines()) > 4


def test_from_the_first_plan_to_the_last_sync(french: Desk) -> None:
    plan = french.type("plan")
    assert (plan.code, english(plan)) == (2, [])
    assert "Une mise à jour en ajouterait 10." in plan.out
    assert "calque «\u00a0Cités\u00a0»          0 élément\n" in plan.out
    first = french.type("sync")
    assert (first.code, english(first)) == (0, [])
    assert "Fait, relu et vérifié\u00a0: 10 ajoutés (passage 1" in first.out
    nothing = french.type("sync")
    assert (nothing.code, english(nothing)) == (0, [])
    assert nothing.out.startswith("Rien à faire\u00a0: ni le fichier ni la carte n'ont changé")


def test_what_people_did_is_told_with_the_way_to_keep_it(published: Desk) -> None:
    said = published.type("sync")
    assert (said.code, english(said)) == (0, [])
    assert "Modifié sur la carte depuis la dernière mise à jour" in said.out
    assert "Pour garder l'autre\u00a0: l'écrire dans cites.csv, ligne 2, colonne nom." in said.out
    assert "ajouté sur la carte, absent du fichier\u00a0: laissé tel quel" in said.out


def test_a_held_plan_says_why_and_how_to_go_on(published: Desk) -> None:
    published.commit(without(rows(), "c3", "c4", "c5"), "gone")
    said = published.type("plan")
    assert (said.code, english(said)) == (3, [])
    assert "ACCORD DEMANDÉ. Rien n'a été changé sur la carte." in said.out
    assert "→ Supprimer ces 3 éléments\u00a0: umap-bot sync --approve " in said.out
    assert "3 éléments sur 10 (30\u00a0%) seraient supprimés. Limite\u00a0: 10\u00a0%" in said.out.replace(
        "  ", " "
    )
    assert said.last == "code de sortie 3\u00a0: accord demandé"
    code = said.out.partition("--approve ")[2].split()[0]
    done = published.type("sync", "--approve", code)
    assert (done.code, english(done)) == (0, [])


def test_what_waits_and_what_was_decided(published: Desk) -> None:
    published.done("sync")
    published.erase("c3")
    published.commit(changed(rows(), "c1", nom="Neuf"), "autre nom")
    asked, idle = published.type("sync"), published.type("sync")
    assert "1 modification demande votre accord." in asked.out
    assert "1 modification demande toujours votre accord, depuis le" in idle.out
    assert "→ Le laisser hors de la carte\u00a0: umap-bot keep c3" in asked.out
    told = [asked, idle, published.type("status"), published.type("decisions")]
    told += [
        published.done("keep", "c3", "--by", "Anne"),
        published.done("decisions"),
        published.done("sync"),
    ]
    told += [published.done("log"), published.done("show", "3")]
    assert [english(said) for said in told] == [[]] * len(told)
    assert "décidé par Anne, le" in told[-3].out
    assert "réglé par le passage" in told[-1].out


def test_what_a_rollback_says(published: Desk) -> None:
    published.done("sync")
    published.edit("c2", name="Leur nom")
    looked = published.type("rollback", "2", "--plan")
    assert (looked.code, english(looked)) == (2, [])
    assert "L'annulation du passage 2 " in looked.out
    assert "Modifié depuis le passage 2\u00a0: laissé tel quel\n  ! Leur nom" in looked.out
    undone = published.type("rollback", "2")
    assert (undone.code, english(undone)) == (0, [])
    assert undone.out.splitlines()[3].startswith("Le passage 2 est annulé, le tout relu et vérifié\u00a0: ")
    waits = published.type("sync")
    assert (waits.code, english(waits)) == (3, [])
    assert "Le fichier demande encore des modifications du passage 2 que le passage 3 a annulées" in waits.out
    assert "Annulé, mais encore dans le fichier\u00a0: laissé tel quel sur la carte" in waits.out
    for words in (["log"], ["show", "2"], ["show", "3"], ["rollback", "9"], ["export", "--backup", "2"]):
        assert english(published.type(*words)) == []


def test_a_session_that_ends(french: Desk) -> None:
    today = datetime.now(UTC).date()
    near = {"UMAP_SESSION_UNTIL": (today + timedelta(days=2)).isoformat()}
    french.settings(UMAP_EDIT_LINK=None, UMAP_SESSION_COOKIE="nobodyssession", **near)
    told = french.type("status")
    assert english(told) == []
    assert "Connexion à renouveler avant le " in told.out
    assert re.search(r"\(\d jours?\)\u00a0: umap-bot login", told.out)
    ended = french.type("sync")
    assert (ended.code, english(ended)) == (13, [])
    assert "La session est terminée\u00a0: uMap ne reconnaît plus son cookie." in ended.err
    assert "Reconnectez-vous avec un navigateur, puis\u00a0: umap-bot login" in ended.err


def test_the_log_is_french_whatever_it_was_written_in(desk: Desk) -> None:
    desk.done("sync")
    desk.commit(without(rows(), "c1", "c2", "c3"), "gone")
    assert desk.type("sync").code == 3
    desk.settings(REPORT_LANGUAGE="fr")
    said = desk.done("log")
    assert english(said) == []
    assert "ACCORD DEMANDÉ\u00a0: 3 éléments sur 10" in said.out


def test_json_has_the_same_shape(published: Desk) -> None:
    french = json.loads(published.type("plan", "--json").out)
    published.settings(REPORT_LANGUAGE="en")
    assert _shape(json.loads(published.type("plan", "--json").out)) == _shape(french)


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {name: _shape(member) for name, member in value.items()}
    return [_shape(member) for member in value] if isinstance(value, list) else type(value)


def test_nothing_of_a_file_steers_the_terminal_in_french_either(french: Desk) -> None:
    french.commit(changed(rows(), "c1", nom="A\x1b[31mB\u202eC"))
    said = french.type("plan")
    assert "\x1b" not in said.out + said.err
    assert "\u202e" not in said.out + said.err


@pytest.mark.parametrize("command", ["", *COMMANDS, "state backup", "state restore"])
def test_every_help_is_french(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert run([*command.split(), "--help"]) == 0
    told, _ = capsys.readouterr()
    # What click wraps is put together again.
    assert english(Said(0, " ".join(told.split()), "")) == []
    assert told.startswith("Usage\u00a0:")


def test_the_help_of_login_leads_by_the_hand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert run(["login", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    steps = [
        "1. Dans une fenêtre privée, connectez-vous à uMap",
        "2. Ouvrez les outils de développement (F12)",
        "3. Collez-les ici. Puis fermez la fenêtre sans vous déconnecter",
        "Code de sortie : 0 fait · 13",
    ]
    assert sorted(map(told.find, steps)) == list(map(told.find, steps))
    assert -1 not in map(told.find, steps)


@pytest.mark.parametrize("words", [*WRONG, ["plan", "--format", "x"], ["export", "--form"], []], ids=" ".join)
def test_wrong_use_is_told_in_french(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert run(words) == 64
    out, err = capsys.readouterr()
    assert english(Said(64, out, " ".join(err.split()))) == []
    assert err.endswith("\ncode de sortie 64\u00a0: commande mal employée\n")


def test_click_still_says_what_the_catalogue_has_of_it() -> None:
    files = Path(click.__file__).parent.glob("*.py")
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    said = {node.value for node in nodes if isinstance(node, ast.Constant)}
    click_text = {form for forms in translation.CLICK_TEXTS for form in forms if form}
    assert click_text - said == set()


def test_the_locale_decides_unless_the_settings_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert "dernière version" in desk.done("check").out
    desk.settings(REPORT_LANGUAGE="en")
    assert "newest version" in desk.done("check").out
    monkeypatch.setenv("REPORT_LANGUAGE", "fr")
    assert "dernière version" in desk.done("check").out


def test_one_command_does_not_change_the_language_of_the_next(
    french: Desk,
) -> None:
    assert "est bon" in french.done("validate").out
    french.settings(REPORT_LANGUAGE=None)
    assert "is valid" in french.done("validate").out
