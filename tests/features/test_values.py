"""Single features against figures worked out by hand or by another program."""

from __future__ import annotations

import numpy as np
import pytest
import pywt

from tests.features.made import daily, replaced, whole
from tools.features.fourier import power
from tools.features.microstructure import vpin
from tools.features.registry import find
from tools.features.wavelet import LEVELS, scales


def one(name, inputs, **params):
    row, implied, only = find(name)
    answer = row.run(inputs, {**params, **implied})
    return answer[only or row.outputs[0]]


def closes(*values):
    made = daily(len(values))
    close = np.array(values, float)
    return replaced(
        made, open=close, high=close * 1.1, low=close * 0.9, close=close,
        volume=np.full(len(values), 100.0),
    )  # fmt: skip


def test_returns_gaps_and_bodies_by_hand():
    inputs = replaced(closes(100, 110), open=np.array([99.0, 105.0]))
    assert one("log_move_1", inputs)[1] == pytest.approx(np.log(1.1))
    assert one("gap", inputs)[1] == pytest.approx(np.log(1.05))
    assert one("body", inputs)[1] == pytest.approx(np.log(110 / 105))
    assert one("close_place", inputs)[1] == pytest.approx(0.5)


def test_turnover_by_hand():
    inputs = replaced(closes(100, 100, 100), volume=np.array([100.0, 300.0, 400.0]))
    assert one("relative_turnover_2", inputs)[2] == pytest.approx(2.0)
    assert one("turnover_move_1", inputs)[1] == pytest.approx(np.log(3))


def test_a_steady_rise_is_straight_efficient_and_has_its_growth():
    inputs = closes(*(100 * 1.01 ** np.arange(30)))
    assert one("straightness_20", inputs)[-1] == pytest.approx(1)
    assert one("net_over_way_20", inputs)[-1] == pytest.approx(1)
    assert one("steepness_20", inputs)[-1] == pytest.approx(np.log(1.01))
    assert one("katz_20", inputs)[-1] == pytest.approx(1, abs=1e-6)
    assert one("rising_share_21", inputs)[-1] == 1
    assert one("below_high_20", inputs)[-1] == 0


def test_steepness_is_numpys_least_squares_slope():
    inputs = daily(60)
    expected = np.polyfit(np.arange(20), np.log(inputs.close[-20:]), 1)[0]
    assert one("steepness_20", inputs)[-1] == pytest.approx(expected, rel=1e-9)


def test_beta_and_correlation_are_numpys():
    inputs = whole(200)
    ours, theirs = np.diff(np.log(inputs.close))[-60:], np.diff(np.log(inputs.more["market"]))[-60:]
    cov = np.cov(ours, theirs, bias=True)
    assert one("beta_60", inputs)[-1] == pytest.approx(cov[0, 1] / cov[1, 1], rel=1e-9)
    assert one("market_correlation_60", inputs)[-1] == pytest.approx(
        np.corrcoef(ours, theirs)[0, 1], rel=1e-9
    )
    assert one("own_move", inputs)[-1] == pytest.approx(
        ours[-1] - cov[0, 1] / cov[1, 1] * theirs[-1], rel=1e-9
    )


def test_beta_to_itself_is_one_and_nothing_is_its_own():
    inputs = daily(100).joined({"market": daily(100).close}, "itself")
    assert one("beta_60", inputs)[-1] == pytest.approx(1)
    assert one("own_risk_share", inputs)[-1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("moments", [1, 2, 4])
def test_the_details_are_pywavelets_own_on_every_other_shift(moments):
    values = np.random.default_rng(3).normal(size=512)
    details, _ = scales(values, moments)
    length = 2 * moments
    coefficients = pywt.wavedec(values, f"db{moments}", mode="periodization", level=LEVELS)
    for level in range(1, LEVELS + 1):
        theirs, step = coefficients[LEVELS + 1 - level], 2**level
        ours = details[level - 1] * 2 ** (level / 2)
        # The same numbers at one fixed offset, wherever no filter reached round the edge.
        inside = theirs[length : len(theirs) - length]
        fits = [
            start
            for start in range(values.size - step * len(inside))
            if np.allclose(ours[start::step][: len(inside)], inside, atol=1e-9)
        ]
        assert len(fits) == 1, level


def test_the_scales_share_out_the_energy_of_noise_as_theory_says():
    values = np.random.default_rng(4).normal(size=100_000)
    details, smooth = scales(values, 2)
    shares = [np.nanmean(part**2) for part in (*details, smooth)]
    np.testing.assert_allclose(shares, [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 16], rtol=0.06)


def test_a_swing_of_eight_bars_is_found_by_spectrum_and_wavelets():
    wave = 0.01 * np.sin(2 * np.pi * np.arange(300) / 8)
    inputs = closes(*np.exp(np.cumsum(wave)) * 100)
    assert one("period", inputs)[-1] == pytest.approx(8)
    assert one("period_share", inputs)[-1] > 0.6
    assert one("middle_share", inputs)[-1] > 0.95
    row, _, _ = find("wavelet_energy")
    shares = {key: values[-1] for key, values in row.run(inputs, {}).items()}
    assert max(shares, key=lambda key: shares[key] if key != "wavelet_entropy" else 0) in (
        "wavelet_2", "wavelet_3",
    )  # fmt: skip


def test_the_power_of_a_window_is_a_plain_fourier_transform():
    values = np.random.default_rng(5).normal(size=70)
    window = values[-64:] - values[-64:].mean()
    bell = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(64) / 64)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(1, 33), np.arange(64)) / 64)
    np.testing.assert_allclose(power(values, 64)[:, -1], np.abs(turns @ (window * bell)) ** 2)


def test_a_random_walk_has_the_dimension_one_and_a_half_and_noise_two():
    rng = np.random.default_rng(6)
    walk = closes(*(100 * np.exp(np.cumsum(rng.normal(0, 0.01, 3000)))))
    noise = closes(*(100 * np.exp(rng.normal(0, 0.01, 3000))))
    assert np.nanmean(one("higuchi_100", walk)) == pytest.approx(1.5, abs=0.07)
    assert np.nanmean(one("higuchi_100", noise)) == pytest.approx(2.0, abs=0.07)


def test_higuchi_is_the_plain_formula():
    path = np.log(daily(101).close)
    lengths = []
    for k in range(1, 9):
        parts = []
        for m in range(k):
            count = (100 - m) // k
            way = sum(abs(path[m + i * k] - path[m + (i - 1) * k]) for i in range(1, count + 1))
            parts.append(way * 100 / (count * k) / k)
        lengths.append(np.mean(parts))
    expected = -np.polyfit(np.log(np.arange(1, 9)), np.log(lengths), 1)[0]
    assert one("higuchi_100", daily(101))[-1] == pytest.approx(expected, rel=1e-9)


def test_order_flow_and_trade_imbalance_by_hand():
    inputs = daily(3).joined(
        {
            "book_flow": np.array([0.0, 500.0, -100.0]),
            "book_depth": np.array([300.0, 300.0, 100.0]),
            "bought": np.array([10.0, 30.0, 0.0]),
            "sold": np.array([10.0, 10.0, 0.0]),
        },
        "made",
    )
    assert one("order_flow_1", inputs)[1] == pytest.approx(500 / 600)
    assert one("trade_imbalance_1", inputs).tolist()[:2] == [0, 0.5]
    assert np.isnan(one("trade_imbalance_1", inputs)[2])


def test_kyles_lambda_finds_the_slope_that_was_put_in():
    rng = np.random.default_rng(7)
    net = rng.normal(0, 100, 200)
    moves = 0.0001 * net
    inputs = replaced(daily(200), close=100 * np.exp(np.cumsum(moves))).joined(
        {"bought": 1000 + net / 2, "sold": 1000 - net / 2}, "made"
    )
    assert one("kyle_lambda_60", inputs)[-1] == pytest.approx(0.0001 * 2000, rel=1e-6)


def test_vpin_is_one_when_all_trade_one_way_and_small_when_nothing_moves_much():
    rng = np.random.default_rng(8)
    calm = vpin(100 * np.exp(np.cumsum(rng.normal(0, 0.01, 300))), np.full(300, 1e4))
    assert 0.3 < calm[-1] < 0.8  # mean of |2 N(z) - 1| over normal z is one half
    jumps = np.where(np.arange(300) % 25 == 0, 0.05, 1e-6)
    rare = vpin(100 * np.exp(np.cumsum(jumps)), np.where(jumps > 0.01, 1e4, 1e-3), buckets=5)
    assert rare[-1] == pytest.approx(1, abs=0.01)


def test_vpin_by_hand_over_two_buckets():
    # A bucket is what a bar trades: each bar's imbalance is 2 N(z) - 1.
    rng = np.random.default_rng(9)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 40)))
    moves = np.diff(np.log(close))
    from math import erf, sqrt

    def lean(t):  # the move that ends at bar t, in deviations of the ten up to it
        return abs(erf(moves[t - 1] / np.std(moves[t - 10 : t]) / sqrt(2)))

    got = vpin(close, 1e4 / close, buckets=2, window=10)
    # The first bar with ten returns fills the first bucket, the next one the second.
    assert int(np.argmax(~np.isnan(got))) == 11
    assert got[-1] == pytest.approx((lean(39) + lean(38)) / 2, rel=1e-6)
