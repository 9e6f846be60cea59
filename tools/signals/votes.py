"""How each indicator votes: simple scales from -1 (sell) to +1 (buy).

Every threshold here is a convention from the books (30 and 70, two deviations, 10 % in a month).
None was fitted to data, and none is claimed to predict anything. Trend, MACD and momentum go with
the move; RSI and the bands go against one that is stretched. Each function returns None when a
value it needs is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from tools.domain.signal import Vote

Values = Mapping[str, float]


def _clipped(value: float) -> float:
    """Into [-1, 1], and without a negative zero."""
    return max(-1.0, min(1.0, value)) + 0.0


def _sign(value: float) -> float:
    return math.copysign(1.0, value) if value else 0.0


def _side(a: float, b: float) -> str:
    return "above" if a > b else "below" if a < b else "at"


def trend(close: float, values: Values) -> Vote | None:
    """Half for close against the 50-day mean, half for that mean against the 200-day one.

    With fewer than 200 bars the second half is missing and the vote is at most 0.5.
    """
    middle, slow = values["sma_50"], values["sma_200"]
    if math.isnan(middle):
        return None
    value = 0.5 * _sign(close - middle)
    text = f"The close of {close:.2f} is {_side(close, middle)} its 50-day mean of {middle:.2f}"
    if math.isnan(slow):
        return Vote("trend", value, f"{text}; there are too few bars for the 200-day mean.")
    value += 0.5 * _sign(middle - slow)
    return Vote(
        "trend", value, f"{text}, which is {_side(middle, slow)} the 200-day mean of {slow:.2f}."
    )


def macd(values: Values) -> Vote | None:
    """The MACD histogram over half of the 14-day average true range, clipped."""
    histogram, atr = values["macd_hist"], values["atr_14"]
    if math.isnan(histogram) or math.isnan(atr):
        return None
    value = _clipped(histogram / (0.5 * atr)) if atr > 0 else 0.0
    return Vote(
        "macd",
        value,
        f"MACD is {_side(histogram, 0)} its signal line by {abs(histogram):.2f}, against an "
        f"average daily range of {atr:.2f}.",
    )


def rsi(values: Values) -> Vote | None:
    """0 from 30 to 70; beyond, in proportion, to -1 at 85 and +1 at 15."""
    level = values["rsi_14"]
    if math.isnan(level):
        return None
    value = _clipped((70 - level) / 15 if level > 70 else (30 - level) / 15 if level < 30 else 0)
    word = "overbought (above 70)" if level > 70 else "oversold (below 30)"
    reading = word if value else "neither overbought nor oversold (30 to 70)"
    return Vote("rsi", value, f"The 14-day RSI of {level:.1f} is {reading}.")


def bollinger(close: float, values: Values) -> Vote | None:
    """Position between the middle (0) and a band (±1); against it from half way, full at 1.5."""
    upper, middle = values["bb_upper"], values["bb_middle"]
    if math.isnan(upper):
        return None
    half = upper - middle
    # A flat series has a width of rounding errors: nothing is stretched there.
    position = (close - middle) / half if half > 1e-9 * middle else 0.0
    value = _clipped(-_sign(position) * max(0.0, abs(position) - 0.5))
    return Vote(
        "bollinger",
        value,
        f"The close is {abs(position):.2f} of the way from the 20-day mean of {middle:.2f} to the "
        f"{'upper' if position >= 0 else 'lower'} Bollinger band, two deviations off.",
    )


def momentum(values: Values) -> Vote | None:
    """The 20-day return over 10 %, clipped."""
    change = values["roc_20"]
    if math.isnan(change):
        return None
    verb = "rose" if change >= 0 else "fell"
    return Vote(
        "momentum", _clipped(change / 0.10), f"The price {verb} {abs(change):.1%} in 20 sessions."
    )
