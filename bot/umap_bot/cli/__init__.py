"""The command line: parse, wire, run, render, exit code. One module a command."""

from umap_bot.cli.main import main

__all__ = ["main"]
