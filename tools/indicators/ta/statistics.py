"""Statistics of a window of closes, through TA-Lib."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, bars, put

_KNOWLEDGE = "indicators/regression-and-z-score"
_LEAST_SQUARES = "least squares of the window's closes on the bar number"
_W = {"window": 14}
ROWS = (
    Ta("regression", "Linear regression, end point", "LINEARREG", "close", "regression_{window}",
       _KNOWLEDGE, _LEAST_SQUARES, _W),
    Ta("regression_slope", "Linear regression, slope", "LINEARREG_SLOPE", "close",
       "regression_slope_{window}", _KNOWLEDGE, _LEAST_SQUARES, _W, "price per bar"),
    Ta("regression_angle", "Linear regression, angle", "LINEARREG_ANGLE", "close",
       "regression_angle_{window}", _KNOWLEDGE, _LEAST_SQUARES, _W, "degrees"),
    Ta("regression_intercept", "Linear regression, start point", "LINEARREG_INTERCEPT", "close",
       "regression_intercept_{window}", _KNOWLEDGE, _LEAST_SQUARES, _W),
    Ta("forecast", "Time series forecast", "TSF", "close", "forecast_{window}", _KNOWLEDGE,
       "the regression line one bar further", _W),
    Ta("standard_deviation", "Standard deviation", "STDDEV", "close",
       "standard_deviation_{window}", "risk/volatility", "population form, divisor window",
       {"window": 20}),
    Ta("variance", "Variance", "VAR", "close", "variance_{window}", "risk/volatility",
       "population form, divisor window", {"window": 20}, "price squared"),
    Ta("mean_deviation", "Mean absolute deviation", "AVGDEV", "close", "mean_deviation_{window}",
       "risk/volatility", "mean distance from the window's mean", _W, memory=bars("window")),
    Ta("percentile", "Percentile of the closes", "PERCENTILE", "close", "percentile", _KNOWLEDGE,
       "nearest rank", {"window": 30, "share": 50.0}, theirs={"share": "percentile"},
       memory=bars("window")),
    Ta("percent_rank", "Percent rank", "PERCENTRANK", "close", "percent_rank_{window}",
       _KNOWLEDGE, "share of the closes before that are below this one", {"window": 100},
       "0 to 100", memory=bars("window", 1)),
    Ta("price_volume_correlation", "Correlation of close and volume", "CORREL", "close volume",
       "price_volume_correlation_{window}", "risk/correlation", "K. Pearson (1896)",
       {"window": 30}, "-1 to 1"),
)  # fmt: skip

put("statistics", ROWS)
