"""Pairs: two prices that belong together, bought and sold against each other when they part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.backtest.context import Context
from tools.backtest.strategy import within
from tools.market_data.columns import Floats

CRITICAL = -3.34
"""Engle and Granger's 5 % value for two series and a constant (MacKinnon 2010, no trend)."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Trade the first two symbols against each other while they are cointegrated.

    Over ``window`` bars ``ln A = a + b ln B + e``. When e is ``entry`` deviations from its mean the
    dear one is sold and b times as much of the cheap one bought, until it is within ``exit`` or
    beyond ``stop``. Nothing is opened while the test says that they do not belong together.
    """

    window: int = within(250, 50, 2000)
    entry: float = within(2.0, 0.5, 10.0)
    exit: float = within(0.5, 0.0, 5.0)
    stop: float = within(4.0, 1.0, 100.0)
    weight: float = within(0.4, 0.01, 1.0)
    tested: bool = True

    article = "pairs-trading"
    least_symbols = 2

    def on_bar(self, context: Context) -> None:
        """Only where both have a new bar."""
        first, second = context.symbols[:2]
        if len(context.fresh) < 2 or min(map(context.bars, (first, second))) < self.window:
            return
        a, b = (np.log(context.closes(name, self.window)) for name in (first, second))
        ratio, apart = residual(a, b)
        score = float(apart[-1] / apart.std()) if apart.std() else 0.0
        if context.position(first) or context.position(second):
            if abs(score) <= self.exit or abs(score) >= self.stop or ratio <= 0:
                context.target(first, 0)
                context.target(second, 0)
        elif self.entry <= abs(score) < self.stop and self.related(ratio, apart):
            side = -1 if score > 0 else 1
            context.target(first, side * self.weight)
            context.target(second, -side * min(ratio * self.weight, 1.0))

    def related(self, ratio: float, apart: Floats) -> bool:
        """Whether the two belong together, by the test where it is wanted."""
        return ratio > 0 and (not self.tested or reverts(apart) < CRITICAL)


def residual(a: Floats, b: Floats) -> tuple[float, Floats]:
    """The slope of ``a`` on ``b`` by least squares, and what is left of ``a``, mean zero."""
    centred = b - b.mean()
    spread = float(centred @ centred)
    slope = float(centred @ (a - a.mean())) / spread if spread else 0.0
    return slope, (a - a.mean()) - slope * centred


def reverts(e: Floats) -> float:
    """The t-value of c in ``change of e = c * e before``: far below zero when e comes back."""
    change, before = np.diff(e), e[:-1]
    square = float(before @ before)
    if not square:
        return 0.0
    c = float(before @ change) / square
    noise = change - c * before
    error = float(noise @ noise) / (len(change) - 1) / square
    return c / error**0.5 if error else 0.0
