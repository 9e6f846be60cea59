"""Signs in a strategy's text that it goes by more than its context: clocks, luck, threads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CLOCK = "it asks this computer's clock, which stands at today and not at the bar: use context.now"
LUCK = "it draws luck that no seed decides, so that nobody has the same run again"
PRICES = "it imports what knows prices of any day, later ones too"
BESIDE = "it can work beside its bars, and what it wishes for there comes at no certain one"
CALLS = {
    ("datetime", "now"): CLOCK, ("datetime", "utcnow"): CLOCK, ("datetime", "today"): CLOCK,
    ("date", "today"): CLOCK, ("time", "time"): CLOCK, ("time", "time_ns"): CLOCK,
    ("Timestamp", "now"): CLOCK, ("Timestamp", "today"): CLOCK,
    ("os", "urandom"): LUCK, ("uuid", "uuid4"): LUCK, ("random", "SystemRandom"): LUCK,
}  # fmt: skip
MODULES = {
    "secrets": LUCK, "yfinance": PRICES, "bokeh_sampledata": PRICES, "tools.market_data": PRICES,
    "tools.assembly": PRICES, "skfolio.datasets": PRICES, "arch.data": PRICES,
    "threading": BESIDE, "_thread": BESIDE, "concurrent.futures": BESIDE, "multiprocessing": BESIDE,
}  # fmt: skip


def signs(path: Path) -> Iterator[str]:
    """A sentence for each, with the file's line; none for a file that can't be read."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    told = set()
    for node in ast.walk(tree):
        for what in _meant(node):
            if what not in told:
                told.add(what)
                yield f"{path.name}, line {getattr(node, 'lineno', 0)}: {what}."


def _meant(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _imported(alias.name)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        yield from _imported(node.module)
        yield from (CALLS[at] for one in node.names if (at := (node.module, one.name)) in CALLS)
    elif isinstance(node, ast.Attribute):
        base = node.value
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        if (name, node.attr) in CALLS:
            yield CALLS[name, node.attr]
    elif isinstance(node, ast.Call) and not node.args and not node.keywords:
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        yield from [LUCK] if called == "default_rng" else []


def _imported(module: str) -> Iterator[str]:
    for name, what in MODULES.items():
        if module == name or module.startswith(f"{name}."):
            yield what
