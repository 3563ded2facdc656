"""What the code says: every template of `say` and `say_n`, and the help of every command.

By Python's own parser: Babel's would not know a command's docstring, and would pass over a template that is
no literal, which nobody could translate.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

SAYING: Final = {"say": 1, "say_n": 2, "click_text": 2}
"""The functions that take templates, and how many at most."""


MAKER: Final = "text.py"
"""Where `say` is made: it says again what was stored."""


class Message(msgspec.Struct, frozen=True):
    """`id` is the English, a pair if it has a plural. `file` is where it is said, below `bot`'s folder."""

    id: str | tuple[str, str]
    file: str
    context: str | None = None


class NoLiteralError(Exception):
    """A template that is put together while the program runs: no catalogue can have it."""


def messages(program: Path) -> list[Message]:
    """Return all that is said below a folder. Raise NoLiteralError, which names file and line."""
    found = []
    for path in sorted(program.rglob("*.py")):
        if path == program / MAKER:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        file = f"bot/{program.name}/{path.relative_to(program).as_posix()}"
        found += [message for node in ast.walk(tree) for message in _in(node, file)]
    pairs = {message.id[0] for message in found if isinstance(message.id, tuple)}
    return [message for message in found if message.id not in pairs]  # gettext has one entry for both


def _in(node: ast.AST, file: str) -> Iterator[Message]:
    if isinstance(node, ast.FunctionDef) and any(map(_makes_command, node.decorator_list)):
        for paragraph in inspect.cleandoc(ast.get_docstring(node) or "").split("\n\n"):
            yield Message(" ".join(paragraph.split()), file)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
        given = node.args[: SAYING[node.func.id]]
        if not any(isinstance(part, (ast.Attribute, ast.Subscript)) for part in given):  # a text made again
            singular, *plural = (_literal(part, file) for part in given)
            yield Message((singular, plural[0]) if plural and plural[0] else singular, file)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "pgettext":
        context, template = (_literal(part, file) for part in node.args)
        yield Message(template, file, context)


def _makes_command(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(function, ast.Attribute) and function.attr in {"command", "group"}


def _literal(node: ast.expr, file: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    message = f"{file}, line {node.lineno}: a template is no literal"
    raise NoLiteralError(message)
