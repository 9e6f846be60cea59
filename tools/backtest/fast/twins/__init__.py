"""The built-in strategies as compiled rules, one file each, for sweeps of one symbol at a time.

The class in ``tools/backtest/strategies`` names its twin; both decide the same on the same bars.
Where the desk buys whole lots, and what the gate lets through, a twin holds the very part of the
equity. Imported late: the twins import numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tools.backtest.strategy import Strategy, parameters

if TYPE_CHECKING:
    from tools.backtest.fast.weighted import Weighted


def twin_of(kind: type[Strategy]) -> Weighted | None:
    """The compiled rule that decides as ``kind`` does on one symbol; None where there is none."""
    name = getattr(kind, "compiled", "")
    if not name:
        return None
    rule: Weighted = import_module(f"{__name__}.{name}").RULE
    return rule


def row_of(strategy: Strategy) -> list[float]:
    """The row of parameters for the twin: the fields of the class, in their order."""
    return [float(value) for value in parameters(strategy).values()]
