"""The bar under way, and the indicators as they would be if it ended now."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.indicators.streaming.fused import Fused
from tools.market_data.aggregation.finished import Finished

INDICATORS = ("ema", "rsi", "macd", "bollinger", "atr")


class Forming:
    """Open, high, low, close, volume of the trades since the last finished bar."""

    def __init__(self, names: Sequence[str] = INDICATORS) -> None:
        """``names`` as for ``Fused``; none for no indicators."""
        self._fused = Fused(names) if names else None
        self._bar: list[float] | None = None
        if self._fused is not None:
            # The first use of a set compiles it, some seconds: not when a trade waits.
            self._fused.peek(1.0, 1.0, 1.0, 1.0, 1.0)

    def tick(self, price: float, size: float) -> dict[str, float | None]:
        """Take a trade in; the indicators with the bar as it is now, None where there is none."""
        bar = self._bar
        if bar is None:
            bar = self._bar = [price, price, price, price, 0.0]
        bar[1], bar[2], bar[3] = max(bar[1], price), min(bar[2], price), price
        bar[4] += size
        return {} if self._fused is None else self._named(self._fused.peek(*bar))

    def finish(self, bar: Finished) -> dict[str, float | None]:
        """A finished bar; a later version of one that came before changes no indicator."""
        if bar.version:
            return {}
        self._bar = None
        return self.whole(bar.open, bar.high, bar.low, bar.close, bar.volume)

    def whole(
        self, opens: float, high: float, low: float, close: float, volume: float
    ) -> dict[str, float | None]:
        """A bar that came as one."""
        if self._fused is None:
            return {}
        return self._named(self._fused.push(opens, high, low, close, volume))

    def _named(self, values: tuple[float, ...]) -> dict[str, float | None]:
        keys = () if self._fused is None else self._fused.keys
        return {
            key: float(f"{value:.6g}") if math.isfinite(value) else None
            for key, value in zip(keys, values, strict=True)
        }
