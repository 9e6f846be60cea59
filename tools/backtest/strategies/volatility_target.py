"""Volatility target: hold more when the market is calm and less when it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.backtest.context import Context
from tools.backtest.strategy import within


@dataclass(frozen=True, slots=True)
class VolatilityTarget:
    """Hold ``target`` over the yearly volatility of the last ``window`` returns, at most ``most``.

    A year has ``bars_a_year`` bars. Nothing is traded while the weight is off by ``band`` or less.
    """

    target: float = within(0.10, 0.01, 1.0)
    window: int = within(21, 5, 1000)
    most: float = within(0.9, 0.1, 2.0)
    band: float = within(0.05, 0.0, 0.5)
    bars_a_year: int = within(252, 1, 1_000_000)

    article = "volatility-targeting"
    compiled = "volatility_target"

    def on_bar(self, context: Context) -> None:
        """One look at each symbol."""
        for symbol in context.fresh:
            closes = context.closes(symbol, self.window + 1)
            if len(closes) <= self.window:
                continue
            moves = np.diff(np.log(closes))
            swing = float(moves.std(ddof=1)) * self.bars_a_year**0.5
            weight = min(self.target / swing, self.most) if swing else self.most
            context.target(symbol, weight / len(context.symbols), self.band)
