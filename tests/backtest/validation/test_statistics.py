"""Each test agrees with published figures, or with a plain count over its definition."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.backtest.validation.overfitting import overfitting
from tools.backtest.validation.reality_check import reality_check
from tools.backtest.validation.sharpe import (
    deflated_sharpe,
    expected_best,
    probabilistic_sharpe,
    probability_above,
    sharpe_per_bar,
)
from tools.domain.errors import InputError


def noise(bars, variants, seed=0):
    return np.random.default_rng(seed).normal(0, 0.01, (bars, variants))


def test_the_probabilistic_ratio_of_the_published_fund():
    # "The Sharpe Ratio Efficient Frontier": 24 months at 0.458, as if normal and as they were.
    assert probability_above(0.458, 0.0, 24, 0.0, 3.0) == pytest.approx(0.982, abs=5e-4)
    assert probability_above(0.458, 0.0, 24, -2.448, 10.164) == pytest.approx(0.913, abs=5e-4)


def test_the_deflated_ratio_of_the_published_strategy():
    # "The Deflated Sharpe Ratio": 2.5 a year over 1,250 days, the best of 100 with variance 1/2.
    bar = expected_best(100, math.sqrt(1 / (2 * 250)))
    assert bar == pytest.approx(0.1132, abs=5e-5)
    assert probability_above(2.5 / math.sqrt(250), bar, 1250, -3, 10) == pytest.approx(
        0.9004, abs=5e-4
    )


def test_the_figures_of_the_article():
    bar = expected_best(20, 0.05)
    assert bar == pytest.approx(0.0950, abs=5e-5)
    assert 100 * probability_above(0.1160, 0, 250, 0.5, 5.2) == pytest.approx(96.9, abs=0.05)
    assert 100 * probability_above(0.1160, bar, 250, 0.5, 5.2) == pytest.approx(63, abs=0.5)


def test_moments_are_the_populations_and_the_deviation_the_samples():
    returns = np.array([0.01, -0.02, 0.03, 0.005])
    mean = returns.mean()
    ratio = mean / math.sqrt(((returns - mean) ** 2).sum() / 3)
    m2, m3, m4 = (((returns - mean) ** k).mean() for k in (2, 3, 4))
    wanted = probability_above(ratio, 0.0, 4, m3 / m2**1.5, m4 / m2**2)
    assert sharpe_per_bar(returns) == pytest.approx(ratio)
    assert probabilistic_sharpe(returns) == pytest.approx(wanted)


def test_one_try_is_not_deflated_and_more_are():
    returns = noise(500, 10)
    returns[:, 0] += 0.001
    alone = deflated_sharpe(returns[:, 0], returns[:, :1])
    assert alone == pytest.approx(probabilistic_sharpe(returns[:, 0]))
    among = deflated_sharpe(returns[:, 0], returns)
    told = deflated_sharpe(returns[:, 0], returns, trials=1000)
    assert told < among < alone


def test_returns_that_never_move_have_no_probability():
    assert math.isnan(probabilistic_sharpe(np.zeros(10)))
    assert math.isnan(deflated_sharpe(np.zeros(10), np.zeros((10, 3))))


def plain_overfitting(returns, blocks):
    """Slices, and a list of ranks."""
    parts = np.array_split(np.arange(len(returns)), blocks)
    logits = []
    for way in itertools.combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[b] for b in way])
        outside = np.concatenate([parts[b] for b in range(blocks) if b not in way])
        first = [c.mean() / c.std(ddof=1) for c in returns[inside].T]
        second = [c.mean() / c.std(ddof=1) for c in returns[outside].T]
        best = first.index(max(first))
        place = (sorted(second).index(second[best]) + 1) / (len(second) + 1)
        logits.append(math.log(place / (1 - place)))
    return logits


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 9), st.sampled_from([2, 4, 6, 8]))
def test_overfitting_is_that_of_a_plain_count(seed, variants, blocks):
    returns = noise(97, variants, seed)
    found, wanted = overfitting(returns, blocks), plain_overfitting(returns, blocks)
    assert found.logit == pytest.approx(wanted)
    assert found.probability == pytest.approx(np.mean(np.array(wanted) <= 0))


def test_sixteen_blocks_make_the_12870_ways_of_the_article():
    assert overfitting(noise(320, 3)).logit.size == 12870


def test_a_variant_that_is_best_everywhere_is_not_overfitted():
    returns = noise(600, 10)
    returns[:, 4] += 0.005
    found = overfitting(returns)
    assert found.probability == 0
    assert (found.judged > 0).all()


def test_noise_is_overfitted_about_half_of_the_time():
    found = [overfitting(noise(400, 10, seed), 8).probability for seed in range(60)]
    assert 0.4 < np.mean(found) < 0.62


def test_variants_all_alike_are_in_the_middle():
    same = np.repeat(noise(100, 1), 5, axis=1)
    assert overfitting(same, 4).logit == pytest.approx(np.zeros(6))


def plain_reality(returns, block, draws, seed):
    """The resampling bar by bar, with numpy's numbers."""
    rng = np.random.default_rng(seed)
    bars, means = len(returns), returns.mean(axis=0)
    best, as_good = math.sqrt(bars) * means.max(), 0
    for _ in range(draws):
        rows, at = [], 0
        for k in range(bars):
            anew = k == 0 or rng.random() < 1 / block
            at = int(rng.integers(bars)) if anew else (at + 1) % bars
            rows.append(at)
        as_good += math.sqrt(bars) * (returns[rows].mean(axis=0) - means).max() >= best
    return (1 + as_good) / (1 + draws)


@pytest.mark.parametrize("edge", [0.0, 0.0004, 0.0008])
def test_the_reality_check_is_that_of_a_plain_resampling(edge):
    returns = noise(300, 4, seed=8)
    returns[:, 0] += edge
    wanted = plain_reality(returns, 5.0, 1500, 1)
    found = reality_check(returns, block=5.0, draws=1500)
    assert found == pytest.approx(wanted, abs=4 * math.sqrt(2 * 0.25 / 1500))


def test_the_reality_check_passes_worthless_rules_as_often_as_it_says():
    found = [reality_check(noise(200, 5, seed), draws=200) for seed in range(200)]
    assert np.mean(np.array(found) <= 0.05) <= 0.1
    assert 0.35 < np.mean(found) < 0.65


def test_a_benchmark_is_taken_off():
    returns = noise(300, 3)
    assert reality_check(returns, returns[:, 1] + 0.01, draws=200) == 1.0
    assert reality_check(returns + 0.02, returns[:, 1], draws=200) == pytest.approx(1 / 201)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: probabilistic_sharpe(np.array([0.1])),
        lambda: probabilistic_sharpe(np.array([0.1, np.nan])),
        lambda: overfitting(noise(100, 1), 4),
        lambda: overfitting(noise(100, 3), 5),
        lambda: overfitting(noise(10, 3), 16),
        lambda: overfitting(noise(10, 3)[:, :, np.newaxis]),
        lambda: reality_check(noise(10, 3), np.zeros(9)),
        lambda: reality_check(noise(10, 3), block=11),
        lambda: expected_best(0, 1.0),
    ],
)
def test_what_makes_no_sense_is_refused(broken):
    with pytest.raises(InputError):
        broken()
