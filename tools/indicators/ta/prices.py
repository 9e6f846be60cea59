"""One price for each bar, through TA-Lib."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, last, put

_KNOWLEDGE = "indicators/heikin-ashi"
_OHLC = "open high low close"
ROWS = (
    Ta("average_price", "Average price", "AVGPRICE", _OHLC, "average_price", _KNOWLEDGE,
       "mean of open, high, low and close", memory=last(1)),
    Ta("median_price", "Median price", "MEDPRICE", "high low", "median_price", _KNOWLEDGE,
       "half of high and low", memory=last(1)),
    Ta("typical_price", "Typical price", "TYPPRICE", "high low close", "typical_price",
       _KNOWLEDGE, "mean of high, low and close", memory=last(1)),
    Ta("weighted_price", "Weighted close", "WCLPRICE", "high low close", "weighted_price",
       _KNOWLEDGE, "high, low and twice the close, over 4", memory=last(1)),
    Ta("heikin_ashi", "Heikin-Ashi candles", "HA", _OHLC, "ha_open ha_high ha_low ha_close",
       _KNOWLEDGE, "M. Honma's averaged candles, as told by D. Valcu (2004)"),
    Ta("fractal", "Williams' fractals", "FRACTAL", "high low", "fractal_high fractal_low",
       "patterns/support-and-resistance",
       "B. Williams (1995); told on the bar where the fractal is complete",
       {"left": 2, "right": 2}, "1 or 0", theirs={"left": "leftbars", "right": "rightbars"},
       blank=lambda params: params["left"] + params["right"], scale=100,
       memory=lambda params: params["left"] + params["right"] + 1),
)  # fmt: skip

put("price", ROWS)
