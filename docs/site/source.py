"""The code as a syntax tree: modules, what stands under a name in them, what a name is bound to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """A node of the code, and the module that it stands in."""

    node: ast.AST
    module: Module


class Module:
    """A module of the program, and who stands in what."""

    def __init__(self, name: str, file: Path) -> None:
        self.name = name
        self.file = file
        self.tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
        self._above = {below: node for node in ast.walk(self.tree) for below in ast.iter_child_nodes(node)}

    @property
    def nodes(self) -> Iterable[ast.AST]:
        """All that stands in the module, each once."""
        return self._above

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Return what a node stands in, from the inside out; last the module."""
        while node in self._above:
            node = self._above[node]
            yield node

    @cached_property
    def named(self) -> dict[str, ast.AST]:
        """Name → function or class on top, or the value that is assigned to it there."""
        found: dict[str, ast.AST] = {}
        for node in self.tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found[node.name] = node
            elif isinstance(node, ast.Assign):
                found |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                found[node.target.id] = node.value
        return found

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Name → the module that it comes from, and its name there."""
        return {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in self.nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }


class Binding(NamedTuple):
    """What a name is bound to: a value, or a part of it.

    `path` leads to that part: an index for each tuple on the way, None for each loop.
    """

    value: Place
    path: tuple[int | None, ...]


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    given = function.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]


def argument(call: ast.Call, function: ast.FunctionDef, name: str) -> ast.expr | None:
    """Return what a call gives a function for a parameter."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    names = [each.arg for each in parameters(function)]
    index = names.index(name) - (names[0] == "self")
    return call.args[index] if index < len(call.args) else None


def is_text(annotation: ast.AST | None) -> bool:
    return annotation is not None and "Text" in ast.unparse(annotation)


def says(node: ast.AST) -> bool:
    """Tell whether it is a function that returns texts, by its annotation."""
    return isinstance(node, ast.FunctionDef) and is_text(node.returns)


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Return the nodes of a function without those of functions in it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            yield node
            yield from own_nodes(node)


def assigned(name: str, function: ast.FunctionDef, module: Module) -> list[Binding]:
    """Return what a name is bound to in a function by assignments and loops."""
    return [
        Binding(Place(value, module), (*((None,) if looped else ()), *steps))
        for node in own_nodes(function)
        for target, value, looped in _targets(node)
        for steps in _steps(name, target)
    ]


def _targets(node: ast.AST) -> list[tuple[ast.expr, ast.expr, bool]]:
    """Return what a node binds, what to, and whether to each element of that."""
    if isinstance(node, ast.Assign):
        return [(target, node.value, False) for target in node.targets]
    if isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
        return [(node.target, node.value, False)]
    return [(node.target, node.iter, True)] if isinstance(node, (ast.For, ast.comprehension)) else []


def _steps(name: str, target: ast.AST) -> Iterator[tuple[int, ...]]:
    """Return the way to a name in what is assigned to: () if it is that, an index for each tuple else."""
    if isinstance(target, ast.Name) and target.id == name:
        yield ()
    elif isinstance(target, ast.Tuple):
        for index, part in enumerate(target.elts):
            yield from ((index, *more) for more in _steps(name, part))
