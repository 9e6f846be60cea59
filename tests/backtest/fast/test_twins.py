"""A built-in strategy and its compiled twin decide the same, bar by bar."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.fast.test_sweep import same
from tests.backtest.past import market, ran
from tools.backtest.context import Context
from tools.backtest.costs import Costs
from tools.backtest.fast.bars import bars_of
from tools.backtest.fast.sweep import sweep
from tools.backtest.fast.twins import row_of, twin_of
from tools.backtest.loading import BUILT_IN, find
from tools.backtest.metrics import max_drawdown
from tools.backtest.seen import Seen
from tools.backtest.strategy import made
from tools.domain.errors import InputError

TWINS = tuple(name for name in BUILT_IN if name != "pairs")


def played(strategy, bars, cost=0.0, begin=0):
    """The class itself with the context of the desk; its account fills all at the next open."""
    seen = Seen("IBM")
    context, more = Context({"IBM": seen}, 1.0), seen.raw().shape[1] - 6
    cash, units, waiting, closed, last, curve = 1.0, 0.0, 0.0, 0, 0.0, [1.0]
    for t in range(len(bars.close)):
        row = [float(x[t, 0]) for x in (bars.open, bars.high, bars.low, bars.close, bars.volume)]
        whole = not math.isnan(row[3])
        if whole:
            seen.show((*row, 1.0, *[0.0] * more), t)
            last = row[3]
        if t < begin:
            continue
        if whole and waiting:
            held, units = units, units + waiting
            cash -= waiting * row[0] + cost * abs(waiting) * row[0]
            closed, waiting = closed + (held * units <= 0 and held != 0), 0.0
        curve.append(cash + units * last)
        if curve[-1] <= 0:
            break
        context.account(cash, {"IBM": units})
        if whole:
            context.begin(t, ("IBM",))
            strategy.on_bar(context)
            waiting = sum(float(wish.quantity) for wish in context.wishes())
    return curve, closed


def agree(name, bars, params, cost=0.0, begin=0):
    kind = find(name).kind
    strategy = made(kind, params)
    found = sweep(bars, twin_of(kind), [row_of(strategy)], cost=cost, begin=begin)
    curve, closed = played(strategy, bars, cost, begin)
    same(found, 0, 0, curve, closed)
    return closed


PARAMS = {
    "dual_moving_average": {
        "fast": st.integers(1, 12), "slow": st.integers(13, 40),
        "band": st.sampled_from([0.0, 0.005, 0.02]),
    },
    "breakout": {"entry": st.integers(2, 30), "exit": st.integers(1, 30)},
    "mean_reversion": {
        "window": st.integers(5, 40), "entry": st.sampled_from([0.1, 1.0, 2.0]),
        "exit": st.sampled_from([-1.0, 0.0, 0.5, 3.0]), "stop": st.sampled_from([0.5, 3.0, 5.0]),
    },
    "momentum": {
        "lookback": st.integers(2, 30), "skip": st.integers(0, 10), "every": st.integers(1, 12),
        "hold": st.integers(1, 3),
    },
    "volatility_target": {
        "target": st.sampled_from([0.01, 0.1, 1.0]), "window": st.integers(5, 30),
        "most": st.sampled_from([0.5, 0.9, 2.0]), "band": st.sampled_from([0.0, 0.05, 0.3]),
    },
}  # fmt: skip


def coarse(rng, count, ticks):
    """Prices on few levels, so that means, highs and bands are often met exactly; some holes."""
    steps = rng.integers(-1, 2, count) * rng.integers(0, 2, count)
    close = 100.1 + 0.1 * np.clip(np.cumsum(steps), -ticks, ticks)
    opened = np.concatenate([close[:1], close[:-1]]) + 0.1 * rng.integers(-1, 2, count)
    high = np.maximum(opened, close) + 0.1 * rng.integers(0, 2, count)
    low = np.minimum(opened, close) - 0.1 * rng.integers(0, 2, count)
    close[rng.random(count) < 0.03] = np.nan
    return bars_of(opened, high, low, close, np.ones(count))


def walked(rng, count):
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, count)))
    opened = close * np.exp(rng.normal(0, 0.005, count))
    close[rng.random(count) < 0.02] = np.nan
    high, low = np.fmax(opened, close) * 1.004, np.fmin(opened, close) * 0.996
    return bars_of(opened, high, low, close, np.ones(count))


@pytest.mark.parametrize("name", TWINS)
@settings(max_examples=60)
@given(st.data(), st.integers(0, 10**9))
def test_a_twin_gives_the_account_of_its_class_on_any_prices(name, data, seed):
    rng = np.random.default_rng(seed)
    params = data.draw(st.fixed_dictionaries(PARAMS[name]))
    if name != "volatility_target":
        params["weight"] = data.draw(st.sampled_from([0.3, 0.9, 1.0, 1.7]))
    if name == "volatility_target" or data.draw(st.booleans()):
        bars = walked(rng, 150)
    else:
        bars = coarse(rng, 150, data.draw(st.sampled_from([0, 1, 3, 30])))
    begin = data.draw(st.sampled_from([0, 0, 60]))
    agree(name, bars, params, data.draw(st.sampled_from([0.0, 0.002])), begin)


@pytest.fixture(scope="module")
def ibm():
    from tools.market_data.feeds.sample import SampleFeed

    bars = SampleFeed().bars("IBM")
    columns = [[float(getattr(b, n)) for b in bars] for n in ("open", "high", "low", "close")]
    return bars_of(*columns, [float(b.volume) for b in bars])


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_trades_as_its_class_on_the_sample_prices(name, ibm):
    closed = agree(name, ibm, {}, 0.0005)
    assert closed > 3 or name == "volatility_target"


AT_THE_DESK = {
    "dual_moving_average": {"fast": 5, "slow": 20, "band": 0.002},
    "breakout": {"entry": 20, "exit": 10},
    "mean_reversion": {"window": 10, "entry": 1.5},
    "momentum": {"lookback": 40, "skip": 2, "every": 5},
    "volatility_target": {"band": 0.1},
}


def sold(fills):
    return sum(float(f["quantity"]) * float(f["price"]) for f in fills if f["side"] == "sell") or 1


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_trades_as_the_desk_does_but_for_whole_shares(name):
    free = Costs(0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    past, params = market(250), AT_THE_DESK[name]
    run = ran(past, name, params=params, costs=free, cash=1_000_000.0)
    bars = past.bars["IBM"]
    columns = [[float(getattr(b, n)) for b in bars] for n in ("open", "high", "low", "close")]
    kind = find(name).kind
    row = row_of(made(kind, params))
    volume = [float(b.volume) for b in bars]
    # Sales always pay the regulator: here buying pays a half and selling the other.
    fees = float(run["costs"]["commission"]) / sold(run["fills"]) / 2
    assert fees < 2e-5
    found = sweep(bars_of(*columns, volume), twin_of(kind), [row], cost=fees)
    assert run["fills"]
    assert not run["refusals"]
    equity = np.array(run["curve"]["equity"], dtype=float) / 1e6
    assert found.total_return[0, 0] == pytest.approx(equity[-1] - 1, abs=5e-5)
    assert found.max_drawdown[0, 0] == pytest.approx(max_drawdown(equity), abs=5e-5)


def test_constant_prices_are_ties_and_rounding_decides_alike():
    close = np.full(300, 100.1)
    bars = bars_of(close, close, close, close, close)
    for fast, slow in ((3, 10), (7, 130), (50, 200)):
        agree("dual_moving_average", bars, {"fast": fast, "slow": slow, "band": 0.0})
    for window in (5, 20, 140):
        agree("mean_reversion", bars, {"window": window, "entry": 0.1})


def test_long_windows_and_long_series_agree_too():
    rng = np.random.default_rng(3)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, 3_000))), 2) + 0.01
    bars = bars_of(close, close * 1.01, close * 0.99, close, close)
    agree("dual_moving_average", bars, {"fast": 150, "slow": 1_000, "band": 0.0})
    agree("mean_reversion", bars, {"window": 700, "entry": 1.5})
    agree("breakout", bars, {"entry": 300, "exit": 999})
    agree("momentum", bars, {"lookback": 700, "skip": 100, "every": 50})


def test_pairs_of_symbols_have_no_twin_and_each_other_strategy_has():
    assert twin_of(find("pairs").kind) is None
    for name in TWINS:
        kind = find(name).kind
        assert twin_of(kind).parameters == len(row_of(kind()))


@pytest.mark.parametrize("name", TWINS)
def test_windows_that_are_none_are_refused(name, ibm):
    kind = find(name).kind
    row = row_of(kind())
    for odd in (0.5, -3.0, math.nan, math.inf):
        place = 1 if name == "volatility_target" else 0
        with pytest.raises(InputError, match="windows"):
            sweep(ibm, twin_of(kind), [[*row[:place], odd, *row[place + 1 :]]])


@pytest.mark.parametrize("name", TWINS)
def test_too_few_bars_are_no_trades(name):
    close = np.array([5.0, 6.0])
    bars = bars_of(close, close, close, close, close)
    for count in (1, 2):
        cut = bars_of(*(x[:count] for x in (close,) * 5)) if count == 1 else bars
        found = sweep(cut, twin_of(find(name).kind), [row_of(find(name).kind())])
        assert (found.total_return[0, 0], found.trades[0, 0]) == (0, 0)


def test_a_first_bar_that_is_none_is_refused(ibm):
    for begin in (-1, 10**6):
        with pytest.raises(InputError, match="first bar"):
            sweep(ibm, twin_of(find("breakout").kind), [[55, 20, 0.9]], begin=begin)
