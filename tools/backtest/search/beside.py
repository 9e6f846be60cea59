"""What doing little would have earned on the bars that a search is judged by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tools.backtest.actions import KnownActions
from tools.backtest.benchmarks import benchmarks
from tools.backtest.happening import by_symbol
from tools.backtest.metrics import measure, returns_of
from tools.backtest.pairs import currency_of
from tools.backtest.rates import rates_of
from tools.backtest.request import Request
from tools.backtest.result import Figures, figures
from tools.backtest.running import Backtester
from tools.backtest.tape import Tape
from tools.market_data.columns import Floats, Times, moment_of


def beside(
    backtester: Backtester, request: Request, tape: Tape, moments: Times
) -> dict[str, Floats]:
    """Each benchmark's equity before the first moment and at each, bought on the second of them."""
    first, last = moment_of(int(moments[0])), moment_of(int(moments[-1]))
    shares = by_symbol(backtester.actions, tape, first, last, request.delisted)
    currency = currency_of([one.listed for one in tape.series.values()], request.currency)
    rates = rates_of(tape, currency, KnownActions(shares))
    return benchmarks(moments, tape.series, shares, request.cash, request.costs, rates)


def measured(beside: Mapping[str, Floats], periods: float) -> dict[str, Figures]:
    """Each one's figures."""
    nothing = np.zeros(0)
    return {
        name: figures(measure(equity, nothing, 0.0, equity, periods))
        for name, equity in beside.items()
    }


def earned(equity: Floats) -> Floats:
    """The return of each bar; 0 from the bar after everything was lost."""
    return np.nan_to_num(returns_of(equity), nan=0.0)
