"""Many backtests of one rule: symbols × parameters, metrics only."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tools.backtest.fast.bars import Bars, Floats, numbers
from tools.backtest.metrics import SESSIONS_A_YEAR
from tools.domain.errors import InputError

if TYPE_CHECKING:
    from tools.backtest.fast.rules import Rule
    from tools.backtest.fast.weighted import Weighted

PART = 8
"""The fewest symbols that one thread takes at a time."""
PARTS = 8
"""How many parts a thread gets, so that all end at about the same time."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One figure for each symbol and row of parameters, shape ``(symbols, rows)``.

    ``sharpe`` is a year's and NaN where nothing moved or everything was lost; ``trades`` are closed
    ones. The equity began at 1: these are the figures of ``metrics.py``.
    """

    symbols: tuple[str, ...]
    params: Floats
    total_return: Floats
    sharpe: Floats
    max_drawdown: Floats
    trades: npt.NDArray[np.int64]


def sweep(
    bars: Bars,
    rule: Rule | Weighted,
    params: Sequence[Sequence[float]] | Floats,
    *,
    cost: float = 0.0,
    borrow: float = 0.0,
    periods: float = SESSIONS_A_YEAR,
    begin: int = 0,
    threads: int | None = None,
) -> Sweep:
    """Run ``rule`` on each symbol alone with each row of ``params``, shape ``(rows, parameters)``.

    The wish of a bar's close is traded at the next open, with all of the equity, or with the part
    that a ``Weighted`` rule says; ``cost`` is the part of the traded value that it takes,
    ``borrow`` what shorts pay a year on their value. The bars before ``begin`` are history: the
    rule sees them, and nothing is held nor counted. Who loses everything ends the run. The result
    is the same for any number of ``threads`` (all cores unless told), and memory is that of the
    bars and of the figures. Raises InputError for parameters that the rule refuses, a first bar
    that isn't there, and costs below 0 or from 1 on.
    """
    from tools.backtest.fast.sweep_figures import DRAWDOWN, RETURN, SHARPE, TRADES

    compiled = _compiled(rule)
    rows = np.array(numbers(params, "Parameters"), order="C")
    if rows.ndim != 2 or rows.shape[1] != rule.parameters or not len(rows):
        raise InputError(f"Each row of parameters must hold {rule.parameters}, was {rows.shape}.")
    if threads is not None and not (threads >= 1 and threads == int(threads)):
        raise InputError(f"There must be at least one thread, were {threads}.")
    if not (0 <= cost < 1 and 0 <= borrow < periods < math.inf):
        raise InputError("The cost must be from 0 to below 1, and borrowing must not be below 0.")
    if not (0 <= begin < bars.close.shape[0] and begin == int(begin)):
        raise InputError(f"The first bar must be from 0 to {bars.close.shape[0] - 1}, was {begin}.")
    count = bars.close.shape[1]
    out = np.empty((count, rows.shape[0], 4))
    prices = (bars.open, bars.high, bars.low, bars.close, bars.volume)

    wanted = threads or os.cpu_count() or 1
    size = max(PART, count // (PARTS * wanted))

    def part(first: int) -> None:
        stop = min(first + size, count)
        charges = (cost, borrow / periods, float(periods))
        compiled(*prices, first, stop, begin, rows, *charges, out)

    parts = range(0, count, size)
    try:
        with ThreadPoolExecutor(min(wanted, len(parts))) as pool:
            # One part alone needs no thread, and waits for none.
            list(pool.map(part, parts) if len(parts) > 1 else map(part, parts))
    except Exception as error:
        raise InputError(f"The rule refused its input: {error}.") from error
    return Sweep(
        symbols=bars.symbols,
        params=rows,
        total_return=out[:, :, RETURN].copy(),
        sharpe=out[:, :, SHARPE].copy(),
        max_drawdown=out[:, :, DRAWDOWN].copy(),
        trades=out[:, :, TRADES].astype(np.int64),
    )


def _compiled(rule: Rule | Weighted) -> Callable[..., None]:
    """The loop for this kind of rule, with its functions."""
    from tools.backtest.fast.rules import PREPARE, SIGNAL, Rule
    from tools.backtest.fast.weighted import WEIGH, Weighted

    if (
        isinstance(rule, Rule)
        and _made_for(rule.prepare, PREPARE)
        and _made_for(rule.signal, SIGNAL)
    ):
        from tools.backtest.fast.sweep_part import sweep_part

        return partial(sweep_part, rule.prepare, rule.signal)
    if (
        isinstance(rule, Weighted)
        and _made_for(rule.prepare, PREPARE)
        and _made_for(rule.weigh, WEIGH)
    ):
        from tools.backtest.fast.weighted_loop import weighted_part

        return partial(weighted_part, rule.prepare, rule.weigh)
    raise InputError("A rule is a Rule or a Weighted of functions made with its decorators.")


def _made_for(function: object, signature: Any) -> bool:
    return signature.args in getattr(function, "signatures", ())
