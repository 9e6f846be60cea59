"""How many small faults planted in the gate the fast tests of its rules find.

``python -m tests.risk.mutation [module ...]`` plants one fault at a time in the code of the gate (a
comparison shifted or turned, and/or, plus/minus, times/by, min/max and any/all swapped, a condition
or a "not" turned, a number or a truth value changed), runs the tests of ``TESTS`` and a part of the
table of ``closedness``, and prints a score for each module and in all, and what survived with its
line. No files are changed.

Left out by rule are faults that only change the words of a sentence: in an f-string, in what
``against``, ``refuse`` and ``ask_person`` are given after the code, in what ``shares``, ``money``,
``percent``, ``shown`` and ``at_most`` are given, and in what is bound to a local name that is used
in such places alone, with the conditions that decide on nothing but such a name. Left out by name
are those of ``mutation_equal``: the changed program does the same.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import itertools
import pkgutil
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tools.risk
from tests.risk.cases import ORDERS
from tests.risk.closedness import let_through, sampled
from tests.risk.mutation_equal import EQUAL
from tools.risk.kept import Kept
from tools.risk.shapes import Shape

MODULES = (
    "gate", "mode", "bounds", "facts", "totals", "holdings", "working", "shapes",
    "rules_complete", "rules_flow", "rules_person", "rules_venue", "rules_price", "rules_book",
    "rules_size", "rules_exposure", "rules_losses", "rules_market", "rules_short",
    "rules_contracts", "rules_explained", "rules_words", "rules_worst",
)  # fmt: skip
TESTS = (
    "test_mode", "test_gate_codes", "test_gate_more_codes", "test_gate_edges",
    "test_gate_edges_bounds", "test_gate_edges_facts", "test_gate_edges_complete",
    "test_gate_edges_rules", "test_gate_edges_account", "test_gate_edges_shapes",
)  # fmt: skip
KINDS = ("bracket", "sell at a limit", "replacement", "trailing sell")
EVERY = 11
"""Of the table of closedness these kinds of orders, and two odd values of each field."""
COMPARE = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
OTHER = {"min": "max", "max": "min", "any": "all", "all": "any"}
REASONS = {"against", "refuse", "ask_person"}
FIGURES = {"shares", "money", "percent", "shown", "at_most"}
SMALL = (ast.Constant, ast.Name, ast.UnaryOp)
"""Told with what they stand in."""
PLAIN = (int, str, bool, tuple, frozenset, dict)


def faults(node: ast.AST) -> Iterator[Callable[[ast.AST], None]]:
    """Each way to spoil this one node, as a change to be made to a copy of it."""
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for other in COMPARE.get(type(op), ()):
                yield lambda n, i=i, other=other: n.ops.__setitem__(i, other())
    elif isinstance(node, ast.BoolOp):
        swapped = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield lambda n: setattr(n, "op", swapped())
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield lambda n: setattr(n, "op", ARITHMETIC[type(n.op)]())
    elif isinstance(node, ast.If | ast.IfExp):
        yield lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda n: setattr(n, "operand", ast.UnaryOp(ast.Not(), n.operand))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda n: setattr(n, "op", ast.UAdd())
    elif isinstance(node, ast.Name) and node.id in OTHER and isinstance(node.ctx, ast.Load):
        yield lambda n: setattr(n, "id", OTHER[n.id])
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield lambda n: setattr(n, "value", not n.value)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield lambda n: setattr(n, "value", n.value + 1)


def wordy(tree: ast.Module) -> set[int]:
    """The ids of the nodes that only make the words of a sentence."""
    quiet: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            parts = [node]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            parts = node.args[1:] if node.func.id in REASONS else []
            parts = node.args if node.func.id in FIGURES else parts
        quiet |= {id(inner) for part in parts for inner in ast.walk(part)}
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    for function in functions * 3:  # a name made of another such name: three deep is enough
        _silence(function, quiet)
    return quiet


def _silence(function: ast.FunctionDef, quiet: set[int]) -> None:
    """Add what is bound to names that only sentences use, and the ifs that choose among them."""
    nodes = list(ast.walk(function))
    used = {n.id: True for n in nodes if isinstance(n, ast.Name)}
    for n in nodes:
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load):
            used[n.id] = used[n.id] and id(n) in quiet
    bound = [n for n in nodes if isinstance(n, ast.Assign) and _all_of(n.targets, used)]
    for n in bound:
        quiet |= {id(inner) for inner in ast.walk(n)}
    for n in nodes:
        if isinstance(n, ast.If) and all(id(line) in quiet for line in n.body + n.orelse):
            quiet |= {id(inner) for inner in ast.walk(n)}


def _all_of(targets: list[ast.expr], used: dict[str, bool]) -> bool:
    names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    return all(isinstance(t, ast.Name | ast.Tuple) for t in targets) and all(
        used.get(name, False) for name in names
    )


def mutants(tree: ast.Module) -> Iterator[tuple[int, str, ast.Module]]:
    """Every spoilt copy of a module, with its line and what was changed."""
    quiet = wordy(tree)
    nodes = list(ast.walk(tree))
    places = {id(node): at for at, node in enumerate(nodes)}
    above = {id(n): places[id(node)] for node in nodes for n in ast.iter_child_nodes(node)}
    for at, node in enumerate(nodes):
        if id(node) in quiet:
            continue
        seen = above[id(node)] if isinstance(node, SMALL) else at
        for change in faults(node):
            twin = copy.deepcopy(tree)
            twins = list(ast.walk(twin))
            change(twins[at])
            before, after = (" ".join(ast.unparse(n[seen]).split())[:90] for n in (nodes, twins))
            line = getattr(node, "lineno", 0)
            yield line, f"{before} -> {after}", ast.fix_missing_locations(twin)


def checks() -> list[Callable[[], None]]:
    """Every test of ``TESTS`` with every row that it is run with, and the part of closedness."""
    found: list[Callable[[], None]] = []
    for short in TESTS:
        module = importlib.import_module(f"tests.risk.{short}")
        for name, test in vars(module).items():
            if name.startswith("test_") and inspect.isfunction(test):
                marks = [m for m in getattr(test, "pytestmark", ()) if m.name == "parametrize"]
                tables = [list(_rows(*mark.args[:2])) for mark in marks]
                for rows in itertools.product(*tables):
                    whole = {key: value for row in rows for key, value in row.items()}
                    found.append(lambda test=test, whole=whole: test(**whole))
    for kind in KINDS:
        rows = list(sampled(kind, EVERY))
        found.append(lambda rows=rows, kind=kind: _closed(rows, kind))
    return found


def _rows(names: object, table: object) -> Iterator[dict[str, object]]:
    """A table of ``pytest.mark.parametrize`` as keywords."""
    keys = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
    for row in table:
        yield dict(zip(keys, (row,) if len(keys) == 1 and isinstance(names, str) else row,
                       strict=True))  # fmt: skip


def _closed(rows: list, kind: str) -> None:
    assert next(let_through(rows, ORDERS[kind]), None) is None


def killed() -> bool:
    """Whether any test finds something wrong; what found the last fault is asked first."""
    for n, check in enumerate((forget, *CHECKS)):
        try:
            check()
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - any failure is a find
            CHECKS.insert(0, CHECKS.pop(max(n - 1, 0)))
            return True
    return False


def forget() -> None:
    """Nothing that another program worked out is left."""
    for kept in KEPT:
        kept.forget()
    for shape in SHAPES:
        shape.__init__(shape.kind, shape.label)


def functions(space: dict[str, object], name: str) -> dict[str, types.FunctionType]:
    """A module's own functions and methods by name."""
    found = {}
    for key, value in space.items():
        if inspect.isfunction(value) and value.__module__ == name:
            found[key] = value
        elif inspect.isclass(value) and value.__module__ == name:
            for method, body in vars(value).items():
                if inspect.isfunction(body):
                    found[f"{key}.{method}"] = body
    return found


def changes(name: str, space: dict[str, object]) -> list[tuple[object, str, object, object]]:
    """What a spoilt module has that the sound one hasn't: where, its name, sound and spoilt."""
    module = importlib.import_module(name)
    own, twins = functions(vars(module), name), functions(space, name)
    found: list[tuple[object, str, object, object]] = []
    for key, twin in twins.items():
        if twin.__code__ != own[key].__code__:
            found.append((own[key], "__code__", own[key].__code__, twin.__code__))
        if twin.__defaults__ != own[key].__defaults__:
            found.append((own[key], "__defaults__", own[key].__defaults__, twin.__defaults__))
    for key, value in vars(module).items():
        if isinstance(value, PLAIN) and key.isupper() and space.get(key, value) != value:
            users = [m for m in RISK if vars(m).get(key) is value]
            found += [(user, key, value, space[key]) for user in users]
    return found


def run(short: str) -> tuple[int, list[str]]:
    """How many faults were planted in a module, and those that nothing found."""
    name = f"tools.risk.{short}"
    tree = ast.parse(Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8"))
    sound: dict[str, object] = {"__name__": name}
    exec(compile(tree, name, "exec"), sound)
    if changes(name, sound):
        raise SystemExit(f"{short} was changed while this ran; start again")
    planted, survived = 0, []
    for line, what, spoilt in mutants(tree):
        if what in EQUAL.get(short, ()):
            continue
        space: dict[str, object] = {"__name__": name}
        try:
            exec(compile(spoilt, name, "exec"), space)
        except Exception:  # noqa: BLE001 - it doesn't even load: found
            planted += 1
            continue
        changed = changes(name, space)
        if not changed:
            continue  # nothing that runs
        planted += 1
        try:
            for thing, key, _, twin in changed:
                setattr(thing, key, twin)
            if not killed():
                survived.append(f"{line}: {what}")
        finally:
            for thing, key, before, _ in changed:
                setattr(thing, key, before)
    if killed():
        raise SystemExit(f"after {short} the tests fail without any fault")
    return planted, survived


RISK = [
    importlib.import_module(f"tools.risk.{one.name}")
    for one in pkgutil.iter_modules(tools.risk.__path__)
]
VALUES = [value for module in RISK for value in vars(module).values()]
KEPT = [value for value in VALUES if isinstance(value, Kept)]
SHAPES = [value for value in VALUES if isinstance(value, Shape)]
CHECKS = checks()


def main() -> None:
    """Print each module's score and what survived."""
    if killed():
        raise SystemExit("the tests fail without any fault")
    total = found = 0
    for short in sys.argv[1:] or MODULES:
        planted, survived = run(short)
        total, found = total + planted, found + planted - len(survived)
        sys.stdout.write(f"{short}: {planted - len(survived)} of {planted}\n")
        sys.stdout.writelines(f"    {what}\n" for what in survived)
        sys.stdout.flush()
    sys.stdout.write(f"{found} of {total} found: {100 * found / max(total, 1):.1f} %\n")


if __name__ == "__main__":
    main()
