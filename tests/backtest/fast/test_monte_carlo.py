"""Paths are the same for any threads, and have the chances that they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.backtest import metrics
from tools.backtest.fast.draws import number
from tools.backtest.fast.monte_carlo import Bootstrap, around
from tools.domain.errors import InputError

RETURNS = np.random.default_rng(1).normal(0.0005, 0.01, 500)


def split_mix(state, count):
    """The published generator, one number after the other."""
    mask, found = 2**64 - 1, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        found.append(z ^ (z >> 31))
    return found


def test_numbers_are_those_of_the_published_generator():
    # The first outputs for 1234567, as widely published for checking.
    assert split_mix(1234567, 3) == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    for seed in (0, 1234567, 2**64 - 1):
        assert [int(number(np.uint64(seed), k)) for k in range(5)] == split_mix(seed, 5)


@pytest.mark.parametrize("fixed", [False, True])
def test_paths_are_the_same_to_the_bit_for_any_number_of_threads(fixed):
    made = Bootstrap(RETURNS, fixed=fixed, seed=3)
    one, *others = (made.paths(9_001, 50, threads=n) for n in (1, 2, 3, 7))
    for other in others:
        assert one.total_return.tobytes() == other.total_return.tobytes()
        assert one.max_drawdown.tobytes() == other.max_drawdown.tobytes()


@given(st.integers(0, 2**63 - 1), st.booleans(), st.sampled_from([1, 5, 20]))
def test_a_paths_figures_are_those_of_its_curve(seed, fixed, block):
    made = Bootstrap(RETURNS * 3, block=block, fixed=fixed, seed=seed)
    found, curves = made.paths(5, 60), made.curves(5, 60)
    for p in range(5):
        curve = np.concatenate([[1.0], curves[p]])
        assert found.total_return[p] == pytest.approx(curve[-1] - 1, abs=1e-12)
        assert found.max_drawdown[p] == pytest.approx(metrics.max_drawdown(curve), abs=1e-12)


def at_place(stream, k):
    """The number at a place of the published generator, without those before it."""
    return split_mix((stream + k * 0x9E3779B97F4A7C15) & (2**64 - 1), 1)[0]


@pytest.mark.parametrize(("block", "fixed"), [(1, False), (7, False), (7, True)])
def test_paths_are_those_of_a_plain_loop(block, fixed):
    found = Bootstrap(RETURNS * 3, block=block, fixed=fixed, seed=11).paths(130, 40)
    key = at_place(11, 0)
    for p in range(130):
        stream, equity, peak, fall, at = at_place(key, p), 1.0, 1.0, 0.0, 0
        for k in range(40):
            bits = at_place(stream, k)
            anew = k % block == 0 if fixed else k == 0 or bits % 2**32 < round(2**32 / block)
            at = (bits >> 32) * RETURNS.size >> 32 if anew else (at + 1) % RETURNS.size
            equity *= max(0.0, 1 + RETURNS[at] * 3)
            peak = max(peak, equity)
            fall = max(fall, (peak - equity) / peak)
        assert found.total_return[p] == pytest.approx(equity - 1, abs=1e-9)
        assert found.max_drawdown[p] == pytest.approx(fall, abs=1e-9)


def places(made, length):
    """Which bars a path is made of, read from growth that tells the bar."""
    curve = np.concatenate([[1.0], made.curves(1, length)[0]])
    return np.round((curve[1:] / curve[:-1] - 1) * 1e4).astype(int)


def test_fixed_blocks_are_neighbours_and_go_round_the_end():
    found = places(Bootstrap(np.arange(100) / 1e4, block=7, fixed=True, seed=5), 700)
    for block in found.reshape(100, 7):
        assert block.tolist() == [(block[0] + k) % 100 for k in range(7)]


def test_stationary_blocks_have_the_mean_length_asked_for():
    found = places(Bootstrap(np.arange(500) / 1e6 * 100, block=10, seed=6), 2_000)
    breaks = np.mean((np.diff(found) != 1) & (np.diff(found) != -499))
    assert breaks == pytest.approx(0.1, abs=0.03)


def test_every_bar_is_as_likely_as_any_other():
    made = Bootstrap(np.arange(20) / 1e4, block=1, seed=9)
    firsts = np.round(made.paths(40_000, 1).total_return * 1e4).astype(int)
    counts = np.bincount(firsts, minlength=20)
    chi_square = float(np.sum((counts - 2_000) ** 2 / 2_000))
    assert chi_square < 43.8  # 19 degrees of freedom, one in a thousand


def test_the_mean_of_the_paths_is_that_of_compounding():
    found = Bootstrap(RETURNS, block=1, seed=2).paths(50_000, 100)
    wanted = (1 + RETURNS.mean()) ** 100 - 1
    error = found.total_return.std() / np.sqrt(50_000)
    assert abs(found.total_return.mean() - wanted) < 4 * error


def test_a_return_that_takes_everything_leaves_nothing():
    found = Bootstrap(np.array([-1.5]), block=1).paths(2, 5)
    assert found.total_return.tolist() == [-1, -1]
    assert found.max_drawdown.tolist() == [1, 1]
    assert found.value_at_risk() == 1


def test_seeds_differ():
    a, b = (Bootstrap(RETURNS, seed=s).paths(100, 10).total_return for s in (0, 1))
    assert not np.array_equal(a, b)


def test_parameters_around_a_row_stay_within_the_share_and_whole():
    found = around(np.array([10.0, 0.5, 1.0]), 0.3, 500, seed=4)
    assert found.shape == (500, 3)
    assert set(found[:, 0]) == {7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0}
    assert 0.35 <= found[:, 1].min() < found[:, 1].max() <= 0.65
    assert set(found[:, 2]) == {1.0}
    assert np.array_equal(found[:5], around(np.array([10.0, 0.5, 1.0]), 0.3, 500, seed=4)[:5])


@pytest.mark.parametrize(
    "wrong",
    [
        {"returns": np.array([])},
        {"returns": np.array([0.1, np.nan])},
        {"returns": np.ones((2, 2))},
        {"returns": RETURNS, "block": 0.5},
        {"returns": RETURNS, "block": 501},
        {"returns": RETURNS, "block": 2.5, "fixed": True},
        {"returns": RETURNS, "seed": -1},
    ],
)
def test_what_can_not_be_drawn_from_is_refused(wrong):
    with pytest.raises(InputError):
        Bootstrap(**wrong)


def test_no_paths_and_levels_that_are_none_are_refused():
    with pytest.raises(InputError):
        Bootstrap(RETURNS).paths(0, 10)
    with pytest.raises(InputError):
        Bootstrap(RETURNS).curves(1, 0)
    with pytest.raises(InputError):
        Bootstrap(RETURNS).paths(10, 10).value_at_risk(1.0)
    with pytest.raises(InputError):
        around(np.array([np.nan]), 0.1, 5)
