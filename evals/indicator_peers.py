"""The other libraries on the same work, run by their own Python; one JSON line for each figure."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

BARS, SLOW_BARS, TICKS = 1_000_000, 100_000, 2_000
FIVE = "SMA, RSI, MACD, ATR, Bollinger"


def _walk(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, count)))
    return {
        "open": close, "high": close + 0.2, "low": close - 0.2, "close": close,
        "volume": rng.integers(1, 10**6, count).astype(float),
    }  # fmt: skip


def _took(run: Callable[[], object], runs: int = 3) -> float:
    run()
    least = float("inf")
    for _ in range(runs):
        started = time.process_time()
        run()
        least = min(least, time.process_time() - started)
    return least


def _pandas_ta() -> Iterator[tuple[str, float, str, str]]:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]
    import pandas_ta_classic as ta  # type: ignore[import-not-found]

    bars = pd.DataFrame(_walk(SLOW_BARS))

    def run() -> None:
        ta.sma(bars.close, 50, talib=False)
        ta.rsi(bars.close, 14, talib=False)
        ta.macd(bars.close, talib=False)
        ta.atr(bars.high, bars.low, bars.close, 14, talib=False)
        ta.bbands(bars.close, 20, talib=False)

    yield "pandas-ta-classic", _took(run) * 1e3, "ms", f"{FIVE} over {SLOW_BARS:,} bars"


def _polars() -> Iterator[tuple[str, float, str, str]]:
    import polars as pl  # type: ignore[import-not-found,unused-ignore]

    bars = pl.DataFrame(_walk(BARS))
    x = pl.col("close")
    fast, slow = x.ewm_mean(span=12), x.ewm_mean(span=26)
    gain, loss = x.diff().clip(lower_bound=0), (-x.diff()).clip(lower_bound=0)
    wide = pl.max_horizontal(
        pl.col("high") - pl.col("low"),
        (pl.col("high") - x.shift()).abs(),
        (pl.col("low") - x.shift()).abs(),
    )
    up, down = gain.ewm_mean(alpha=1 / 14), loss.ewm_mean(alpha=1 / 14)
    middle, apart = x.rolling_mean(20), 2 * x.rolling_std(20, ddof=0)
    asked = [
        x.rolling_mean(50).alias("sma"), (100 * up / (up + down)).alias("rsi"),
        (fast - slow).alias("macd"), (fast - slow).ewm_mean(span=9).alias("signal"),
        wide.ewm_mean(alpha=1 / 14).alias("atr"), (middle + apart).alias("upper"),
        middle.alias("middle"), (middle - apart).alias("lower"),
    ]  # fmt: skip
    yield (
        "polars expressions", _took(lambda: bars.select(asked)) * 1e3, "ms",
        f"{FIVE} over {BARS:,} bars, CPU time of all threads, other seeds",
    )  # fmt: skip


def _talipp() -> Iterator[tuple[str, float, str, str]]:
    from talipp.indicators import (  # type: ignore[import-not-found]
        ADX,
        ATR,
        BB,
        CCI,
        EMA,
        MACD,
        OBV,
        ROC,
        RSI,
        SMA,
        WMA,
        Stoch,
    )  # fmt: skip
    from talipp.ohlcv import OHLCV  # type: ignore[import-not-found]

    made = _walk(TICKS)
    closes = made["close"].tolist()
    bars = [OHLCV(*values) for values in zip(*(v.tolist() for v in made.values()), strict=True)]

    def run() -> None:
        on_close = [SMA(50), EMA(20), WMA(30), RSI(14), MACD(12, 26, 9), BB(20, 2), ROC(20)]
        on_bars = [ATR(14), Stoch(14, 3), CCI(14), ADX(14, 14), OBV()]
        for close, bar in zip(closes, bars, strict=True):
            for one in on_close:
                one.add(close)
            for one in on_bars:
                one.add(bar)

    yield "talipp", _took(run, 1) / TICKS * 1e6, "us a tick", "12 indicators, 19 outputs a tick"


def main() -> None:
    """Print what can be measured; a library that isn't there is left out."""
    for peer in (_pandas_ta, _polars, _talipp):
        try:
            for what, figure, unit, of in peer():
                row = {"what": what, "figure": figure, "unit": unit, "of": of}
                sys.stdout.write(json.dumps(row) + "\n")
        except ImportError as error:
            sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    main()
