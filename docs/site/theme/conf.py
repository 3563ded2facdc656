"""Sphinx's configuration of the site. `docs.site.build` gives the language, and what else it knows."""

from __future__ import annotations

project = "umap-bot"
html_title = "umap-bot"
root_doc = "index"
extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_enable_extensions = ["strikethrough"]
# `page:` and `part:` lead to the pages of the other language, which Sphinx builds by itself.
myst_url_schemes = {
    "http": None,
    "https": None,
    "mailto": None,
    "page": "{{path}}",
    "part": "{{path}}#{{fragment}}",
}
exclude_patterns = ["files"]
highlight_language = "none"
suppress_warnings = ["misc.highlighting_failure"]  # answers of the program stand in blocks of a shell
nitpicky = True
smartquotes = False  # -- begins an option

html_theme = "furo"
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = [
    ("plurals.js", {"priority": 300}),  # after doctools.js, before translations.js
    ("keyboard.js", {"defer": "defer"}),
]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_use_index = False
html_permalinks_icon = "#"
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "languages.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}

linkcheck_timeout = 20
linkcheck_workers = 2
linkcheck_ignore = [
    r"(?!https?://)",  # between the languages: `make docs` looks
    r"https?://([\w.-]+\.)?example\.(org|com)\b",
    r"https?://(localhost|127\.0\.0\.1)\b",
    r"https://github\.com/labo/",  # invented
]
