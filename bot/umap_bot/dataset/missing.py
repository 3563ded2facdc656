"""Words that people and programs write where a value is missing."""

from __future__ import annotations

from typing import Final

MISSING: Final = frozenset(
    (
        *("NULL", "null", "(null)", "None", "undefined", "[object Object]", "<NA>", "\\N"),
        *("NA", "N/A", "n/a", "N.A.", "n.a.", "n.c.", "N.C.", "n.d.", "N.D.", "#N/A N/A"),
        *("nan", "NaN", "NaT", "Infinity", "-Infinity", "inf", "-inf", "Invalid Date"),
        *("1900-01-00", "00/01/1900", "1900-01-00 00:00:00", "0000-00-00", "00/00/0000"),
        *("(vide)", "(blank)", "(empty)"),
    )
)
"""What is hardly ever meant: databases, R, Python, JavaScript and spreadsheets write it."""
ERRORS: Final = frozenset(
    (
        *("#N/A", "#NA", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"),
        *("#N/D", "#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!", "#PROPAGATION!"),
        *(f"Err:{number}" for number in range(501, 541)),
        *("#" * count for count in range(4, 40)),
    )
)
"""Errors of formulas, in English and French; and what a spreadsheet shows in a column that is too narrow."""
_WORDS: Final = frozenset(
    (
        *("na", "n/a", "n.a", "nc", "n.c", "n/c", "nd", "n.d", "n/d", "nr", "n.r", "nsp", "so", "s.o", "s/o"),
        *("-", "--", "---", "–", "—", "?", "??", "???", "/", "null", "nil", "none", "nan", "vide", "blank"),
        *("inconnu", "inconnue", "unknown", "missing", "undefined", "aucun", "aucune", "manquant", "tbd"),
        *("non renseigné", "non renseignée", "non communiqué", "non communiquée", "non connu", "non défini"),
        *("non disponible", "sans objet", "à compléter", "à définir", "not available", "not applicable"),
    )
)
"""What may be a value elsewhere (NC is New Caledonia), but is none in the place of a coordinate."""
_LONGEST: Final = 30


def is_error(text: str) -> bool:
    """Tell whether a cell says that a formula failed."""
    return text in ERRORS


def means_missing(text: str) -> bool:
    """Tell whether a text in the place of a coordinate says that there is none."""
    if len(text) > _LONGEST:
        return False
    return text in MISSING or text in ERRORS or text.casefold().strip("()[] ").rstrip(".") in _WORDS
