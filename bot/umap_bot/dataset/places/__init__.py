"""From a row's cells to its geometry: coordinate columns, positions, WKT, GeoJSON."""
