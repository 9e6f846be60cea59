"""What nobody should hand in is refused in words, before a compiled loop reads beyond an array."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.errors import TypingError

from tests.backtest.fast.test_engine import walk
from tools.backtest.fast.bars import Bars, bars_of
from tools.backtest.fast.engine import run
from tools.backtest.fast.orders import market
from tools.backtest.fast.rules import SMA_CROSS, Rule, prepare, signal
from tools.backtest.fast.signals import hold_units
from tools.backtest.fast.strategy import strategy
from tools.backtest.fast.sweep import sweep
from tools.domain.errors import InputError


@prepare
def closes(columns):
    return columns[3:4].copy()


@signal
def always(shared, params, wish):
    wish[:] = 1


@pytest.mark.parametrize(
    "long", [np.ones((9, 1)), np.ones(5), np.ones((5, 1), int), np.ones((5, 2))]
)
def test_bars_by_hand_that_a_loop_would_read_beyond_are_refused(long):
    short = np.ones((5, 1))
    with pytest.raises(InputError, match="bars_of"):
        Bars(short, short, short, long, short, ("A",))


@pytest.mark.parametrize("odd", [["a"], [[1, 2], [3]], [1 + 2j], [object()]])
def test_what_is_no_number_is_refused(odd):
    with pytest.raises(InputError, match="must be numbers"):
        bars_of(odd, odd, odd, odd, odd)
    with pytest.raises(InputError, match="must be numbers"):
        sweep(walk(5), SMA_CROSS, odd)
    with pytest.raises(InputError, match="must be numbers"):
        run(walk(5), hold_units, columns=odd)
    with pytest.raises(InputError, match="must be numbers"):
        run(walk(5), hold_units, columns=np.ones((1, 5)), params=odd)


@pytest.mark.parametrize(
    "rule",
    [None, hold_units, Rule(always, closes, 1), Rule(lambda c: c, lambda s, p, w: None, 1)],
)
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(InputError, match="A rule is"):
        sweep(walk(5), rule, [[1]])


def test_a_signal_is_no_strategy():
    with pytest.raises(InputError, match="@strategy"):
        run(walk(5), always)


def test_a_rule_without_parameters_has_rows_of_none():
    assert sweep(walk(5), Rule(closes, always, 0), np.empty((1, 0))).trades.tolist() == [[0]]


@pytest.mark.parametrize("wrong", [{"begin": 1.5}, {"threads": 1.5}, {"periods": np.inf}])
def test_halves_of_bars_and_threads_and_endless_years_are_refused(wrong):
    with pytest.raises(InputError):
        sweep(walk(5), SMA_CROSS, [[1, 2]], **wrong)


def test_a_rule_that_writes_into_what_it_reads_is_not_compiled():
    """One row of parameters would change another's figures, by the order in which they come."""
    with pytest.raises(TypingError, match="readonly"):

        @prepare
        def scribbled(columns):
            columns[3, 0] = 1.0
            return columns.copy()

    with pytest.raises(TypingError, match="readonly"):

        @signal
        def moved(shared, params, wish):
            params[0] += 1.0


def test_half_a_symbol_is_none():
    @strategy
    def between(now, state, params, orders):
        market(orders, 0.5, 1.0)

    with pytest.raises(InputError, match=r"At bar 0 .* a symbol that isn't there"):
        run(walk(5), between)


@pytest.mark.parametrize("kind", [np.float32, np.int64, ">f8"])
def test_any_kind_and_layout_of_numbers_gives_what_floats_give(kind):
    close = np.repeat(np.arange(1, 41), 2).astype(kind)[::2]
    close.flags.writeable = False
    bars, plain = (bars_of(c, c, c, c, c) for c in (close, np.arange(1.0, 41.0)))
    held = np.broadcast_to(np.ones((), kind), (1, 40))
    assert run(bars, hold_units, columns=held).equity.tolist() == (
        run(plain, hold_units, columns=np.ones((1, 40))).equity.tolist()
    )
    assert sweep(bars, SMA_CROSS, [[2, 5]]).sharpe == sweep(plain, SMA_CROSS, [[2, 5]]).sharpe
