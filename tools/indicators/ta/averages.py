"""Moving averages that TA-Lib has, besides those in ``trend``."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, put

_KNOWLEDGE = "indicators/other-moving-averages"


def _average(
    name: str, label: str, function: str, window: int, source: str, inputs: str = "close"
) -> Ta:
    return Ta(
        name, label, function, inputs, f"{name}_{{window}}", _KNOWLEDGE, source, {"window": window}
    )


ROWS = (
    _average("wma", "Weighted moving average", "WMA", 30, "linear weights 1 to window"),
    _average("rma", "Wilder's moving average", "RMA", 14, "J. W. Wilder (1978)"),
    _average("dema", "Double exponential moving average", "DEMA", 30, "P. Mulloy (1994)"),
    _average("tema", "Triple exponential moving average", "TEMA", 30, "P. Mulloy (1994)"),
    _average("trima", "Triangular moving average", "TRIMA", 30, "an SMA of an SMA"),
    _average("kama", "Kaufman's adaptive moving average", "KAMA", 30, "P. Kaufman (1995)"),
    _average("hma", "Hull moving average", "HMA", 20, "A. Hull (2005)"),
    _average("zlema", "Zero-lag exponential moving average", "ZLEMA", 30,
             "J. Ehlers and R. Way (2010)"),
    _average("vwma", "Volume-weighted moving average", "VWMA", 30,
             "mean price per share of the window", "close volume"),
    Ta("t3", "Tillson's T3", "T3", "close", "t3", _KNOWLEDGE, "T. Tillson (1998)",
       {"window": 5, "factor": 0.7}, theirs={"factor": "vfactor"}),
    Ta("mama", "MESA adaptive moving average", "MAMA", "close", "mama fama", _KNOWLEDGE,
       "J. Ehlers (2001)", {"fast": 0.5, "slow": 0.05},
       theirs={"fast": "fastlimit", "slow": "slowlimit"}),
)  # fmt: skip

put("averages", ROWS)
