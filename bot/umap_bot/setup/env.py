"""The settings' file that the answers end in: only what is needed, each with a word of what it is."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from umap_bot.errors import SettingsError
from umap_bot.report.language import Language, language
from umap_bot.settings import Settings
from umap_bot.text import say

HEAD: Final = (
    say("Settings of umap-bot, written by umap-bot init. For all settings, see config.example.env."),
    say("Never commit this file: anyone who has its secrets can edit the map."),
)

COMMENTS: Final = {
    "UMAP_MAP_URL": say("The address of the map, as visitors see it."),
    "UMAP_LAYER": say("The layer to keep in sync: its name or id."),
    "UMAP_EDIT_LINK": say(
        "The map's secret edit link. It never expires, but stops working when the map gets an owner."
    ),
    "UMAP_USERNAME": say("The account that the bot logs in with."),
    "UMAP_PASSWORD": say("Its password."),
    "UMAP_SESSION_COOKIE": say("The cookie of a browser session. To renew it: umap-bot login"),
    "UMAP_SESSION_UNTIL": say("The date when that session expires."),
    "DATASET_URL": say("Where the data lives. It is fetched before each sync."),
    "DATASET_TOKEN": say("The key or password that lets the bot read it."),
    "DATASET_REPO": say("The git repository that holds the file."),
    "DATASET_REF": say("The branch or tag."),
    "DATASET_PATH": say("The file in the repository."),
    "DATASET_KEY": say("The column with the id of each row: unique and permanent."),
    "DATASET_RENAME": say("Columns that have another name on the map. uMap shows name and description."),
    "DATASET_COLUMNS": say("The columns to publish. *: all except those in DATASET_LEAVE_OUT."),
    "DATASET_LEAVE_OUT": say("Columns of the file to keep off the map."),
    "SYNC_AREA": say("The area where points may be: west,south,east,north in degrees."),
    "SYNC_DRIFT": say("When a value from the file is edited on the map: overwrite, keep, propose or hold."),
    "SYNC_DELETED": say("When a feature from the file is removed on the map: hold, recreate or keep."),
}

_COMMENT: Final = re.compile(r"[^\S\r\n]+#")
_PLAIN: Final = re.compile(r"[\w./:@=,%+~\\-]+")


def env_text(answers: Mapping[str, str], tongue: Language | None = None) -> str:
    """Return the file's text, its comments in this language. Answers that are empty or usual are left out.

    Raise SettingsError for a value that no such file can hold.
    """
    written = {name: answers[name] for name in COMMENTS if _needed(name, answers.get(name, ""))}
    said = (tongue or language("en")).say
    head = "".join(f"# {said(line)}\n" for line in HEAD)
    blocks = [f"# {said(COMMENTS[name])}\n{name}={_quoted(value)}\n" for name, value in written.items()]
    text = "\n".join([head, *blocks])
    _refuse_unreadable(text, written)
    return text


def _needed(name: str, value: str) -> bool:
    return bool(value) and value != Settings.model_fields[name.lower()].default


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def edited(text: str, changes: Mapping[str, str | None]) -> str:
    """Return a settings' file with these values; None takes a setting out. All else stays as it is: comments,
    line ends, what is no setting. Raise SettingsError for a value that no such file can hold."""
    end = "\r\n" if "\r\n" in text else "\n"
    left = {name: value for name, value in changes.items() if value is not None}
    parts = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        line = binding.original.string
        if binding.key not in changes:
            parts.append(line)
        elif binding.key in left:
            parts.append(_with_value(line, left.pop(binding.key)))
        else:
            blank = line[: len(line) - len(line.lstrip())]  # empty lines above it are not its own
            parts.append(blank[: blank.rfind("\n") + 1])
    whole = "".join(parts)
    whole += end if whole and left and not whole.endswith(("\n", "\r")) else ""
    whole += "".join(f"{name}={_quoted(value)}{end}" for name, value in left.items())
    _refuse_unreadable(whole, {name: value for name, value in changes.items() if value is not None})
    return whole


def _with_value(line: str, value: str) -> str:
    """Return a line with another value; what is before it, and a comment after it, stay."""
    body = line.rstrip("\r\n")
    begin, equals, _ = body.partition("=")
    meant = dotenv_values(stream=io.StringIO(body), interpolate=False)
    comments = (body[found.start() :] for found in _COMMENT.finditer(body, len(begin)))
    comment = next((each for each in comments if _says(body.removesuffix(each), meant)), "")
    return f"{begin}{equals or '='}{_quoted(value)}{comment}{line[len(body) :]}"


def _says(line: str, meant: Mapping[str, str | None]) -> bool:
    return all(not each.error for each in parse_stream(io.StringIO(line))) and (
        dotenv_values(stream=io.StringIO(line), interpolate=False) == meant
    )


def _refuse_unreadable(text: str, meant: Mapping[str, str]) -> None:
    read = dotenv_values(stream=io.StringIO(text.removeprefix("\ufeff")), interpolate=False)
    wrong = next((name for name, value in meant.items() if read.get(name) != value), None)
    if wrong:
        raise SettingsError(
            say("The value of {name} can't be written to a settings file.", name=wrong),
            way_out=say("Set it as an environment variable instead."),
        )


def write_env(file: Path, text: str, *, replace: bool) -> None:
    """Write the file, at once and whole, for its owner's eyes only. Raise SettingsError if it can't be.

    A file that is there is left alone, unless `replace`.
    """
    if file.exists() and not replace:
        raise SettingsError(
            say("{file} already exists.", file=str(file)), way_out=say("To overwrite it: --force")
        )
    try:
        handle, name = mkstemp(prefix=f"{file.name}.", dir=file.parent)  # mode 600
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as temporary:
                temporary.write(text)
                temporary.flush()
                os.fsync(temporary.fileno())
            Path(name).replace(file)
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()
    except OSError as error:
        raise SettingsError(
            say("{file} can't be written: {reason}.", file=str(file), reason=error.strerror or ""),
            way_out=say("Choose another file with --output, or check the permissions of the folder."),
        ) from error
