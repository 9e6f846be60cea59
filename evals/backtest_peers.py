"""The cases of ``backtest.py`` in vectorbt, run by the Python that has it.

It fills at the close that decides and takes the averages' rounding as it comes, so trades differ by
a few; the work is the same. Nothing here imports Tollgate.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

MINUTES = 1_000_000
SYMBOLS, DAYS = 100, 2_500
PAIRS = [(fast, slow) for fast in range(5, 25, 2) for slow in range(30, 130, 10)]


def _walk(count: int, symbols: int, swing: float) -> np.ndarray:
    rng = np.random.default_rng(7)
    moves = np.cumsum(rng.normal(0, swing, (count, symbols)), axis=0)
    return np.asarray(np.round(100 * np.exp(moves), 2) + 0.01)


def _took(run: Callable[[], object]) -> float:
    run()
    started = time.process_time()
    run()
    return time.process_time() - started


def _vectorbt() -> Iterator[tuple[str, float, str, str]]:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]
    import vectorbt as vbt  # type: ignore[import-not-found]

    def crossing(close: pd.DataFrame, fast: list[int], slow: list[int]) -> object:
        quick = vbt.MA.run(close, fast, short_name="quick")
        calm = vbt.MA.run(close, slow, short_name="calm")
        held = vbt.Portfolio.from_signals(
            close, quick.ma_above(calm), quick.ma_below(calm), fees=0.001, freq="1D"
        )
        return held.sharpe_ratio(), held.max_drawdown(), held.trades.count()

    minutes = pd.DataFrame(_walk(MINUTES, 1, 0.001))
    took = _took(lambda: crossing(minutes, [10], [30]))
    yield "vectorbt", MINUTES / took / 1e6, "M bars/s", f"SMA 10/30, {MINUTES:,} bars, and metrics"
    days = pd.DataFrame(_walk(DAYS, SYMBOLS, 0.01))
    fasts, slows = [pair[0] for pair in PAIRS], [pair[1] for pair in PAIRS]
    took = _took(lambda: crossing(days, fasts, slows))
    yield "vectorbt sweep", took, "s", f"{SYMBOLS} symbols × {DAYS:,} days × {len(PAIRS)} pairs"


def main() -> None:
    """Print what can be measured; a library that isn't there is left out."""
    try:
        for what, figure, unit, of in _vectorbt():
            row = {"what": what, "figure": figure, "unit": unit, "of": of}
            sys.stdout.write(json.dumps(row) + "\n")
    except ImportError as error:
        sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    main()
