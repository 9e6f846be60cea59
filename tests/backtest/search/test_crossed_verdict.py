"""What a cross-validation says of noise, of the market, of a signal and of a leak."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backtest.past import sessions
from tests.backtest.search.searched import search
from tools.backtest.search.asked import Begun
from tools.backtest.search.choosing import choices
from tools.backtest.search.crossed import Crossed, rest_of
from tools.backtest.search.crossing import Crossing, groups_of
from tools.backtest.search.grid import Grid
from tools.backtest.search.outcome import Outcome

BARS, POINTS = 1_000, 10
SIX = Crossing(6, 2)
DAYS = sessions(BARS)


def verdict(returns, market):
    """Of points that earned ``returns``, shape ``(bars, points)``, beside that market."""
    moments = np.array(DAYS, dtype="datetime64[ns]").astype(np.int64)
    groups = groups_of(SIX, DAYS, moments)
    played = [[outcome(moments[bars], one[bars]) for one in returns.T] for bars in groups.bars]
    points = tuple({"size": n} for n in range(returns.shape[1]))
    begun = Begun(search(grid={}), None, Grid({"size": range(len(points))}, points, 0), b"")
    held = 1e5 * np.cumprod([1, *(1 + market)])
    crossed = Crossed(
        begun, SIX, groups, moments, played, returns,
        choices(returns, groups.splits, "sharpe", 252.0),
        {"buy and hold": held}, 252.0, cold=False,
    )  # fmt: skip
    return rest_of(crossed)["validation"]


def outcome(at, returns):
    equity = 1e5 * np.cumprod([1, *(1 + returns)])
    return Outcome("", "", {}, at, equity, equity, np.zeros(0), 0.0, 252.0)


def drawn(seed, drift):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(drift, 0.01, BARS)


@pytest.mark.parametrize(("drift", "sides"), [(0.0, (-1.0, 0.0, 1.0)), (0.00125, (0.0, 1.0, 2.0))])
def test_noise_passes_at_most_once_in_twenty_in_a_still_and_in_a_rising_market(drift, sides):
    passed = 0
    for seed in range(60):
        rng, market = drawn(seed, drift)
        returns = rng.choice(sides, (BARS, POINTS)) * market[:, np.newaxis]
        passed += verdict(returns, market)["promoted"]
    assert passed <= 3


def test_a_planted_signal_passes():
    passed = 0
    for seed in range(20):
        rng, market = drawn(seed, 0.0004)
        returns = rng.choice([-1.0, 0.0, 1.0], (BARS, POINTS)) * market[:, np.newaxis]
        right = np.where(rng.random(BARS) < 0.62, 1.0, -1.0)
        returns[:, 4] = right * np.abs(market)
        passed += verdict(returns, market)["promoted"]
    assert passed >= 18


def test_a_planted_leak_is_red():
    for seed in range(10):
        rng, market = drawn(seed, 0.0004)
        returns = rng.choice([-1.0, 0.0, 1.0], (BARS, POINTS)) * market[:, np.newaxis]
        returns[:, 4] = np.abs(market)
        found = verdict(returns, market)
        assert found["red"]
        assert not found["promoted"]
