"""Which resting orders a bar fills, and at what price. Imported late: this imports numba.

A bar tells four prices and not their order, so where it matters the worse order is taken:

1. At the open, oldest order first: market orders; stops and limits that the open already reached.
2. Stops touched inside the bar, at their price.
3. Limits touched inside the bar, at their price. Closing ones close only what was held after the
   open: a profit is not taken in the bar whose inside opened the position.
4. Closing stops again, for what 2 and 3 opened.

So where a bar touches both the stop and the limit of a position, the stop fills. A stop-limit whose
stop is touched inside the bar fills at the stop where its limit allows that, else waits as a limit
from the next bar on. Touched means reached: a low at the limit fills a buy.

Where the bar gives less than an order wants, it fills in part. The rest waits: of a stop that was
touched as a market order, of a stop-limit as a limit.
"""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.account import FILLS, SHARE, SLIP, SLIP_RATE, SLIP_VOLUME, Account, booked
from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare
from tools.backtest.fast.orders import (
    AT_LIMIT,
    AT_STOP,
    BARS,
    CANCEL,
    CLOSING,
    KIND,
    LIMIT,
    MARKET,
    MISSED,
    QUANTITY,
    STOP,
    STOP_LIMIT,
)


@bare
def expire(a: Account, bar: int, s: int) -> None:
    """Drop the orders of symbol ``s`` that no later bar may meet."""
    for k in range(a.resting[s]):
        if a.book[s, k, BARS] <= bar:
            a.book[s, k, KIND] = CANCEL
    _keep_the_rest(a, s)


@bare
def _keep_the_rest(a: Account, s: int) -> None:
    kept = 0
    for k in range(a.resting[s]):
        if a.book[s, k, KIND] != CANCEL:
            if a.book[s, k, KIND] == MISSED:
                a.book[s, k, KIND] = LIMIT
            if kept < k:
                for field in range(a.book.shape[2]):
                    a.book[s, kept, field] = a.book[s, k, field]
            kept += 1
    a.resting[s] = kept


@bare
def _at_the_open(
    a: Account, costs: Floats, bar: int, s: int, k: int, opened: float, volume: float
) -> None:
    order = a.book[s, k]
    side = 1.0 if order[QUANTITY] > 0 else -1.0
    kind = order[KIND]
    if kind in (STOP, STOP_LIMIT) and side * (opened - order[AT_STOP]) >= 0:
        kind = MARKET if kind == STOP else LIMIT
        if kind == LIMIT:
            order[KIND] = LIMIT
    if kind == MARKET:
        _take(a, costs, bar, s, k, opened, volume)
        if order[KIND] == MARKET and _size(a, s, k, a.held[s]) == 0:
            order[KIND] = CANCEL  # a closing one that found nothing to close
    elif kind == LIMIT and side * (order[AT_LIMIT] - opened) >= 0:
        _fill(a, costs, bar, s, k, _size(a, s, k, a.held[s]), opened)


@bare
def _stop_inside(
    a: Account,
    costs: Floats,
    bar: int,
    s: int,
    k: int,
    before: float,
    high: float,
    low: float,
    volume: float,
) -> None:
    """``before`` is a price seen earlier in the bar: a stop fills no better than that."""
    order = a.book[s, k]
    side = 1.0 if order[QUANTITY] > 0 else -1.0
    reached = high if side > 0 else low
    kind = order[KIND]
    if kind not in (STOP, STOP_LIMIT) or side * (reached - order[AT_STOP]) < 0:
        return
    price = max(order[AT_STOP], before) if side > 0 else min(order[AT_STOP], before)
    if kind == STOP:
        _take(a, costs, bar, s, k, price, volume)
    elif _size(a, s, k, a.held[s]) != 0:
        if side * (order[AT_LIMIT] - price) >= 0:
            _fill(a, costs, bar, s, k, _size(a, s, k, a.held[s]), price)
            if order[KIND] == STOP_LIMIT:
                order[KIND] = MISSED
        else:
            order[KIND] = MISSED


@bare
def _limit_inside(
    a: Account,
    costs: Floats,
    bar: int,
    s: int,
    k: int,
    opened: float,
    high: float,
    low: float,
    held: float,
) -> None:
    order = a.book[s, k]
    side = 1.0 if order[QUANTITY] > 0 else -1.0
    reached = low if side > 0 else high
    if order[KIND] != LIMIT or side * (order[AT_LIMIT] - reached) < 0:
        return
    price = min(order[AT_LIMIT], opened) if side > 0 else max(order[AT_LIMIT], opened)
    old = min(abs(held), abs(a.held[s])) if held * a.held[s] > 0 else 0.0
    _fill(a, costs, bar, s, k, _size(a, s, k, old if held > 0 else -old), price)


@bare
def _size(a: Account, s: int, k: int, held: float) -> float:
    """The signed units that the order may trade while ``held`` may be closed."""
    order = a.book[s, k]
    quantity = float(order[QUANTITY])
    if order[CLOSING] == 0:
        return quantity
    if quantity * held >= 0:
        return 0.0
    return quantity if abs(quantity) <= abs(held) else -held


@bare
def _given(a: Account, quantity: float) -> float:
    """The signed units of it that the bar still gives."""
    if abs(quantity) <= a.offered[0]:
        return quantity
    return float(a.offered[0] if quantity > 0 else -a.offered[0])


@bare
def _take(a: Account, costs: Floats, bar: int, s: int, k: int, price: float, volume: float) -> None:
    """Fill at the market: spread and slippage make the price worse."""
    quantity = _size(a, s, k, a.held[s])
    if a.book[s, k, KIND] == STOP and quantity != 0:
        a.book[s, k, KIND] = MARKET
    part = costs[SLIP_RATE]
    if costs[SLIP_VOLUME] > 0:
        part += costs[SLIP_VOLUME] * abs(_given(a, quantity)) / volume
    worse = costs[SLIP] + price * part
    _fill(a, costs, bar, s, k, quantity, price + worse if quantity > 0 else price - worse)


@bare
def _fill(
    a: Account, costs: Floats, bar: int, s: int, k: int, quantity: float, price: float
) -> None:
    """As much as the bar gives of it; what is left goes on waiting."""
    given = _given(a, quantity)
    if given == 0:
        return
    a.offered[0] -= abs(given)
    kind = a.book[s, k, KIND]
    a.book[s, k, KIND] = CANCEL
    done = booked(a, costs, bar, s, given, price)
    still = a.book[s, k, CLOSING] == 0 or given * a.held[s] < 0
    if done and still and given != quantity:
        a.book[s, k, KIND] = kind
        a.book[s, k, QUANTITY] -= given


@bare
def match(
    a: Account,
    costs: Floats,
    bar: int,
    s: int,
    opened: float,
    high: float,
    low: float,
    volume: float,
) -> None:
    """Fill what this bar of symbol ``s`` fills, and keep the rest in order."""
    a.offered[0] = volume * costs[SHARE] if costs[SHARE] > 0 else np.inf
    for k in range(a.resting[s]):
        _at_the_open(a, costs, bar, s, k, opened, volume)
    held = a.held[s]
    for k in range(a.resting[s]):
        _stop_inside(a, costs, bar, s, k, opened, high, low, volume)
    for k in range(a.resting[s]):
        before = a.held[s]
        _limit_inside(a, costs, bar, s, k, opened, high, low, held)
        if a.book[s, k, CLOSING] > 0:
            held += a.held[s] - before
    # What such a stop can close was opened by the latest fill or one before it in this bar.
    latest = a.fills[a.counts[FILLS] - 1, 3] if a.counts[FILLS] > 0 else opened
    for k in range(a.resting[s]):
        if a.book[s, k, CLOSING] > 0:
            _stop_inside(a, costs, bar, s, k, latest, high, low, volume)
    _keep_the_rest(a, s)
