"""The bar-by-bar loop. Imported late: this imports numba and compiles, once a machine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import types

from tools.backtest.fast.account import (
    BORROW,
    FILLS,
    FLOW,
    FORCED,
    MAINTENANCE,
    NEXT_BAR,
    REFUSED,
    SHARE,
    SLIP_VOLUME,
    TRADES,
    WHOSE,
    Account,
)
from tools.backtest.fast.bars import LARGEST, Floats
from tools.backtest.fast.compiling import inlined, typed
from tools.backtest.fast.liquidation import liquidate
from tools.backtest.fast.matching import keep_the_rest, match
from tools.backtest.fast.orders import (
    AT_LIMIT,
    AT_STOP,
    BARS,
    CANCEL,
    KIND,
    LIMIT,
    MARKET,
    QUANTITY,
    SLOTS,
    STOP,
    STOP_LIMIT,
    SYMBOL,
)
from tools.backtest.fast.strategy import BAR, CASH, EQUITY, HELD, ON_BAR, SEEN, WAITING

DONE, NO_ROOM, NO_NUMBER, NO_SYMBOL, BOOK_FULL, TOO_MANY = range(6)

_vector, _table = types.float64[::1], types.float64[:, ::1]
_cube, _counts = types.float64[:, :, ::1], types.int64[::1]
_account = types.NamedTuple(  # type: ignore[no-untyped-call]
    (_vector, _vector, _vector, _vector, _table, _cube, _counts, _table, _table, _table, _counts),
    Account,
)
SIGNATURE = types.int64(
    types.FunctionType(ON_BAR), *(_table,) * 5, _cube, _vector, _vector, _vector, _table, _table,
    _account, _vector, _vector, _table,
)  # fmt: skip
OnBar = Callable[[Floats, Floats, Floats, Floats], None]


@inlined
def _match_all(
    a: Account,
    costs: Floats,
    i: int,
    opens: Floats,
    highs: Floats,
    lows: Floats,
    closes: Floats,
    volumes: Floats,
) -> None:
    any_volume = costs[SLIP_VOLUME] == 0 and costs[SHARE] == 0
    for s in range(a.held.size):
        if a.resting[s]:
            if not np.isnan(closes[i, s]) and (volumes[i, s] > 0 or any_volume):
                match(a, costs, i, s, opens[i, s], highs[i, s], lows[i, s], volumes[i, s])
            keep_the_rest(a, i, s)


@inlined
def _accept(a: Account, i: int, orders: Floats) -> int:
    """Put what was asked for into the book; refuse what is no order, keeping which symbol's."""
    count = int(orders[0, 0])
    orders[0, 0] = 0.0
    if count >= orders.shape[0]:
        return TOO_MANY
    for r in range(1, count + 1):
        row = orders[r]
        if not (0 <= row[SYMBOL] < a.held.size):
            return NO_SYMBOL
        s = int(row[SYMBOL])
        if row[SYMBOL] != s:
            return NO_SYMBOL
        a.counts[WHOSE] = s
        if row[KIND] == CANCEL:
            a.resting[s] = 0
            continue
        if not _sound(row):
            return NO_NUMBER
        if a.resting[s] == SLOTS:
            return BOOK_FULL
        order = a.book[s, a.resting[s]]
        for field in range(order.size):
            order[field] = row[field]
        order[BARS] = i + row[BARS] if row[BARS] > 0 else np.inf
        a.resting[s] += 1
    return DONE


@inlined
def _sound(row: Floats) -> bool:
    kind = row[KIND]
    limit = kind in (MARKET, STOP) or 0 < row[AT_LIMIT] <= LARGEST
    stop = kind in (MARKET, LIMIT) or 0 < row[AT_STOP] <= LARGEST
    known = kind in (MARKET, LIMIT, STOP, STOP_LIMIT)
    return known and limit and stop and row[BARS] >= 0 and 0 < np.abs(row[QUANTITY]) <= LARGEST


@typed(SIGNATURE)
def loop(
    on_bar: OnBar,
    opens: Floats,
    highs: Floats,
    lows: Floats,
    closes: Floats,
    volumes: Floats,
    columns: Floats,
    costs: Floats,
    params: Floats,
    state: Floats,
    now: Floats,
    orders: Floats,
    a: Account,
    equity: Floats,
    at_work: Floats,
    positions: Floats,
) -> int:
    """Run from ``a.counts[NEXT_BAR]`` to the end, or to what stops it; answers which of these."""
    bars, symbols = closes.shape
    for i in range(a.counts[NEXT_BAR], bars):
        a.counts[NEXT_BAR] = i
        waiting = a.resting.sum() if symbols > 1 else a.resting[0]
        rows = max(a.counts[FILLS], a.counts[TRADES], a.counts[REFUSED])
        if waiting and rows + waiting > a.fills.shape[0]:
            return NO_ROOM
        total, value = a.cash[0], 0.0
        if waiting:
            _match_all(a, costs, i, opens, highs, lows, closes, volumes)
            total = a.cash[0]
        for s in range(symbols):
            now[s, 0], now[s, 1], now[s, 2] = opens[i, s], highs[i, s], lows[i, s]
            now[s, 3], now[s, 4], now[s, HELD] = closes[i, s], volumes[i, s], a.held[s]
            now[s, WAITING] = a.resting[s]
            for k in range(columns.shape[0]):
                now[s, SEEN + k] = columns[k, i, s]
            if not np.isnan(closes[i, s]):
                a.last[s] = closes[i, s]
            if a.held[s] != 0:
                worth = a.held[s] * a.last[s]
                if worth < 0:
                    fee = -worth * costs[BORROW]
                    a.cash[0] -= fee
                    a.under_way[s, FLOW] -= fee
                    total -= fee
                total += worth
                value += abs(worth)
            positions[i, s] = a.held[s]
        equity[i], at_work[i] = total, value
        state[BAR], state[CASH], state[EQUITY] = i, a.cash[0], total
        on_bar(now, state, params, orders)
        if orders[0, 0] > 0:
            fault = _accept(a, i, orders)
            if fault != DONE:
                return fault
        if value > 0 and total < costs[MAINTENANCE] * value:
            a.counts[FORCED] += 1
            liquidate(a)
    a.counts[NEXT_BAR] = bars
    return DONE
