"""A Django database backend: PostgreSQL, with geometries kept as `bytea` (EWKB).

uMap stores one spatial column and never asks the database a spatial question, so PostGIS is not missed.
"""

# Django is not installed beside umap-bot, but in the sandbox's own environment.
# mypy: disable-error-code="import-not-found", disallow-subclassing-any=False

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.gis.db.backends.base.features import BaseSpatialFeatures
from django.contrib.gis.db.backends.base.operations import BaseSpatialOperations
from django.contrib.gis.geos.geometry import GEOSGeometryBase
from django.contrib.gis.geos.prototypes.io import wkb_r
from django.db.backends.postgresql import base, features, operations


class DatabaseFeatures(BaseSpatialFeatures, features.DatabaseFeatures):
    supports_geography = False
    has_spatialrefsys_table = False


class DatabaseOperations(BaseSpatialOperations, operations.DatabaseOperations):
    gis_operators: dict[str, Any] = {}  # noqa: RUF012  Django's own shape
    select = "%s"

    def Adapter(self, geom: Any, **_: object) -> bytes:  # noqa: N802  Django's name
        return bytes(geom.ewkb)

    def geo_db_type(self, f: Any) -> str:  # noqa: ARG002
        return "bytea"

    def get_geom_placeholder(self, f: Any, value: Any, compiler: Any) -> str:  # noqa: ARG002
        """Up to Django 6.0."""
        return "%s"

    def get_geom_placeholder_sql(self, f: Any, value: Any, compiler: Any) -> tuple[str, tuple[Any]]:  # noqa: ARG002
        """Its successor."""
        return "%s", (value,)

    def get_geometry_converter(self, expression: Any) -> Callable[..., Any]:
        read = wkb_r().read
        geometry = expression.output_field.geom_class

        def convert(value: Any, expression: Any, connection: Any) -> Any:  # noqa: ARG001
            # GEOS takes bytes for hexadecimal text and a memoryview for the real thing.
            return None if value is None else GEOSGeometryBase(read(memoryview(bytes(value))), geometry)

        return convert


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
