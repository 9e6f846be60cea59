"""The indicators of a symbol's bars, and as they would be if the bar under way ended now."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.indicators.streaming.fused import Fused
from tools.market_data.aggregation.finished import Finished

INDICATORS = ("ema", "rsi", "macd", "bollinger", "atr")
NEVER = -(2**62)


class Forming:
    """Each bar counts once, in its first version, and none behind a later bar."""

    def __init__(self, names: Sequence[str] = INDICATORS) -> None:
        """``names`` as for ``Fused``; none for no indicators."""
        self._fused = Fused(names) if names else None
        self._last = NEVER
        if self._fused is not None:
            # The first use of a set compiles it, some seconds: not when a trade waits.
            self._fused.peek(1.0, 1.0, 1.0, 1.0, 1.0)

    def so_far(self, bar: Finished | None) -> dict[str, float | None]:
        """With a bar that is under way; nothing without one, or for one that is over."""
        if self._fused is None or bar is None or bar.start <= self._last:
            return {}
        return self._named(self._fused.peek(*bar[3:8]))

    def finish(self, bar: Finished) -> dict[str, float | None]:
        """A finished bar; a later version changes no indicator."""
        if self._fused is None or bar.version or bar.start <= self._last:
            return {}
        self._last = bar.start
        return self._named(self._fused.push(*bar[3:8]))

    def _named(self, values: tuple[float, ...]) -> dict[str, float | None]:
        keys = () if self._fused is None else self._fused.keys
        return {
            key: float(f"{value:.6g}") if math.isfinite(value) else None
            for key, value in zip(keys, values, strict=True)
        }
