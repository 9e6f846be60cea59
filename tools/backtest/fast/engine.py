"""Run a compiled strategy over bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tools.backtest.fast.bars import Bars, Floats, numbers, writable
from tools.backtest.fast.costs import Costs
from tools.backtest.fast.result import Run, result_of
from tools.domain.errors import InputError

if TYPE_CHECKING:
    from tools.backtest.fast.account import Account
    from tools.backtest.fast.loop import OnBar

NO_COSTS = Costs()
MOST_MEMORY = 10_000_000


def run(
    bars: Bars,
    on_bar: OnBar,
    *,
    columns: Floats | None = None,
    params: Sequence[float] = (),
    cash: float = 100_000.0,
    costs: Costs = NO_COSTS,
    memory: int = 0,
) -> Run:
    """Every bar once, oldest first. ``on_bar`` is made by ``strategy.strategy``.

    ``columns`` is what the strategy sees beside the prices, shape ``(k, bars)`` for one symbol or
    ``(k, bars, symbols)``; NaN in it is the strategy's to heed. ``memory`` is how many cells of
    ``state`` are its own. Raises InputError, naming the bar, when the strategy raises, or asks for
    an order that is none, for more than 8 resting orders of a symbol, or for a symbol that isn't
    there; and for columns and figures that don't fit the bars.
    """
    from tools.backtest.fast.account import opened
    from tools.backtest.fast.orders import empty_requests
    from tools.backtest.fast.strategy import ON_BAR, OWN, SEEN

    if ON_BAR.args not in getattr(on_bar, "signatures", ()):
        raise InputError("A compiled strategy is a function made with @strategy.")
    if not 0 < cash < math.inf:
        raise InputError(f"A backtest must begin with cash above zero, was {cash}.")
    if not 0 <= memory <= MOST_MEMORY:
        raise InputError(f"The strategy's own cells must be 0 to {MOST_MEMORY}, was {memory}.")
    count, symbols = bars.close.shape
    seen = _columns(columns, count, symbols)
    account = opened(cash, symbols)
    equity, at_work, positions = np.empty(count), np.empty(count), np.empty((count, symbols))
    arrays = (
        seen,
        costs.row(),
        numbers(params, "The strategy's parameters").flatten(),
        np.zeros(OWN + memory),
        np.empty((symbols, SEEN + seen.shape[0])),
        empty_requests(symbols),
    )
    account = _to_the_end(bars, on_bar, arrays, account, (equity, at_work, positions))
    return result_of(account, cash, equity, at_work, positions)


def _to_the_end(
    b: Bars, on_bar: OnBar, arrays: tuple[Floats, ...], account: Account, out: tuple[Floats, ...]
) -> Account:
    from tools.backtest.fast.account import NEXT_BAR, WHOSE, with_room
    from tools.backtest.fast.loop import DONE, NO_ROOM, loop

    columns, money, params, state, now, orders = arrays
    equity, at_work, positions = out
    while True:
        try:
            ended = loop(
                on_bar, b.open, b.high, b.low, b.close, b.volume, columns, money, params, state,
                now, orders, account, equity, at_work, positions,
            )  # fmt: skip
        except Exception as error:
            bar = int(account.counts[NEXT_BAR])
            told = f"The strategy failed at bar {bar}: {type(error).__name__}: {error}"
            raise InputError(told) from error
        if ended == DONE:
            return account
        if ended != NO_ROOM:
            whose = b.symbols[int(account.counts[WHOSE])]
            raise InputError(_told(ended, int(account.counts[NEXT_BAR]), whose))
        account = with_room(account)


def _told(ended: int, bar: int, symbol: str) -> str:
    from tools.backtest.fast.loop import BOOK_FULL, NO_NUMBER, NO_SYMBOL
    from tools.backtest.fast.orders import SLOTS

    faults = {
        NO_NUMBER: f"an order of {symbol} without a quantity, or a price that is none",
        NO_SYMBOL: "an order of a symbol that isn't there",
        BOOK_FULL: f"more than {SLOTS} resting orders of {symbol}: cancel some first",
    }
    fault = faults.get(ended, "more orders at once than can rest")
    return f"At bar {bar} the strategy asked for {fault}."


def _columns(columns: Floats | None, count: int, symbols: int) -> Floats:
    if columns is None:
        return np.empty((0, count, symbols))
    array = numbers(columns, "Columns")
    if array.ndim == 2 and symbols == 1:
        array = array[:, :, np.newaxis]
    if array.ndim != 3 or array.shape[1:] != (count, symbols):
        raise InputError(f"Columns must have the shape (k, {count}, {symbols}), was {array.shape}.")
    return writable(array)
