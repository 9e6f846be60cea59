"""What rides the market comes to nothing when the market is hedged away; what doesn't is left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.backtest.validation.hedging import betas, hedged
from tools.domain.errors import InputError


def market(seed=1, bars=500):
    return np.random.default_rng(seed).normal(0.0005, 0.01, bars)


@given(st.integers(0, 50), st.floats(-3, 3))
def test_any_part_of_the_market_is_nothing(seed, part):
    held = market(seed)
    assert hedged(part * held[:, np.newaxis], held) == pytest.approx(0.0, abs=1e-12)
    assert betas(part * held[:, np.newaxis], held) == pytest.approx([part], abs=1e-9)


def test_what_is_added_to_the_market_is_left_and_moves_no_more_with_it():
    held, own = market(1), market(2)
    left = hedged((0.6 * held + own)[:, np.newaxis], held)[:, 0]
    assert np.corrcoef(left, own)[0, 1] > 0.99
    assert np.cov(left, held)[0, 1] == pytest.approx(0.0, abs=1e-12)
    assert left.mean() == pytest.approx(own.mean() - (betas(own[:, None], held)[0]) * held.mean())


def test_each_variant_may_have_a_benchmark_of_its_own():
    one, other = market(1), market(2)
    tried = np.stack([2 * one, 0.5 * other], axis=1)
    assert hedged(tried, np.stack([one, other], axis=1)) == pytest.approx(0.0, abs=1e-12)


def test_a_benchmark_that_stands_still_explains_nothing():
    tried = market()[:, np.newaxis]
    assert (hedged(tried, np.zeros(500)) == tried).all()


@pytest.mark.parametrize("shape", [(499,), (500, 2)])
def test_other_bars_or_other_variants_are_refused(shape):
    with pytest.raises(InputError, match="must have their bars"):
        hedged(np.ones((500, 3)) * 0.01, np.zeros(shape))
