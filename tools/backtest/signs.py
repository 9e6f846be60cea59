"""Signs in a strategy's text that it goes by more than its context: clocks, luck, threads."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

CLOCK = "it asks this computer's clock, which stands at today and not at the bar: use context.now"
LUCK = (
    "it draws luck that no seed decides, so that nobody has the same run again: random.random() "
    "and numpy.random.random() go by the run's seed"
)
PRICES = "it imports what knows prices of any day, later ones too"
BESIDE = "it can work beside its bars, and what it wishes for there comes at no certain one"
NAMES = {
    "datetime.datetime.now": CLOCK, "datetime.datetime.utcnow": CLOCK,
    "datetime.datetime.today": CLOCK, "datetime.date.today": CLOCK, "time.time": CLOCK,
    "time.time_ns": CLOCK, "time.monotonic": CLOCK, "time.perf_counter": CLOCK,
    "pandas.Timestamp.now": CLOCK, "pandas.Timestamp.today": CLOCK,
    "os.urandom": LUCK, "uuid.uuid1": LUCK, "uuid.uuid4": LUCK, "random.SystemRandom": LUCK,
    "numpy.random.SeedSequence": LUCK,
}  # fmt: skip
# With an argument they go by it.
UNLESS_SEEDED = {"random.Random", "numpy.random.default_rng", "numpy.random.RandomState"}
MODULES = {
    "secrets": LUCK, "yfinance": PRICES, "bokeh_sampledata": PRICES, "tools.market_data": PRICES,
    "tools.assembly": PRICES, "skfolio.datasets": PRICES, "arch.data": PRICES,
    "threading": BESIDE, "_thread": BESIDE, "concurrent.futures": BESIDE, "multiprocessing": BESIDE,
}  # fmt: skip


def signs(path: Path) -> Iterator[str]:
    """A sentence for each, with the file's first such line; none for a file that can't be read.

    What it calls by another file, or under a made-up name, is not seen.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    names, told = _imported(tree), set[str]()
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr))
    for node in sorted(nodes, key=lambda one: (one.lineno, one.col_offset)):
        for what in _meant(node, names):
            if what not in told:
                told.add(what)
                yield f"{path.name}, line {node.lineno}: {what}."


def _meant(node: ast.stmt | ast.expr, names: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _of_module(alias.name)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        yield from _of_module(node.module)
        called = (f"{node.module}.{one.name}" for one in node.names)
        yield from (NAMES[name] for name in called if name in NAMES)
    elif isinstance(node, ast.Attribute | ast.Name):
        yield from [NAMES[full]] if (full := _full(node, names)) in NAMES else []
    elif isinstance(node, ast.Call) and not node.args and not node.keywords:
        yield from [LUCK] if _full(node.func, names) in UNLESS_SEEDED else []


def _of_module(module: str) -> Iterator[str]:
    for name, what in MODULES.items():
        if module == name or module.startswith(f"{name}."):
            yield what


def _imported(tree: ast.AST) -> Mapping[str, str]:
    """What each name of the file stands for, as it was imported."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                whole = one.name if one.asname else one.name.partition(".")[0]
                names[one.asname or whole] = whole
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names


def _full(node: ast.expr, names: Mapping[str, str]) -> str:
    """The dotted name of what is meant, from the module on; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return ""
    return ".".join([names[node.id], *reversed(parts)])
