"""What doing little would have given: the same money, the same bars, the same costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tools.backtest.costs import Costs
from tools.backtest.curve import marks
from tools.backtest.rates import Rates
from tools.backtest.series import CLOSE, OPEN, Series
from tools.domain.actions import CorporateAction, Delisting, Dividend
from tools.domain.instrument import AssetClass
from tools.market_data.columns import Floats, Times, nanoseconds

HOLD, EQUAL = "buy and hold", "equal weight"
MOST_OF_VALUE = 0.01
"""Of an order's value, the most that its commission is."""


def benchmarks(
    moments: Times,
    series: Mapping[str, Series],
    actions: Mapping[str, Sequence[CorporateAction]],
    cash: float,
    costs: Costs,
    rates: Rates | None = None,
) -> dict[str, Floats]:
    """Equity before the first moment and at each, shape ``(n + 1,)``, by the benchmark's name.

    Both buy equal parts of every symbol at the open of the second bar, as a strategy can at the
    earliest: ``buy and hold`` leaves them, ``equal weight`` makes them equal again at the first
    open of each month. Parts of a share are held, slippage and commission are paid, splits and
    dividends come as they do for the strategy; impact is left out. Of ``rates`` the account is in
    one currency and what it buys in others is owed in those, as the strategy's is.
    """
    fees = _fees(list(series.values()), costs)
    closes, opens, units = (np.empty((len(moments), len(series))) for _ in range(3))
    paid, worth = np.zeros_like(closes), np.ones_like(closes)
    foreign = np.zeros(len(series), np.bool_)
    for k, (symbol, one) in enumerate(series.items()):
        closes[:, k] = marks(one, moments)
        places = np.searchsorted(one.known, moments, side="right") - 1
        fresh = (places >= 0) & (one.known[np.maximum(places, 0)] == moments)
        first = one.values[np.maximum(places, 0), OPEN]
        opens[:, k] = np.where(fresh, first, one.values[np.maximum(places, 0), CLOSE])
        units[:, k], paid[:, k] = _shares(actions.get(symbol, ()), moments)
        opens[places < 0, k] = 0.0
        if rates is not None:
            worth[:, k] = rates.column(one.listed.currency, moments)
            foreign[k] = one.listed.currency != rates.into
    month = moments.astype("datetime64[ns]").astype("datetime64[M]")
    turns = np.concatenate([[False], month[1:] != month[:-1]])
    turns[1] = True
    once = np.zeros_like(turns)
    once[1] = True
    priced = _Priced(opens * units, closes * units, units, paid, worth, foreign)
    return {
        HOLD: _equity(cash, priced, once, fees),
        EQUAL: _equity(cash, priced, turns, fees),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Priced:
    """Each of shape ``(n, symbols)``, in the symbols' own currencies; ``foreign`` are not home.

    Shares are counted as they were at the start: ``units`` of today's make one of those, at
    ``opens`` and ``closes``. ``worth`` turns a currency into the account's.
    """

    opens: Floats
    closes: Floats
    units: Floats
    paid: Floats
    worth: Floats
    foreign: np.typing.NDArray[np.bool_]


def _equity(
    cash: float, of: _Priced, turns: np.typing.NDArray[np.bool_], fees: tuple[Floats, Floats]
) -> Floats:
    size, width = of.closes.shape
    home, foreign = ~of.foreign, of.foreign
    values, paid = of.closes * of.worth, of.paid * home
    held, owed = np.zeros(width), np.zeros(width)  # owed, below zero, in each one's own currency
    waiting = np.full(width, cash / width)  # for symbols without a bar so far
    money, equity = 0.0, np.empty(size + 1)
    equity[0] = cash
    # Between two trades nothing changes but prices and what is paid out.
    appears = np.argmax(of.opens > 0, axis=0)
    trades = sorted({*np.flatnonzero(turns).tolist(), *(int(at) for at in appears if at > 1)})
    edges = [0, *trades, size]
    for start, stop in pairwise(edges):
        if start in trades:
            rate = of.worth[start - 1]  # as known at the close before
            price = of.opens[start] * rate
            there = price > 0
            new = there & (waiting > 0)
            money += float(waiting[new].sum())
            goal = held * price
            worth = money + float(goal.sum()) + float((owed * rate).sum())
            even = bool(turns[start])
            goal = np.where(there, worth / there.sum(), 0.0) if even else goal + waiting * new
            waiting[new] = 0.0
            change = _change(goal, price, held)
            of_value, a_share = fees
            most = MOST_OF_VALUE * price
            fee = price * of_value + np.minimum(of.units[start] * a_share * rate, most)
            due = np.abs(change) * fee
            change = _change(goal * (1 - due.sum() / goal.sum()), price, held)
            money -= float((change * price * home).sum() + (due * home).sum())
            owed -= foreign * (change * of.opens[start] + due / rate)
            held += change
        came = np.cumsum(paid[start:stop] @ held)
        equity[start + 1 : stop + 1] = money + came + waiting.sum() + values[start:stop] @ held
        money += float(came[-1]) if len(came) else 0.0
        if foreign.any():
            theirs = owed + np.cumsum(of.paid[start:stop] * held * foreign, axis=0)
            equity[start + 1 : stop + 1] += (theirs * of.worth[start:stop]).sum(axis=1)
            owed = theirs[-1] if len(theirs) else owed
    return equity


def _fees(series: Sequence[Series], costs: Costs) -> tuple[Floats, Floats]:
    """What a trade costs of its value, and money a share, by symbol."""
    kinds = [one.listed.asset_class for one in series]
    taken = [costs.taker_bps if kind is AssetClass.CRYPTO else 0.0 for kind in kinds]
    a_share = [costs.commission if kind is AssetClass.EQUITY else 0.0 for kind in kinds]
    return (np.array(taken) + costs.slippage_bps) * 1e-4, np.array(a_share)


def _change(goal: Floats, price: Floats, held: Floats) -> Floats:
    return np.where(price > 0, goal / np.where(price > 0, price, 1.0) - held, 0.0)


def _shares(actions: Sequence[CorporateAction], moments: Times) -> tuple[Floats, Floats]:
    """Of one share of the start: how many it is at each moment, and what it is paid then."""
    units, paid = np.ones(len(moments)), np.zeros(len(moments))
    for action in actions:
        spot = int(np.searchsorted(moments, nanoseconds(action.ex)))
        if isinstance(action, Dividend):
            if spot < len(moments):
                paid[spot] += float(action.amount) * units[spot]
        elif isinstance(action, Delisting):
            if spot < len(moments):
                paid[spot] += float(action.price) * units[spot]
                units[spot:] = 0.0
        elif spot:  # one before the first bar is in every price already
            units[spot:] *= float(action.ratio)
    return units, paid
