"""How much history an indicator needs before its first value, found by trying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tools.indicators.arrays import Floats
from tools.indicators.row import Indicator

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class _Walk:
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def _walk(count: int) -> _Walk:
    rng = np.random.default_rng(11)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))
    opened = close * np.exp(rng.normal(0, 0.005, count))
    high, low = np.maximum(opened, close) * 1.004, np.minimum(opened, close) * 0.997
    return _Walk(opened, high, low, close, rng.uniform(1e5, 1e6, count))


def first_value(row: Indicator, params: Mapping[str, float] = MappingProxyType({})) -> int | None:
    """The place of the first bar with a value of any output; None when 20,000 bars have none."""
    count = 64
    while count <= LONGEST:
        found = row.run(_walk(count), params).values()
        places = [int(np.argmax(~np.isnan(v))) for v in found if not np.isnan(v).all()]
        if places:
            return min(places)
        count *= 4
    return None
