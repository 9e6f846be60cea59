"""The account of a compiled run and how a fill is booked. Imported late: this imports numba."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import inlined
from tools.backtest.fast.orders import CANCEL, CLOSING, FIELDS, KIND, QUANTITY, SLOTS

PER_UNIT, RATE, MINIMUM, SLIP, SLIP_RATE, SLIP_VOLUME, BORROW, LEVERAGE, SHARE, MAINTENANCE = range(
    10
)
FIRST_BAR, PUT_IN, IN_VALUE, TAKEN_OUT, OUT_VALUE, FLOW = range(6)
FILLS, TRADES, REFUSED, NEXT_BAR, WHOSE, FORCED = range(6)
DUST = 1e-12
"""What rounding leaves of a position, an order or a volume that went in parts, of the last one."""
ROUNDING = 1e-9
"""An order may be this part above what the account can hold."""


class Account(NamedTuple):
    """Arrays alone, so that a run can be left at any bar and taken up again.

    ``cash`` and ``offered``, the units that a bar still gives: one number each. ``held``, ``last``:
    units and last price of each symbol. ``under_way``: the trade that each open position is part
    of. ``book``: resting orders by symbol, oldest first, ``resting`` of them. ``fills``,
    ``trades``, ``refused``: rows in order, ``counts`` of them.
    """

    cash: Floats
    offered: Floats
    held: Floats
    last: Floats
    under_way: Floats
    book: Floats
    resting: npt.NDArray[np.int64]
    fills: Floats
    trades: Floats
    refused: Floats
    counts: npt.NDArray[np.int64]


def opened(cash: float, symbols: int) -> Account:
    """An account with nothing but cash, and room for some rows."""
    rows = 1024 + 2 * SLOTS * symbols
    return Account(
        cash=np.array([cash]),
        offered=np.zeros(1),
        held=np.zeros(symbols),
        last=np.zeros(symbols),
        under_way=np.zeros((symbols, 6)),
        book=np.zeros((symbols, SLOTS, FIELDS)),
        resting=np.zeros(symbols, dtype=np.int64),
        fills=np.empty((rows, 5)),
        trades=np.empty((rows, 7)),
        refused=np.empty((rows, 4)),
        counts=np.zeros(6, dtype=np.int64),
    )


def with_room(account: Account) -> Account:
    """The same account, with room for twice the rows."""
    grown = {
        name: np.concatenate([rows, np.empty_like(rows)])
        for name, rows in account._asdict().items()
        if name in ("fills", "trades", "refused")
    }
    return account._replace(**grown)


@inlined
def booked(a: Account, costs: Floats, bar: int, s: int, quantity: float, price: float) -> bool:
    """Trade at ``price``; False when the account can't hold it, or the price isn't above zero."""
    before = a.held[s]
    after = before + quantity
    if abs(after) <= DUST * abs(quantity):
        after = 0.0
    size = abs(quantity)
    fee = max(costs[MINIMUM], costs[PER_UNIT] * size + costs[RATE] * size * price)
    turned = after * before < 0
    growing = abs(after) > abs(before) or turned
    if not price > 0 or (growing and not _affordable(a, costs, s, quantity, after, price, fee)):
        row = a.refused[a.counts[REFUSED]]
        row[0], row[1], row[2], row[3] = bar, s, quantity, price
        a.counts[REFUSED] += 1
        return False
    a.cash[0] -= quantity * price + fee
    a.held[s], a.last[s] = after, price
    row = a.fills[a.counts[FILLS]]
    row[0], row[1], row[2], row[3], row[4] = bar, s, quantity, price, fee
    a.counts[FILLS] += 1
    closed = 0.0
    if before * quantity < 0:
        closed = min(size, abs(before))
        _take_out(a, bar, s, closed, price, fee * closed / size, after == 0 or turned)
    if after != 0 and size > closed:
        _put_in(a, bar, s, size - closed, price, fee * (size - closed) / size)
    return True


@inlined
def _affordable(
    a: Account, costs: Floats, s: int, quantity: float, after: float, price: float, fee: float
) -> bool:
    """Whether all positions are within the equity left after the fee, times the leverage."""
    equity = a.cash[0] - quantity * price - fee + after * price
    at_work = abs(after) * price
    for other in range(a.held.size):
        if other != s:
            equity += a.held[other] * a.last[other]
            at_work += abs(a.held[other]) * a.last[other]
    return bool(at_work <= costs[LEVERAGE] * equity * (1.0 + ROUNDING))


@inlined
def _take_out(
    a: Account, bar: int, s: int, size: float, price: float, fee: float, ends: bool
) -> None:
    trade = a.under_way[s]
    side = -1.0 if trade[PUT_IN] < 0 else 1.0
    trade[TAKEN_OUT] += size
    trade[OUT_VALUE] += size * price
    trade[FLOW] += side * size * price - fee
    if not ends:
        return
    row = a.trades[a.counts[TRADES]]
    row[0], row[1], row[2], row[3] = s, trade[FIRST_BAR], bar, trade[PUT_IN]
    row[4] = trade[IN_VALUE] / abs(trade[PUT_IN])
    row[5] = trade[OUT_VALUE] / trade[TAKEN_OUT]
    row[6] = trade[FLOW]
    a.counts[TRADES] += 1
    trade[:] = 0.0
    for k in range(a.resting[s]):
        order = a.book[s, k]
        if order[CLOSING] > 0 and order[QUANTITY] * side < 0:
            order[KIND] = CANCEL


@inlined
def _put_in(a: Account, bar: int, s: int, size: float, price: float, fee: float) -> None:
    trade = a.under_way[s]
    side = -1.0 if a.held[s] < 0 else 1.0
    if trade[PUT_IN] == 0:
        trade[FIRST_BAR] = bar
    trade[PUT_IN] += side * size
    trade[IN_VALUE] += size * price
    trade[FLOW] -= side * size * price + fee
