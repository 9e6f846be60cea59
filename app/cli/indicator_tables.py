"""What the indicator commands show, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tools.domain.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tools.catalog.analysis import AnalysisTools
    from tools.domain.market import AsOf
    from tools.features.prices import PriceArrays
    from tools.indicators.row import Indicator
    from tools.market_data.market import Market

RECENT = 10
DRAWN = 60
BLOCKS = "▁▂▃▄▅▆▇█"


def _market() -> Market:
    from tools.assembly import build_market, open_state
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    return build_market(settings)


def tools() -> AnalysisTools:
    """The tool behind ``compute_indicators``."""
    from tools.catalog.analysis import AnalysisTools
    from tools.clock import FeedClock

    market = _market()
    return AnalysisTools(market, FeedClock(market.latest))


def _prices(symbol: str, as_of: str | None) -> tuple[AsOf, PriceArrays]:
    from tools.clock import FeedClock, moment
    from tools.features.prices import adjusted_prices

    market = _market()
    history = market.history(symbol, moment(as_of, FeedClock(market.latest)))
    return history, adjusted_prices(history)


def _rows() -> tuple[Indicator, ...]:
    from tools.assembly import open_state
    from tools.indicators.registry import indicators
    from tools.settings import load_settings

    open_state(load_settings())
    return indicators()


def known(family: str | None) -> dict[str, Any]:
    """Every indicator of a family, or all; InputError for a family that there is not."""
    from tools.indicators.own import problems

    rows = _rows()
    families = sorted({row.family for row in rows} | {"own"})
    if family is not None and family not in families:
        raise InputError(f"There is no family {family[:40]!r}; there are {', '.join(families)}.")
    listed = [
        {
            "name": row.name,
            "family": row.family,
            "label": row.label,
            "outputs": list(row.keys()),
            "article": row.knowledge,
        }
        for row in rows
        if family in (None, row.family)
    ]
    return {"indicators": listed, "problems": [str(problem) for problem in problems()]}


def indicator_named(name: str) -> Indicator | None:
    """The indicator of exactly this name, or None."""
    return next((row for row in _rows() if row.name == name), None)


def described(row: Indicator) -> dict[str, Any]:
    """Everything that a row says, and how many bars it needs before its first value."""
    from tools.indicators.lookback import first_value
    from tools.indicators.streaming.stream import stream

    first = first_value(row)
    return {
        "name": row.name,
        "label": row.label,
        "family": row.family,
        "inputs": list(row.inputs),
        "outputs": list(row.keys()),
        "parameters": dict(row.params),
        "unit": row.unit,
        "source": row.source,
        "article": row.knowledge,
        "first_value": "none" if first is None else f"at bar {first + 1}",
        "gaps": "a bar without a number in an input has no value, and windows begin anew after it",
        "streaming": stream(row.name).how,
        "meaning": " ".join((row.function.__doc__ or "").split()),
    }


def computed(
    symbol: str, names: Sequence[str], given: Sequence[str], last: int, as_of: str | None
) -> dict[str, Any]:
    """Values on the last bars, by output, and a small drawing of the last sixty."""
    from tools.catalog.prices import provenance
    from tools.catalog.rendering import number
    from tools.indicators.registry import compute

    params: dict[str, dict[str, float]] = {}
    for text in given:
        name, key, value = _parameter(text)
        params.setdefault(name, {})[key] = value
    history, prices = _prices(symbol, as_of)
    found = compute(prices, names, params)
    return provenance(history) | {
        "adjusted": prices.adjusted,
        "sessions": [day.isoformat() for day in prices.dates[-last:]],
        "values": {key: [number(v) for v in values[-last:]] for key, values in found.items()},
        "drawn": {key: spark(values[-DRAWN:]) for key, values in found.items()},
    }


def _parameter(text: str) -> tuple[str, str, float]:
    left, equals, value = text.partition("=")
    name, dot, key = left.partition(".")
    try:
        if equals and dot:
            return name, key, int(value) if value.lstrip("+-").isdecimal() else float(value)
    except ValueError:
        pass
    raise InputError(f"Write a parameter as NAME.PARAMETER=NUMBER, such as macd.fast=8: {text!r}.")


def spark(values: npt.NDArray[np.float64]) -> str:
    """Bars from the lowest to the highest of the values; a blank where there is none."""
    import math

    real = [float(v) for v in values if math.isfinite(v)]
    if not real:
        return ""
    low, span = min(real), max(real) - min(real)
    steps = len(BLOCKS) - 1
    return "".join(
        BLOCKS[round(steps * (v - low) / span) if span else 0] if math.isfinite(v) else " "
        for v in map(float, values)
    )


def seen(symbol: str, days: int, as_of: str | None) -> dict[str, Any]:
    """Chart patterns known in the last ``days`` bars, and candlesticks of the last ten."""
    from tools.catalog.prices import provenance
    from tools.catalog.rendering import number
    from tools.indicators.chart_patterns.search import find_patterns
    from tools.indicators.registry import compute

    history, prices = _prices(symbol, as_of)
    dates = [day.isoformat() for day in prices.dates]
    finds = find_patterns(prices.high, prices.low, prices.close)
    names = [row.name for row in _rows() if row.family == "candles"]
    candles = compute(prices, names)
    return provenance(history) | {
        "patterns": [
            {
                "kind": find.kind,
                "known": dates[find.known_at],
                "expects": find.expects.value,
                "level": None if find.level is None else number(find.level, 2),
                "status": find.status.value,
                "went": None if find.went is None else find.went.value,
                "decided": None if find.decided_at is None else dates[find.decided_at],
                "points": [[dates[bar], number(price, 2)] for bar, price in find.points],
            }
            for find in finds
            if find.known_at >= len(dates) - days
        ],
        "candles": [
            {
                "session": dates[bar],
                "pattern": name.removeprefix("candle_").replace("_", " "),
                "value": int(candles[name][bar]),
            }
            for bar in range(max(len(dates) - RECENT, 0), len(dates))
            for name in names
            if abs(candles[name][bar]) > 0
        ],
    }
