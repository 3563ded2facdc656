"""The catalogues: whole, up to date with the code, well set, and fit for whatever values come."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

from umap_bot.report.catalogues.__main__ import PROGRAM, catalogue_file, learn, read, update
from umap_bot.report.catalogues.extraction import Message, NoLiteralError, messages
from umap_bot.report.language import CODES, DOMAIN, EARLIER, Code, code_of, language
from umap_bot.text import Part, Text, joined, restore, say, say_n

OTHERS: tuple[Code, ...] = tuple(code for code in CODES if code != "en")
BETWEEN = re.compile(r"[\s,;·]+|\s(ou|et) \s?(or|and) ")
"""What stands between the parts of a list, in two languages one after the other."""
HOSTILE = '{x} %s %(y)d {0!r} }{ \n\t\x1b[31m 😀 \u202eevil <b> " \\ ' + "é" * 50
SIX_O_CLOCK = datetime(2026, 11, 24, 6, 41, tzinfo=UTC)


class Pair(NamedTuple):
    """One message: the English forms and the others', one or two of each."""

    english: tuple[str, ...]
    other: tuple[str, ...]


def pairs(code: Code) -> list[Pair]:
    return [Pair(_forms(message.id), _forms(message.string)) for message in read(code) if message.id]


def _forms(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return (given or "",) if given is None or isinstance(given, str) else tuple(given)


def places(*templates: str) -> dict[str, str]:
    """The places of templates, each with how its value is written."""
    named = {
        name.split("!")[0]: form or ""
        for template in templates
        for _, name, form, _ in Formatter().parse(template)
        if name is not None
    }
    return named | {name: "" for template in templates for name in re.findall(r"%\((\w+)\)", template)}


def words(template: str) -> str:
    """A template with … for its places, and without what is typed or read by machines."""
    bare = "".join(
        literal + ("…" if name is not None else "") for literal, name, *_ in Formatter().parse(template)
    )
    return re.sub(r"'[^']*=[^']*'", "", bare)


@pytest.fixture(params=OTHERS)
def code(request: pytest.FixtureRequest) -> Code:
    named: Code = request.param
    return named


def test_the_catalogue_has_what_the_code_says_and_nothing_else(code: Code) -> None:
    said = {(message.id, message.context) for message in messages(PROGRAM)}
    assert {(message.id, message.context) for message in read(code) if message.id} == said
    assert list(read(code).obsolete) == []


def test_everything_is_translated_and_nothing_is_a_guess(code: Code) -> None:
    assert [pair.english for pair in pairs(code) if not all(pair.other)] == []
    assert [message.id for message in read(code) if message.id and message.fuzzy] == []


def test_both_have_the_same_places(code: Code) -> None:
    for pair in pairs(code):
        ours = places(*pair.english)
        assert set(places(pair.other[-1])) == set(places(pair.english[-1])), pair.english
        for other in pair.other:
            assert places(other).keys() <= ours.keys(), other
            for name, form in places(other).items():
                assert form == ours[name] or _only_between(form, ours[name]), other


def _only_between(form: str, english: str) -> bool:
    """Whether only what stands between the parts of a list differs, or a number stands for its text."""
    return (form == "count" and not english) or (BETWEEN.fullmatch(form + english) is not None)


def test_white_space_around_is_alike(code: Code) -> None:
    for pair in pairs(code):
        for english, other in zip(pair.english, pair.other, strict=True):
            assert _around(english) == _around(other), other


def _around(template: str) -> tuple[str, str]:
    bare = template.strip(" \t\n")
    return template[: len(template) - len(template.lstrip(" \t\n"))], template[
        template.index(bare) + len(bare) :
    ]


@pytest.mark.parametrize("domain", [DOMAIN, EARLIER])
def test_the_compiled_catalogue_is_that_of_the_translations(code: Code, domain: str) -> None:
    with catalogue_file(code, "mo", domain).open("rb") as file:
        compiled = read_mo(file)
    assert _strings(compiled) == _strings(read(code, domain))


def _strings(catalogue: Catalog) -> dict[tuple[tuple[str, ...], bool], tuple[str, ...]]:
    return {(_forms(each.id), bool(each.context)): _forms(each.string) for each in catalogue if each.id}


def test_french_is_set_as_french_is() -> None:
    for template in (form for pair in pairs("fr") for form in pair.other):
        said = words(template)
        assert '"' not in said, template
        assert "’" not in said, template
        assert "\u202f" not in template, template
        assert not re.search(r" [:;!?»]| %(?!\()|« |«[^\u00a0]|[^\u00a0]»", template), template
        assert not re.search(r"[\w)…»][:;!?](\s|$)", said), template


def test_french_speaks_to_people_in_the_words_of_the_glossary() -> None:
    unfit = r"\b(clés?|étrang\w+|bloqu\w+|dataset|commits?|drift|digest|hash|runs?|syncs?|feature)\b"
    for pair in pairs("fr"):
        for template in pair.other:
            said = re.sub(r"clés? (ssh|privée|d'API)", "", words(template))
            typed = r"--\S+|umap-bot \w+|\w+=\w*|git \S+|\w+\.\w+|colonnes? (id and )?feature|id et feature"
            assert not re.search(unfit, re.sub(typed, "", said)), template


def test_every_template_takes_whatever_values_come(code: Code) -> None:
    tongue = language(code)
    for pair in pairs(code):
        if any("%(" in form or "!r}" in form for form in pair.english):
            continue  # click's own: it fills them itself
        forms = {**places(*pair.english), **places(*pair.other)}
        values = {name: _value(form) for name, form in forms.items()}
        for text, form in _made(pair, values):
            told = sum(text.values[name] == HOSTILE for name in places(form))
            assert tongue.say(text).count(HOSTILE) >= told, form


def _made(pair: Pair, values: dict[str, Part]) -> Iterator[tuple[Text, str]]:
    """Return texts, each with the form that the other language says it in."""
    if len(pair.english) == 1:
        yield say(pair.english[0], **values), pair.other[0]
        return
    for number in (0, 1, 2, 5_000_000):
        text = say_n(pair.english[0], pair.english[1], number, **{**values, "count": number})
        yield text, pair.other[number > 1]


def _value(form: str) -> Part:
    if form == "count":
        return say_n("{count} feature", "{count} features", 3)
    if form == "day":
        return SIX_O_CLOCK
    if re.search(r"\d?[fg]$", form):
        return 12345.678
    return (HOSTILE, HOSTILE) if form else HOSTILE


def test_numbers_times_lists_and_plurals_are_french() -> None:
    tongue = language("fr")
    assert tongue.say(say_n("{count} feature", "{count} features", 0)) == "0 élément"
    assert tongue.say(say_n("{count} feature", "{count} features", 2)) == "2 éléments"
    assert tongue.say(say("{kilometres:.1f} km", kilometres=12.3)) == "12,3\u00a0km"
    assert tongue.say(joined(("un", "deux", "trois"), "and")) == "un, deux et trois"
    assert re.fullmatch(r"24 nov\. 2026 \d\d:41", tongue.say(say("{time}", time=SIX_O_CLOCK)))


def test_somebody_s_words_are_not_translated() -> None:
    assert language("fr").say(say("{names}…", names="changed, removed")) == "changed, removed…"
    assert language("fr").say("changed") == "changed"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "fr_CA", "LANG": "en_US.UTF-8"}, "fr"),
        ({"REPORT_LANGUAGE": "en", "LC_ALL": "fr_FR.UTF-8"}, "en"),
        ({"REPORT_LANGUAGE": "", "LC_ALL": "fr"}, "fr"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_language_of_an_environment(environ: dict[str, str], expected: Code) -> None:
    assert code_of(environ) == expected


@pytest.mark.parametrize("template", ['f"{name} is gone"', "name", '"a" + name', "name.upper()"])
def test_a_template_that_is_no_literal_is_found(template: str, tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text(f"say({template}, name=name)\n", encoding="utf-8")
    with pytest.raises(NoLiteralError, match=r"told\.py, line 1"):
        messages(tmp_path)


def test_templates_helps_and_contexts_are_found(tmp_path: Path) -> None:
    code = '''
@click.command(help="no")
def command():
    """Do
    it.

    Twice.
    """
    say("one "
        "two", x=say_n("a", "b", 2))
    found.pgettext("here", "and")
'''
    (tmp_path / "told.py").write_text(code + 'say("a")', encoding="utf-8")  # gettext has one entry for both
    found = {(message.id, message.context) for message in messages(tmp_path)}
    assert found == {
        ("Do it.", None),
        ("Twice.", None),
        ("one two", None),
        (("a", "b"), None),
        ("and", "here"),
    }


def test_an_update_keeps_translations_and_guesses_none() -> None:
    catalogue, earlier = Catalog(locale="fr"), Catalog(locale="fr")
    catalogue.add("It is gone.", "Il n'est plus là.")
    catalogue.add("It stays.", "Il reste.")
    catalogue.add("It was never translated.")
    update(catalogue, earlier, [Message("It is gone.", "a.py"), Message("It is gone!", "a.py")])
    assert _told(catalogue) == {"It is gone.": "Il n'est plus là.", "It is gone!": None}
    assert _told(earlier) == {"It stays.": "Il reste."}
    assert list(catalogue.obsolete) == []


def test_what_is_said_again_comes_back_from_the_earlier_templates() -> None:
    catalogue, earlier = Catalog(locale="fr"), Catalog(locale="fr")
    earlier.add(("{count} row", "{count} rows"), ("{count} ligne", "{count} lignes"))
    update(catalogue, earlier, [Message(("{count} row", "{count} rows"), "a.py")])
    assert _told(catalogue) == {("{count} row", "{count} rows"): ("{count} ligne", "{count} lignes")}
    assert _told(earlier) == {}


def test_another_version_of_a_catalogue_gives_what_is_lacking_alone() -> None:
    catalogue, other = Catalog(locale="fr"), Catalog(locale="fr")
    catalogue.add("It stays.", "Il reste.")
    catalogue.add("It is gone.")
    for english in ("It stays.", "It is gone.", "It is new."):
        other.add(english, "Autre.")
    learn(catalogue, other)
    assert _told(catalogue) == {"It stays.": "Il reste.", "It is gone.": "Autre.", "It is new.": "Autre."}


def _told(catalogue: Catalog) -> dict[object, object]:
    assert not any(entry.fuzzy for entry in catalogue if entry.id)
    return {entry.id: entry.string for entry in catalogue if entry.id}


def test_a_log_of_earlier_templates_stays_readable_in_both_languages(code: Code) -> None:
    said = {_forms(message.id) for message in messages(PROGRAM)}
    logged = {_forms(entry.id): _forms(entry.string) for entry in read(code, EARLIER) if entry.id}
    assert logged
    assert not said & logged.keys()
    for english, other in logged.items():
        assert all(other), english
        assert set(places(other[-1])) <= set(places(*english)), other
    stored = {"t": "The account can't log in without its password.", "v": {}}
    assert restore(stored) == stored["t"]
    assert language("fr").say(restore(stored)) == "Sans son mot de passe, le compte ne peut pas se connecter."
