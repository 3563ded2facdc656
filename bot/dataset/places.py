"""From coordinate cells to points: each row gets its geometry, and the columns leave the properties."""

from __future__ import annotations

from bot.dataset.columns import Pair, Single, candidates, told, words
from bot.dataset.findings import Findings, excerpt
from bot.dataset.geometry import GeometryError, point, seem_swapped
from bot.dataset.position import Numbers, degrees, order_of, place
from bot.dataset.recipe import Recipe
from bot.dataset.table import Record, Table
from bot.model.canon import Geometry
from bot.text import Text, say, verbatim


def located(table: Table, recipe: Recipe, findings: Findings) -> Table:
    """Give the table with geometries, without the columns that they came from.

    A row with nothing in them has no geometry yet, which is counted in a warning.
    """
    source = table if table.places else _from_columns(table, recipe, findings)
    if not source.places:
        return source
    empty = [record.number for record in source.records if record.geometry is None]
    if empty:
        findings.warn(
            say(
                "no coordinates in {rows}: not on the map yet, unless placed there by hand",
                rows=findings.rows(empty),
            )
        )
    if seem_swapped(record.geometry for record in source.records):
        findings.warn(
            say(
                "all places lie off Somalia, and would lie in France with latitude and longitude exchanged: "
                "is their order right?"
            )
        )
    return source


def _from_columns(table: Table, recipe: Recipe, findings: Findings) -> Table:
    source = told(table.columns, recipe, findings) or _found(table, recipe, findings)
    if source is None:
        return table
    used = {source.latitude, source.longitude} if isinstance(source, Pair) else {source.column}
    if recipe.key in used:
        findings.fatal(
            say("the key column {column} can't hold the coordinates too; set DATASET_KEY", column=recipe.key)
        )
    if isinstance(source, Pair):
        _read_pairs(table.records, source, findings)
    else:
        _read_singles(table.records, source, findings)
    for record in table.records:
        for name in used:
            record.cells.pop(name, None)
    return Table(tuple(name for name in table.columns if name not in used), table.records, places=True)


def _found(table: Table, recipe: Recipe, findings: Findings) -> Pair | Single | None:
    names = [name for name in table.columns if name != recipe.key]
    for rivals in candidates(names):
        proved = [
            rival
            for rival in rivals
            if not isinstance(rival, Single) or _is_place(rival, table.records, findings)
        ]
        if len(proved) > 1:
            findings.fatal(_which(proved))
        if proved:
            return proved[0]
    lone = (("lat",), ("latitude",), ("longitude",))
    alone = [name for name in names if words(name) in lone]
    if alone:
        findings.warn(
            say(
                "the column {column} has no partner, so the file is read as one without coordinates",
                column=alone[0],
            )
        )
    return None


def _is_place(single: Single, records: list[Record], findings: Findings) -> bool:
    """Tell whether a column says where things are. A vague name must prove it by its values."""
    if not single.vague:
        return True
    texts = [(record.number, text) for record in records if (text := _text(record, single.column))]
    strange = [number for number, text in texts if not _parses(text)]
    if strange and len(strange) < len(texts):
        findings.warn(
            say(
                "the column {column} is read as text, as it is no place in {rows}; "
                "if it says where things are, set DATASET_GEOMETRY={column}",
                column=single.column,
                rows=findings.rows(strange),
            )
        )
    return bool(texts) and not strange


def _parses(text: str) -> bool:
    try:
        place(text)
    except GeometryError:
        return False
    return True


def _which(rivals: list[Pair | Single]) -> Text:
    """Ask which of the columns say where things are."""
    told, settings = tuple(map(_spoken, rivals)), _settings(rivals[0])
    return say("where is a row: {columns: or }? Say it: {settings}", columns=told, settings=settings)


def _spoken(source: Pair | Single) -> Text:
    if isinstance(source, Single):
        return verbatim(source.column)
    return say("{latitude} with {longitude}", latitude=source.latitude, longitude=source.longitude)


def _settings(source: Pair | Single) -> Text:
    if isinstance(source, Single):
        return say("DATASET_GEOMETRY={column}", column=source.column)
    return say(
        "DATASET_LATITUDE={latitude} and DATASET_LONGITUDE={longitude}",
        latitude=source.latitude,
        longitude=source.longitude,
    )


def _text(record: Record, column: str) -> str:
    value = record.cells.get(column)
    return value.strip() if isinstance(value, str) else ""


def _read_pairs(records: list[Record], pair: Pair, findings: Findings) -> None:
    for record in records:
        latitude, longitude = _text(record, pair.latitude), _text(record, pair.longitude)
        if not latitude and not longitude:
            continue
        try:
            record.geometry = _point(pair, latitude, longitude)
        except GeometryError as error:
            findings.problem(error.text, record.number, error.kind)


def _point(pair: Pair, latitude: str, longitude: str) -> Geometry:
    if not latitude or not longitude:
        empty, full = (pair.latitude, pair.longitude) if not latitude else (pair.longitude, pair.latitude)
        raise GeometryError(
            say("{empty} is empty, {full} is not; write both, or neither", empty=empty, full=full)
        )
    return point(_degrees(pair.longitude, longitude), _degrees(pair.latitude, latitude))


def _degrees(column: str, text: str) -> float:
    try:
        return degrees(text)
    except GeometryError as error:
        raise GeometryError(error.of(_cell(column, text))) from error


def _cell(column: str, text: str) -> Text:
    return say('{column} "{value}"', column=column, value=excerpt(text))


def _read_singles(records: list[Record], single: Single, findings: Findings) -> None:
    numbers: list[tuple[Record, Numbers]] = []
    for record in records:
        text = _text(record, single.column)
        try:
            found = place(text) if text else None
        except GeometryError as error:
            findings.problem(error.of(_cell(single.column, text)), record.number, error.kind)
            continue
        if isinstance(found, tuple):
            numbers.append((record, found))
        else:
            record.geometry = found
    _order(numbers, single, findings)


def _order(numbers: list[tuple[Record, Numbers]], single: Single, findings: Findings) -> None:
    """Make points of numbers whose order the settings say, or all rows together prove."""
    column = single.column
    order, against = (single.order, set()) if single.order else order_of([pair for _, pair in numbers])
    if numbers and not order:
        first, pair = numbers[0]
        text = say(
            "{column} {value}: is latitude first, or longitude? The values don't prove it. "
            "Say it: DATASET_GEOMETRY={column}:lat,lon or DATASET_GEOMETRY={column}:lon,lat",
            column=column,
            value=_written(pair),
        )
        findings.problem(text, first.number)
        return
    for position, (record, pair) in enumerate(numbers):
        if position in against:
            text = say(
                "{column} {value} is swapped, the other rows are {order}; exchange the two",
                column=column,
                value=_written(pair),
                order=order,
            )
            findings.problem(text, record.number)
            continue
        longitude, latitude = pair if order == "lon,lat" else pair[::-1]
        try:
            record.geometry = point(longitude, latitude)
        except GeometryError as error:
            findings.problem(error.text, record.number, error.kind)


def _written(pair: Numbers) -> str:
    return f"{pair[0]:.10g},{pair[1]:.10g}"
