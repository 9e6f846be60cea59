"""Momentum: hold what has risen most."""

from __future__ import annotations

from dataclasses import dataclass

from tools.backtest.context import Context
from tools.backtest.strategy import within


@dataclass(frozen=True, slots=True)
class Momentum:
    """Hold the symbols that rose most over ``lookback`` bars, the newest ``skip`` left out.

    They are chosen anew every ``every`` bars, at most ``hold`` of them and none that fell. Together
    they are ``weight`` of the account; what is sold pays for what is bought, so that comes later.
    """

    lookback: int = within(252, 2, 2000)
    skip: int = within(21, 0, 500)
    every: int = within(21, 1, 500)
    hold: int = within(1, 1, 100)
    weight: float = within(0.9, 0.01, 2.0)

    article = "momentum"
    compiled = "momentum"

    def on_bar(self, context: Context) -> None:
        """Sell what is no longer among the chosen, then buy what is."""
        chosen = self.chosen(context)
        each = self.weight / self.hold
        for symbol in context.fresh:
            if symbol not in chosen and context.position(symbol):
                context.target(symbol, 0)
            elif symbol in chosen and not context.position(symbol) and self.paid(context, each):
                context.target(symbol, each)

    def paid(self, context: Context, weight: float) -> bool:
        """Whether the cash for a purchase is there; until then it waits for the sale."""
        return context.cash >= weight * context.equity

    def chosen(self, context: Context) -> list[str]:
        """The strongest symbols as they were at the last choice."""
        rises = {symbol: self.rise(context, symbol) for symbol in context.symbols}
        rising = [symbol for symbol in context.symbols if rises[symbol] > 0]
        return sorted(rising, key=lambda symbol: -rises[symbol])[: self.hold]

    def rise(self, context: Context, symbol: str) -> float:
        """What a symbol gained up to ``skip`` bars before the last choice; 0 without history."""
        since = context.bars(symbol) % self.every
        closes = context.closes(symbol, self.lookback + self.skip + since + 1)
        if len(closes) <= self.lookback + self.skip + since:
            return 0.0
        return float(closes[-1 - since - self.skip] / closes[0] - 1)
