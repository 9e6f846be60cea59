"""Monte Carlo of kept runs."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.kept import grown, run_of, trades_at
from tests.backtest.past import market, over
from tools.backtest.other_pasts.blocks import block_length
from tools.backtest.other_pasts.document import Wish, monte_carlo
from tools.backtest.other_pasts.near import Noise, again, nearby
from tools.backtest.other_pasts.redrawn import _redrawn, drawn_days
from tools.backtest.report import page
from tools.backtest.request import Request
from tools.domain.errors import InputError, StateError
from tools.domain.timeframe import DAILY

FEW = Wish(paths=400)


def drawn(document, wish=FEW, **more):
    return monte_carlo(document, wish, **more)


def traded(profits=(900, -400, 500, -300, 700, 200), equity=None):
    document = run_of(equity or grown())
    return document | {"trades": trades_at(document, profits)}


def test_any_number_of_threads_gives_the_same_document():
    assert drawn(traded(), threads=1) == drawn(traded(), threads=4)


def test_another_seed_draws_other_paths():
    one, other = drawn(traded()), drawn(traded(), Wish(paths=400, seed=1))
    assert one["id"] != other["id"]
    assert one["ways"]["trades"]["figures"] != other["ways"]["trades"]["figures"]


def test_the_document_is_plain_json_with_the_ways_and_what_they_take_for_granted():
    found = drawn(traded())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert list(found["ways"]) == ["returns in blocks", "trades", "order of trades"]
    assert (found["kind"], found["of"], found["record"]["seed"]) == (
        "monte-carlo",
        "0123456789ab",
        0,
    )
    for way in found["ways"].values():
        assert way["said"]
        assert all(len(way["fan"][name]) == len(way["fan"]["at"]) for name in way["fan"])
    assert any(
        "a crash that the run never saw" in s for s in found["ways"]["returns in blocks"]["said"]
    )


def test_quantiles_rise_and_the_run_itself_is_beside_them():
    found = drawn(traded())["ways"]["returns in blocks"]["figures"]
    for figures in (found["total_return"], found["sharpe"], found["max_drawdown"]):
        rising = [figures[name] for name in ("p5", "p25", "p50", "p75", "p95")]
        assert rising == sorted(rising)
    equity = np.array(grown())
    assert found["total_return"]["seen"] == pytest.approx(equity[-1] / equity[0] - 1)


def test_returns_that_are_all_alike_give_one_path_only():
    steady = [100.0 * 1.01**n for n in range(60)]
    found = drawn(run_of(steady))["ways"]["returns in blocks"]["figures"]
    assert found["total_return"]["p5"] == pytest.approx(found["total_return"]["p95"])
    assert found["total_return"]["p50"] == pytest.approx(1.01**59 - 1)
    assert (found["loss"], found["value_at_risk"]["0.95"]) == (0, 0)
    assert found["sharpe"]["p50"] is None


def test_another_order_of_the_same_trades_ends_at_the_same_equity():
    way = drawn(traded())["ways"]["order of trades"]
    ends = {round(way["fan"][name][-1], 6) for name in ("p5", "p50", "p95")}
    assert len(ends) == 1
    depths = way["figures"]["max_drawdown"]
    assert depths["p5"] < depths["p95"]


def test_too_few_trades_are_said_and_not_drawn():
    found = drawn(traded((1, 2)))
    assert list(found["ways"]) == ["returns in blocks"]
    assert any("2 closed ones" in sentence for sentence in found["said"])


def test_shorter_bars_are_put_together_to_days():
    document = run_of(grown(40))
    document["curve"]["at"] = [
        "", *(f"2011-01-{1 + n // 2:02}T{12 + n % 2}:00:00+00:00" for n in range(40))
    ]  # fmt: skip
    found = drawn(document)["ways"]["returns in blocks"]
    assert len(found["fan"]["at"]) == 21
    assert any("put together to days" in sentence for sentence in found["said"])


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (run_of([100.0] * 40), "never moved"),
        (run_of(grown(10)), "10 returns to draw from"),
        (run_of(grown()) | {"curve": {"at": [], "equity": []}}, "can't be shown"),
        (run_of(grown()) | {"figures": {"sharpe": "much"}}, "figures.sharpe"),
    ],
)
def test_what_can_not_be_drawn_from_is_a_sentence(document, sentence):
    with pytest.raises((InputError, StateError), match=sentence):
        drawn(document)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"paths": 1}, "Paths must be from"),
        ({"paths": 10**9}, "Paths must be from"),
        ({"seed": -1}, "seed must be from"),
    ],
)
def test_odd_wishes_are_refused(wish, sentence):
    with pytest.raises(InputError, match=sentence):
        Wish(**wish)
    with pytest.raises(InputError, match="runs"):
        Noise(2)
    with pytest.raises(InputError, match="noise must be"):
        Noise(5, share=1.5)


def test_an_account_that_lost_everything_is_drawn_up_to_there():
    equity = grown(60)
    equity[50:] = [-10.0] * (len(equity) - 50)
    found = drawn(run_of(equity))["ways"]["returns in blocks"]
    assert found["figures"]["loss"] > 0.3
    assert found["fan"]["p5"][-1] == 0


@given(st.integers(0, 2**31 - 1), st.sampled_from([0.0, 0.5, 0.9]))
@settings(max_examples=25)
def test_a_block_is_from_one_bar_to_a_third_of_them(seed, memory):
    noise = np.random.default_rng(seed).normal(size=200)
    moves = noise.copy()
    for n in range(1, 200):
        moves[n] = memory * moves[n - 1] + noise[n]
    assert 1 <= block_length(moves) <= 200 / 3


def test_what_hangs_together_takes_longer_blocks():
    noise = np.random.default_rng(5).normal(size=2_000)
    moves = noise.copy()
    for n in range(1, 2_000):
        moves[n] = 0.9 * moves[n - 1] + noise[n]
    assert block_length(noise) < 15 < block_length(moves)


@pytest.fixture(scope="module")
def played():
    past = market(160)
    tester = over(past)
    params = {"lookback": "20", "skip": "1"}
    return tester, tester.run(Request("momentum", ("IBM",), params=params)).document


def test_neighbours_of_the_parameters_are_played_through_the_desk(played):
    tester, document = played
    heard = []
    wish = Wish(paths=100, noise=Noise(4, seed=2))
    found = monte_carlo(document, wish, tester, lambda done, whole: heard.append((done, whole)))
    way = found["ways"]["parameters nearby"]
    assert (way["paths"], heard[-1]) == (4, (4, 4))
    asked = list(nearby(again(document["record"]), wish.noise))
    assert len({json.dumps(one) for one in asked}) == 4
    for one in asked:
        assert isinstance(one["lookback"], int)
        assert 16 <= one["lookback"] <= 24
        assert 0.01 <= one["weight"] <= 2
    assert way["fan"]["p50"][0] == pytest.approx(100_000)
    assert "Parameters nearby" in page(found)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"data": "other"}, "prices are others"),
        ({"source": "other"}, "file was changed"),
        ({"limits_hash": "other"}, "limits were changed"),
        ({"cash": "much"}, "doesn't say how to play it again"),
        ({"on": "quotes"}, "no run on ticks"),
        ({"file": ""}, "decided by no strategy's file"),
    ],
)
def test_neighbours_of_another_past_are_refused(played, changed, sentence):
    tester, document = played
    other = document | {"record": document["record"] | changed}
    if "cash" in changed:  # the page's own check would see it first
        with pytest.raises(StateError, match=sentence):
            again(other["record"])
        return
    with pytest.raises((StateError, InputError), match=sentence):
        monte_carlo(other, Wish(paths=100, noise=Noise(3)), tester)


def test_the_strategy_is_played_on_markets_made_of_the_same_days(played):
    tester, document = played
    wish = Wish(paths=100, block=5, markets=3)
    found = monte_carlo(document, wish, tester)
    way = found["ways"]["redrawn markets"]
    assert way["paths"] == 3
    assert way["fan"]["at"][-1] == document["curve"]["at"][-1][:10]
    assert any("Buy and hold had a median return" in sentence for sentence in way["said"])
    assert monte_carlo(document, wish, tester) == found


def test_the_days_in_their_own_order_give_the_market_back():
    past = market(80)
    tape = over(past).read(past, ["IBM"], DAILY, past.latest())
    series = tape.series["IBM"]
    same = _redrawn(series, 30, np.arange(len(series) - 31))
    assert np.allclose(same.values[:, :4], series.values[:, :4], atol=2e-4)
    assert np.allclose(same.values[:, 4], series.values[:, 4], rtol=1e-4)


def test_days_are_drawn_in_blocks_and_differ_from_market_to_market():
    assert len(set(drawn_days(1_000, 10, 0, 0).tolist())) > 500
    assert np.mean(np.diff(drawn_days(5_000, 10, 0, 1)) == 1) == pytest.approx(0.9, abs=0.02)
    turned = drawn_days(100, 1e12, 0, 0)
    assert sorted(turned.tolist()) == list(range(100))
    assert (drawn_days(50, 1, 0, 0) != drawn_days(50, 1, 0, 1)).any()


def test_other_prices_than_the_run_saw_are_not_redrawn(played):
    tester, document = played
    other = document | {"record": document["record"] | {"data": "other"}}
    with pytest.raises(StateError, match="prices are others"):
        monte_carlo(other, Wish(paths=100, markets=3), tester)
    with pytest.raises(InputError, match="Markets must be from"):
        monte_carlo(document, Wish(paths=100, markets=1), tester)
