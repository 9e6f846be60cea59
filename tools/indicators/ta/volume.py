"""What the volume says: what TA-Lib has besides on-balance volume in ``volume``."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, bars, last, put

_KNOWLEDGE = "indicators/money-flow"
_HLCV = "high low close volume"
_CV = "close volume"
ROWS = (
    Ta("mfi", "Money flow index", "MFI", _HLCV, "mfi_{window}", _KNOWLEDGE,
       "G. Quong and A. Soudack (1989)", {"window": 14}, "0 to 100"),
    Ta("accumulation", "Accumulation/distribution line", "AD", _HLCV, "accumulation", _KNOWLEDGE,
       "M. Chaikin", unit="shares"),
    Ta("chaikin_oscillator", "Chaikin oscillator", "ADOSC", _HLCV, "chaikin_oscillator",
       _KNOWLEDGE, "M. Chaikin: fast less slow EMA of the accumulation line",
       {"fast": 3, "slow": 10}, "shares"),
    Ta("chaikin_money_flow", "Chaikin money flow", "CMF", _HLCV, "chaikin_money_flow_{window}",
       _KNOWLEDGE, "M. Chaikin", {"window": 20}, "-1 to 1"),
    Ta("force_index", "Force index", "EFI", _CV, "force_index_{window}", _KNOWLEDGE,
       "A. Elder (1993): EMA of change times volume", {"window": 13}, "price x shares"),
    Ta("elder_ray", "Elder ray", "ERI", "high low close", "bull_power bear_power", _KNOWLEDGE,
       "A. Elder (1993): high and low less the EMA of the close", {"window": 13}),
    Ta("market_facilitation", "Market facilitation index", "MARKETFI", "high low volume",
       "market_facilitation", _KNOWLEDGE, "B. Williams (1995)", unit="price per share",
       memory=last(1)),
    Ta("negative_volume", "Negative volume index", "NVI", _CV, "negative_volume", _KNOWLEDGE,
       "P. Dysart (1936), N. Fosback (1976)", unit="index"),
    Ta("positive_volume", "Positive volume index", "PVI", _CV, "positive_volume", _KNOWLEDGE,
       "P. Dysart (1936), N. Fosback (1976)", unit="index"),
    Ta("price_volume_trend", "Price volume trend", "PVT", _CV, "price_volume_trend", _KNOWLEDGE,
       "running total of volume times return", unit="shares"),
    Ta("volume_oscillator", "Percentage volume oscillator", "PVO", "volume", "volume_oscillator",
       _KNOWLEDGE, "fast less slow EMA of volume", {"fast": 12, "slow": 26}, "per cent",
       fixed={"matype": 1}),
    Ta("relative_volume", "Relative volume", "RVOL", "volume", "relative_volume_{window}",
       "patterns/volume-confirmation", "volume over the mean of the bars before",
       {"window": 20}, "ratio",
       memory=bars("window", 1)),
    Ta("williams_accumulation", "Williams' accumulation/distribution", "WAD", "high low close",
       "williams_accumulation", _KNOWLEDGE, "L. Williams (1972)"),
)  # fmt: skip

put("volume", ROWS)
