"""Oscillators that TA-Lib has, besides RSI, rate of change and stochastic in ``momentum``."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, bars, last, put

_OSC = "indicators/momentum-oscillators"
_STOCH = "indicators/stochastic-oscillator"
_HLC = "high low close"
_W = {"window": 14}
_HALF = "-100 to 100"
_PAIR = {"fast": 12, "slow": 26}
_EMA = {"matype": 1}
ROWS = (
    Ta("momentum", "Momentum", "MOM", "close", "momentum_{window}", "indicators/rate-of-change",
       "close less an earlier close", {"window": 10}, memory=bars("window", 1)),
    Ta("cci", "Commodity channel index", "CCI", _HLC, "cci_{window}", _OSC, "D. Lambert (1980)",
       _W, "index"),
    Ta("cmo", "Chande momentum oscillator", "CMO", "close", "cmo_{window}", _OSC,
       "T. Chande (1994), with Wilder's smoothing", _W, _HALF),
    Ta("cmo_plain", "Chande momentum oscillator, plain sums", "CMOU", "close",
       "cmo_plain_{window}", _OSC, "T. Chande (1994)", _W, _HALF, memory=bars("window", 1)),
    Ta("williams_r", "Williams' %R", "WILLR", _HLC, "williams_r_{window}", _OSC,
       "L. Williams (1979)", _W, "-100 to 0", memory=bars("window")),
    Ta("ultimate", "Ultimate oscillator", "ULTOSC", _HLC, "ultimate", _OSC, "L. Williams (1985)",
       {"short": 7, "medium": 14, "long": 28}, "0 to 100",
       theirs={"short": "timeperiod1", "medium": "timeperiod2", "long": "timeperiod3"}),
    Ta("awesome", "Awesome oscillator", "AO", "high low", "awesome", _OSC, "B. Williams (1998)",
       {"fast": 5, "slow": 34}),
    Ta("accelerator", "Accelerator oscillator", "AC", "high low", "accelerator", _OSC,
       "B. Williams (1998)", {"fast": 5, "slow": 34, "signal": 5}),
    Ta("apo", "Absolute price oscillator", "APO", "close", "apo", "indicators/macd",
       "fast EMA less slow EMA", _PAIR, fixed=_EMA),
    Ta("ppo", "Percentage price oscillator", "PPO", "close", "ppo", "indicators/macd",
       "G. Appel: the MACD line in per cent of the slow EMA", _PAIR, "per cent", fixed=_EMA),
    Ta("trix", "TRIX", "TRIX", "close", "trix_{window}", _OSC,
       "J. Hutson (1983): change of a threefold EMA", {"window": 30}, "per cent"),
    Ta("tsi", "True strength index", "TSI", "close", "tsi", _OSC, "W. Blau (1991)",
       {"first": 25, "second": 13}, _HALF,
       theirs={"first": "firstperiod", "second": "secondperiod"}),
    Ta("coppock", "Coppock curve", "COPPOCK", "close", "coppock", _OSC, "E. Coppock (1962)",
       {"average": 10, "short": 11, "long": 14}, "per cent",
       theirs={"average": "wmaperiod", "short": "roc1period", "long": "roc2period"}),
    Ta("dpo", "Detrended price oscillator", "DPO", "close", "dpo_{window}", _OSC,
       "an earlier close less its later mean; TA-Lib's form reads nothing later", {"window": 20}),
    Ta("forecast_oscillator", "Forecast oscillator", "FOSC", "close",
       "forecast_oscillator_{window}", _OSC, "T. Chande (1994)", {"window": 5}, "per cent"),
    Ta("balance_of_power", "Balance of power", "BOP", "open high low close", "balance_of_power",
       _OSC, "I. Livshin (2001)", unit="-1 to 1", memory=last(1)),
    Ta("intraday_momentum", "Intraday momentum index", "IMI", "open close",
       "intraday_momentum_{window}", _OSC, "T. Chande (1994)", _W, "0 to 100",
       memory=bars("window")),
    Ta("fast_stochastic", "Fast stochastic oscillator", "STOCHF", _HLC, "stochf_k stochf_d",
       _STOCH, "G. Lane", {"window": 5, "signal": 3}, "0 to 100",
       theirs={"window": "fastk_period", "signal": "fastd_period"}),
    Ta("stochastic_rsi", "Stochastic RSI", "STOCHRSI", "close", "stochrsi_k stochrsi_d", _OSC,
       "T. Chande and S. Kroll (1994)", {"window": 14, "range": 14, "signal": 3}, "0 to 100",
       theirs={"range": "fastk_period", "signal": "fastd_period"}),
    Ta("kdj", "KDJ", "KDJ", _HLC, "kdj_k kdj_d kdj_j", _STOCH,
       "a stochastic with Wilder's smoothing, and J = 3 K - 2 D",
       {"window": 9, "smooth": 3, "signal": 3}, "index",
       theirs={"window": "fastk_period", "smooth": "slowk_period", "signal": "slowd_period"}),
    Ta("stochastic_momentum", "Stochastic momentum index", "SMI", _HLC, "smi smi_signal", _STOCH,
       "W. Blau (1993)", {"window": 13, "fast": 2, "slow": 25, "signal": 9}, _HALF),
)  # fmt: skip

put("momentum", ROWS)
