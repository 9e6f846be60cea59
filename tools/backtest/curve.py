"""The account at every bar: its fills and its statement laid over the closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tools.backtest.rates import Rates
from tools.backtest.series import CLOSE, Series
from tools.domain.actions import CashEvent, Entry
from tools.domain.order import Fill
from tools.market_data.columns import Floats, Times, nanoseconds


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """``equity`` and ``invested`` (without signs) are at each moment, before them the start.

    Shape ``(n + 1,)`` for the ``n`` ``moments`` (nanoseconds); ``net`` is invested with signs.
    Of an account in several currencies ``books`` has each.
    """

    moments: Times
    equity: Floats
    invested: Floats
    net: Floats
    books: Mapping[str, Book] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """One currency: ``cash`` and ``net`` value held in it, and its ``rate`` into the account's.

    Shape ``(n + 1,)``; before the first moment the rate is NaN.
    """

    cash: Floats
    net: Floats
    rate: Floats

    @property
    def by_rate(self) -> float:
        """What the moves of the rate alone did to the account, in its currency.

        At each moment what stood in this currency, times the move of the rate until the next. What
        prices did, at the rates of their moments, is all the rest.
        """
        stood = (self.cash + self.net)[1:-1]
        return float((stood * np.diff(self.rate[1:])).sum())


def curve_of(
    moments: Times,
    series: Mapping[str, Series],
    cash: float,
    fills: Sequence[Fill],
    entries: Sequence[Entry],
    rates: Rates | None = None,
) -> Curve:
    """What the account was worth at each close, from what the journal says of it.

    ``cash`` is in the account's currency, and so is all of the curve but its ``books``. ``rates``
    are None where there is no other.
    """
    size = len(moments)
    home = "" if rates is None else rates.into
    codes = [home] if rates is None else [home, *rates.currencies]
    money = {code: np.zeros(size) for code in codes}
    held = {symbol: np.zeros(size) for symbol in series}

    def place(at: int) -> int:
        return min(int(np.searchsorted(moments, at)), size - 1)

    for fill in fills:
        spot, signed = place(nanoseconds(fill.at)), float(fill.side.sign * fill.quantity)
        money[_own(fill.currency, rates)][spot] -= signed * float(
            fill.price * fill.multiplier
        ) + float(fill.commission)
        held[fill.symbol][spot] += signed
    for entry in entries:
        spot = place(nanoseconds(entry.at))
        if isinstance(entry, CashEvent):
            money[_own(entry.currency, rates)][spot] += float(entry.amount)
        else:
            held[entry.symbol][spot] += float(entry.change)
    invested, net = np.zeros(size), np.zeros(size)
    worth = {code: np.zeros(size) for code in codes}
    for symbol, changes in held.items():
        if changes.any():
            value = np.cumsum(changes) * marks(series[symbol], moments)
            value *= float(series[symbol].listed.multiplier)
            if rates is not None:
                code = series[symbol].listed.currency
                worth[code] += value
                value *= rates.column(code, moments)
            invested += np.abs(value)
            net += value
    equity = cash + np.cumsum(money[home]) + net
    if rates is not None:
        for code in rates.currencies:
            equity += np.cumsum(money[code]) * rates.column(code, moments)
    first = np.array([cash])
    zero = np.zeros(1)
    return Curve(
        moments,
        np.concatenate([first, equity]),
        np.concatenate([zero, invested]),
        np.concatenate([zero, net]),
        {} if rates is None else _books(moments, cash, money, worth, rates),
    )


def _own(currency: str, rates: Rates | None) -> str:
    return "" if rates is None else currency


def _books(
    moments: Times,
    cash: float,
    money: Mapping[str, Floats],
    worth: Mapping[str, Floats],
    rates: Rates,
) -> dict[str, Book]:
    found = {}
    for code, moved in money.items():
        begun = cash if code == rates.into else 0.0
        found[code] = Book(
            np.append(begun, begun + np.cumsum(moved)),
            np.append(0.0, worth[code]),
            np.append(np.nan, rates.column(code, moments)),
        )
    return found


def marks(series: Series, moments: Times) -> Floats:
    """The last close known at each moment, 0 before the first."""
    places = np.searchsorted(series.known, moments, side="right") - 1
    closes = series.values[np.maximum(places, 0), CLOSE]
    return np.where(places >= 0, closes, 0.0)
