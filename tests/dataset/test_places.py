"""Where a row is: the columns of real open data, and each way in which they mislead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from umap_bot.dataset.naming import words
from umap_bot.model.layer import Layer

Csv = Callable[..., Layer]
Problems = Callable[..., str]

LYON = {"type": "Point", "coordinates": [4.86806, 45.73472]}


def place(layer: Layer, key: str = "a") -> object:
    return layer.rows[key].geometry


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("lat,lon", "45.73472,4.86806"),
        ("Latitude,Longitude", "45.73472,4.86806"),
        ("Xlong,Ylat", "4.86806,45.73472"),  # car-sharing places, car parks
        ("xlong_wgs84,ylat_wgs84", "4.86806,45.73472"),  # level crossings
        ("lat_coor1,long_coor1", "45.73472,4.86806"),  # defibrillators
        ("c_lat_coor1,c_long_coor1", "45.73472,4.86806"),
        ("EQUIP_LAT,EQUIP_LONG", "45.73472,4.86806"),  # public facilities
        ("stop_lat,stop_lon", "45.73472,4.86806"),  # GTFS
        ("@lat,@lon", "45.73472,4.86806"),  # Overpass
        ("gps lng,gps lat", "4.86806,45.73472"),
        ("y,x", "45.73472,4.86806"),
        ("lat,lon", '"45,73472","4,86806"'),
        ("lat,lon", " 45.73472 , 4.86806 "),
        ("coordonneesXY", '"[4.86806,45.73472]"'),  # charging points: lon,lat
        ("geopoint", '"4.86806, 45.73472"'),  # taxi ranks: lon, lat
        ("Géocodage xy", '"45.73472, 4.86806"'),  # festivals: lat, lon in spite of "xy"
        ("geo_point_2d", '"45.73472,4.86806"'),  # Opendatasoft: lat,lon
        ("Geo Shape", '"{""type"": ""Point"", ""coordinates"": [4.86806, 45.73472]}"'),
        ("position", '"{""lon"": 4.86806, ""lat"": 45.73472}"'),  # school directory
        ("GEOM_WKT", "POINT (4.86806 45.73472)"),
        ("geom", "SRID=4326;point z(4.86806 45.73472 3)"),
    ],
)
def test_columns_are_found_and_leave_the_properties(csv: Csv, header: str, cells: str) -> None:
    layer = csv(f"id,{header},nom\na,{cells},A\n")
    assert layer.places
    found = layer.rows["a"].geometry
    assert found in (LYON, {"type": "Point", "coordinates": [4.86806, 45.73472, 3]})
    assert layer.columns == ("id", "nom")
    assert layer.rows["a"].properties == {"id": "a", "nom": "A"}
    assert layer.warnings == ()


def test_the_shape_beside_the_point_is_the_geometry(csv: Csv) -> None:
    """Opendatasoft has both orders in one row."""
    shape = '"{""type"": ""LineString"", ""coordinates"": [[4.8, 45.7], [4.9, 45.8]]}"'
    layer = csv(f'id,geo_point_2d,geo_shape\na,"45.75,4.85",{shape}\n')
    assert place(layer) == {"type": "LineString", "coordinates": [[4.8, 45.7], [4.9, 45.8]]}
    assert layer.columns == ("id", "geo_point_2d")


@pytest.mark.parametrize(
    "header", ["population,longueur", "nom_long,plat", "relation,colonne", "lat,nom_long"]
)
def test_words_that_only_contain_lat_or_lon_are_data(csv: Csv, header: str) -> None:
    assert not csv(f"id,{header}\na,1,2\n").places


def test_flags_about_coordinates_are_no_coordinates(csv: Csv) -> None:
    layer = csv(
        "id,consolidated_longitude,consolidated_latitude,consolidated_is_lon_lat_correct\na,4.86806,45.73472,true\n"
    )
    assert layer.columns == ("id", "consolidated_is_lon_lat_correct")
    assert place(layer) == LYON


def test_degrees_win_over_x_and_y(csv: Csv) -> None:
    """Local addresses: `position` is the kind of point, x and y are Lambert 93."""
    layer = csv("id;long;lat;x;y;position\na;4.86806;45.73472;865837.51;6843339.94;entrée\n")
    assert place(layer) == LYON
    assert layer.columns == ("id", "x", "y", "position")


def test_a_position_that_is_no_place_is_data(csv: Csv) -> None:
    layer = csv("id,position\na,entrée\nb,délivrance postale\n")
    assert (layer.places, layer.columns) == (False, ("id", "position"))


def test_a_position_that_is_mostly_a_place_is_warned_of(csv: Csv) -> None:
    """In French, `coordonnées` may be a telephone number."""
    layer = csv('id,coordonnées\na,"45.73472,4.86806"\nb,04 78 00 00 00\n', columns=("*",))
    assert not layer.places
    [warning] = layer.warnings
    assert warning == (
        "cites.csv: the column coordonnées is read as text, because it does not hold "
        "coordinates in row 3; if it should, set DATASET_GEOMETRY=coordonnées"
    )


def test_projected_columns_are_data(csv: Csv) -> None:
    assert not csv("id,lat_l93,lon_l93\na,6519000,842000\n").places


def test_columns_of_two_pairs_are_never_mixed(csv: Csv, problems: Problems) -> None:
    assert not csv("id,depart_lat,arrivee_lon\na,45,4\n").places
    message = problems("id,depart_lat,depart_lon,arrivee_lat,arrivee_lon\na,45,4,46,5\n")
    assert message == (
        "cites.csv: several columns could hold the coordinates: depart_lat with depart_lon "
        "or arrivee_lat with arrivee_lon; choose one: DATASET_LATITUDE=depart_lat and "
        "DATASET_LONGITUDE=depart_lon"
    )
    layer = csv("id,latitude,lon,longitude\na,45.73472,99,4.86806\n")
    assert place(layer) == LYON


def test_two_geometry_columns_must_be_told_apart(csv: Csv, problems: Problems) -> None:
    text = "id,geompoint,geomsurf\na,POINT (4.86806 45.73472),\n"
    assert "geompoint or geomsurf; choose one: DATASET_GEOMETRY=geompoint" in problems(text)
    assert place(csv(text, geometry="geompoint")) == LYON


def test_settings_win(csv: Csv, problems: Problems) -> None:
    text = "id,lat,lon,la,lo\na,1,2,45.73472,4.86806\n"
    assert place(csv(text, latitude="la", longitude="lo")) == LYON
    assert "DATASET_LATITUDE: there is no column lo_" in problems(text, latitude="lo_", longitude="lo")
    assert "go together" in problems(text, latitude="la")
    assert "the id column id can't also hold" in problems(text, latitude="la", longitude="id")


def test_a_lonely_latitude_is_warned_of(csv: Csv) -> None:
    assert csv("id,lat\na,1\n").warnings == (
        (
            "cites.csv: the column lat has no matching latitude or longitude column, so no "
            "coordinates are read from the file"
        ),
    )


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("lat,lon", "45.73472,+4.86806"),
        ("X_WGS84,Y_WGS84", "4.86806,45.73472"),
        ("POINT_X,POINT_Y", "4.86806,45.73472"),  # ArcGIS
        ("Coord X,Coord Y", '"4,86806","45,73472"'),
        ("Latitude (Y),Longitude (X)", "45.73472,4.86806"),
        ("lat_y,lon_x", "45.73472,4.86806"),
        ("LATITUD,LONGITUD", "45.73472,4.86806"),
        ("lattitude,longitude", "45.73472,4.86806"),
        ("la\u200bt,\ufefflon", "45.73472,4.86806"),
        ("Location", '"(45.73472, 4.86806)"'),  # Socrata
        ("Position", "45.73472 4.86806"),
        ("Position", "45.73472;4.86806"),
        ("Position", '"45,73472; 4,86806"'),
        ("Position", '"[45,73472 4,86806]"'),
        ("geopoint", "(4.86806 45.73472)"),
        ("Latitude/Longitude", '"45.73472, 4.86806"'),
        ("Coordonnées géographiques", "45.73472 4.86806"),
    ],
)
def test_columns_that_are_plain_by_name_and_values_are_found(csv: Csv, header: str, cells: str) -> None:
    layer = csv(
        f"id,{header},nom\na,{cells},A\nb,,B\n" if "," not in header else f"id,{header},nom\na,{cells},A\n"
    )
    assert place(layer) == LYON
    assert layer.columns == ("id", "nom")


def test_a_minus_may_be_the_sign_of_type(csv: Csv) -> None:
    layer = csv("id,lat,lon\na,47.5,\u22121.55\n")
    assert (
        place(layer)
        == place(csv('id,geopoint\na,"47.5, \u22121.55"\n'))
        == place(csv("id,lat,lon\na,47.5,-1.55\n"))
    )


def test_axes_may_hold_a_whole_number_of_degrees(csv: Csv) -> None:
    layer = csv("id,pos_x,pos_y\na,5,45\nb,4.86806,45.73472\n")
    assert (place(layer), place(layer, "b")) == ({"type": "Point", "coordinates": [5, 45]}, LYON)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "id;où\na;45.73472,4.86806\n",
            'column "où" looks like it holds them ("45.73472,4.86806"); if so, set DATASET_GEOMETRY=où',
        ),
        (
            "id;où\na;POINT (4 45)\n",
            'column "où" looks like it holds them ("POINT (4 45)"); if so, set DATASET_GEOMETRY=où',
        ),
        (
            "id;position\na;48,85,2,35\n",
            'column "position" looks like it holds them ("48,85,2,35"); if so, set DATASET_GEOMETRY=position',
        ),
        (
            "id;position\na;45°44'N 4°50'E\n",
            (
                'column "position" looks like it holds them ("45°44\'N 4°50\'E"); '
                "if so, set DATASET_GEOMETRY=position"
            ),
        ),
        (
            "id;a1;b1\na;45,73472;4,86806\nb;;\n",
            (
                'columns "a1" and "b1" look like latitude and longitude; '
                "if so, set DATASET_LATITUDE=a1 and DATASET_LONGITUDE=b1"
            ),
        ),
        (
            "id,x_l93,y_l93\na,842666,6519234\n",
            (
                'columns "x_l93" and "y_l93" look like Lambert 93 metres (EPSG:2154); '
                "convert them to degrees (WGS 84, EPSG:4326) in columns lat and lon"
            ),
        ),
        (
            "id,POINT_X,POINT_Y\na,842666,6519234\n",
            (
                'columns "POINT_X" and "POINT_Y" look like Lambert 93 metres (EPSG:2154); '
                "convert them to degrees (WGS 84, EPSG:4326) in columns lat and lon"
            ),
        ),
    ],
)
def test_what_looks_like_places_is_offered_where_none_were_found(csv: Csv, content: str, said: str) -> None:
    layer = csv(content)
    assert not layer.places
    assert layer.warnings == (f"cites.csv: no coordinates found, but the {said}",)


@pytest.mark.parametrize(
    "content",
    [
        "id,nom\na,Bron\n",
        "id,tel\na,04 78 00 00 00\n",
        "id,prix,part\na,45.12,4.5\n",
        "id,pos_x,pos_y\na,3,4\n",
        "id,position\na,1\n",
        "id,date\na,2026-11-24\n",
        'id,note\na,"12,5"\n',
    ],
)
def test_what_is_no_place_is_not_offered(csv: Csv, content: str) -> None:
    layer = csv(content)
    assert (layer.places, [said for said in layer.warnings if "personal" not in said]) == (False, [])


def test_axes_that_are_mostly_degrees_are_warned_of(csv: Csv) -> None:
    [warning] = csv("id,pos_x,pos_y\na,4.8,45.7\nb,hall,4\n").warnings
    assert warning == (
        "cites.csv: the column pos_y with pos_x is read as text, because it does not hold "
        "coordinates in row 3; if it should, set DATASET_LATITUDE=pos_y and "
        "DATASET_LONGITUDE=pos_x"
    )


# The order of two numbers in one cell


def test_one_row_in_france_proves_the_order_of_all(csv: Csv) -> None:
    layer = csv('id,geopoint\nreunion,"55.45,-20.88"\nlyon,"4.86806,45.73472"\n')
    assert place(layer, "reunion") == {"type": "Point", "coordinates": [55.45, -20.88]}


def test_a_number_beyond_ninety_proves_it_too(csv: Csv) -> None:
    assert place(csv('id,geopoint\na,"-21.1,165.5"\n')) == {"type": "Point", "coordinates": [165.5, -21.1]}


def test_what_is_not_proved_is_asked(csv: Csv, problems: Problems) -> None:
    text = 'id,coordonneesXY\na,"[55.45,-20.88]"\n'
    assert problems(text) == (
        "cites.csv, row 2: coordonneesXY 55.45,-20.88: the values don't show whether "
        "latitude or longitude comes first; set DATASET_GEOMETRY=coordonneesXY:lat,lon or "
        "DATASET_GEOMETRY=coordonneesXY:lon,lat"
    )
    assert place(csv(text, geometry="coordonneesXY:lon,lat")) == {
        "type": "Point",
        "coordinates": [55.45, -20.88],
    }
    assert place(csv(text, geometry="coordonneesXY:lat,lon")) == {
        "type": "Point",
        "coordinates": [-20.88, 55.45],
    }


def test_a_row_against_the_others_is_swapped(problems: Problems) -> None:
    """Charging points: inverted pairs occur."""
    text = 'id,coordonneesXY\na,"[4.8,45.7]"\nb,"[45.7,4.8]"\nc,"[2.3,48.8]"\n'
    assert problems(text) == (
        "cites.csv, row 3: coordonneesXY 45.7,4.8 is swapped: the other rows are lon,lat; swap the two"
    )


def test_decimal_commas_in_one_cell_are_refused(problems: Problems) -> None:
    assert problems("id;geopoint\na;48,85,2,35\n") == (
        'cites.csv, row 2: geopoint "48,85,2,35" is not a place; write it as '
        "45.73472,4.86806, with decimal points"
    )


# Cells that are no places


def test_no_coordinates_is_no_problem_but_counted(csv: Csv) -> None:
    layer = csv("id,lat,lon\na,45.73472,4.86806\nb,,\nc, ,\n")
    assert place(layer, "b") is None
    assert layer.places
    assert layer.warnings == (
        (
            "cites.csv: no coordinates in rows 3, 4: not added to the map; features that are "
            "already there stay where they are"
        ),
    )


def test_half_a_place_is_a_problem(problems: Problems) -> None:
    assert problems("id,lat,lon\na,45,\nb,,4\n") == (
        "cites.csv has 2 problems:\ncites.csv, row 2: lon is empty but lat is not; fill in "
        "both or neither\ncites.csv, row 3: lat is empty but lon is not; fill in both or "
        "neither"
    )


@pytest.mark.parametrize("text", ["45°44'05\"N", "1_0", "４５", "45.7 N"])
def test_what_is_no_number_is_shown(problems: Problems, text: str) -> None:
    quoted = text.replace('"', '""')
    message = problems(f'id,lat,lon\na,"{quoted}",4\n')
    assert message.startswith(f'cites.csv, row 2: lat "{text}" is not a number; write decimal degrees')


@pytest.mark.parametrize(
    "text", ["NA", "n/a", "\\N", "n.c.", "NULL", "nan", "inf", "-", "?", "Inconnu", "#N/A"]
)
def test_a_word_for_nothing_is_to_be_taken_away(csv: Csv, problems: Problems, text: str) -> None:
    said = f'"{text}" is not a place; if the place is unknown, empty the cell'
    assert problems(f"id,lat,lon\na,{text},4\n") == f"cites.csv, row 2: lat {said}"
    assert problems(f"id,geom\na,{text}\n") == f"cites.csv, row 2: geom {said}"
    both = f"id,lat,lon\na,{text},{text}\nb,{text},{text}\n"
    assert problems(both) == f"cites.csv, row 2: lat {said} (also in row 3)"
    vague = f'id,position\na,"45.7,4.8"\nb,{text}\n'
    assert problems(vague) == f"cites.csv, row 3: position {said}"
    assert not csv(f"id,position\na,{text}\n").places


@pytest.mark.parametrize(
    "text", ["45.764.043", "1.234.567", "45 764 043", "45\u00a0764\u00a0043", "45,764,043"]
)
def test_separators_of_thousands_are_named(problems: Problems, text: str) -> None:
    said = f'cites.csv, row 2: lat "{text}" has thousands separators; write decimal degrees such as 45.73472'
    assert problems(f'id,lat,lon\na,"{text}",4\n') == said.replace("\u00a0", "\\xa0")


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        ("6519234", "842666", "look like Lambert 93 metres"),
        ("842666", "6519234", "look like Lambert 93 metres"),
        ("4573472", "486806", "look like degrees × 100 000; divide them"),
        ("165.5", "-21.1", "look swapped"),
        ("95", "200", "are out of range"),
        ("45", "1e9", "are out of range"),
        ("45", "483", "are out of range"),
        ("5174000", "1842000", "look like projected coordinates"),
        (
            "45764043",
            "4835659",
            "without their decimal separator; if they should be 4.835659 and 45.764043, write that",
        ),
        ("4575", "4826", "without their decimal separator; if they should be 4.826 and 45.75, write that"),
        (
            "48859",
            "-1553",
            "without their decimal separator; if they should be -1.553 and 48.859, write that",
        ),
        (
            "45764043",
            "4.835659",
            "without their decimal separator; if they should be 4.835659 and 45.764043, write that",
        ),
        (
            "45.764043",
            "4835659",
            "without their decimal separator; if they should be 4.835659 and 45.764043, write that",
        ),
    ],
)
def test_numbers_that_are_no_degrees_are_called_by_their_name(
    problems: Problems, latitude: str, longitude: str, said: str
) -> None:
    message = problems(f"id,lat,lon\na,{latitude},{longitude}\n")
    assert message.startswith("cites.csv, row 2: longitude ")
    assert said in message


def test_a_whole_file_in_the_wrong_unit_is_one_problem(problems: Problems) -> None:
    rows = "".join(f"k{number},842666,65192{number:02}\n" for number in range(40))
    message = problems(f"id,x,y\n{rows}")
    assert "\n" not in message
    assert message.endswith("EPSG:4326) (also in rows 3–41)")


def test_a_file_that_lies_off_somalia_is_warned_of(csv: Csv) -> None:
    """Brownfields: the schema's own example has WKT with latitude first."""
    layer = csv("id,geompoint\na,POINT(49.2527 3.9815)\nb,POINT(45.73472 4.86806)\n")
    assert "are off the coast of Somalia" in layer.warnings[0]
    assert not csv("id,lat,lon\na,45.7,4.8\n").warnings


def test_a_row_whose_coordinates_are_swapped_is_told_with_what_they_would_be(csv: Csv) -> None:
    rows = [f"c{number},45.{number},4.{number}" for number in range(1, 9)]
    text = "\n".join(["id,lat,lon", *rows[:3], "bron,4.9117,45.73467", *rows[3:]])
    (warning,) = csv(text).warnings
    assert warning == (
        "cites.csv: latitude and longitude look swapped in row 5: the point is far from all "
        "others, but would be among them at latitude 45.73467, longitude 4.9117; swap the "
        "two"
    )
    assert csv(text).rows["bron"].geometry == {"type": "Point", "coordinates": [45.73467, 4.9117]}
    (commas,) = csv(text.replace(",", ";").replace(".", ",")).warnings
    assert "latitude 45,73467, longitude 4,9117; swap the two" in commas
    (warning,) = csv(f"{text}\nlyon,4.8,45.7").warnings
    assert "look swapped in rows 5, 11: the points are far from all others, but the first would" in warning


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("POLYGON(4.85 45.76, 4.86 45.77)", "not a valid Polygon"),  # as in the schema of delivery bays
        ("POLYGON((4 45, 5 45, 5 46, 4 46))", "not closed"),
        ("POLYGON((4 45, 5 45, 4 45))", "not a valid Polygon"),
        ("GEOMETRYCOLLECTION(POINT(4 45))", "is a geometry collection, which uMap does not keep"),
        ("CIRCULARSTRING(4 45, 5 46, 6 47)", "not WKT that a map can show"),
        ("MULTIPOINT(4 45, 5 46)", "is a MultiPoint, which uMap does not keep"),
        ("MULTIPOINT((4 45), (5 46))", "is a MultiPoint, which uMap does not keep"),
        ("POINT Z (4 45 1e400)", "its altitude is too large a number"),
        ("0101000020E610000000000000000010400000000000804640", "is binary (WKB); export it as WKT"),
        ("POINT(4 45, 5 46)", "a WKT point with several positions"),
        ("POINT(4,5 45,3)", "a WKT point with several positions"),
        ("POINT(4)", "not a valid Point"),
        ("POINT(4 45", "not WKT"),
        ("POINT(4 45))", "too many parentheses"),
        ("POINT((4 45)", "is invalid WKT at"),
        ("POINT()", "an empty position"),
        ("POINT(4 45) ()", "followed by other text"),
        ("POINT(a b)", "is invalid WKT at"),
        ("SRID=2154;POINT(842666 6519234)", "is in SRID 2154"),
        ("POINT(842666 6519234)", "Lambert 93"),
        ('{""type"": ""Point""}', "has no coordinates"),
        ('{""type"": ""Point"", ""coordinates"": [""4"", 45]}', "not a valid Point"),
        ("{", "is not valid JSON"),
    ],
)
def test_bad_geometry_text_is_a_problem(problems: Problems, text: str, said: str) -> None:
    message = problems(f'id,geom\na,"{text}"\n')
    assert message.startswith("cites.csv, row 2: ")
    assert said in message


@pytest.mark.parametrize(
    ("text", "coordinates"),
    [
        ("LINESTRING(4 45, 5 46)", [[4, 45], [5, 46]]),
        ("POLYGON((4 45, 5 45, 5 46, 4 45))", [[[4, 45], [5, 45], [5, 46], [4, 45]]]),
        ("MULTIPOINT(4 45)", [[4, 45]]),
        ("MULTIPOINT((4 45))", [[4, 45]]),
        ("PointZ (4 45 200)", [4, 45, 200]),
        ("LineStringZ(4 45 1, 5 46 2)", [[4, 45, 1], [5, 46, 2]]),
        (
            "MultiPolygonZ (((4 45 1, 5 45 1, 5 46 1, 4 45 1)))",
            [[[[4, 45, 1], [5, 45, 1], [5, 46, 1], [4, 45, 1]]]],
        ),
        ("SRID=4326;PointZ (4 45 200)", [4, 45, 200]),
        ("srid = 4326 ; Point(4 45)", [4, 45]),
        ("LINEARRING (4 45, 5 46, 4 45)", [[4, 45], [5, 46], [4, 45]]),
        ("PointM (4 45 7)", [4, 45]),
        ("POINT ZM (4 45 200 7)", [4, 45, 200]),
        ("PointZM(4 45 200 7)", [4, 45, 200]),
        ("POINT (4 45 200 7)", [4, 45, 200]),
        ("MULTIPOLYGON(((4 45, 5 45, 5 46, 4 45)))", [[[[4, 45], [5, 45], [5, 46], [4, 45]]]]),
    ],
)
def test_well_known_text(csv: Csv, text: str, coordinates: object) -> None:
    found = csv(f'id,wkt\na,"{text}"\nb,POINT EMPTY\n').rows["a"].geometry
    assert found is not None
    assert found["coordinates"] == coordinates


def test_words_of_a_name() -> None:
    assert words("Géocodage xy") == ("geocodage", "xy")
    assert words("coordonneesXY") == ("coordonnees", "xy")
    assert words("EQUIP_LAT") == ("equip", "lat")
