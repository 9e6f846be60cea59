"""Mean reversion: buy what has fallen unusually far below its mean."""

from __future__ import annotations

from dataclasses import dataclass

from tools.backtest.context import Context
from tools.backtest.strategy import within


@dataclass(frozen=True, slots=True)
class MeanReversion:
    """Buy when the close is ``entry`` standard deviations under its mean, sell when it is back.

    The mean and the deviation are of the last ``window`` closes; it is back at ``exit`` deviations
    under the mean. A fall to ``stop`` deviations ends the position as well.
    """

    window: int = within(20, 5, 1000)
    entry: float = within(2.0, 0.1, 10.0)
    exit: float = within(0.0, -5.0, 5.0)
    stop: float = within(5.0, 0.5, 100.0)
    weight: float = within(0.9, 0.01, 2.0)

    article = "mean-reversion"
    compiled = "mean_reversion"

    def on_bar(self, context: Context) -> None:
        """One look at each symbol."""
        for symbol in context.fresh:
            closes = context.closes(symbol, self.window)
            spread = closes.std()
            if len(closes) < self.window or not spread:
                continue
            under = float((closes.mean() - closes[-1]) / spread)
            if context.position(symbol):
                if under <= self.exit or under >= self.stop:
                    context.target(symbol, 0)
            elif self.entry <= under < self.stop:
                context.target(symbol, self.weight / len(context.symbols))
