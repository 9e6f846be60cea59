"""A symbol whose prices end is settled once, for the strategy and for the benchmarks alike."""

import pytest

from app.cli import run as command
from tests.backtest.past import D, bars_of, market, ran, walk, written
from tests.backtest.pricefiles import ran as ran_on
from tests.backtest.pricefiles import real
from tests.doubles import FakeMarket
from tools.backtest.delisting import recovery
from tools.domain.errors import InputError

BUY = "if context.bars('IBM') == 5:\n    context.order('AAPL', {0})"
BOTH = ("IBM", "AAPL")


def ended(at=40, count=80):
    past = market(count, IBM=1, AAPL=2)
    del past.bars["AAPL"][at:]
    return past


def test_what_is_held_is_settled_at_its_last_close_three_sessions_later(tmp_path):
    past = ended()
    run = ran(past, written(tmp_path, BUY.format(100)), BOTH)
    last = past.bars["AAPL"][-1]
    assert run["costs"]["cash in lieu"] == str((100 * last.close).normalize())
    [trade] = run["trades"]
    assert trade["closed"] == past.bars["IBM"][42].known_at.isoformat()
    [fill] = run["fills"]
    paid = 100 * (last.close - D(fill["price"])) - D(fill["commission"])
    assert D(trade["profit"]) == round(paid, 2)
    assert run["figures"]["trades"] == 1
    assert run["curve"]["equity"][41] == run["curve"]["equity"][-1]
    assert run["curve"]["invested"][-1] == 0
    [said] = [f["sentence"] for f in run["findings"] if f["kind"] == "ended"]
    assert f"no bar after {last.session}" in said
    assert "was settled at its last close" in said


@pytest.mark.parametrize(("rate", "part"), [(0.0, "0"), (0.25, "0.25")])
def test_less_of_it_may_be_left(tmp_path, rate, part):
    past = ended()
    run = ran(past, written(tmp_path, BUY.format(100)), BOTH, delisted=rate)
    worth = 100 * past.bars["AAPL"][-1].close * D(part)
    assert D(run["costs"]["cash in lieu"]) == worth


def test_a_short_pays_what_it_is_settled_at(tmp_path):
    past = ended()
    run = ran(past, written(tmp_path, BUY.format(-100)), BOTH)
    assert D(run["costs"]["cash in lieu"]) == -100 * past.bars["AAPL"][-1].close
    assert run["curve"]["net"][-1] == 0


def test_it_can_be_held_to_the_end_as_well(tmp_path):
    run = ran(ended(), written(tmp_path, BUY.format(100)), BOTH, delisted=None)
    assert run["trades"][0]["closed"] is None
    assert run["curve"]["invested"][-1] > 0


def test_orders_that_wait_end_and_the_strategy_is_told(tmp_path):
    body = """
if context.bars('IBM') == 5:
    context.order('AAPL', 100)
if context.bars('IBM') == 10:
    context.order('AAPL', 10, limit=round(context.close('AAPL') * 0.9, 2), time='gtc')
if 10 < context.bars('IBM') <= 42:
    assert context.orders and context.position('AAPL') == 100
if context.bars('IBM') > 44:
    assert not context.orders and not context.position('AAPL')
"""
    past = FakeMarket({"IBM": bars_of("IBM", walk(80)), "AAPL": bars_of("AAPL", [100.0] * 40)})
    run = ran(past, written(tmp_path, body), BOTH)
    assert run["orders"] == {"filled": 1, "canceled": 1}


def test_the_benchmarks_are_settled_alike(tmp_path):
    past = FakeMarket({"IBM": bars_of("IBM", [50.0] * 80), "AAPL": bars_of("AAPL", [100.0] * 40)})
    path = written(tmp_path, "pass")
    whole, none, held = (ran(past, path, BOTH, delisted=one) for one in (1.0, 0.0, None))
    told = [run["benchmarks"]["buy and hold"]["total_return"] for run in (whole, none, held)]
    assert told[0] == pytest.approx(told[2])
    assert told[1] == pytest.approx(told[0] - 0.5, abs=1e-3)


def test_a_symbol_that_ends_with_the_others_is_not_gone(tmp_path):
    run = ran(ended(at=75), written(tmp_path, BUY.format(100)), BOTH)
    assert not [f for f in run["findings"] if f["kind"] == "ended"]
    assert run["trades"][0]["closed"] is None


@pytest.mark.parametrize(
    ("text", "rate"), [("last", 1.0), ("ZERO", 0.0), ("hold", None), ("0.4", 0.4)]
)
def test_words_for_what_is_left(text, rate):
    assert recovery(text) == rate


@pytest.mark.parametrize("text", ["1.5", "-1", "nan", "half"])
def test_what_is_no_part_is_told(text):
    with pytest.raises(InputError, match="a part of the last close from 0 to 1"):
        recovery(text)


def test_on_the_command_line(capsys):
    status = command(["backtest", "run", "momentum", "-s", "IBM", "--delist", "2"])
    assert status != 0
    assert "a part of the last close" in capsys.readouterr().err


def test_a_real_share_that_ends_is_settled(tmp_path, strict_skip, monkeypatch, capsys):
    folder = tmp_path / "real"
    folder.mkdir()
    real(folder, strict_skip, "us_equity_daily", "AAPL", "", ("2014-01-01", "2015-01-01"))
    real(folder, strict_skip, "us_equity_daily", "IBM", "", ("2014-01-01", "2014-07-01"))
    path = written(tmp_path, "if context.bars('AAPL') == 5:\n    context.order('IBM', 100)")
    args = (path, "-s", "AAPL", "-s", "IBM", "--delist", "0.5")
    run = ran_on(monkeypatch, capsys, folder, *args)
    assert run["trades"][0]["closed"][:10] == "2014-07-03"
    assert run["record"]["delisted"] == 0.5
