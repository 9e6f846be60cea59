"""What a compiled run answers: flat arrays, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tools.backtest.fast.bars import Floats
from tools.backtest.metrics import SESSIONS_A_YEAR, Metrics, measure

if TYPE_CHECKING:
    from tools.backtest.fast.account import Account

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fills:
    """One entry for each fill: the bar, the symbol's number, signed units, price and commission."""

    bar: Ints
    symbol: Ints
    quantity: Floats
    price: Floats
    commission: Floats


@dataclass(frozen=True, slots=True)
class Trades:
    """One entry for each position from flat to flat, or to the other side.

    ``quantity`` is all that was put in, signed; ``entry`` and ``exit`` are mean prices; ``profit``
    is after commissions and borrowing. A position still open at the end is no trade yet.
    """

    symbol: Ints
    first_bar: Ints
    last_bar: Ints
    quantity: Floats
    entry: Floats
    exit: Floats
    profit: Floats


@dataclass(frozen=True, slots=True)
class Refused:
    """Orders that came due and were more than the account could hold, at the price they'd have."""

    bar: Ints
    symbol: Ints
    quantity: Floats
    price: Floats


@dataclass(frozen=True, slots=True)
class Run:
    """``equity`` and ``at_work`` (long and short values added up) at each close, shape ``(bars,)``.

    ``positions`` in units, shape ``(bars, symbols)``. ``began_with`` is the cash before the first
    bar, ``waiting`` how many orders still rested after the last, as those decided there must.
    ``forced`` is at how many closes the account was under water, and its end was ordered.
    """

    began_with: float
    equity: Floats
    at_work: Floats
    positions: Floats
    fills: Fills
    trades: Trades
    refused: Refused
    waiting: int
    forced: int

    def metrics(self, periods: float = SESSIONS_A_YEAR) -> Metrics:
        """The run's figures; ``periods`` is how many of its bars make a year."""
        traded = float(np.sum(np.abs(self.fills.quantity) * self.fills.price))
        equity = np.concatenate([[self.began_with], self.equity])
        return measure(equity, self.trades.profit, traded, self.at_work, periods)


def result_of(
    account: Account, cash: float, equity: Floats, at_work: Floats, positions: Floats
) -> Run:
    """The rows of the account as columns."""
    from tools.backtest.fast.account import FILLS, FORCED, REFUSED, TRADES

    fills = account.fills[: account.counts[FILLS]].T.copy()
    trades = account.trades[: account.counts[TRADES]].T.copy()
    refused = account.refused[: account.counts[REFUSED]].T.copy()
    return Run(
        began_with=cash,
        equity=equity,
        at_work=at_work,
        positions=positions,
        fills=Fills(_ints(fills[0]), _ints(fills[1]), *fills[2:]),
        trades=Trades(_ints(trades[0]), _ints(trades[1]), _ints(trades[2]), *trades[3:]),
        refused=Refused(_ints(refused[0]), _ints(refused[1]), *refused[2:]),
        waiting=int(account.resting.sum()),
        forced=int(account.counts[FORCED]),
    )


def _ints(row: Floats) -> Ints:
    return row.astype(np.int64)
