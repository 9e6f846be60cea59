"""What happens to an account under water. Imported late: this imports numba."""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.account import Account
from tools.backtest.fast.compiling import inlined
from tools.backtest.fast.orders import BARS, CLOSING, KIND, MARKET, QUANTITY, SYMBOL


@inlined
def liquidate(a: Account) -> None:
    """Cancel all that waits, and close all positions at the market from the next bar on.

    What the strategy asked for at this close is cancelled, too, so that it can't stand in the way.
    """
    for s in range(a.held.size):
        a.resting[s] = 0
        if a.held[s] != 0:
            order = a.book[s, 0]
            order[:] = 0.0
            order[SYMBOL], order[KIND], order[QUANTITY] = s, MARKET, -a.held[s]
            order[CLOSING], order[BARS] = 1.0, np.inf
            a.resting[s] = 1
