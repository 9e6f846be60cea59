"""Which indicators have compiled steps; importing this imports numba."""

from __future__ import annotations

from collections.abc import Mapping

from tools.indicators.streaming.recipe import Recipe, back, some, window
from tools.indicators.streaming.steps import averages, directional, oscillators, ranges, volume

RECIPES: Mapping[str, Recipe] = {
    "sma": Recipe(averages.sma, window, 1, back(), bounded=True),
    "ema": Recipe(averages.ema, window, 1, some(0), bounded=True),
    "rma": Recipe(averages.rma, window, 1, some(0), bounded=True),
    "wma": Recipe(averages.wma, window, 2, back(), bounded=True),
    "variance": Recipe(averages.variance, window, 4, back(), bounded=True),
    "standard_deviation": Recipe(averages.deviation, window, 4, back(), bounded=True),
    "bollinger": Recipe(
        averages.bollinger, lambda p: (p["window"], p["deviations"]), 5, back(), bounded=True
    ),
    "macd": Recipe(
        averages.macd, lambda p: (p["fast"], p["slow"], p["signal"]), 3, some(0), bounded=True
    ),
    "true_range": Recipe(ranges.true_range, lambda _: (), 0, some(1), bounded=True),
    "atr": Recipe(ranges.atr, window, 1, some(1), bounded=True),
    "natr": Recipe(ranges.natr, window, 1, some(1)),
    "donchian": Recipe(ranges.donchian, window, 4, back(), bounded=True),
    "williams_r": Recipe(ranges.williams_r, window, 4, back()),
    "stochastic": Recipe(
        ranges.stochastic,
        lambda p: (p["window"], p["smooth"], p["signal"]),
        lambda p: 6 + p["smooth"] + p["signal"],
        back(),
    ),
    "keltner": Recipe(
        ranges.keltner,
        lambda p: (p["window"], p["atr_window"], p["multiple"]),
        2,
        some(1),
        bounded=True,
    ),
    "supertrend": Recipe(
        ranges.supertrend, lambda p: (p["window"], p["multiple"]), 5, some(1), bounded=True
    ),
    "rsi": Recipe(oscillators.rsi, window, 3, some(1), bounded=True),
    "cci": Recipe(oscillators.cci, window, back(), some(0)),
    "roc": Recipe(oscillators.roc, window, 0, back(1)),
    "momentum": Recipe(oscillators.momentum, window, 0, back(1), bounded=True),
    "z_score": Recipe(oscillators.z_score, window, 0, back()),
    "realised_volatility": Recipe(
        oscillators.realised, lambda p: (p["window"], p["year"]), back(1), some(0)
    ),
    "plus_di": Recipe(directional.plus_di, window, 3, some(1)),
    "minus_di": Recipe(directional.minus_di, window, 3, some(1)),
    "dx": Recipe(directional.dx, window, 4, some(1)),
    "adx": Recipe(directional.adx, window, 4, some(1)),
    "obv": Recipe(volume.obv, lambda _: (), 1, some(1), bounded=True),
    "mfi": Recipe(volume.mfi, window, lambda p: 4 + 2 * p["window"], some(0)),
    "rolling_vwap": Recipe(volume.rolling_vwap, window, 0, back()),
    "accumulation": Recipe(volume.accumulation, lambda _: (), 1, some(0)),
}
