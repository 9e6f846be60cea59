"""Each formula of our own agrees with a plain one, written bar by bar from its definition."""

from __future__ import annotations

from itertools import pairwise
from math import cos, exp, log, log10, pi, sin, sqrt
from statistics import fmean, pstdev, stdev

import numpy as np
import pytest

from tests.indicators.series import Arrays, real_bars, walk
from tools.indicators.registry import compute

T = 250


@pytest.fixture(scope="module", params=["walk", "real"])
def p(request):
    return walk(T + 1) if request.param == "walk" else real_bars("IBM", T + 1)


def last(p, name, **params):
    return {k: float(v[T]) for k, v in compute(p, [name], {name: params}).items()}


def one(p, name, **params):
    (value,) = last(p, name, **params).values()
    return value


def returns(p, n, end=T):
    return [log(p.close[t] / p.close[t - 1]) for t in range(end - n + 1, end + 1)]


def true_range(p, t):
    before = p.close[t - 1]
    return max(p.high[t], before) - min(p.low[t], before)


def typical(p, t):
    return (p.high[t] + p.low[t] + p.close[t]) / 3


def bars(n, end=T):
    return range(end - n + 1, end + 1)


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_parkinson(p):
    mean = fmean(log(p.high[t] / p.low[t]) ** 2 for t in bars(20))
    assert one(p, "parkinson") == near(sqrt(252 * mean / (4 * log(2))))


def test_garman_klass(p):
    mean = fmean(
        0.5 * log(p.high[t] / p.low[t]) ** 2 - (2 * log(2) - 1) * log(p.close[t] / p.open[t]) ** 2
        for t in bars(20)
    )
    assert one(p, "garman_klass") == near(sqrt(252 * mean))


def rogers_satchell(p, t):
    o, h, lo, c = (log(x[t]) for x in (p.open, p.high, p.low, p.close))
    return (h - c) * (h - o) + (lo - c) * (lo - o)


def test_rogers_satchell_and_yang_zhang(p):
    inside = fmean(rogers_satchell(p, t) for t in bars(20))
    assert one(p, "rogers_satchell") == near(sqrt(252 * inside))
    night = stdev(log(p.open[t] / p.close[t - 1]) for t in bars(20)) ** 2
    day = stdev(log(p.close[t] / p.open[t]) for t in bars(20)) ** 2
    k = 0.34 / (1.34 + 21 / 19)
    assert one(p, "yang_zhang") == near(sqrt(252 * (night + k * day + (1 - k) * inside)))


def test_realised_downside_and_overnight(p):
    moves = returns(p, 20)
    assert one(p, "realised_volatility") == near(stdev(moves) * sqrt(252))
    low = sqrt(252 * fmean(min(m, 0) ** 2 for m in moves))
    assert one(p, "downside_deviation") == near(low)
    gaps = [log(p.open[t] / p.close[t - 1]) for t in bars(20)]
    assert one(p, "overnight_volatility") == near(stdev(gaps) * sqrt(252))


def test_ewma_volatility(p):
    squares = [m * m for m in returns(p, T)]
    variance = fmean(squares[:20])
    for square in squares[20:]:
        variance = 0.94 * variance + 0.06 * square
    assert one(p, "ewma_volatility") == near(sqrt(252 * variance))


def test_ulcer_index(p):
    depths = [100 * (p.close[t] / max(p.close[t - 13 : t + 1]) - 1) for t in bars(14)]
    assert one(p, "ulcer_index") == near(sqrt(fmean(d * d for d in depths)))


def test_choppiness(p):
    span = max(p.high[T - 13 :]) - min(p.low[T - 13 :])
    way = sum(true_range(p, t) for t in bars(14))
    assert one(p, "choppiness") == near(100 * log10(way / span) / log10(14))


def test_random_walk_index(p):
    def index(n):
        return fmean(true_range(p, t) for t in bars(n)) * sqrt(n)

    found = last(p, "random_walk_index")
    up = max((p.high[T] - p.low[T - n]) / index(n) for n in range(2, 14))
    down = max((p.high[T - n] - p.low[T]) / index(n) for n in range(2, 14))
    assert found == {"random_walk_high": near(up), "random_walk_low": near(down)}


def test_trend_intensity(p):
    apart = [p.close[t] - fmean(p.close[t - 59 : t + 1]) for t in bars(30)]
    up = sum(max(a, 0) for a in apart)
    assert one(p, "trend_intensity") == near(100 * up / sum(abs(a) for a in apart))


def test_setup_count():
    close = np.array([1, 2, 3, 4, 5, 6, 7, 3, 2, 1, 9.0])
    found = compute(Arrays(close, close, close, close, close), ["setup_count"])["setup_count"]
    assert found[4:].tolist() == [1, 2, 3, -1, -2, -3, 1]
    assert np.isnan(found[:4]).all()


def test_ichimoku_draws_the_cloud_where_it_was_known(p):
    def middle(t, n):
        return (max(p.high[t - n + 1 : t + 1]) + min(p.low[t - n + 1 : t + 1])) / 2

    assert last(p, "ichimoku") == {
        "ichimoku_conversion": near(middle(T, 9)),
        "ichimoku_base": near(middle(T, 26)),
        "ichimoku_span_a": near((middle(T - 26, 9) + middle(T - 26, 26)) / 2),
        "ichimoku_span_b": near(middle(T - 26, 52)),
    }


def test_kst(p):
    def line(t):
        total = 0
        for back, n, k in ((10, 10, 1), (15, 10, 2), (20, 10, 3), (30, 15, 4)):
            total += k * fmean(100 * (p.close[i] / p.close[i - back] - 1) for i in bars(n, t))
        return total

    found = last(p, "kst")
    assert found["kst"] == near(line(T))
    assert found["kst_signal"] == near(fmean(line(t) for t in bars(9)))


def test_relative_vigor(p):
    def bell(x, t):
        return (x[t] + 2 * x[t - 1] + 2 * x[t - 2] + x[t - 3]) / 6

    def line(t):
        body, span = p.close - p.open, p.high - p.low
        return sum(bell(body, i) for i in bars(10, t)) / sum(bell(span, i) for i in bars(10, t))

    found = last(p, "relative_vigor")
    assert found["relative_vigor"] == near(line(T))
    signal = (line(T) + 2 * line(T - 1) + 2 * line(T - 2) + line(T - 3)) / 6
    assert found["relative_vigor_signal"] == near(signal)


def test_connors_rsi_is_the_mean_of_its_three_parts(p):
    streak = [0.0]
    for t in range(1, T + 1):
        side = np.sign(p.close[t] - p.close[t - 1])
        streak.append(streak[-1] + side if side * streak[-1] > 0 else side)
    made = Arrays(*[np.array(streak)] * 5)
    moves = [p.close[t] / p.close[t - 1] - 1 for t in range(T - 100, T + 1)]
    rank = sum(m < moves[-1] for m in moves[:-1])
    parts = (one(p, "rsi", window=3), one(made, "rsi", window=2), rank)
    assert one(p, "connors_rsi") == near(fmean(parts))


def test_alma_and_sine_average(p):
    weights = [exp(-((k - 0.85 * 8) ** 2) / (2 * (9 / 6) ** 2)) for k in range(9)]
    wanted = sum(w * x for w, x in zip(weights, p.close[T - 8 :], strict=True)) / sum(weights)
    assert one(p, "alma") == near(wanted)
    waves = [sin(pi * (k + 1) / 15) for k in range(14)]
    wanted = sum(w * x for w, x in zip(waves, p.close[T - 13 :], strict=True)) / sum(waves)
    assert one(p, "sine_average") == near(wanted)


def test_mcginley_and_elastic_average(p):
    line = p.close[0]
    for x in p.close[1:]:
        line += (x - line) / (0.6 * 14 * (x / line) ** 4)
    assert one(p, "mcginley") == near(line)
    level = p.close[29]
    for t in range(30, T + 1):
        level += p.volume[t] / sum(p.volume[t - 29 : t + 1]) * (p.close[t] - level)
    assert one(p, "elastic_average") == near(level)


def test_bollinger_place_and_width(p):
    window = p.close[T - 19 :]
    spread, middle = pstdev(window), fmean(window)
    assert one(p, "bollinger_place") == near((window[-1] - middle + 2 * spread) / (4 * spread))
    assert one(p, "bollinger_width") == near(4 * spread / middle)


def test_regression_channel_and_r_squared(p):
    window, x = p.close[T - 49 :], np.arange(50)
    steep, start = np.polyfit(x, window, 1)
    left = window - (start + steep * x)
    found = last(p, "regression_channel")
    assert found["channel_middle"] == near(start + steep * 49)
    wide = 2 * sqrt(fmean(left**2))
    assert found["channel_upper"] - found["channel_middle"] == pytest.approx(wide, rel=1e-6)
    found = one(p, "r_squared", window=50)
    assert found == pytest.approx(1 - fmean(left**2) / pstdev(window) ** 2, rel=1e-6)


def test_z_score_skewness_and_kurtosis(p):
    window = p.close[T - 19 :]
    assert one(p, "z_score") == near((window[-1] - fmean(window)) / pstdev(window))
    moves = returns(p, 60)
    middle, spread = fmean(moves), pstdev(moves)
    third = fmean((m - middle) ** 3 for m in moves) / spread**3
    fourth = fmean((m - middle) ** 4 for m in moves) / spread**4 - 3
    assert one(p, "skewness") == pytest.approx(third, rel=1e-7)
    assert one(p, "kurtosis") == pytest.approx(fourth, rel=1e-7)


def test_super_smoother_and_decycler(p):
    a = exp(-sqrt(2) * pi / 10)
    b = 2 * a * cos(sqrt(2) * pi / 10)
    line = [p.close[0], p.close[1]]
    for t in range(2, T + 1):
        mean = (p.close[t] + p.close[t - 1]) / 2
        line.append((1 - b + a * a) * mean + b * line[-1] - a * a * line[-2])
    assert one(p, "super_smoother") == near(line[-1])
    turn = 2 * pi / 60
    w = (cos(turn) + sin(turn) - 1) / cos(turn)
    level = p.close[1]
    for t in range(2, T + 1):
        level = w / 2 * (p.close[t] + p.close[t - 1]) + (1 - w) * level
    assert one(p, "decycler") == near(level)


def test_fisher(p):
    middle = (p.high + p.low) / 2
    value = line = before = 0.0
    for t in range(9, T + 1):
        low, high = min(middle[t - 9 : t + 1]), max(middle[t - 9 : t + 1])
        value = 0.66 * ((middle[t] - low) / (high - low) - 0.5) + 0.67 * value
        value = min(max(value, -0.999), 0.999)
        before, line = line, 0.5 * log((1 + value) / (1 - value)) + 0.5 * line
    assert last(p, "fisher") == {"fisher": near(line), "fisher_signal": near(before)}


def test_centre_of_gravity(p):
    middle = (p.high + p.low) / 2
    weight = sum((1 + k) * middle[T - k] for k in range(10)) / sum(middle[T - 9 :])
    assert one(p, "centre_of_gravity") == near(5.5 - weight)


def test_amihud_leaves_out_bars_without_volume(p):
    volume = p.volume.copy()
    volume[T - 3] = 0
    made = Arrays(p.open, p.high, p.low, p.close, volume)
    parts = [
        abs(p.close[t] / p.close[t - 1] - 1) / (p.close[t] * volume[t]) * 1e6
        for t in bars(21)
        if volume[t]
    ]
    assert one(made, "amihud") == near(fmean(parts))


def test_spreads(p):
    moves = returns(p, 22)
    both = fmean(a * b for a, b in pairwise(moves))
    apart = both - fmean(moves[1:]) * fmean(moves[:-1])
    assert one(p, "roll_spread") == pytest.approx(2 * sqrt(max(-apart, 0)), abs=1e-9)
    two = [corwin_schultz(p, t) for t in bars(21)]
    assert one(p, "corwin_schultz") == near(fmean(two))

    def middle(t):
        return (log(p.high[t]) + log(p.low[t])) / 2

    mean = fmean(
        4 * (log(p.close[t - 1]) - middle(t - 1)) * (log(p.close[t - 1]) - middle(t))
        for t in bars(21)
    )
    assert one(p, "abdi_ranaldo") == pytest.approx(sqrt(max(mean, 0)), abs=1e-9)


def corwin_schultz(p, t):
    before, high, low = p.close[t - 1], p.high[t], p.low[t]
    if low > before:
        high, low = high * before / low, before
    elif high < before:
        high, low = before, low * before / high
    beta = log(high / low) ** 2 + log(p.high[t - 1] / p.low[t - 1]) ** 2
    gamma = log(max(high, p.high[t - 1]) / min(low, p.low[t - 1])) ** 2
    root = 3 - 2 * sqrt(2)
    alpha = (sqrt(2 * beta) - sqrt(beta)) / root - sqrt(gamma / root)
    return max(2 * (exp(alpha) - 1) / (1 + exp(alpha)), 0)


def test_vwaps(p):
    value = sum(typical(p, t) * p.volume[t] for t in bars(20))
    assert one(p, "rolling_vwap") == near(value / sum(p.volume[T - 19 :]))
    assert one(p, "session_vwap") == near(typical(p, T))
    value = sum(typical(p, t) * p.volume[t] for t in range(200, T + 1))
    assert one(p, "anchored_vwap", anchor=200.0) == near(value / sum(p.volume[200:]))


def test_pivots_are_those_of_the_session_before(p):
    h, lo, c, o = p.high[T - 1], p.low[T - 1], p.close[T - 1], p.open[T - 1]
    found = last(p, "pivot_classic")
    middle = (h + lo + c) / 3
    assert found["pivot_classic_pivot"] == near(middle)
    assert found["pivot_classic_r1"] == near(2 * middle - lo)
    assert found["pivot_classic_s3"] == near(lo - 2 * (h - middle))
    found = last(p, "pivot_camarilla")
    assert found["pivot_camarilla_r4"] == near(c + (h - lo) * 1.1 / 2)
    found = last(p, "pivot_fibonacci")
    assert found["pivot_fibonacci_s2"] == near(middle - 0.618 * (h - lo))
    x = h + lo + c + (lo if c < o else h if c > o else c)
    assert last(p, "pivot_demark")["pivot_demark_r1"] == near(x / 2 - lo)


def test_pivots_of_intraday_bars_use_the_whole_session_before():
    made = walk(12)
    days = np.repeat([20240102.0, 20240103.0, 20240104.0], 4)
    made = type("Intraday", (), {**{f: getattr(made, f) for f in made.__dataclass_fields__},
                                 "session": days})()  # fmt: skip
    found = compute(made, ["pivot_classic"])["pivot_classic_pivot"]
    assert np.isnan(found[:4]).all()
    wanted = (made.high[4:8].max() + made.low[4:8].min() + made.close[7]) / 3
    assert found[8:].tolist() == [near(wanted)] * 4


def test_klinger(p):
    force, measured, way, before = [], p.high[0] - p.low[0], -1, None
    for t in range(T + 1):
        span, level = p.high[t] - p.low[t], p.high[t] + p.low[t] + p.close[t]
        now = 1 if before is not None and level > before[0] else -1
        if before is not None:
            measured = measured + span if now == way else before[1] + span
            force.append(100 * p.volume[t] * abs(2 * (span / measured - 1)) * now)
        way, before = now, (level, span)

    def ema(values, n):
        level, out = fmean(values[:n]), []
        for x in values[n:]:
            out.append(level)
            level += 2 / (n + 1) * (x - level)
        return [*out, level]

    slow = ema(force, 55)
    line = [a - b for a, b in zip(ema(force, 34)[-len(slow) :], slow, strict=True)]
    found = last(p, "klinger")
    assert found["klinger"] == pytest.approx(line[-1], rel=1e-9)
    assert found["klinger_signal"] == pytest.approx(ema(line, 13)[-1], rel=1e-9)


def test_ease_of_movement_and_up_volume(p):
    moves = [
        ((p.high[t] + p.low[t]) - (p.high[t - 1] + p.low[t - 1])) / 2
        * (p.high[t] - p.low[t]) * 1e6 / p.volume[t] if p.volume[t] else 0
        for t in bars(14)
    ]  # fmt: skip
    assert one(p, "ease_of_movement") == near(fmean(moves))
    up = sum(p.volume[t] for t in bars(20) if p.close[t] > p.close[t - 1])
    assert one(p, "up_volume") == near(up / sum(p.volume[T - 19 :]))


def test_autocorrelation_and_variance_ratio(p):
    moves = np.array(returns(p, 61))
    wanted = np.corrcoef(moves[1:], moves[:-1])[0, 1]
    assert one(p, "autocorrelation") == pytest.approx(wanted, rel=1e-7)
    moves = np.array(returns(p, 120))
    q, n, drift = 5, 120, moves.mean()
    single = ((moves - drift) ** 2).sum() / (n - 1)
    longer = np.convolve(moves, np.ones(q), "valid") - q * drift
    ratio = (longer**2).sum() / (q * (n - q + 1) * (1 - q / n)) / single
    assert one(p, "variance_ratio") == pytest.approx(ratio, rel=1e-7)


def test_hurst_is_above_a_half_where_moves_go_on_and_below_where_they_turn():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.01, 4000)
    going = np.convolve(noise, np.ones(20) / 5, "valid")
    turning = np.diff(noise)
    made = {}
    for name, moves in (("on", going), ("random", noise), ("back", turning)):
        close = 100 * np.exp(np.cumsum(moves))
        for key in ("hurst", "hurst_dfa"):
            found = compute(Arrays(*[close] * 5), [key], {key: {"window": 1024}})
            made[key, name] = np.nanmean(found[f"{key}_1024"][1100::100])
    for key in ("hurst", "hurst_dfa"):
        assert made[key, "back"] < 0.4 < made[key, "random"] < 0.65 < made[key, "on"]


def test_permutation_entropy_is_one_at_random_and_zero_in_a_trend():
    assert one(walk(T + 1), "permutation_entropy") > 0.9
    rising = np.arange(1.0, T + 2)
    assert one(Arrays(*[rising] * 5), "permutation_entropy") == 0


def test_chandelier_squeeze_and_starc(p):
    atr = one(p, "atr", window=22)
    found = last(p, "chandelier")
    assert found["chandelier_long"] == near(max(p.high[T - 21 :]) - 3 * atr)
    assert found["chandelier_short"] == near(min(p.low[T - 21 :]) + 3 * atr)
    narrow, wide = 2 * pstdev(p.close[T - 19 :]), 1.5 * fmean(true_range(p, t) for t in bars(20))
    assert last(p, "squeeze")["squeeze_on"] == (narrow < wide)
    middle = fmean(p.close[T - 5 :])
    assert last(p, "starc")["starc_upper"] == near(middle + 2 * one(p, "atr", window=15))


def test_drawdown_and_distance(p):
    assert one(p, "drawdown", window=100) == near(p.close[T] / max(p.close[T - 99 :]) - 1)
    assert one(p, "high_distance", window=100) == near(p.close[T] / max(p.high[T - 99 :]) - 1)
    assert one(p, "low_distance", window=100) == near(p.close[T] / min(p.low[T - 99 :]) - 1)
    assert one(p, "opening_gap") == near(p.open[T] / p.close[T - 1] - 1)
