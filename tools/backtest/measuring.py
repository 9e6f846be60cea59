"""An indicator's newest value, from what a strategy has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tools.backtest.series import CLOSE, HIGH, LOW, OPEN, VOLUME
from tools.domain.errors import InputError
from tools.indicators.registry import compute
from tools.market_data.columns import Floats


@dataclass(frozen=True, slots=True)
class _Prices:
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


class Columns(Protocol):
    """Bars by column."""

    def column(self, which: int, count: int) -> Floats:
        """The last ``count`` values of one, oldest first."""
        ...


def newest(seen: Columns, name: str, count: int) -> float:
    """The last value over the newest ``count`` bars; NaN without history.

    Raises InputError for an unknown name, or one that gives several values.
    """
    columns = (seen.column(which, count) for which in (OPEN, HIGH, LOW, CLOSE, VOLUME))
    found = compute(_Prices(*columns), (name,))
    if len(found) != 1:
        raise InputError(f"{name} gives {', '.join(found)}: ask for one of them.")
    values = next(iter(found.values()))
    return float(values[-1]) if len(values) else float("nan")
