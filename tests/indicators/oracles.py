"""The indicators once more, in plain loops written from their definitions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def blank(close: Floats) -> Floats:
    return np.full(len(close), np.nan)


def sma(close: Floats, n: int) -> Floats:
    out = blank(close)
    for t in range(n - 1, len(close)):
        out[t] = close[t - n + 1 : t + 1].mean()
    return out


def ema(close: Floats, n: int, start: int = 0) -> Floats:
    """Seeded with the mean of the ``n`` closes from ``start``."""
    out = blank(close)
    if len(close) < start + n:
        return out
    value = close[start : start + n].mean()
    out[start + n - 1] = value
    for t in range(start + n, len(close)):
        value += 2 / (n + 1) * (close[t] - value)
        out[t] = value
    return out


def macd(close: Floats, fast: int, slow: int, signal: int) -> tuple[Floats, Floats, Floats]:
    line = ema(close, fast, slow - fast) - ema(close, slow)
    smooth = ema(line, signal, slow - 1)
    both = np.where(np.isnan(smooth), np.nan, line)
    return both, smooth, both - smooth


def wilder(values: Floats, n: int) -> Floats:
    """Wilder's average of ``values[1:]``, whose first entry does not exist."""
    out = blank(values)
    if len(values) <= n:
        return out
    value = values[1 : n + 1].mean()
    out[n] = value
    for t in range(n + 1, len(values)):
        value = (value * (n - 1) + values[t]) / n
        out[t] = value
    return out


def rsi(close: Floats, n: int) -> Floats:
    moves = np.diff(close, prepend=close[:1])
    gains, losses = wilder(np.maximum(moves, 0), n), wilder(np.maximum(-moves, 0), n)
    total = gains + losses
    return np.where(total > 0, 100 * gains / np.where(total > 0, total, 1), total + 50)


def atr(high: Floats, low: Floats, close: Floats, n: int) -> Floats:
    before = np.concatenate([close[:1], close[:-1]])
    ranges = np.maximum(high - low, np.maximum(abs(high - before), abs(low - before)))
    return wilder(ranges, n)


def bollinger(close: Floats, n: int, k: float) -> tuple[Floats, Floats, Floats]:
    middle, spread = sma(close, n), blank(close)
    for t in range(n - 1, len(close)):
        spread[t] = close[t - n + 1 : t + 1].std()
    return middle + k * spread, middle, middle - k * spread


def adx(high: Floats, low: Floats, close: Floats, n: int) -> Floats:
    """Wilder's sums start from n - 1 moves, as in TA-Lib.

    Where nothing moved there is no direction: such a bar leaves the average as it is.
    """
    out, size = blank(close), len(close)
    if size < 2 * n:
        return out
    up, down = np.diff(high, prepend=high[:1]), -np.diff(low, prepend=low[:1])
    plus = np.where((up > down) & (up > 0), up, 0.0)
    minus = np.where((down > up) & (down > 0), down, 0.0)
    before = np.concatenate([close[:1], close[:-1]])
    ranges = np.maximum(high - low, np.maximum(abs(high - before), abs(low - before)))
    sums = [values[1:n].sum() for values in (plus, minus, ranges)]
    strengths = []
    for t in range(n, size):
        sums = [
            s - s / n + values[t] for s, values in zip(sums, (plus, minus, ranges), strict=True)
        ]
        moved = sums[0] + sums[1]
        directed = sums[2] > 1e-14 and moved / sums[2] > 1e-16
        strengths.append(100 * abs(sums[0] - sums[1]) / moved if directed else None)
    value = sum(s for s in strengths[:n] if s is not None) / n
    out[2 * n - 1] = value
    for t in range(2 * n, size):
        if (strength := strengths[t - n]) is not None:
            value = (value * (n - 1) + strength) / n
        out[t] = value
    return out
