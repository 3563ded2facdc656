"""What runs inside uMap's own virtual environment: copied there, never imported by umap-bot.

As a Django database backend (`ENGINE = "django_backend"`) it lets uMap live on a PostgreSQL without PostGIS.
"""
