"""Steps of the moving averages, MACD, variance and Bollinger's bands."""

# ruff: noqa: ANN001, ANN201, D103, E741 - one signature, told in the package
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

from math import nan, sqrt

from tools.indicators.compiled import fma, inlined


@inlined
def sma(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    if t == 0:
        s[k + 1] = 0.0
    total = s[k + 1] + c[i & mask]
    if t < n - 1:
        s[k + 1] = total
        return (nan,)
    s[k + 1] = total - c[(i - n + 1) & mask]
    return (total / n,)


@inlined
def smoothed(s, k, t, n, x):
    """The EMA so far in ``s[k]``: a sum until the first mean is there."""
    if t >= n:
        s[k] = fma(x - s[k], 2.0 / (n + 1), s[k])
        return s[k]
    s[k] = (s[k] if t > 0 else 0.0) + x
    if t < n - 1:
        return nan
    s[k] /= n
    return s[k]


@inlined
def wilder(s, k, t, n, x):
    """Wilder's average so far in ``s[k]``: a sum until the first mean is there."""
    if t >= n:
        keep = (n - 1) / n
        s[k] = fma(keep, s[k], (1.0 - keep) * x)
        return s[k]
    s[k] = (s[k] if t > 0 else 0.0) + x
    if t < n - 1:
        return nan
    s[k] /= n
    return s[k]


@inlined
def ema(s, k, p, i, t, mask, o, h, l, c, v):
    return (smoothed(s, k + 1, t, int(p[0]), c[i & mask]),)


@inlined
def rma(s, k, p, i, t, mask, o, h, l, c, v):
    return (wilder(s, k + 1, t, int(p[0]), c[i & mask]),)


@inlined
def wma(s, k, p, i, t, mask, o, h, l, c, v):
    n, x = int(p[0]), c[i & mask]
    if n == 1:
        return (x,)
    if t < n - 1:
        s[k + 1] = (s[k + 1] if t > 0 else 0.0) + x
        s[k + 2] = (s[k + 2] if t > 0 else 0.0) + x * (t + 1)
        return (nan,)
    anew = t >= 9 * n - 2 and (t - 9 * n + 2) % (8 * n) == 0  # TA-Lib sums up anew that often
    if anew:
        s[k + 1] = s[k + 2] = 0.0
        for j in range(1, n):
            s[k + 1] += c[(i - n + j) & mask]
            s[k + 2] += c[(i - n + j) & mask] * j
    plain = s[k + 1] + x
    if t >= n and not anew:
        plain -= c[(i - n) & mask]
    heavy = s[k + 2] + x * n
    s[k + 1], s[k + 2] = plain, heavy - plain
    return (heavy / ((n * (n + 1)) >> 1),)


@inlined
def spread(s, k, i, t, mask, c, n):
    """Variance of the last n, from sums around a shift that is moved before digits are lost.

    ``s[k]`` is the shift, then the two sums and the bars until they are made anew.
    """
    share = 1.0 / n
    if t == 0:
        s[k], s[k + 1], s[k + 2], s[k + 3] = c[i & mask], 0.0, 0.0, 32 * n
    apart = c[i & mask] - s[k]
    s[k + 1] += apart
    s[k + 2] += apart * apart
    if t < n - 1:
        return nan
    value = share * s[k + 2] - (share * s[k + 1]) * (share * s[k + 1])
    old = c[(i - n + 1) & mask] - s[k]
    s[k + 2] -= old * old
    s[k + 3] -= 1
    lost = share * s[k + 2] * 1e-6 > value or old * old > s[k + 2] * 1e6
    if not lost and s[k + 3] > 0:
        s[k + 1] -= old
        return value
    total, s[k + 1], s[k + 2], s[k + 3] = 0.0, 0.0, 0.0, 32 * n
    for j in range(i - n + 1, i + 1):
        total += c[j & mask]
    s[k] = total * share
    for j in range(i - n + 1, i + 1):
        apart = c[j & mask] - s[k]
        s[k + 1] += apart
        s[k + 2] += apart * apart
    value = share * s[k + 2] - (share * s[k + 1]) * (share * s[k + 1])
    if value < share * s[k + 2] * 1e-12:
        value = 0.0
    old = c[(i - n + 1) & mask] - s[k]
    s[k + 1] -= old
    s[k + 2] -= old * old
    return value


@inlined
def variance(s, k, p, i, t, mask, o, h, l, c, v):
    return (spread(s, k + 1, i, t, mask, c, int(p[0])),)


@inlined
def deviation(s, k, p, i, t, mask, o, h, l, c, v):
    value = spread(s, k + 1, i, t, mask, c, int(p[0]))
    return (nan if t < p[0] - 1 else sqrt(value) if value > 0 else 0.0,)


@inlined
def bollinger(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    value = spread(s, k + 2, i, t, mask, c, n)
    total = (s[k + 6] if t > 0 else 0.0) + c[i & mask]
    if t < n - 1:
        s[k + 6] = total
        return nan, nan, nan
    s[k + 6] = total - c[(i - n + 1) & mask]
    middle, apart = total / n, sqrt(value) * p[1] if value > 0 else 0.0
    return middle + apart, middle, middle - apart


@inlined
def macd(s, k, p, i, t, mask, o, h, l, c, v):
    fast, slow, signal, x = int(p[0]), int(p[1]), int(p[2]), c[i & mask]
    quick = nan
    if t >= slow - fast:
        quick = smoothed(s, k + 3, t - slow + fast, fast, x)
    line = quick - smoothed(s, k + 4, t, slow, x)
    if t < slow - 1:
        return nan, nan, nan
    smooth = smoothed(s, k + 5, t - slow + 1, signal, line)
    if t < slow + signal - 2:
        return nan, nan, nan
    return line, smooth, line - smooth
