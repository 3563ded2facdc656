"""The change log as a static site: pages that a town can put on its own server, or open from a folder."""
