"""Steps of on-balance volume, money flow and the volume-weighted average price."""

# ruff: noqa: ANN001, ANN201, D103, E741 - one signature, told in the package
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

from math import nan

from tools.indicators.compiled import inlined


@inlined
def obv(s, k, p, i, t, mask, o, h, l, c, v):
    if t == 0:
        s[k] = v[i & mask]
    elif c[i & mask] > c[(i - 1) & mask]:
        s[k] += v[i & mask]
    elif c[i & mask] < c[(i - 1) & mask]:
        s[k] -= v[i & mask]
    return (s[k],)


@inlined
def mfi(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    level = (h[i & mask] + l[i & mask] + c[i & mask]) / 3.0
    move = level - s[k + 1]
    if abs(move) <= 1e-14 * (abs(level) + abs(s[k + 1])):
        move = 0.0  # less than that is rounding, to TA-Lib
    s[k + 1] = level
    if t == 0:
        s[k + 2] = s[k + 3] = s[k + 4] = 0.0
        return (nan,)
    place = k + 5 + 2 * (t % n)
    if t > n:
        s[k + 2] -= s[place]
        s[k + 3] -= s[place + 1]
        s[k + 4] -= 1.0 if s[place] != 0.0 or s[place + 1] != 0.0 else 0.0
    flow = level * v[i & mask]
    s[place] = flow if move > 0 else 0.0
    s[place + 1] = flow if move < 0 else 0.0
    s[k + 2] += s[place]
    s[k + 3] += s[place + 1]
    s[k + 4] += 1.0 if s[place] != 0.0 or s[place + 1] != 0.0 else 0.0
    if s[k + 4] == 0.0:  # nothing is left in the window: what the sums hold is rounding
        s[k + 2] = s[k + 3] = 0.0
    if t < n:
        return (nan,)
    both = s[k + 2] + s[k + 3]
    return (min(max(100.0 * (s[k + 2] / both), 0.0), 100.0) if both > 0.0 else 0.0,)


@inlined
def rolling_vwap(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    if t < n - 1:
        return (nan,)
    value, volume = 0.0, 0.0
    for j in range(i - n + 1, i + 1):
        value += (h[j & mask] + l[j & mask] + c[j & mask]) / 3 * v[j & mask]
        volume += v[j & mask]
    return (value / volume,)


@inlined
def accumulation(s, k, p, i, t, mask, o, h, l, c, v):
    if t == 0:
        s[k] = 0.0
    high, low, close = h[i & mask], l[i & mask], c[i & mask]
    if high - low > 0.0:
        s[k] += (((close - low) - (high - close)) / (high - low)) * v[i & mask]
    return (s[k],)
