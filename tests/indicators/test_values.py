"""Each indicator agrees with an independent one written from its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indicators import oracles
from tests.indicators.series import walk
from tools.domain.errors import InputError
from tools.indicators.momentum import roc, rsi, stochastic
from tools.indicators.trend import adx, ema, macd, sma
from tools.indicators.volatility import atr, bollinger
from tools.indicators.volume import obv

seeds = st.integers(0, 10_000)
sizes = st.integers(0, 120)


def same(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-7)


@given(sizes, seeds, st.integers(1, 40))
def test_sma_is_the_mean_of_the_window(size, seed, n):
    p = walk(size, seed)
    same(sma(p.close, n), oracles.sma(p.close, n))


@given(sizes, seeds, st.integers(1, 40))
def test_ema_is_the_recursion_seeded_with_the_first_mean(size, seed, n):
    p = walk(size, seed)
    same(ema(p.close, n), oracles.ema(p.close, n))


@given(sizes, seeds)
def test_macd_is_the_difference_of_two_emas_and_its_ema(size, seed):
    p = walk(size, seed)
    for found, wanted in zip(macd(p.close), oracles.macd(p.close, 12, 26, 9), strict=True):
        same(found, wanted)


@given(sizes, seeds, st.integers(2, 30))
def test_rsi_is_wilders(size, seed, n):
    p = walk(size, seed)
    same(rsi(p.close, n), oracles.rsi(p.close, n))


@given(sizes, seeds, st.integers(1, 30))
def test_atr_is_wilders(size, seed, n):
    p = walk(size, seed)
    same(atr(p.high, p.low, p.close, n), oracles.atr(p.high, p.low, p.close, n))


@given(sizes, seeds, st.integers(2, 40), st.floats(0.5, 4))
def test_bollinger_bands_use_the_population_deviation(size, seed, n, k):
    p = walk(size, seed)
    for found, wanted in zip(
        bollinger(p.close, n, k), oracles.bollinger(p.close, n, k), strict=True
    ):
        same(found, wanted)


@given(sizes, seeds, st.integers(2, 20))
def test_adx_is_wilders(size, seed, n):
    p = walk(size, seed)
    same(adx(p.high, p.low, p.close, n), oracles.adx(p.high, p.low, p.close, n))


@given(st.integers(30, 120), seeds, st.integers(1, 20))
def test_roc_is_a_fraction(size, seed, n):
    p = walk(size, seed)
    same(roc(p.close, n)[n:], p.close[n:] / p.close[:-n] - 1)


def test_rsi_of_wilders_own_worksheet():
    # The closes of the worksheet in Wilder's book (1978); he rounds on the way, this does not.
    closes = [54.80, 56.80, 57.85, 59.85, 60.57, 61.10, 62.17, 60.60, 62.35, 62.15, 62.35, 61.45,
              62.80, 61.37, 62.50, 62.57]  # fmt: skip
    found = rsi(np.array(closes), 14)
    assert np.isnan(found[:14]).all()
    assert found[14] == pytest.approx(74.21, abs=0.01)
    assert found[15] == pytest.approx(74.34, abs=0.01)


def test_obv_adds_volume_on_a_rise_and_takes_it_off_on_a_fall():
    close, volume = np.array([1.0, 2, 2, 1]), np.array([5.0, 7, 11, 13])
    assert obv(close, volume).tolist() == [5, 12, 12, -1]


def test_stochastic_at_the_top_of_the_range_is_100():
    rising = np.arange(1.0, 40)
    slow_k, slow_d = stochastic(rising, rising - 1, rising)
    assert slow_k[-1] == slow_d[-1] == 100
    assert np.isnan(slow_k[:17]).all()
    assert not np.isnan(slow_k[17:]).any()


def test_a_price_that_never_moved_is_neither_overbought_nor_oversold():
    assert set(rsi(np.full(30, 42.0))[14:]) == {50.0}
    after = rsi(np.concatenate([np.full(20, 42.0), [41.0, 41.0]]))
    assert after[19] == 50
    assert after[20] == after[21] == 0


@pytest.mark.parametrize("window", [0, -1, 2501, 1.5, float("nan"), float("inf"), True, 10**400])
def test_an_absurd_window_is_refused(window):
    for function in (sma, ema, rsi, roc, bollinger):
        with pytest.raises(InputError, match="window"):
            function(np.ones(50), window)


def test_other_absurd_parameters_are_refused():
    with pytest.raises(InputError, match="shorter than the slow"):
        macd(np.ones(50), 26, 12)
    for deviations in (0.0, -1.0, float("nan"), 11.0):
        with pytest.raises(InputError, match="deviations"):
            bollinger(np.ones(50), 20, deviations)
    with pytest.raises(InputError, match="same length"):
        obv(np.ones(5), np.ones(6))
