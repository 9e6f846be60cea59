"""Steps of Wilder's directional system: both indicators, DX and ADX."""

# ruff: noqa: ANN001, ANN201, D103, E741 - one signature, told in the package
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

from math import nan

from tools.indicators.compiled import inlined
from tools.indicators.streaming.steps.ranges import range_of


@inlined
def moved(s, k, p, i, t, mask, h, l, c):
    """Keep the sums of plus movement, minus movement and true range; whether they count yet."""
    n = int(p[0])
    if t == 0:
        s[k + 1] = s[k + 2] = s[k + 3] = 0.0
        return False
    up, down = h[i & mask] - h[(i - 1) & mask], l[(i - 1) & mask] - l[i & mask]
    if t >= n:
        s[k + 1] -= s[k + 1] / n
        s[k + 2] -= s[k + 2] / n
        s[k + 3] -= s[k + 3] / n
    if down > 0 and up < down:
        s[k + 2] += down
    elif up > 0 and up > down:
        s[k + 1] += up
    s[k + 3] += range_of(i, mask, h, l, c)
    return t >= n


@inlined
def plus_di(s, k, p, i, t, mask, o, h, l, c, v):
    if not moved(s, k, p, i, t, mask, h, l, c):
        return (nan,)
    return (100.0 * (s[k + 1] / s[k + 3]) if s[k + 3] > 0.0 else 0.0,)


@inlined
def minus_di(s, k, p, i, t, mask, o, h, l, c, v):
    if not moved(s, k, p, i, t, mask, h, l, c):
        return (nan,)
    return (100.0 * (s[k + 2] / s[k + 3]) if s[k + 3] > 0.0 else 0.0,)


@inlined
def strength(s, k, before):
    """100 times difference over sum of the two indicators; ``before`` where nothing moved."""
    if not s[k + 3] > 0.0:
        return before
    plus, minus = 100.0 * (s[k + 1] / s[k + 3]), 100.0 * (s[k + 2] / s[k + 3])
    both = plus + minus
    if not both > 0.0:
        return before
    return 100.0 * (abs(minus - plus) / both)


@inlined
def dx(s, k, p, i, t, mask, o, h, l, c, v):
    if not moved(s, k, p, i, t, mask, h, l, c):
        s[k + 4] = 0.0
        return (nan,)
    s[k + 4] = strength(s, k, s[k + 4])
    return (s[k + 4],)


@inlined
def adx(s, k, p, i, t, mask, o, h, l, c, v):
    n = int(p[0])
    if not moved(s, k, p, i, t, mask, h, l, c):
        s[k + 4] = 0.0
        return (nan,)
    now = strength(s, k, -1.0)
    if t >= 2 * n:
        if now >= 0:
            s[k + 4] = (s[k + 4] * (n - 1) + now) / n
        return (s[k + 4],)
    if now >= 0:
        s[k + 4] += now
    if t < 2 * n - 1:
        return (nan,)
    s[k + 4] /= n
    return (s[k + 4],)
