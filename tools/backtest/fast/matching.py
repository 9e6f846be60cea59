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

from tools.backtest.fast.account import (
    DUST,
    FILLS,
    SHARE,
    SLIP,
    SLIP_RATE,
    SLIP_VOLUME,
    Account,
    booked,
)
from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import inlined
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

OPEN, STOPS, LIMITS, STOPS_AGAIN = range(4)


@inlined
def keep_the_rest(a: Account, bar: int, s: int) -> None:
    """Drop the orders of symbol ``s`` that are done, or that no later bar may meet."""
    kept = 0
    for k in range(a.resting[s]):
        order = a.book[s, k]
        if order[KIND] != CANCEL and order[BARS] > bar:
            if order[KIND] == MISSED:
                order[KIND] = LIMIT
            if kept < k:
                for field in range(order.size):
                    a.book[s, kept, field] = order[field]
            kept += 1
    a.resting[s] = kept


@inlined
def _at_the_open(order: Floats, side: float, size: float, opened: float) -> float:
    """The price at which the open fills it, or NaN; a stop that it reached is none any more."""
    if order[KIND] in (STOP, STOP_LIMIT) and side * (opened - order[AT_STOP]) >= 0:
        if order[KIND] == STOP_LIMIT:
            order[KIND] = LIMIT
        elif size != 0:
            order[KIND] = MARKET
    good = order[KIND] == LIMIT and side * (order[AT_LIMIT] - opened) >= 0
    return opened if good or order[KIND] == MARKET else np.nan


@inlined
def _stop_inside(
    order: Floats, side: float, size: float, before: float, high: float, low: float
) -> float:
    """As ``_at_the_open``; a stop fills no better than ``before``, a price earlier in the bar."""
    reached = high if side > 0 else low
    stops = order[KIND] in (STOP, STOP_LIMIT) and side * (reached - order[AT_STOP]) >= 0
    if not stops or size == 0:
        return np.nan
    level = float(order[AT_STOP])
    price = max(level, before) if side > 0 else min(level, before)
    if order[KIND] == STOP:
        order[KIND] = MARKET
        return price
    order[KIND] = MISSED
    return price if side * (order[AT_LIMIT] - price) >= 0 else np.nan


@inlined
def _limit_inside(order: Floats, side: float, opened: float, high: float, low: float) -> float:
    reached = low if side > 0 else high
    if order[KIND] != LIMIT or side * (order[AT_LIMIT] - reached) < 0:
        return np.nan
    level = float(order[AT_LIMIT])
    return min(level, opened) if side > 0 else max(level, opened)


@inlined
def _size(order: Floats, held: float) -> float:
    """The signed units that the order may trade while ``held`` may be closed."""
    quantity = float(order[QUANTITY])
    if order[CLOSING] == 0:
        return quantity
    if quantity * held >= 0:
        return 0.0
    return quantity if abs(quantity) <= abs(held) else -held


@inlined
def _fill(
    a: Account,
    costs: Floats,
    bar: int,
    s: int,
    k: int,
    quantity: float,
    price: float,
    volume: float,
) -> None:
    """As much as the bar gives of it; what is left goes on waiting."""
    order = a.book[s, k]
    side = 1.0 if quantity > 0 else -1.0
    size = min(abs(quantity), a.offered[0])
    if size == 0:
        return
    kind = order[KIND]
    if kind == MARKET:  # spread and slippage make the price worse
        part = costs[SLIP_RATE]
        if costs[SLIP_VOLUME] > 0:
            part += costs[SLIP_VOLUME] * size / volume
        price += side * (costs[SLIP] + price * part)
    a.offered[0] -= size
    if a.offered[0] <= DUST * size:
        a.offered[0] = 0.0
    order[KIND] = CANCEL
    done = booked(a, costs, bar, s, side * size, price)
    still = order[CLOSING] == 0 or side * a.held[s] < 0
    if done and still and abs(quantity) - size > DUST * size:
        order[KIND] = kind
        order[QUANTITY] -= side * size


@inlined
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
    """Fill what this bar of symbol ``s`` fills."""
    a.offered[0] = volume * costs[SHARE] if costs[SHARE] > 0 else np.inf
    old, before = 0.0, opened
    for phase in range(OPEN, STOPS_AGAIN + 1):
        if phase == STOPS:
            old = a.held[s]
        elif phase == STOPS_AGAIN and a.counts[FILLS] > 0:
            # What such a stop can close was opened by the latest fill or one before it in this bar.
            before = a.fills[a.counts[FILLS] - 1, 3]
        for k in range(a.resting[s]):
            order, held = a.book[s, k], a.held[s]
            side = 1.0 if order[QUANTITY] > 0 else -1.0
            size = _size(order, held)
            price = np.nan
            if phase == OPEN:
                price = _at_the_open(order, side, size, opened)
            elif phase == LIMITS:
                price = _limit_inside(order, side, opened, high, low)
                part = min(abs(old), abs(held)) if old * held > 0 else 0.0
                size = _size(order, part if old > 0 else -part)
            elif phase == STOPS or order[CLOSING] > 0:
                price = _stop_inside(order, side, size, before, high, low)
            if np.isnan(price):
                continue
            _fill(a, costs, bar, s, k, size, price, volume)
            if order[KIND] == MARKET and _size(order, a.held[s]) == 0:
                order[KIND] = CANCEL  # a closing one that found nothing to close
            if phase == LIMITS and order[CLOSING] > 0:
                old += a.held[s] - held
