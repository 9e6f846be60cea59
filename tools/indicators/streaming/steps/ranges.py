"""Steps of the true range and what is made of it, and of the window's highest and lowest."""

# ruff: noqa: ANN001, ANN201, D103, E741 - one signature, told in the package
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

from math import nan

from tools.indicators.compiled import inlined
from tools.indicators.streaming.steps.averages import smoothed, wilder


@inlined
def range_of(i, mask, h, l, c):
    """The largest of the three distances, in TA-Lib's order."""
    high, low, before = h[i & mask], l[i & mask], c[(i - 1) & mask]
    widest = high - low
    up, down = abs(before - high), abs(before - low)
    widest = max(widest, up)
    return down if down > widest else widest


@inlined
def true_range(s, k, p, i, t, mask, o, h, l, c, v):
    return (range_of(i, mask, h, l, c) if t > 0 else nan,)


@inlined
def atr(s, k, p, i, t, mask, o, h, l, c, v):
    if t == 0:
        return (nan,)
    return (wilder(s, k + 1, t - 1, int(p[0]), range_of(i, mask, h, l, c)),)


@inlined
def natr(s, k, p, i, t, mask, o, h, l, c, v):
    (wide,) = atr(s, k, p, i, t, mask, o, h, l, c, v)
    close = c[i & mask]
    if t < p[0]:
        return (nan,)
    return (wide / close * 100.0 if close != 0.0 else 0.0,)


@inlined
def highest(s, k, i, t, mask, x, n):
    """Largest of the last n; ``s[k]`` is its place, ``s[k + 1]`` its value."""
    now = x[i & mask]
    if t == 0 or now >= s[k + 1]:
        s[k], s[k + 1] = i, now
    elif s[k] <= i - n:
        best, place = now, i
        for j in range(i - n + 1, i):
            if x[j & mask] > best:
                best, place = x[j & mask], j
        s[k], s[k + 1] = place, best
    return s[k + 1]


@inlined
def lowest(s, k, i, t, mask, x, n):
    """Smallest of the last n; ``s[k]`` is its place, ``s[k + 1]`` its value."""
    now = x[i & mask]
    if t == 0 or now <= s[k + 1]:
        s[k], s[k + 1] = i, now
    elif s[k] <= i - n:
        best, place = now, i
        for j in range(i - n + 1, i):
            if x[j & mask] < best:
                best, place = x[j & mask], j
        s[k], s[k + 1] = place, best
    return s[k + 1]


@inlined
def donchian(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    top, bottom = highest(s, k + 1, i, t, mask, h, n), lowest(s, k + 3, i, t, mask, l, n)
    if t < n - 1:
        return nan, nan, nan
    return top, (top + bottom) / 2.0, bottom


@inlined
def williams_r(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    top, bottom = highest(s, k + 1, i, t, mask, h, n), lowest(s, k + 3, i, t, mask, l, n)
    if t < n - 1:
        return (nan,)
    span = top - bottom
    return (-100.0 * ((top - c[i & mask]) / span) if span != 0.0 else 0.0,)


@inlined
def mean_of(s, k, t, n, x):
    """Running mean of a derived series; ``s[k]`` is the sum, then a ring of n."""
    if t == 0:
        s[k] = 0.0
    total = s[k] + x
    place = k + 1 + t % n
    s[place] = x
    if t < n - 1:
        s[k] = total
        return nan
    s[k] = total - s[k + 1 + (t + 1) % n]
    return total / n


@inlined
def stochastic(s, k, p, i, t, mask, o, h, l, c, v):
    n, smooth, signal = int(p[0]), int(p[1]), int(p[2])
    top, bottom = highest(s, k + 3, i, t, mask, h, n), lowest(s, k + 5, i, t, mask, l, n)
    if t < n - 1:
        return nan, nan
    span = top - bottom
    fast = 100.0 * ((c[i & mask] - bottom) / span) if span != 0.0 else 0.0
    since = t - n + 1
    slow = mean_of(s, k + 7, since, smooth, fast)
    if since < smooth - 1:
        return nan, nan
    mean = mean_of(s, k + 8 + smooth, since - smooth + 1, signal, slow)
    if since < smooth + signal - 2:
        return nan, nan
    return slow, mean


@inlined
def keltner(s, k, p, i, t, mask, o, h, l, c, v):
    n, m = int(p[0]), int(p[1])
    first = max(n - 1, m)  # TA-Lib starts the average and the range so that both end here
    level, middle, wide = (h[i & mask] + l[i & mask] + c[i & mask]) / 3.0, nan, nan
    if t >= first - n + 1:
        middle = smoothed(s, k + 3, t - first + n - 1, n, level)
    if t > first - m:
        wide = wilder(s, k + 4, t - first + m - 1, m, range_of(i, mask, h, l, c))
    if t < first:
        return nan, nan, nan
    apart = wide * p[2]
    return middle + apart, middle, middle - apart


@inlined
def supertrend(s, k, p, i, t, mask, o, h, l, c, v):
    n, multiple, x = int(p[0]), p[1], c[i & mask]
    (wide,) = atr(s, k + 2, p, i, t, mask, o, h, l, c, v)
    if t < n:
        return nan, nan
    middle = (h[i & mask] + l[i & mask]) / 2.0
    upper, lower = middle + multiple * wide, middle - multiple * wide
    if t == n:
        s[k + 6] = 1.0
    else:
        before = c[(i - 1) & mask]
        if not (upper < s[k + 4] or before > s[k + 4]):
            upper = s[k + 4]
        if not (lower > s[k + 5] or before < s[k + 5]):
            lower = s[k + 5]
        if s[k + 6] > 0:
            s[k + 6] = -1.0 if x < lower else 1.0
        else:
            s[k + 6] = 1.0 if x > upper else -1.0
    s[k + 4], s[k + 5] = upper, lower
    return (lower if s[k + 6] > 0 else upper), s[k + 6]
