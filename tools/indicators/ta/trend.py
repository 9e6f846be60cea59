"""How strong a trend is, and which way: what TA-Lib has besides the ADX in ``trend``."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, bars, put

_KNOWLEDGE = "indicators/trend-strength"
_WILDER = "J. W. Wilder (1978)"
_ADX = "indicators/average-directional-index"
_HLC = "high low close"
_WINDOW = {"window": 14}
ROWS = (
    Ta("adxr", "ADX rating", "ADXR", _HLC, "adxr_{window}", _ADX, _WILDER, _WINDOW,
       "0 to 100"),
    Ta("dx", "Directional movement index", "DX", _HLC, "dx_{window}", _ADX, _WILDER, _WINDOW,
       "0 to 100"),
    Ta("plus_di", "Plus directional indicator", "PLUS_DI", _HLC, "plus_di_{window}", _ADX, _WILDER,
       _WINDOW, "0 to 100"),
    Ta("minus_di", "Minus directional indicator", "MINUS_DI", _HLC, "minus_di_{window}", _ADX,
       _WILDER, _WINDOW, "0 to 100"),
    Ta("plus_dm", "Plus directional movement", "PLUS_DM", "high low", "plus_dm_{window}", _ADX,
       _WILDER, _WINDOW),
    Ta("minus_dm", "Minus directional movement", "MINUS_DM", "high low", "minus_dm_{window}", _ADX,
       _WILDER, _WINDOW),
    Ta("aroon", "Aroon", "AROON", "high low", "aroon_down aroon_up", _KNOWLEDGE,
       "T. Chande (1995): how long ago the window's extreme was", _WINDOW, "0 to 100",
       memory=bars("window", 1)),
    Ta("aroon_oscillator", "Aroon oscillator", "AROONOSC", "high low",
       "aroon_oscillator_{window}", _KNOWLEDGE, "T. Chande (1995): up less down", _WINDOW,
       "-100 to 100", memory=bars("window", 1)),
    Ta("vortex", "Vortex", "VORTEX", _HLC, "vortex_plus vortex_minus", _KNOWLEDGE,
       "E. Botes and D. Siepman (2010)", _WINDOW, "ratio", memory=bars("window", 1)),
    Ta("vhf", "Vertical horizontal filter", "VHF", "close", "vhf_{window}", _KNOWLEDGE,
       "A. White (1991)", {"window": 28}, "ratio", memory=bars("window", 1)),
    Ta("efficiency_ratio", "Efficiency ratio", "ER", "close", "efficiency_ratio_{window}",
       _KNOWLEDGE, "P. Kaufman (1995): net move over the sum of all moves", {"window": 10},
       "0 to 1", memory=bars("window", 1)),
    Ta("qstick", "Qstick", "QSTICK", "open close", "qstick_{window}", _KNOWLEDGE,
       "T. Chande (1994): mean of close less open", {"window": 10}, memory=bars("window")),
)  # fmt: skip

put("trend", ROWS)
