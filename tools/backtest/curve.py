"""The account at every bar: its fills and its statement laid over the closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.backtest.series import CLOSE, Series
from tools.domain.actions import CashEvent, Entry
from tools.domain.order import Fill
from tools.market_data.columns import Floats, Times, nanoseconds


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """``equity`` and ``invested`` (without signs) are at each moment, before them the start.

    Shape ``(n + 1,)`` for the ``n`` ``moments`` (nanoseconds); ``net`` is invested with signs.
    """

    moments: Times
    equity: Floats
    invested: Floats
    net: Floats


def curve_of(
    moments: Times,
    series: Mapping[str, Series],
    cash: float,
    fills: Sequence[Fill],
    entries: Sequence[Entry],
) -> Curve:
    """What the account was worth at each close, from what the journal says of it."""
    size = len(moments)
    money = np.zeros(size)
    held = {symbol: np.zeros(size) for symbol in series}

    def place(at: int) -> int:
        return min(int(np.searchsorted(moments, at)), size - 1)

    for fill in fills:
        spot, signed = place(nanoseconds(fill.at)), float(fill.side.sign * fill.quantity)
        money[spot] -= signed * float(fill.price * fill.multiplier) + float(fill.commission)
        held[fill.symbol][spot] += signed
    for entry in entries:
        spot = place(nanoseconds(entry.at))
        if isinstance(entry, CashEvent):
            money[spot] += float(entry.amount)
        else:
            held[entry.symbol][spot] += float(entry.change)
    invested, net = np.zeros(size), np.zeros(size)
    for symbol, changes in held.items():
        if changes.any():
            value = np.cumsum(changes) * marks(series[symbol], moments)
            value *= float(series[symbol].listed.multiplier)
            invested += np.abs(value)
            net += value
    equity = cash + np.cumsum(money) + net
    first = np.array([cash])
    zero = np.zeros(1)
    return Curve(
        moments,
        np.concatenate([first, equity]),
        np.concatenate([zero, invested]),
        np.concatenate([zero, net]),
    )


def marks(series: Series, moments: Times) -> Floats:
    """The last close known at each moment, 0 before the first."""
    places = np.searchsorted(series.known, moments, side="right") - 1
    closes = series.values[np.maximum(places, 0), CLOSE]
    return np.where(places >= 0, closes, 0.0)
