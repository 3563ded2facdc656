"""`python -m umap_bot`: the same as `umap-bot`."""

from umap_bot.cli import main

if __name__ == "__main__":
    main()
