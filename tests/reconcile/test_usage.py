"""Which of a layer's settings use a column. What settings look like: uMap 3.7.3's own modules."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.reconcile.test_rules import live
from umap_bot.reconcile.guard.usage import used_by, uses

NAMING: list[tuple[str, Any]] = [
    ("labelKey", "quartiers"),
    ("labelKey", "{quartiers}"),
    ("sortKey", "quartiers"),
    ("sortKey", "-quartiers"),
    ("sortKey", "name,-quartiers"),
    ("slugKey", "quartiers"),
    ("filterKey", "quartiers"),
    ("filterKey", "name, quartiers"),
    ("facetKey", "quartiers"),
    ("facetKey", "name,quartiers|Quartiers|checkbox"),
    (
        "filters",
        [{"fieldKey": "name", "widget": "checkbox"}, {"fieldKey": "quartiers", "widget": "checkbox"}],
    ),
    ("choropleth", {"property": "quartiers", "classes": 5}),
    ("categorized", {"property": "quartiers"}),
    ("circles", {"property": "quartiers"}),
    ("heat", {"intensityProperty": "quartiers", "radius": 25}),
    ("advancedFilterKey", "name,quartiers|Quartiers|checkbox"),
    ("rules", [{"name": "", "condition": "quartiers=Parilly", "properties": {"color": "Red"}}]),
    ("rules", [{"condition": "name=x"}, {"condition": "quartiers!=", "options": {"color": "Red"}}]),
    ("popupContentTemplate", "# {name}\n{quartiers}"),
    ("popupContentTemplate", "{quartiers|name}"),
    ("popupContentTemplate", '{name|quartiers|"–"}'),
    ("popupContentTemplate", '{quartiers|"–"}'),
    ("popupContentTemplate", "{quartiers.0}"),
    ("popupContentTemplate", "{ quartiers}"),
    ("popupContentTemplate", "[[{quartiers}|voir]]"),
    ("popupContentTemplate", "{{{quartiers}}}"),
    ("iconUrl", "https://example.org/{quartiers}.svg"),
    ("outlink", "https://example.org/?q={quartiers}"),
    ("description", "Voir {quartiers}"),
    ("color", "{quartiers}"),
]
"""Settings that use the column `quartiers`. The last: any style may hold a name (getDynamicOption)."""

INNOCENT: list[tuple[str, Any]] = [
    ("labelKey", "name"),
    ("labelKey", "quartiers prioritaires"),
    ("labelKey", ""),
    ("labelKey", None),
    ("labelKey", 7),
    ("sortKey", "les-quartiers"),
    ("filters", []),
    ("filters", {"quartiers": True}),
    ("filters", [None, "quartiers", {"fieldKey": "name"}]),
    ("choropleth", {}),
    ("choropleth", "quartiers"),
    ("categorized", {"property": "name", "classes": "quartiers"}),
    ("heat", {"property": "quartiers"}),
    ("heat", None),
    ("rules", [{"condition": "name=quartiers", "properties": {"color": "Red"}}]),
    ("rules", "quartiers=1"),
    ("popupContentTemplate", "quartiers"),
    ("popupContentTemplate", "{quartiers2} {mes_quartiers} {name.quartiers}"),
    ("popupContentTemplate", '{name|"quartiers"}'),
    ("name", "quartiers"),
    ("fields", [{"key": "quartiers", "type": "String"}]),
    ("color", "quartiers"),
]
"""Settings that only look so. `fields` names every column there is: uMap fills it in by itself."""


def shown(case: tuple[str, Any]) -> str:
    return f"{case[0]}: {case[1]}"


@pytest.mark.parametrize("case", NAMING, ids=shown)
def test_a_setting_that_uses_the_column_is_named(case: tuple[str, Any]) -> None:
    assert uses(dict([case]), "quartiers") == (case[0],)


@pytest.mark.parametrize("case", INNOCENT, ids=shown)
def test_a_setting_that_does_not_is_not(case: tuple[str, Any]) -> None:
    assert uses(dict([case]), "quartiers") == ()


def test_every_use_is_named_once() -> None:
    settings: dict[str, Any] = {
        "name": "Cités",
        "labelKey": "{quartiers} {quartiers}",
        "sortKey": "quartiers,-quartiers",
        "popupContentTemplate": "{quartiers}",
        "color": "Red",
    }
    assert sorted(uses(settings, "quartiers")) == ["labelKey", "popupContentTemplate", "sortKey"]
    assert uses(settings, "name") == ()
    assert uses({}, "quartiers") == ()


def test_what_the_group_and_the_map_set_counts_where_it_is_in_force() -> None:
    entry = replace(
        live().entry,
        settings={"labelKey": "name", "sortKey": "", "color": "Red"},
        group_settings={"labelKey": "quartiers", "sortKey": "quartiers", "popupContentTemplate": "{name}"},
        map_settings={
            "labelKey": "quartiers",
            "popupContentTemplate": "{quartiers}",
            "iconUrl": "/{quartiers}.svg",
            "filters": [{"fieldKey": "quartiers"}],
        },
    )
    assert used_by(entry, "quartiers") == ((), ("sortKey",), ("iconUrl", "filters"))
    assert used_by(entry, "name") == (("labelKey",), ("popupContentTemplate",), ())


@pytest.mark.parametrize("column", ["q+", "Nom (fr)", "a|b", "Nom de la cité", "[x]", "€"])
def test_a_columns_name_is_taken_as_it_is_written(column: str) -> None:
    assert uses({"choropleth": {"property": column}}, column) == ("choropleth",)
    assert uses({"popupContentTemplate": "{qq}"}, column) == ()


def test_a_column_with_signs_is_found_in_a_template() -> None:
    assert uses({"popupContentTemplate": "{Nom (fr)}"}, "Nom (fr)") == ("popupContentTemplate",)
