"""Dual moving average: in while the fast mean is above the slow one, with a band between."""

from __future__ import annotations

from dataclasses import dataclass

from tools.backtest.context import Context
from tools.backtest.strategy import within
from tools.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class DualMovingAverage:
    """Hold while the mean of ``fast`` closes is above that of ``slow``, stay out while it is below.

    Within ``band`` (a fraction) of each other nothing changes, so that two lines which only touch
    make no trades.
    """

    fast: int = within(50, 1, 1000)
    slow: int = within(200, 2, 2000)
    band: float = within(0.01, 0.0, 0.5)
    weight: float = within(0.9, 0.01, 2.0)

    article = "dual-moving-average"
    compiled = "dual_moving_average"

    def __post_init__(self) -> None:
        """Raises InputError when the fast mean is not the shorter one."""
        if self.fast >= self.slow:
            raise InputError(f"fast ({self.fast}) must be below slow ({self.slow}).")

    def on_bar(self, context: Context) -> None:
        """One look at each symbol."""
        for symbol in context.fresh:
            closes = context.closes(symbol, self.slow)
            if len(closes) < self.slow:
                continue
            above = float(closes[-self.fast :].mean() / closes.mean() - 1)
            held = context.position(symbol)
            if not held and above > self.band:
                context.target(symbol, self.weight / len(context.symbols))
            elif held and above < -self.band:
                context.target(symbol, 0)
