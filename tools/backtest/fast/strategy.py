"""What a compiled strategy is. Imported late: this imports numba.

    @strategy
    def cross(now, state, params, orders):
        fast, slow = now[0, SEEN], now[0, SEEN + 1]
        if fast > slow and now[0, HELD] == 0:
            market(orders, 0, params[0])

``now`` has a row for each symbol with what is known at this bar's close: the columns OPEN to
VOLUME, the units HELD, how many orders are WAITING, and from SEEN on the caller's own columns. Only
the present is in it, so what needs the past keeps it in ``state`` or comes as a column. ``state``
has the bar's number BAR, CASH and EQUITY, then from OWN on as many cells as were asked for, zero at
first. ``params`` are the caller's. ``orders`` is for the functions of ``orders.py``. Prices of a
hole are NaN.
"""

from __future__ import annotations

from numba import types

from tools.backtest.fast.compiling import typed

OPEN, HIGH, LOW, CLOSE, VOLUME, HELD, WAITING, SEEN = range(8)
BAR, CASH, EQUITY, OWN = range(4)
ON_BAR = types.void(
    types.float64[:, ::1], types.float64[::1], types.float64[::1], types.float64[:, ::1]
)
strategy = typed(ON_BAR, checked=True)
