"""Noise stays where it is, a signal is promoted, and who knew tomorrow is found out."""

from __future__ import annotations

import numpy as np
import pytest

from tools.backtest.validation.leaks import first_leak
from tools.backtest.validation.promotion import judge
from tools.domain.errors import InputError


def market(bars, seed):
    return np.random.default_rng(seed).normal(0, 0.01, bars)


def variants(returns, seed, count=20):
    """Rules that toss a coin, paid by the market."""
    tossed = np.random.default_rng(seed + 10**6).choice([-1.0, 0.0, 1.0], (returns.size, count))
    return tossed * returns[:, np.newaxis]


def signal_of(returns, skill, seed):
    """What the day before tells: right a little more often than wrong."""
    rng = np.random.default_rng(seed + 2 * 10**6)
    return np.where(rng.random(returns.size) < 0.5 + skill, 1.0, -1.0) * np.sign(returns)


@pytest.mark.parametrize("count", [1, 20])
def test_at_most_one_in_twenty_of_noise_is_promoted(count):
    passed = 0
    for seed in range(200):
        returns = market(750, seed)
        passed += judge(variants(returns, seed, count), seed=seed).promoted
    assert passed <= 10


def test_a_planted_signal_is_promoted():
    passed = 0
    for seed in range(40):
        returns = market(2000, seed)
        tried = variants(returns, seed)
        tried[:, 7] = signal_of(returns, 0.08, seed) * returns
        found = judge(tried, seed=seed)
        passed += found.promoted and found.best == 7
    assert passed >= 36


def test_a_planted_leak_is_red():
    for seed in range(20):
        returns = market(750, seed)
        tried = variants(returns, seed)
        tried[:, 3] = np.abs(returns)  # tomorrow's sign, known today
        found = judge(tried, seed=seed)
        assert found.red
        assert not found.promoted
        assert "leak" in found.reasons[0]


def test_a_slight_leak_is_found_where_the_signal_is_made():
    returns = market(500, 1)

    def honest(count):
        seen = returns[:count]
        return np.concatenate([[0.0], np.cumsum(seen)[:-1]])

    def leaking(count):
        seen = returns[:count]
        tomorrow = np.append(seen[1:], 0.0)
        return honest(count) + 0.01 * tomorrow

    def scaled(count):
        seen = returns[:count]
        return (seen - seen.mean()) / seen.std()  # the mean of all days, later ones among them

    assert first_leak(honest, 500) is None
    leak = first_leak(leaking, 500)
    assert leak == 249  # the last bar of the shortest beginning
    assert first_leak(scaled, 500) == 0
    found = judge(variants(returns, 1), leak=leak)
    assert found.red
    assert found.reasons[0] == "The signal of bar 249 was made with bars after it."


def test_gaps_are_no_leaks():
    def smooth(count):
        return np.where(np.arange(count) < 10, np.nan, 1.0)

    assert first_leak(smooth, 100) is None


def test_where_all_variants_are_good_the_choice_between_them_does_not_count():
    returns = market(1500, 3)
    tried = np.stack([signal_of(returns, 0.1, seed) * returns for seed in range(10)], axis=1)
    assert judge(tried).promoted


def test_a_strategy_that_never_trades_is_not_promoted_and_has_no_figures():
    found = judge(np.zeros((500, 3)))
    assert not found.promoted
    assert not found.red
    assert found.best == -1
    assert np.isnan(found.raw.sharpe)


def test_too_few_bars_are_too_few():
    assert "fewer than 120" in judge(variants(market(100, 0), 0)).reasons[0]


def test_what_makes_no_sense_is_refused():
    with pytest.raises(InputError, match="bar 4"):
        judge(np.where(np.arange(200) == 4, np.nan, 0.01)[:, np.newaxis])
    with pytest.raises(InputError, match="shape"):
        first_leak(lambda count: np.zeros(count + 1), 100)
    with pytest.raises(InputError, match="4 bars"):
        first_leak(np.zeros, 3)


def test_what_was_walked_is_judged_instead_of_the_best_in_hindsight():
    returns = market(2000, 3)
    tried = variants(returns, 3)
    tried[:, 7] = signal_of(returns, 0.08, 3) * returns
    assert judge(tried, walked=tried[:, 7]).promoted
    found = judge(tried, walked=tried[:, 2])
    assert not found.promoted
    assert found.best == 7
    assert found.raw.sharpe == pytest.approx(judge(tried[:, 2:3]).raw.sharpe)


def rising(bars, seed):
    """A market that earns twice its swing a year: buying and holding is hard to beat."""
    return np.random.default_rng(seed).normal(0.00125, 0.01, bars)


def in_and_out(returns, seed, count=20):
    """Rules that hold the market at random days, with as much borrowed as they like."""
    rng = np.random.default_rng(seed + 10**6)
    return rng.choice([0.0, 0.5, 1.0, 2.0], (returns.size, count)) * returns[:, np.newaxis]


@pytest.mark.parametrize("count", [1, 20])
def test_at_most_one_in_twenty_that_ride_a_rising_market_is_promoted(count):
    passed, without = 0, 0
    for seed in range(100):
        returns = rising(750, seed)
        tried = in_and_out(returns, seed, count)
        passed += judge(tried, benchmark=returns, seed=seed).promoted
        without += seed < 20 and judge(tried, seed=seed).promoted
    assert passed <= 5
    assert without > 10  # earning nothing is no hurdle there


@pytest.mark.parametrize("part", [0.3, 1.0, 3.0])
def test_the_market_itself_is_never_promoted_however_much_is_borrowed(part):
    for seed in range(20):
        returns = rising(2000, seed)
        found = judge((part * returns)[:, np.newaxis], benchmark=returns, seed=seed)
        assert not found.promoted
        assert not found.red
        assert found.beta == pytest.approx(part)
        assert "nothing is left" in found.reasons[-1]


def test_a_planted_signal_is_promoted_beside_a_rising_market_too():
    passed = 0
    for seed in range(40):
        returns = rising(2000, seed)
        tried = in_and_out(returns, seed)
        away = returns - returns.mean()
        tried[:, 7] = np.where(signal_of(away, 0.08, seed) > 0, 1.0, 0.0) * returns
        found = judge(tried, benchmark=returns, seed=seed)
        passed += found.promoted and found.best == 7
    assert passed >= 36


def test_a_leak_hidden_on_top_of_the_market_is_red():
    for seed in range(20):
        returns = market(750, seed)
        tried = variants(returns, seed)
        tried[:, 3] = returns + 0.25 * np.abs(returns)  # a little of tomorrow's sign
        found = judge(tried, benchmark=returns, seed=seed)
        assert found.red
        assert not found.promoted
        assert judge(tried, seed=seed).red is False


def test_a_benchmark_that_one_wrong_price_moved_promotes_nothing():
    returns = rising(1000, 1)
    tried = in_and_out(returns, 1, 1)
    broken = np.where(np.arange(1000) == 400, 125.0, returns)
    assert judge(tried, seed=1).promoted
    found = judge(tried, benchmark=broken, seed=1)
    assert not found.promoted
    assert "check its prices" in found.reasons[-1]
    fallen = np.where(np.arange(1000) == 400, -0.22, returns)  # October 1987
    assert not any("check" in one for one in judge(tried, benchmark=fallen, seed=1).reasons)


def test_a_benchmark_only_ever_makes_it_harder():
    for seed in range(30):
        returns = market(750, seed)
        tried = variants(returns, seed, 5)
        tried[:, 2] = signal_of(returns, 0.05, seed) * returns
        alone, beside = judge(tried, seed=seed), judge(tried, benchmark=returns, seed=seed)
        assert alone.promoted or not beside.promoted
        assert beside.raw == alone.raw


def test_more_tries_that_were_told_make_a_single_run_harder_to_believe():
    returns = signal_of(market(1000, 2), 0.05, 2) * market(1000, 2)
    found = [judge(returns[:, np.newaxis], trials=count, spread=0.03) for count in (1, 10, 1000)]
    deflated, luck = ([getattr(one.raw, name) for one in found] for name in ("deflated", "luck"))
    assert deflated == sorted(deflated, reverse=True)
    assert luck == sorted(luck)
    assert found[0].promoted
    assert not found[2].promoted
