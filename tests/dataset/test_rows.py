"""Keys, names, seeds and filters."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from umap_bot.dataset.decode import decode
from umap_bot.dataset.keys import slug
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.layer import GEOMETRY, Layer
from umap_bot.model.mark import Published, mark_of

Csv = Callable[..., Layer]
Problems = Callable[..., str]


def test_a_missing_key_comes_with_an_offer_made_from_the_name(problems: Problems) -> None:
    assert problems("id,nom\nroanne,x\n,Roanne\n  ,Roanne\n") == (
        "cites.csv has 2 problems:\n"
        "cites.csv, row 3: id is empty; write roanne-2\n"
        "cites.csv, row 4: id is empty; write roanne-3"
    )
    assert problems("id,n\n,Roanne\n") == "cites.csv, row 2: id is empty; write roanne"
    assert problems("id,nom\na,b\n,日本\n") == "cites.csv, row 3: id is empty; write a unique one"


SWAPPED = "longitude 4.8, latitude 95 look swapped, because no latitude is beyond 90; swap them"
WRITE_IDS = "To add ids automatically, in a copy of the file: umap-bot ids cites.csv"


def test_many_missing_keys_are_one_problem_with_their_rows(problems: Problems) -> None:
    rows = "".join(f",Nom {number}\n" for number in range(27))
    assert problems(f"id,nom\n{rows}a,A\n,B\n,C\n") == (
        f"cites.csv, rows 2–28, 30, 31: id is empty\n{WRITE_IDS}"
    )


def test_problems_of_several_kinds_each_have_a_line(problems: Problems) -> None:
    """Up to three of a kind one by one, more as one, with the rows of the others."""
    bad = "".join(f"k{number},95.{number},4.8\n" for number in range(5))
    assert problems(f"id,lat,lon\n{bad}k0,45.7,4.8\nk1,45.7,4.8\n").splitlines() == [
        "cites.csv has 3 problems:",
        f"cites.csv, row 2: {SWAPPED} (also in rows 3–6)",
        'cites.csv, row 7: duplicate id "k0" (also in row 2); change one of them',
        'cites.csv, row 8: duplicate id "k1" (also in row 3); change one of them',
    ]


def lost(content: str) -> str:
    """What is said of a file of which all rows were published, and then lost their ids."""
    emptied = "".join("," + line.partition(",")[2] + "\n" for line in content.splitlines()[1:])
    return after(content, f"id,nom,lat,lon\n{emptied}z,New,1,2\n")


def after(
    content: str, now: str, used: frozenset[str] = frozenset(), key: str = "id", **settings: Any
) -> str:
    """What is said of a file after another was published, by the ids in `key`."""
    recipe = Recipe(path="f.csv", rename={"nom": "name"})
    rows = decode(content.encode(), recipe).rows
    marks = {key: mark_of(row.properties, row.geometry) or ("", b"") for key, row in rows.items()}
    with pytest.raises(DatasetError) as caught:
        decode(now.encode(), replace(recipe, **settings), published=lambda: Published(marks, used, key))
    return str(caught.value)


PUBLISHED = "id,nom,lat,lon\n1,Bron,45.7,4.9\n2,Lyon,45.8,4.8\n3,Oullins,45.6,4.7\n"
HEADER, FIRST, SECOND, THIRD = PUBLISHED.splitlines(keepends=True)


def test_an_id_that_may_be_that_of_a_row_without_one_comes_before_a_new_one() -> None:
    """Name and place changed: only a person knows whether it is one. A new id would remove the feature."""
    new, gone = ",Autre,46,5\n", "no longer in the file: does it belong to this row? If not, write"
    assert after(PUBLISHED, HEADER + FIRST + new + THIRD) == (
        f'f.csv, row 3: id is empty; the id 2 ("Lyon") is {gone} 4'
    )
    assert after(PUBLISHED, HEADER + FIRST + new) == (
        'f.csv, row 3: id is empty; the ids 2 ("Lyon"), 3 ("Oullins") are no longer in the '
        "file: does one of them belong to this row? If not, write 4"
    )
    assert after(PUBLISHED, HEADER + "x,X,1,2\n" + FIRST + SECOND + ",,47,5\n") == (
        f'f.csv, row 5: id is empty; the id 3 ("Oullins") is {gone} a unique one'
    )


def test_of_many_rows_without_an_id_it_is_asked_once_whose_the_old_ids_are() -> None:
    new = "".join(f",Autre {number},46,5.{number}\n" for number in range(4))
    assert after(PUBLISHED, HEADER + FIRST + new + THIRD) == (
        'f.csv, rows 3–6: id is empty; the id 2 ("Lyon") is no longer in the file: does it '
        "belong to one of these rows?\nFirst write back the ids that belong to these rows. "
        "To add new ids to the others, in a copy of the file: umap-bot ids f.csv"
    )
    many = HEADER + "".join(f"{number},Nom {number},45.{number},4\n" for number in range(1, 9))
    told = after(many, HEADER + "1,A,1,2\n2,B,1,2\n,C,1,2\n")
    assert 'the ids 3 ("Nom 3"), 4 ("Nom 4"), 5 ("Nom 5"), 6 ("Nom 6"), 7 ("Nom 7"), … are no' in told


def test_an_id_that_the_filter_leaves_out_is_still_in_the_file() -> None:
    published = "id,nom,lat,lon,t\n1,Bron,45.7,4.9,x\n2,Lyon,45.8,4.8,x\n"
    now = "id,nom,lat,lon,t\n1,Bron,45.7,4.9,x\n2,Lyon,45.8,4.8,y\n,Lyon,45.8,4.8,x\n"
    assert after(published, now, filter={"t": "x"}) == "f.csv, row 4: id is empty; write 3"


def test_what_another_column_held_is_no_id_that_is_gone() -> None:
    assert after(PUBLISHED, HEADER + "x" + FIRST + SECOND + ",,47,5\n", key="code").endswith(
        "row 4: id is empty; write a unique one"
    )


def test_a_new_id_was_never_used_before() -> None:
    """Neither by a row that was published last, nor by one before that, as far as the log goes back."""
    assert after(PUBLISHED, HEADER + FIRST + SECOND + THIRD + ",A,1,2\n", frozenset({"9", "x"})) == (
        "f.csv, row 5: id is empty; write 10"
    )
    assert after(PUBLISHED, HEADER + "x" + FIRST + ",A,1,2\n", frozenset({"a"})).endswith("If not, write a-2")


def test_a_key_that_was_published_and_is_lost_is_named() -> None:
    """By name and place; a row that has another name, or an id that another row has now, is a new one."""
    assert lost("id,nom,lat,lon\nc7,Bron,45.7,4.9\n") == (
        "f.csv, row 2: id is empty; it was c7: write it back"
    )
    assert lost("id,nom,lat,lon\nz,Bron,45.7,4.9\n") == "f.csv, row 2: id is empty; write bron"
    many = "".join(f"c{number},Nom {number},45.{number},4\n" for number in range(12))
    assert lost(f"id,nom,lat,lon\n{many}") == (
        "f.csv, rows 2–13: id is empty; the ids were c0, c1, c2, c3, c4, c5, c6, c7, c8, "
        "c9, …: write them back\nThese rows are on the map under their previous ids: "
        "restore the column from the previous version of the file."
    )


def test_an_id_that_a_row_outside_the_filter_has_too_is_warned_of(csv: Csv) -> None:
    layer = csv("id,nom,t\n1,A,x\n2,B,y\n2,C,x\n", filter={"t": "x"})
    assert layer.warnings == (
        (
            "cites.csv: the ids of row 4 also occur in rows that DATASET_FILTER leaves out; "
            "give each row its own id"
        ),
    )
    assert csv("id,nom,t\n1,A,x\n2,B,y\n3,C,x\n", filter={"t": "x"}).warnings == ()


def test_without_a_key_column_ids_can_be_written(problems: Problems) -> None:
    assert problems("nom,lat,lon\nBron,45.7,4.9\n").splitlines()[1:] == [WRITE_IDS]
    assert WRITE_IDS not in problems("nom;lat;lon\nBron;45.7;4.9\n", delimiter=",")


def test_a_key_that_stands_twice_names_both_rows(problems: Problems) -> None:
    assert problems("id,nom\nbron,A\nx,B\n bron ,C\n") == (
        'cites.csv, row 4: duplicate id "bron" (also in row 2); change one of them'
    )


def test_outer_white_space_is_no_part_of_a_key(csv: Csv) -> None:
    assert csv("id\n\u00a0bron \n").rows["bron"].properties == {"id": "bron"}


def test_keys_that_look_the_same_are_warned_of(csv: Csv) -> None:
    layer = csv("id\nBron\nx\nbron\nﬁn\nfin\n")
    assert layer.warnings == (
        (
            'cites.csv: the ids "Bron" (row 2) and "bron" (row 4) look the same; if they are '
            "one place, remove one row, otherwise change one id"
        ),
        (
            'cites.csv: the ids "ﬁn" (row 5) and "fin" (row 6) look the same; if they are one '
            "place, remove one row, otherwise change one id"
        ),
    )


def test_a_key_is_one_whatever_its_unicode_form(problems: Problems) -> None:
    assert "also in row 2" in problems(f"id\né\n{unicodedata.normalize('NFD', 'é')}\n")


def test_a_key_is_one_line(problems: Problems) -> None:
    assert problems('id\n"a\nb"\n') == (
        'cites.csv, row 2: id "a\\nb" contains a line break or another control character; '
        "write it on one line"
    )


def test_a_wrong_key_column_offers_the_nearest(problems: Problems) -> None:
    assert problems("Id,nom\na,A\n") == (
        'cites.csv: there is no column "id" (DATASET_KEY); did you mean "Id"? Columns: Id, nom'
    )


def test_columns_are_renamed_and_the_key_with_them(csv: Csv) -> None:
    layer = csv(
        "code,Nom de la cité,x\na,Lyon,1\n", key="code", rename={"Nom de la cité": "name", "code": "cle"}
    )
    assert layer.key == "cle"
    assert layer.columns == ("cle", "name", "x")
    assert layer.rows["a"].properties == {"cle": "a", "name": "Lyon", "x": "1"}
    assert layer.headers == {"cle": "code", "name": "Nom de la cité"}


def test_an_unknown_column_to_rename_offers_the_nearest(problems: Problems) -> None:
    assert problems("id,nom\na,A\n", rename={"Noms": "name"}) == (
        'cites.csv: DATASET_RENAME: there is no column "Noms"; did you mean "nom"? Columns: id, nom'
    )


def test_two_columns_never_meet_in_one_property(problems: Problems) -> None:
    assert problems("id,nom,name\na,A,B\n", rename={"nom": "name"}) == (
        'cites.csv: the columns "nom" and "name" would both become the field "name"; rename '
        "one of them in the file or with DATASET_RENAME"
    )
    assert 'would both become the field "a_b_c"' in problems("id,a.b.c,a_b_c\na,A,B\n")


def test_dots_in_names_become_what_umap_makes_of_them(csv: Csv) -> None:
    layer = csv("id,a.b.c\nx,1\n")
    assert layer.columns == ("id", "a_b_c")
    assert layer.headers == {"a_b_c": "a.b.c"}
    assert layer.warnings == ('cites.csv: uMap does not allow dots in field names: "a.b.c" → "a_b_c"',)


def test_names_are_compared_in_one_unicode_form(csv: Csv) -> None:
    decomposed = unicodedata.normalize("NFD", "cité")
    layer = csv(f"id,{decomposed}\na,A\n", rename={decomposed: "name"})
    assert layer.rows["a"].properties["name"] == "A"


def test_styles_are_the_maps(csv: Csv) -> None:
    layer = csv("id,_umap_options\na,{}\n")
    assert (layer.columns, layer.rows["a"].properties) == (("id",), {"id": "a"})
    assert "styles belong to the map" in layer.warnings[0]


def test_seeds_are_named_by_column_or_property_or_as_the_place(csv: Csv) -> None:
    layer = csv("id,nom,note,lat,lon\na,A,x,45,4\n", rename={"nom": "name"}, seed=("nom", "note", "geometry"))
    assert layer.seeds == ("name", "note", GEOMETRY)
    assert layer.owned == ("id",)
    assert not layer.owns_geometry


def test_wrong_seeds_are_problems(problems: Problems) -> None:
    assert 'DATASET_SEED: there is no column "not"' in problems("id,note\na,x\n", seed=("not",))
    assert 'DATASET_SEED: "id" is the id column' in problems("id,note\na,x\n", seed=("id",))
    assert "DATASET_SEED" in problems("id,note\na,x\n", seed=("geometry",))


HIDDEN = "id,nom,Téléphone,Mail\na,x,04 78,a@b\n"


@pytest.mark.parametrize(
    "name",
    ["telephone", "TÉLÉPHONE", '"Téléphone"', "'Téléphone", "Téléphone;Mail", "Mail|nom", "téléphone "],
)
def test_a_name_to_hide_that_is_nearly_a_columns_is_a_problem(name: str, problems: Problems) -> None:
    """Else the values of that column would be told everywhere."""
    assert f'REPORT_HIDE: there is no column "{name}"; ' in problems(HIDDEN, unshown=(name,))


@pytest.mark.parametrize("names", [("Téléphone",), ("name",), ("Téléphone", "telephone"), ("contact",), ()])
def test_a_name_to_hide_is_a_columns_or_a_propertys_or_of_another_layer(
    names: tuple[str, ...], csv: Csv
) -> None:
    layer = csv(HIDDEN, unshown=names, rename={"nom": "name"})
    assert layer.unnamed == tuple(name for name in names if name in ("telephone", "contact"))


def test_a_name_to_hide_that_was_published_is_that_of_a_column_that_is_gone() -> None:
    """That is asked, and answered, by itself."""
    known = Published(columns=frozenset({"telephone"}))
    recipe = Recipe(path="f.csv", unshown=("telephone",))
    assert decode(HIDDEN.encode(), recipe, published=lambda: known).unnamed == ()


def test_a_filter_keeps_the_rows_with_the_value(csv: Csv, problems: Problems) -> None:
    text = "id,wave\na,2019\nb,2021\n,2021 too\n"
    assert list(csv(text, filter={"wave": "2021"}).rows) == ["b"]
    assert 'filter: there is no column "weve"; did you mean "wave"?' in problems(text, filter={"weve": "1"})


PLACES = "id,Nom,Téléphone,Notes,lat,lon\nbron,Bron,04 78 00 00 01,x,45,4\n"


def test_only_the_named_columns_are_published_beside_the_key(csv: Csv) -> None:
    layer = csv(PLACES, columns=("Nom", "lat"), rename={"Nom": "name"})
    assert (layer.columns, layer.places) == (("id", "name"), True)
    assert layer.rows["bron"].properties == {"id": "bron", "name": "Bron"}
    assert layer.unpublished == {"Téléphone", "Notes"}
    assert layer.warnings == ()


def test_what_is_left_out_is_not_published(csv: Csv) -> None:
    layer = csv(PLACES, leave_out=("Téléphone", "Notes"), rename={"Notes": "memo.x"})
    assert layer.columns == ("id", "Nom")
    assert layer.unpublished == {"Téléphone", "memo_x"}
    assert layer.headers == {"memo_x": "Notes"}


def test_coordinates_place_the_rows_even_if_they_are_kept_off_the_map(csv: Csv) -> None:
    layer = csv(PLACES, leave_out=("lat", "lon", "Téléphone"), keep_coordinates=True)
    assert layer.columns == ("id", "Nom", "Notes")
    assert layer.rows["bron"].geometry == {"type": "Point", "coordinates": [4.0, 45.0]}


def test_a_column_that_is_left_out_can_still_be_filtered_by(csv: Csv) -> None:
    text = "id,wave,secret\na,2019,x\nb,2021,y\n"
    layer = csv(text, filter={"wave": "2021"}, columns=("secret",))
    assert [row.properties for row in layer.rows.values()] == [{"id": "b", "secret": "y"}]


def test_the_own_id_of_geojson_features_is_a_key_that_stays() -> None:
    text = (
        b'{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","geometry":null,'
        b'"properties":{"nom":"A","tel":"x"}}]}'
    )
    layer = decode(text, Recipe(path="f.geojson", columns=("id", "nom")))
    assert (layer.columns, layer.rows["a"].properties) == (("id", "nom"), {"id": "a", "nom": "A"})


def test_a_column_of_names_that_nobody_named_is_missed(csv: Csv) -> None:
    (warning,) = csv(PLACES, columns=("Notes",), rename={"Nom": "name"}).warnings
    assert warning == (
        'cites.csv: DATASET_COLUMNS does not list "Nom", so the features have no title on '
        "the map; to give them one, add it to the setting"
    )
    assert csv(PLACES, leave_out=("Nom", "Téléphone"), rename={"Nom": "name"}).warnings == ()


def test_wrong_names_of_columns_offer_the_nearest(problems: Problems) -> None:
    columns = "Columns: id, Nom, Téléphone, Notes, lat, lon"
    assert problems(PLACES, columns=("Noms",)) == (
        f'cites.csv: DATASET_COLUMNS: there is no column "Noms"; did you mean "Nom"? {columns}'
    )
    assert problems(PLACES, leave_out=("telephone",)) == (
        f'cites.csv: DATASET_LEAVE_OUT: there is no column "telephone"; did you mean "Téléphone"? {columns}'
    )


def test_settings_that_contradict_each_other_are_problems(problems: Problems) -> None:
    assert 'DATASET_LEAVE_OUT: "id" is the id column' in problems(PLACES, leave_out=("id",))
    assert 'both list "Nom"; remove it from one of them' in problems(
        PLACES, leave_out=("Nom",), columns=("Nom",)
    )
    assert 'DATASET_SEED: the column "Nom" is not published' in problems(
        PLACES, leave_out=("Nom",), seed=("Nom",)
    )


def test_values_that_are_kept_off_the_map_are_told_nowhere(csv: Csv, problems: Problems) -> None:
    text = "id,nom,note\na,A,NULL\nb,B,x\n"
    assert csv(text, leave_out=("note",)).warnings == ()
    assert "write 04-78" not in problems("id,tel\n,04 78\nb,x\n", leave_out=("tel",))


def test_an_unknown_kind_of_file_is_named() -> None:
    with pytest.raises(DatasetError, match=r"cites\.docx has a format .* must end in one of: \.csv, \.tsv"):
        decode(b"", Recipe(path="cites.docx"))


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Saint-Étienne / Montreynaud", "saint-etienne-montreynaud"),
        ("L'Isle-d'Abeau / Villefontaine", "l-isle-d-abeau-villefontaine"),
        ("Œuvre & Cœur", "oeuvre-et-coeur"),
        ("  ", "row"),
        ("x" * 100, "x" * 60),
    ],
)
def test_slugs(name: str, made: str) -> None:
    assert slug(name) == made


def test_slugs_are_unique() -> None:
    assert slug("Bron", {"bron", "bron-2"}) == "bron-3"


def test_hostile_text_does_not_reach_the_message_raw(problems: Problems) -> None:
    message = problems("id,nom\n\x1b[31mx,A\n")
    assert "\x1b" not in message
    assert "\\x1b" in message


def test_coordinate_columns_may_stand_in_the_settings_for_names(csv: Csv) -> None:
    layer = csv("id,lat,lon\na,45,4\n", rename={"lat": "latitude"}, filter={"lat": "45"})
    assert layer.columns == ("id",)


def test_the_maps_own_part_is_no_key(problems: Problems) -> None:
    assert "_umap_options can't be the id column" in problems("_umap_options,nom\na,A\n", key="_umap_options")


def test_more_columns_than_a_map_can_use_are_refused(problems: Problems) -> None:
    header = ",".join(f"c{number}" for number in range(1200))
    assert "has 1200 columns, and at most 1000" in problems(f"{header}\n")


def test_rows_without_a_name_get_no_offer(problems: Problems) -> None:
    lines = problems("id,nom,note\n,,!\n,,?\n").splitlines()
    assert lines[1:] == [f"cites.csv, row {row}: id is empty; write a unique one" for row in (2, 3)]
