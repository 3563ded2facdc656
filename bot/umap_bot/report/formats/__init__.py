"""A story, plan or run as terminal text, Markdown, JSON, GeoJSON or Atom."""
