"""State and change log of all layers, in one database: SQLite by default, PostgreSQL by URL.

The way in is `umap_bot.journal.journal.SqlJournal`. Its modules import SQLAlchemy,
which is slow: import them where they are used.
"""
