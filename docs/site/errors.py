"""Every error that the program can end in: message, way out, exit code; found in the code, never listed."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import umap_bot
from docs.site.sayings import PASSED_ON, Program, Saying
from docs.site.source import Module, Place
from umap_bot import errors
from umap_bot.errors import BotError, DatasetError, SettingsError
from umap_bot.model.run import EXIT

PACKAGE: Final = Path(umap_bot.__file__ or "").parent
APPROVAL: Final = EXIT["held"]
_PROBLEMS: Final = frozenset({"problem", "fatal"})
"""Methods of `Findings` that note what is wrong with a file."""
_OF_FILE: Final = "GeometryError"
"""An exception with what is wrong with a place: `Findings` get it in the end."""
_CONTAINER: Final = "FileError"
"""Holds problems that are noted one by one."""


class Error(NamedTuple):
    """What is said of one error.

    `messages` are alternatives, and so are `ways_out`; there is none where the message itself ends with it.
    `of_file`: one of the problems of a file, of which it may have many. `where` is the place in the code.
    """

    code: int
    messages: tuple[Saying, ...]
    ways_out: tuple[Saying, ...]
    of_file: bool
    where: str


@cache  # it takes seconds to read all of the code, and each language wants it
def all_errors() -> tuple[Error, ...]:
    """Return every error of the program, in the order of the code; and every reason to ask for approval."""
    with _uncollected():
        program = Program(PACKAGE)
        return tuple(error for call, module in program.calls for error in _told_by(call, module, program))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Have Python look for no garbage meanwhile: among a million nodes, that is half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _told_by(call: ast.Call, module: Module, program: Program) -> Iterator[Error]:
    where = f"{module.name}, line {call.lineno}"
    code, message, of_file = _what(call, module, program)
    if not code or message is None or _passes_on(call, message, module, program):
        return
    way_out = next((each.value for each in call.keywords if each.arg == "way_out"), None)
    for messages, ways_out in program.pairs(message, way_out, module):
        usual = [] if way_out else program.sayings(*_way_out_of_class(call, module, program))
        yield Error(code, tuple(messages), tuple(ways_out or usual), of_file, where)


def _what(call: ast.Call, module: Module, program: Program) -> tuple[int, ast.AST | None, bool]:
    """Return exit code, message and whether it is a problem of a file; code 0 if the call makes no error."""
    first = call.args[0] if call.args else None
    if isinstance(call.func, ast.Attribute) and call.func.attr in _PROBLEMS:
        return (DatasetError.code if _notes(call.func, module) else 0), first, True
    name = call.func.id if isinstance(call.func, ast.Name) else _made_by_super(call, module)
    if name == "Objection":
        return APPROVAL, call.args[1], False
    if name == "ValueError" and isinstance(first, ast.Call):  # a value that pydantic refuses in our words
        return SettingsError.code, first if program.sayings(first, module) else None, False
    ancestors = _ancestors(name, module, program)
    if _OF_FILE in ancestors:
        return (DatasetError.code if _is_said(first) else 0), first, True
    kind = next((_KINDS[each] for each in ancestors if each in _KINDS), None)
    return (kind.code if kind and _CONTAINER not in ancestors else 0), first, False


_KINDS: Final = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, BotError)
}


def _notes(method: ast.Attribute, module: Module) -> bool:
    """Tell whether a method is one of `Findings`, which hands to itself what others noted."""
    own = isinstance(method.value, ast.Name) and method.value.id == "self"
    return module.name.startswith(f"{PACKAGE.name}.dataset.") and not own


def _is_said(message: ast.AST | None) -> bool:
    """Tell whether an exception is given a sentence, and not a value that its class has one for."""
    return not isinstance(message, ast.Dict)


def _made_by_super(call: ast.Call, module: Module) -> str:
    """Return the class whose constructor hands its own sentence on: super().__init__(say(…))."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"):
        return ""
    own = isinstance(call.args[0] if call.args else None, ast.Call)
    owner = next((node for node in module.above(call) if isinstance(node, ast.ClassDef)), None)
    return owner.name if owner and own else ""


def _ancestors(name: str, module: Module, program: Program) -> list[str]:
    """Return the names of a class and of those that it is made from, as far as they are ours."""
    place = program.definition(name, module)
    if place is None or not isinstance(place.node, ast.ClassDef):
        return []
    bases = [base.id for base in place.node.bases if isinstance(base, ast.Name)]
    return [name, *(each for base in bases for each in _ancestors(base, place.module, program))]


def _way_out_of_class(call: ast.Call, module: Module, program: Program) -> tuple[ast.AST | None, Module]:
    """Return the way out that all errors of a class have, if its constructor gives them one."""
    place = program.definition(call.func.id, module) if isinstance(call.func, ast.Name) else None
    for node in ast.walk(place.node) if place else ():
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "__init__"
        ):
            for keyword in node.keywords:
                if keyword.arg == "way_out" and place:
                    return keyword.value, place.module
    return None, module


def _passes_on(call: ast.Call, message: ast.AST, module: Module, program: Program) -> bool:
    """Tell whether what it says was said by another error, which stands for itself."""
    ways_out = [each.value for each in call.keywords if each.arg == "way_out"]
    said = [message, *ways_out, *(value.node for value in program.values(Place(message, module)))]
    return any(
        isinstance(node, ast.Attribute) and node.attr in PASSED_ON for each in said for node in ast.walk(each)
    )
