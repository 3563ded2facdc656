"""What is wrong with a setting, in words that never repeat its value."""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from umap_bot.errors import SettingsError
from umap_bot.settings.model import KNOWN
from umap_bot.text import Text, as_text, say


def as_settings_error(error: ValidationError, where: Text) -> SettingsError:
    """Return all problems as one error; `where` says where the settings are."""
    problems = [_problem(details) for details in error.errors(include_url=False, include_input=False)]
    return SettingsError(say("{problems:; }.", problems=tuple(problems)), way_out=where)


def _problem(details: ErrorDetails) -> Text:
    name = str(details["loc"][0])
    if details["type"] == "missing":
        return say("{name} is missing", name=name)
    return say("{name}: {problem}", name=name, problem=problem_of(details))


def problem_of(details: ErrorDetails) -> Text:
    """Say what is wrong with a value, without repeating it."""
    context = details.get("ctx", {})
    if details["type"] == "value_error":
        return as_text(context["error"].args[0])
    if details["type"] == "literal_error":
        return say("write one of {choices}", choices=context["expected"])
    if details["type"].startswith(("bool_", "int_")):
        return say("write yes or no") if details["type"].startswith("bool_") else say("write a whole number")
    if details["type"] == "string_too_long":
        return say("write {most} characters at most", most=context["max_length"])
    if details["type"] == "greater_than_equal":
        return say("write {least} or more", least=context["ge"])
    return as_text(str(details["msg"]))


def unknown(name: str, where: Text) -> SettingsError:
    """Return the error for a name that no setting has. `where` says where it stands."""
    near = nearest(name)
    hint = (
        say("Did you mean {name}?", name=near) if near else say("For all settings, see config.example.env.")
    )
    return SettingsError(
        say("{name} in {where} is not a setting of umap-bot.", name=name, where=where), way_out=hint
    )


def nearest(name: str) -> str:
    """Return the setting that an unknown name was perhaps meant to be."""
    return "" if name in KNOWN else next(iter(get_close_matches(name, sorted(KNOWN), 1, 0.75)), "")
