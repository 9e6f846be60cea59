"""How a compiled strategy asks for orders: call these with the ``orders`` that it is given.

Quantities are signed units: below zero sells. An order rests until it fills or is cancelled. One
that is ``closing`` only ever makes a position smaller: it fills at most what is held, waits while
nothing is, and goes when the position that it was to close ends. ``bars`` is how many bars may meet
an order before it is gone, holes included; 0 is as many as there are.
Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare

SLOTS = 8
"""The most orders of one symbol that can rest."""
CANCEL, MARKET, LIMIT, STOP, STOP_LIMIT, MISSED = 0, 1, 2, 3, 4, 5
"""MISSED is a stop-limit whose stop was touched in this bar and whose limit is for the next."""
SYMBOL, KIND, QUANTITY, AT_LIMIT, AT_STOP, CLOSING, BARS, FIELDS = range(8)
"""BARS becomes in the book the number of the last bar that may meet the order."""


@bare
def market(
    orders: Floats, symbol: int, quantity: float, closing: bool = False, bars: int = 0
) -> None:
    """Trade at the next bar's open; a closing one that finds nothing to close is dropped."""
    _ask(orders, symbol, MARKET, quantity, 0.0, 0.0, closing, bars)


@bare
def limit(
    orders: Floats,
    symbol: int,
    quantity: float,
    price: float,
    closing: bool = False,
    bars: int = 0,
) -> None:
    """Trade at ``price`` or better."""
    _ask(orders, symbol, LIMIT, quantity, price, 0.0, closing, bars)


@bare
def stop(
    orders: Floats,
    symbol: int,
    quantity: float,
    price: float,
    closing: bool = False,
    bars: int = 0,
) -> None:
    """Trade at the market once the price is at ``price`` or worse."""
    _ask(orders, symbol, STOP, quantity, 0.0, price, closing, bars)


@bare
def stop_limit(
    orders: Floats,
    symbol: int,
    quantity: float,
    price: float,
    limit_price: float,
    closing: bool = False,
    bars: int = 0,
) -> None:
    """A limit at ``limit_price`` once the price is at ``price`` or worse."""
    _ask(orders, symbol, STOP_LIMIT, quantity, limit_price, price, closing, bars)


@bare
def cancel(orders: Floats, symbol: int) -> None:
    """Cancel all that rests of the symbol; orders asked for after it in this bar stay."""
    _ask(orders, symbol, CANCEL, 1.0, 0.0, 0.0, False, 0)


@bare
def _ask(
    orders: Floats,
    symbol: int,
    kind: int,
    quantity: float,
    at_limit: float,
    at_stop: float,
    closing: bool,
    bars: int,
) -> None:
    """The first row counts; beyond the last one it counts on, and the loop refuses the bar."""
    count = int(orders[0, 0]) + 1
    orders[0, 0] = count
    if count < orders.shape[0]:
        row = orders[count]
        row[SYMBOL], row[KIND], row[QUANTITY] = symbol, kind, quantity
        row[AT_LIMIT], row[AT_STOP], row[CLOSING] = at_limit, at_stop, 1.0 if closing else 0.0
        row[BARS] = bars


def empty_requests(symbols: int) -> Floats:
    """Room for twice the orders of one bar that could rest."""
    return np.zeros((1 + 2 * SLOTS * symbols, FIELDS))
