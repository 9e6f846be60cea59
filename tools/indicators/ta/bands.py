"""Channels and trailing lines that TA-Lib has, besides Bollinger's in ``volatility``."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, bars, put

_KNOWLEDGE = "indicators/price-channels"
ROWS = (
    Ta("donchian", "Donchian channel", "DONCHIAN", "high low",
       "donchian_upper donchian_middle donchian_lower", _KNOWLEDGE,
       "R. Donchian: highest high, lowest low and their mean, this bar included",
       {"window": 20}, memory=bars("window")),
    Ta("keltner", "Keltner channel", "KC", "high low close",
       "keltner_upper keltner_middle keltner_lower", _KNOWLEDGE,
       "C. Keltner (1960), L. Raschke's form: EMA plus and minus a multiple of the ATR",
       {"window": 20, "atr_window": 10, "multiple": 2.0},
       theirs={"atr_window": "atrperiod", "multiple": "nbdev"}),
    Ta("acceleration_bands", "Acceleration bands", "ACCBANDS", "high low close",
       "accel_upper accel_middle accel_lower", _KNOWLEDGE, "P. Headley (2002)", {"window": 20}),
    Ta("supertrend", "SuperTrend", "SUPERTREND", "high low close",
       "supertrend supertrend_direction", _KNOWLEDGE,
       "O. Seban: a ratchet of the mid price plus and minus a multiple of the ATR; direction 1 or "
       "-1", {"window": 10, "multiple": 3.0}, theirs={"multiple": "multiplier"},
       blank=bars("window")),
    Ta("parabolic_sar", "Parabolic stop and reverse", "SAR", "high low", "parabolic_sar",
       _KNOWLEDGE, "J. W. Wilder (1978)", {"acceleration": 0.02, "maximum": 0.2}),
    Ta("midpoint", "Midpoint of the closes", "MIDPOINT", "close", "midpoint_{window}", _KNOWLEDGE,
       "half of highest and lowest close", {"window": 14}, memory=bars("window")),
    Ta("midprice", "Midpoint of the range", "MIDPRICE", "high low", "midprice_{window}",
       _KNOWLEDGE, "half of highest high and lowest low", {"window": 14}, memory=bars("window")),
)  # fmt: skip

put("bands", ROWS)
