"""Steps of RSI, CCI, rate of change, z-score and realised volatility."""

# ruff: noqa: ANN001, ANN201, D103, E741 - one signature, told in the package
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

from math import log, nan, sqrt

from tools.indicators.compiled import inlined


@inlined
def rsi(s, k, p, i, t, mask, o, h, l, c, v):
    n, x = int(p[0]), c[i & mask]
    if t == 0:
        s[k + 1] = s[k + 2] = s[k + 3] = 0.0
        return (nan,)
    move = x - c[(i - 1) & mask]
    s[k + 3] += 0.0 if move == 0.0 else 1.0
    up, down = max(move, 0.0), max(-move, 0.0)
    if t > n:
        s[k + 1] = (s[k + 1] * (n - 1) + up) * (1.0 / n)
        s[k + 2] = (s[k + 2] * (n - 1) + down) * (1.0 / n)
    else:
        s[k + 1] += up
        s[k + 2] += down
        if t < n:
            return (nan,)
        s[k + 1] *= 1.0 / n
        s[k + 2] *= 1.0 / n
    if s[k + 3] == 0.0:
        return (50.0,)
    both = s[k + 1] + s[k + 2]
    return (100.0 * (s[k + 1] / both) if both > 0.0 else 0.0,)


@inlined
def cci(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    last = (h[i & mask] + l[i & mask] + c[i & mask]) / 3.0
    s[k + 1 + t % n] = last
    if t < n - 1:
        return (nan,)
    average, spread = 0.0, 0.0
    for j in range(n):
        average += s[k + 1 + j]
    average /= n
    for j in range(n):
        spread += abs(s[k + 1 + j] - average)
    apart = last - average
    least = 1e-14 * abs(average)  # less than that is rounding, to TA-Lib
    if abs(apart) <= least or spread / n <= least:
        return (0.0,)
    return (apart / (0.015 * (spread / n)),)


@inlined
def roc(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    if t < n:
        return (nan,)
    before = c[(i - n) & mask]
    return ((c[i & mask] - before) / before if before != 0.0 else 0.0,)


@inlined
def momentum(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    return (c[i & mask] - c[(i - n) & mask] if t >= n else nan,)


@inlined
def z_score(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    if t < n - 1:
        return (nan,)
    middle, squares = 0.0, 0.0
    for j in range(i - n + 1, i + 1):
        middle += c[j & mask]
    middle /= n
    for j in range(i - n + 1, i + 1):
        squares += (c[j & mask] - middle) * (c[j & mask] - middle)
    spread = sqrt(squares / n * n / n)
    return ((c[i & mask] - middle) / spread if spread > 0 else nan,)


@inlined
def realised(s, k, p, i, t, mask, o, h, l, c, v):
    n, year = int(p[0]), p[1]
    now = log(c[i & mask]) if c[i & mask] > 0 else nan
    if t > 0:
        s[k + 3 + t % n] = now - s[k + 2]
    s[k + 2] = now
    if t < n:
        return (nan,)
    middle, squares = 0.0, 0.0
    for j in range(t - n + 1, t + 1):
        middle += s[k + 3 + j % n]
    middle /= n
    for j in range(t - n + 1, t + 1):
        squares += (s[k + 3 + j % n] - middle) * (s[k + 3 + j % n] - middle)
    spread = sqrt(squares / n * n / (n - 1))
    return (sqrt(spread * spread * year),)
