"""How much prices move: what TA-Lib has besides the ATR and the bands in ``volatility``."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, bars, last, put

_ATR = "indicators/average-true-range"
_KNOWLEDGE = "indicators/realised-volatility"
_WINDOW = {"window": 14}
ROWS = (
    Ta("true_range", "True range", "TRANGE", "high low close", "true_range", _ATR,
       "J. W. Wilder (1978)", memory=last(2)),
    Ta("natr", "ATR in per cent of the close", "NATR", "high low close", "natr_{window}", _ATR,
       "J. Forman (2006)", _WINDOW, "per cent"),
    Ta("average_range", "Average range", "ADR", "high low", "average_range_{window}", _ATR,
       "mean of high less low", _WINDOW, memory=bars("window")),
    Ta("chaikin_volatility", "Chaikin volatility", "CVI", "high low", "chaikin_volatility",
       _KNOWLEDGE, "M. Chaikin: change of an EMA of high less low",
       {"window": 10, "change": 10}, "per cent", theirs={"change": "rocperiod"}),
    Ta("mass_index", "Mass index", "MASSI", "high low", "mass_index", _KNOWLEDGE,
       "D. Dorsey (1992)", {"fast": 9, "slow": 25}, "sum of ratios"),
    Ta("relative_volatility", "Relative volatility index", "RVI", "close",
       "relative_volatility", _KNOWLEDGE, "D. Dorsey (1993)", {"window": 14, "deviation": 10},
       "0 to 100", theirs={"deviation": "stddevperiod"}),
)  # fmt: skip

put("volatility", ROWS)
