"""What an expression of the code can say: the templates that it may come to, found without running it.

Messages are made where they are raised, or elsewhere: by a function, in a table, under a name. The syntax
tree is followed from one to the other; what only a run would know is left out.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Final, TypeAlias

from docs.site.source import (
    Binding,
    Module,
    Place,
    argument,
    assigned,
    is_text,
    own_nodes,
    parameters,
    says,
)
from umap_bot.report.catalogues.extraction import SAYING

Template: TypeAlias = tuple[str, str]
"""A sentence with places, of one thing and of several; "" if it is the same."""
Saying: TypeAlias = tuple[Template, ...]
"""Templates, one after the other: a message of several sentences."""
PASSED_ON: Final = frozenset({"message", "way_out", "text", "in_full", "of"})
"""Attributes of errors: what they say is found where these are made."""
_DEEPEST: Final = 4
"""How many names and calls are followed one after the other."""


class Program:
    """All modules below a folder, which is that of the package."""

    def __init__(self, folder: Path) -> None:
        self.modules: dict[str, Module] = {}
        self._known: dict[ast.AST, list[Saying]] = {}
        for file in sorted(folder.rglob("*.py")):
            parts = (folder.name, *file.relative_to(folder).with_suffix("").parts)
            name = ".".join(parts).removesuffix(".__init__")
            self.modules[name] = Module(name, file)

    @cached_property
    def calls(self) -> list[tuple[ast.Call, Module]]:
        """Every call, in the order of the modules."""
        return [
            (node, module)
            for module in self.modules.values()
            for node in module.nodes
            if isinstance(node, ast.Call)
        ]

    def definition(self, name: str, module: Module) -> Place | None:
        """Return what a name of a module's top stands for, through imports."""
        for _ in range(_DEEPEST):
            if name in module.named:
                return Place(module.named[name], module)
            origin, original = module.imported.get(name, ("", ""))
            if origin not in self.modules:
                return None
            name, module = original, self.modules[origin]
        return None

    def sayings(self, node: ast.AST | None, module: Module) -> list[Saying]:
        """Return all that an expression may say; nothing if only a run would know."""
        if node is None:
            return []
        if node not in self._known:
            self._known[node] = []  # as long as it is looked for: what leads back to itself adds nothing
            said = (
                self._of_call(node, module) if isinstance(node, ast.Call) else self._of_values(node, module)
            )
            self._known[node] = [*dict.fromkeys(saying for saying in said if len({*saying}) == len(saying))]
        return self._known[node]

    def pairs(
        self, message: ast.AST, way_out: ast.AST | None, module: Module
    ) -> Iterator[tuple[list[Saying], list[Saying]]]:
        """Return what a message and its way out may say, together where they were chosen together."""
        chosen = self._chosen_together(self._said_again(message, module), way_out, module)
        if not chosen:
            yield self.sayings(message, module), self.sayings(way_out, module)
        for first, second in chosen:
            yield self.sayings(*first), self.sayings(*second)

    def _said_again(self, message: ast.AST, module: Module) -> ast.AST:
        """Return the text that a message only says with its values or after a name; else the message."""
        bound = self._bindings(message, module) if isinstance(message, ast.Name) else []
        node = bound[0].value.node if len(bound) == 1 and not bound[0].path else message
        return _inner_text(node) or message

    def values(self, place: Place, depth: int = 0) -> list[Place]:
        """Return the expressions that an expression takes its value from, one step on."""
        node, module = place
        if isinstance(node, ast.Subscript):
            return self._members(Place(node.value, module), depth)
        if isinstance(node, ast.Attribute):
            return self._values_of(node)
        if isinstance(node, ast.Name):
            return [part for binding in self._bindings(node, module) for part in self._parts(binding, depth)]
        return [Place(part, module) for part in _alternatives(node)]

    def _of_values(self, node: ast.AST, module: Module) -> Iterator[Saying]:
        for value in self.values(Place(node, module)):
            yield from self.sayings(*value)

    def _of_call(self, node: ast.Call, module: Module) -> Iterator[Saying]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        template = node.args[0] if node.args else None
        if name in SAYING and isinstance(template, ast.Constant) and isinstance(template.value, str):
            if _has_words(template.value):
                yield ((template.value, _plural(node)),)
            for keyword in () if _has_words(template.value) else node.keywords:
                yield from self.sayings(keyword.value, module)
        elif name in SAYING or name == "tuple":  # a text that is said again, with its values; several texts
            yield from self.sayings(template, module)
        elif name == "joined" and isinstance(template, (ast.Tuple, ast.List)):
            each = [self.sayings(part, module) or [()] for part in template.elts]
            yield from (tuple(part for saying in said for part in saying) for said in product(*each))
        elif name == "joined":
            yield from self.sayings(template, module)
        else:
            for value in self._returned(node, module):
                yield from self.sayings(*value)

    def _values_of(self, attribute: ast.Attribute) -> list[Place]:
        """Return the values of an attribute of that name; of a property, what it returns."""
        if attribute.attr in PASSED_ON:
            return []
        named = self._attributes[attribute.attr]
        returned = [
            Place(node.value, place.module)
            for place in named
            if says(place.node)
            for node in own_nodes(place.node)
            if isinstance(node, ast.Return) and node.value
        ]
        return returned or [place for place in named if not isinstance(place.node, ast.FunctionDef)]

    def _returned(self, call: ast.Call, module: Module) -> list[Place]:
        """Return what the function that is called may return or yield, or the values of a table's `get`."""
        if isinstance(call.func, ast.Attribute) and call.func.attr == "get":
            members = self._members(Place(call.func.value, module))
            return [*members, *(Place(default, module) for default in call.args[1:])]
        return [
            Place(node.value, place.module)
            for place in self._functions(call.func, module)
            for node in own_nodes(place.node)
            if isinstance(node, (ast.Return, ast.Yield)) and node.value
        ]

    def _functions(self, called: ast.AST, module: Module) -> list[Place]:
        if isinstance(called, ast.Attribute):
            found = self._attributes[called.attr]
        else:
            top = self.definition(called.id, module) if isinstance(called, ast.Name) else None
            found = [top] if top else []
        return [place for place in found if says(place.node)]

    def _members(self, table: Place, depth: int = 0) -> list[Place]:
        """Return the values of a dict, or the elements of a sequence."""
        node, module = table
        if depth > _DEEPEST:
            return []
        if isinstance(node, ast.Dict):
            return [Place(value, module) for value in node.values]
        if isinstance(node, (ast.Tuple, ast.List)):
            return [Place(value, module) for value in node.elts]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items":
            return [
                Place(ast.Tuple([ast.Constant(""), value.node]), value.module)  # a table's keys say nothing
                for value in self._members(Place(node.func.value, module), depth + 1)
                if isinstance(value.node, ast.expr)
            ]
        return [member for value in self.values(table, depth) for member in self._members(value, depth + 1)]

    @cached_property
    def _attributes(self) -> defaultdict[str, list[Place]]:
        """Name → the values, properties and methods of that name in any class."""
        found: defaultdict[str, list[Place]] = defaultdict(list)
        for module in self.modules.values():
            for owner in module.nodes:
                if isinstance(owner, ast.ClassDef):
                    for node in owner.body:
                        for name, value in self._named_in_class(node, owner.name, module):
                            found[name].append(value)
        return found

    def _named_in_class(self, node: ast.stmt, owner: str, module: Module) -> Iterator[tuple[str, Place]]:
        if isinstance(node, ast.FunctionDef):
            yield node.name, Place(node, module)
        elif isinstance(node, ast.Assign):
            names = (target.id for target in node.targets if isinstance(target, ast.Name))
            yield from ((name, Place(node.value, module)) for name in names)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield from ((node.target.id, value) for value in self._texts_given(node, owner))

    def _texts_given(self, field: ast.AnnAssign, owner: str) -> list[Place]:
        """Return what a field that holds a Text is given where a value of its class is made, or made anew."""
        name = field.target.id if isinstance(field.target, ast.Name) else ""
        if not is_text(field.annotation) or name in PASSED_ON:
            return []
        return [
            Place(keyword.value, module)
            for called in (owner, "replace")
            for call, module in self._calls_of[called]
            for keyword in call.keywords
            if keyword.arg == name
        ]

    def _bindings(self, name: ast.Name, module: Module) -> list[Binding]:
        """Return what a name may be bound to: in its function, by those who call that, else on top."""
        for function in module.above(name):
            if isinstance(function, ast.FunctionDef):
                if name.id in {each.arg for each in parameters(function)}:
                    return [*assigned(name.id, function, module), *self._given(name.id, function)]
                if found := assigned(name.id, function, module):
                    return found
        top = self.definition(name.id, module)
        return [Binding(top, ())] if top else []

    def _given(self, name: str, function: ast.FunctionDef) -> list[Binding]:
        """Return what a function is given for a parameter, wherever it is called by its name."""
        parameter = next(each for each in parameters(function) if each.arg == name)
        if not is_text(parameter.annotation):
            return []
        return [
            Binding(Place(value, module), ())
            for call, module in self._calls_of[function.name]
            if (value := argument(call, function, name))
        ]

    @cached_property
    def _calls_of(self) -> defaultdict[str, list[tuple[ast.Call, Module]]]:
        found: defaultdict[str, list[tuple[ast.Call, Module]]] = defaultdict(list)
        for call, module in self.calls:
            if isinstance(call.func, (ast.Name, ast.Attribute)):
                found[call.func.id if isinstance(call.func, ast.Name) else call.func.attr].append(
                    (call, module)
                )
        return found

    def _parts(self, binding: Binding, depth: int = 0) -> list[Place]:
        """Return what stands where a binding points: itself, or in the tuples that it unpacks."""
        found = [binding.value]
        for step in binding.path:
            found = [part for place in found for part in self._step(place, step, depth)]
        return found

    def _step(self, place: Place, step: int | None, depth: int) -> list[Place]:
        """Return the part of a tuple at an index, or (None) every element of what is looped over."""
        node, module = place
        if depth > _DEEPEST:
            return []
        if step is None:
            return self._members(place, depth)
        if isinstance(node, ast.Tuple):
            return [Place(node.elts[step], module)] if step < len(node.elts) else []
        on = self._returned(node, module) if isinstance(node, ast.Call) else self.values(place, depth)
        return [part for value in on for part in self._step(value, step, depth + 1)]

    def _chosen_together(
        self, message: ast.AST, way_out: ast.AST | None, module: Module
    ) -> list[tuple[Place, Place]]:
        """Return the pairs if one tuple, or one condition, chooses both."""
        usual: ast.AST | None = None
        if isinstance(way_out, ast.BoolOp) and isinstance(way_out.op, ast.Or):
            first, *_, usual = way_out.values
            way_out = first
        if not (isinstance(message, ast.Name) and isinstance(way_out, ast.Name)):
            return []
        if given := self._given_together(message, way_out, Place(usual or ast.Constant(""), module)):
            return given
        return [
            (
                Place(chosen.elts[first.path[-1] or 0], origin),
                Place(chosen.elts[second.path[-1] or 0], origin),
            )
            for first in self._bindings(message, module)
            for second in self._bindings(way_out, module)
            if first.path and second.path and first.value == second.value
            for chosen, origin in self._tuples(first)
        ]

    def _given_together(
        self, message: ast.Name, way_out: ast.Name, usual: Place
    ) -> list[tuple[Place, Place]]:
        """Return what the callers of a function give it for two of its parameters, each time."""
        above = usual.module.above(message)
        function = next((node for node in above if isinstance(node, ast.FunctionDef)), None)
        if function is None or not {message.id, way_out.id} <= {each.arg for each in parameters(function)}:
            return []
        return [
            (Place(value, origin), Place(other, origin) if other else usual)
            for call, origin in self._calls_of[function.name]
            if (value := argument(call, function, message.id))
            for other in [argument(call, function, way_out.id)]
        ]

    def _tuples(self, binding: Binding) -> list[tuple[ast.Tuple, Module]]:
        """Return the tuples that a binding's last step takes its part from."""
        found = self._parts(Binding(binding.value, binding.path[:-1]))
        for _ in range(_DEEPEST):
            found = [
                value
                for place in found
                for value in ([place] if isinstance(place.node, ast.Tuple) else self._sources(place))
            ]
        return [(place.node, place.module) for place in found if isinstance(place.node, ast.Tuple)]

    def _sources(self, place: Place) -> list[Place]:
        node, module = place
        return self._returned(node, module) if isinstance(node, ast.Call) else self.values(place)


def _has_words(template: str) -> bool:
    """Tell whether a template says something itself, beside what fills its places."""
    return any(char.isalpha() for literal, *_ in Formatter().parse(template) for char in literal)


def _plural(call: ast.Call) -> str:
    """Return the second template of `say_n`, "" for `say`."""
    second = call.args[1] if len(call.args) > 1 else None
    return second.value if isinstance(second, ast.Constant) and isinstance(second.value, str) else ""


def _alternatives(node: ast.AST) -> list[ast.expr]:
    """Return the parts of an expression that each may be its value, or an element of it."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return node.elts
    if isinstance(node, ast.Starred):
        return [node.value]
    return [node.elt] if isinstance(node, (ast.GeneratorExp, ast.ListComp)) else []


def _inner_text(node: ast.AST) -> ast.AST | None:
    """Return TEXT of say(TEXT.template, …), and of say("{file}: {problem}", …, problem=TEXT)."""
    template = node.args[0] if isinstance(node, ast.Call) and node.args else None
    if isinstance(template, ast.Attribute) and template.attr == "template":
        return template.value
    if (
        isinstance(node, ast.Call)
        and isinstance(template, ast.Constant)
        and not _has_words(str(template.value))
    ):
        return node.keywords[-1].value if node.keywords else None
    return None
