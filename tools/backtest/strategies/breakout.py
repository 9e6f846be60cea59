"""Channel breakout: buy a new high, sell a new low."""

from __future__ import annotations

from dataclasses import dataclass

from tools.backtest.context import Context
from tools.backtest.strategy import within


@dataclass(frozen=True, slots=True)
class Breakout:
    """Buy above the highest high of ``entry`` bars, sell under the lowest low of ``exit`` bars.

    It is Donchian's channel: the bar itself is not part of the channel that it has to leave.
    """

    entry: int = within(55, 2, 1000)
    exit: int = within(20, 1, 1000)
    weight: float = within(0.9, 0.01, 2.0)

    article = "donchian-breakout"
    compiled = "breakout"

    def on_bar(self, context: Context) -> None:
        """One look at each symbol."""
        for symbol in context.fresh:
            if context.bars(symbol) <= max(self.entry, self.exit):
                continue
            close = context.close(symbol)
            if context.position(symbol):
                if close < context.lows(symbol, self.exit + 1)[:-1].min():
                    context.target(symbol, 0)
            elif close > context.highs(symbol, self.entry + 1)[:-1].max():
                context.target(symbol, self.weight / len(context.symbols))
