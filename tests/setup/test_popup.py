"""Which columns the popup of a layer shows, and the text that shows them all."""

from __future__ import annotations

import pytest

from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.model.canon import Value
from umap_bot.model.layer import Layer
from umap_bot.report.popup import popup_text, shown_nowhere

CSV = b"id,name,description,ville,annee,vide,lat,lon\na,A,d,V,2019,,45,4\nb,B,,W,,,46,5\n"


@pytest.fixture
def layer() -> Layer:
    return decode(CSV, Recipe(path="f.csv"))


CASES: list[tuple[dict[str, Value], dict[str, Value], tuple[str, ...]]] = [
    ({}, {}, ("ville", "annee")),
    ({"popupTemplate": "Default", "popupContentTemplate": ""}, {}, ("ville", "annee")),
    ({"popupTemplate": "Table"}, {}, ()),
    ({}, {"popupTemplate": "Table"}, ()),
    ({"popupTemplate": "Default"}, {"popupTemplate": "Table"}, ("ville", "annee")),
    ({"popupContentTemplate": "# {name}\n{ville}"}, {}, ("description", "annee")),
    ({"popupContentTemplate": '{annee|ville|"no-where"} { description}'}, {}, ()),
    ({"popupContentTemplate": "{ville.nom}"}, {}, ("description", "annee")),
    ({}, {"popupContentTemplate": "{ville}{annee}"}, ("description",)),
    ({"labelKey": "ville"}, {}, ("annee",)),
    ({"labelKey": "{ville} {annee}"}, {}, ()),
]


@pytest.mark.parametrize(("own", "of_map", "unseen"), CASES)
def test_columns_that_nobody_sees(
    layer: Layer, own: dict[str, Value], of_map: dict[str, Value], unseen: tuple[str, ...]
) -> None:
    """Neither the key nor a column without any value counts."""
    assert shown_nowhere(layer, own, of_map) == unseen


def test_the_text_shows_them_all(layer: Layer) -> None:
    popup = popup_text(layer)
    assert popup.text == "# {name}\n{description}\n* **ville**: {ville}\n* **annee**: {annee}"
    assert popup.left_out == ()
    assert shown_nowhere(layer, {"popupContentTemplate": popup.text}, {}) == ()


def test_what_no_text_can_name_is_left_out() -> None:
    """uMap's own pattern takes no dash, slash or brace in a name."""
    data = b"id,nom,code-insee,a/b,x|y,{z},*wichtig*\na,A,69,1,2,3,4\n"
    popup = popup_text(decode(data, Recipe(path="f.csv", rename={"nom": "name"})))
    assert popup.text == "# {name}\n{description}\n* **wichtig**: {*wichtig*}"
    assert popup.left_out == ("code-insee", "a/b", "x|y", "{z}")
