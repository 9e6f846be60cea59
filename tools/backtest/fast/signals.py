"""Strategies that read what to do from columns: signals worked out beforehand, as arrays.

A column's row ``t`` must come from bars up to ``t``; ``validation/leaks.py`` finds what doesn't.
Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.orders import cancel, market
from tools.backtest.fast.strategy import CLOSE, EQUITY, HELD, SEEN, WAITING, strategy


@strategy
def hold_units(now: Floats, state: Floats, params: Floats, orders: Floats) -> None:
    """Column 0 is the position to hold in units, below zero short; NaN leaves it as it is.

    What waited in a hole gives way to the newer wish.
    """
    for s in range(now.shape[0]):
        wish = now[s, SEEN]
        if not np.isnan(wish) and (wish != now[s, HELD] or now[s, WAITING] > 0):
            cancel(orders, s)
            if wish != now[s, HELD]:
                market(orders, s, wish - now[s, HELD])


@strategy
def hold_parts(now: Floats, state: Floats, params: Floats, orders: Floats) -> None:
    """Column 0 is the part of equity to hold, measured at the close; NaN leaves the units alone.

    The next open differs from this close, so parts that add up to all of the leverage are refused
    on half of the days: leave a margin.
    """
    for s in range(now.shape[0]):
        wish = now[s, SEEN] * state[EQUITY] / now[s, CLOSE]
        if not np.isnan(wish) and (wish != now[s, HELD] or now[s, WAITING] > 0):
            cancel(orders, s)
            if wish != now[s, HELD]:
                market(orders, s, wish - now[s, HELD])


@strategy
def enter_and_exit(now: Floats, state: Floats, params: Floats, orders: Floats) -> None:
    """Column 0 above zero enters with ``params[0]`` units (short if below zero), column 1 exits.

    In a position entries are passed by, without one exits are. Both at once exit, or do nothing.
    """
    for s in range(now.shape[0]):
        held = now[s, HELD]
        if now[s, SEEN + 1] > 0:
            cancel(orders, s)
            if held != 0:
                market(orders, s, -held)
        elif now[s, SEEN] > 0 and held == 0:
            cancel(orders, s)
            market(orders, s, params[0])
