"""What can be wrong with a strategy or its prices is told in a sentence, with the bar."""

from dataclasses import replace

import pytest

from tests.backtest.past import D, bars_of, market, over, ran, walk, written
from tests.doubles import FakeMarket
from tools.assembly import simulated_venue
from tools.backtest.costs import Costs
from tools.backtest.request import Request
from tools.domain.errors import ConfigError, DataUnavailable, InputError


def findings(run):
    return {finding["kind"]: finding for finding in run["findings"]}


def test_a_strategy_that_raises_is_told_with_file_line_and_bar(tmp_path):
    path = written(tmp_path, "if context.bars('IBM') == 4:\n    1 / 0")
    with pytest.raises(InputError, match=r"bar of 2010-01-07 21:00 UTC \(IBM\): mine.py, line 12: "
                                         r"ZeroDivisionError: division by zero"):  # fmt: skip
        ran(market(10), path)


def test_a_strategy_that_would_end_the_program_is_told_with_its_line(tmp_path):
    path = written(tmp_path, "if context.bars('IBM') == 4:\n    raise SystemExit")
    with pytest.raises(InputError, match=r"mine.py, line 12: it ends the program"):
        ran(market(10), path)


def test_an_order_of_no_size_is_told_with_its_line(tmp_path):
    path = written(tmp_path, "context.order('IBM', float('nan'))")
    with pytest.raises(InputError, match=r"mine.py, line 11: An order needs a quantity"):
        ran(market(10), path)


@pytest.mark.parametrize("body", ["context.close('XYZ')", "context.closes('XYZ', 5)"])
def test_a_symbol_that_the_run_is_not_about_is_told(tmp_path, body):
    with pytest.raises(InputError, match="This run is about IBM"):
        ran(market(10), written(tmp_path, body))


def test_a_hole_in_the_prices_is_a_finding(tmp_path):
    past = market(60)
    gone = [bar.session for bar in past.bars["IBM"][20:30]]
    del past.bars["IBM"][20:30]
    run = ran(past, written(tmp_path, "context.order('IBM', 1)"))
    hole = findings(run)["hole"]
    assert (hole["at"], hole["symbol"]) == (str(gone[0]), "IBM")
    assert f"10 sessions from {gone[0]} to {gone[-1]}" in hole["sentence"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("context.order('IBM', 1, time='soon')", "An order's time is day, gtc, ioc, fok, not"),
        ("context.order('IBM', 1, limit='low')", "An order's limit is a number, was 'low'"),
        ("context.change('x', stop=[])", r"An order's stop is a number, was \[\]"),
        ("context.cancel(None)", "An order has an id such as"),
    ],
)  # fmt: skip
def test_a_wish_of_another_kind_is_told_with_its_line(tmp_path, body, said):
    with pytest.raises(InputError, match=rf"mine.py, line 11: {said}"):
        ran(market(10), written(tmp_path, body))


def test_a_strategy_that_would_never_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="without yield and async"):
        ran(market(10), written(tmp_path, "yield context.order('IBM', 1)"))


def test_many_holes_are_one_finding_with_the_longest(tmp_path):
    past = market(120)
    gone = [bar.session for bar in past.bars["IBM"]]
    past.bars["IBM"] = [b for i, b in enumerate(past.bars["IBM"]) if i % 20 > 4 or i < 20]
    run = ran(past, written(tmp_path, "context.order('IBM', 1)"))
    holes = [one for one in run["findings"] if one["kind"] == "hole"]
    assert len(holes) == 1
    assert "25 sessions in 5 stretches, the longest of 5 sessions" in holes[0]["sentence"]
    assert holes[0]["at"] in map(str, gone)


@pytest.mark.parametrize(("after", "said"), [(50.0, "-50%"), (170.0, "+70%"), (10_000.0, "9,900%")])
def test_a_close_far_from_the_one_before_is_a_finding(tmp_path, after, said):
    past = FakeMarket({"IBM": bars_of("IBM", [100.0] * 40 + [after] * 60)})
    found = findings(ran(past, written(tmp_path, "pass")))["jump"]
    assert said in found["sentence"]
    assert f"from 100 to {after:g} on {past.bars['IBM'][40].session}" in found["sentence"]


def test_a_split_that_the_feed_tells_is_no_jump(tmp_path):
    past = FakeMarket({"IBM": bars_of("IBM", [100.0] * 40 + [50.0] * 60)})
    bars = past.bars["IBM"]
    bars[:40] = [replace(bar, adjusted_close=bar.close / 2) for bar in bars[:40]]
    assert "jump" not in findings(ran(past, written(tmp_path, "pass")))


@pytest.mark.parametrize(("count", "short"), [(40, True), (100, False)])
def test_a_run_too_short_for_figures_a_year_says_so(tmp_path, count, short):
    assert ("short" in findings(ran(market(count), written(tmp_path, "pass")))) is short


def test_wishes_for_less_than_a_lot_are_told_and_not_taken_for_none(tmp_path):
    run = ran(market(10), written(tmp_path, "context.target('IBM', 0.5)"), cash=20)
    assert run["orders"] == {}
    said = findings(run)["no orders"]["sentence"]
    assert said.startswith("All 10 wishes were for less than one lot, first on the bar of 2010-01")
    assert "IBM, in lots of 1)" in said


def test_prices_without_a_volume_are_a_finding(tmp_path):
    past = market(30)
    past.bars["IBM"] = [replace(bar, volume=D(0)) for bar in past.bars["IBM"]]
    run = ran(past, written(tmp_path, "context.order('IBM', 1)"))
    assert "the gate refuses every order" in findings(run)["no volume"]["sentence"]
    assert set(run["orders"]) == {"denied"}


@pytest.mark.parametrize("frame", ["1w", "2d", "1mo"])
def test_a_run_on_bars_longer_than_a_day_is_refused_with_the_way_to_see_them(frame):
    from tools.domain.timeframe import Timeframe

    with pytest.raises(InputError, match=rf'not {frame}: .* timeframe="{frame}"'):
        ran(market(10), "momentum", timeframe=Timeframe.parse(frame))


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_nobody_can_draw_from_is_refused(seed):
    with pytest.raises(InputError, match="The seed must be a whole number from 0 to 4294967295"):
        ran(market(10), "momentum", seed=seed)


def test_one_bar_is_too_few():
    with pytest.raises(InputError, match=r"There are 1 bars of IBM .* at least two"):
        ran(market(1), "momentum")


def test_prices_that_never_move_are_a_finding_and_no_figure(tmp_path):
    past = FakeMarket({"IBM": bars_of("IBM", [50.0] * 40)})
    run = ran(past, written(tmp_path, "pass"))
    assert "Every close of IBM is 50" in findings(run)["constant"]["sentence"]
    assert run["figures"]["sharpe"] is None


def test_what_is_decided_on_the_last_bar_is_told_and_never_filled(tmp_path):
    run = ran(
        market(10), written(tmp_path, "if context.bars('IBM') == 10:\n    context.order('IBM', 5)")
    )
    assert not run["fills"]
    assert "decided on the last bar" in findings(run)["last bar"]["sentence"]


def test_more_than_is_owned_is_refused_where_nothing_may_be_short(tmp_path):
    body = "if context.bars('IBM') == 5:\n    context.order('IBM', -10)"
    run = ran(market(10), written(tmp_path, body), limits="cautious")
    assert run["orders"] == {"denied": 1}
    refused = findings(run)["refused"]
    assert refused["at"] == "2010-01-08 21:00"
    assert "sell 10 IBM" in refused["sentence"]


def test_more_than_there_is_money_for_is_refused(tmp_path):
    body = "if context.bars('IBM') == 5:\n    context.order('IBM', 5000)"
    run = ran(market(10), written(tmp_path, body))
    assert {code for code, _ in run["refusals"][0]["reasons"]} & {"G18", "G19"}


def test_a_strategy_that_never_trades_is_a_finding(tmp_path):
    run = ran(market(10), written(tmp_path, "pass"))
    assert "never wanted to trade" in findings(run)["no orders"]["sentence"]


@pytest.mark.parametrize("close", ["0", "-37.63"])
def test_a_price_at_or_below_zero_is_told_with_its_bar(close):
    past = FakeMarket({"USO": bars_of("USO", walk(30))})
    past.bars["USO"][12] = replace(past.bars["USO"][12], close=D(close), low=D(close))
    with pytest.raises(InputError, match=rf"USO, bar of 2010-01-21 14:30 UTC: the low is {close}"):
        ran(past, "momentum", ("USO",))


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"lookback": "1"}, "lookback must be from 2 to 2000, was 1"),
        ({"lookback": "1.5"}, "lookback must be a whole number"),
        ({"weight": "nan"}, "weight must be a number"),
        ({"weight": "much"}, "weight must be a number"),
        ({"speed": "3"}, "Momentum has no parameter 'speed'; it has lookback, skip"),
    ],
)
def test_parameters_out_of_range_are_refused_with_the_range(params, said):
    with pytest.raises(InputError, match=said):
        ran(market(10), "momentum", params=params)


def test_parameters_that_do_not_fit_together_are_refused():
    with pytest.raises(InputError, match=r"fast \(50\) must be below slow \(20\)"):
        ran(market(10), "dual_moving_average", params={"slow": 20})


def test_a_symbol_that_ends_early_is_told_and_may_be_held_at_its_last_price(tmp_path):
    past = market(80, IBM=1, AAPL=2)
    del past.bars["AAPL"][40:]
    body = "if context.bars('IBM') == 5:\n    context.order('AAPL', 100)"
    run = ran(past, written(tmp_path, body), ("IBM", "AAPL"), delisted=None)
    said = findings(run)["ended"]["sentence"]
    last = past.bars["AAPL"][-1]
    assert f"no bar after {last.session}" in said
    moves = set(run["curve"]["equity"][45:])
    assert len(moves) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class Mine:\n    def on_bar(self, context)\n", r"mine.py, line 2: expected ':'"),
        ("import nowhere_at_all\n", r"mine.py, line 1: ModuleNotFoundError"),
        ("x = 1\n", "must have one class with a method on_bar"),
        ("raise SystemExit\n", "it ends the program"),
    ],
)
def test_a_file_that_is_no_strategy_is_told_with_its_line(tmp_path, text, said):
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        ran(market(10), str(path))


def test_an_unknown_strategy_names_those_that_there_are():
    with pytest.raises(InputError, match="use breakout, dual_moving_average"):
        ran(market(10), "martingale")


def test_an_unknown_symbol_and_too_few_symbols_are_told():
    with pytest.raises(DataUnavailable, match="No feed has prices of ZZZ"):
        ran(market(10), "momentum", ("ZZZ",))
    with pytest.raises(InputError, match="pairs trades at least 2 symbols"):
        ran(market(10), "pairs")


def test_a_run_that_ends_before_it_begins_and_odd_money_are_refused():
    from datetime import date

    with pytest.raises(InputError, match="before it begins"):
        ran(market(10), "momentum", start=date(2011, 1, 1), end=date(2010, 1, 1))
    with pytest.raises(InputError, match="cash must be"):
        ran(market(10), "momentum", cash=float("nan"))
    with pytest.raises(InputError, match="slippage_bps must be from 0 to 1000"):
        Costs(slippage_bps=-1)
    with pytest.raises(ConfigError, match="limits can't be read"):
        ran(market(10), "momentum", limits="nowhere.toml")


def test_a_target_of_no_number_is_told_with_its_line_also_by_a_relative_path(tmp_path, monkeypatch):
    written(tmp_path, "context.target('IBM', float('nan'))")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"mine.py, line 11: A target needs a weight"):
        ran(market(10), "mine.py")


def test_a_fill_that_halts_the_desk_is_told_once(tmp_path):
    """A stop to sell, filled by a venue far below the market: live, a person would be asked."""
    right, wrong = (FakeMarket({"IBM": bars_of("IBM", [100.0] * 8 + [60.0] * 12)}) for _ in "ab")
    right.bars["IBM"][8] = replace(right.bars["IBM"][8], open=D("60"), high=D("61"))
    wrong.bars["IBM"][8] = replace(wrong.bars["IBM"][8], open=D("40"), high=D("61"), low=D("39"))
    body = """
if context.bars('IBM') == 3:
    context.order('IBM', 10)
if context.bars('IBM') == 5:
    context.order('IBM', -10, stop=95, time='gtc')
if context.bars('IBM') > 12:
    context.order('IBM', 1)"""
    request = Request(written(tmp_path, body), ("IBM",))
    seen = []

    def elsewhere(setting):
        seen.append(setting)
        return simulated_venue(replace(setting, tape=seen[0].tape))

    for past in (wrong, right):
        run = replace(over(past), venue=elsewhere).run(request).document
    halted = [f for f in run["findings"] if f["kind"] == "halted"]
    assert len(halted) == 1
    assert "refused all that came after: Order" in halted[0]["sentence"]
    assert {code for r in run["refusals"] for code, _ in r["reasons"]} == {"G01"}


def test_a_run_that_begins_after_the_last_bar_is_told():
    from datetime import date

    with pytest.raises(InputError, match=r"There are 0 bars of IBM from 2050-01-01 on"):
        ran(market(10), "momentum", start=date(2050, 1, 1))


@pytest.mark.parametrize("price", [0.0, -37.63, float("nan")])
def test_a_price_at_or_below_zero_within_a_session_is_told_with_its_bar(price):
    import numpy as np

    from tools.backtest.series import from_columns
    from tools.domain.timeframe import MINUTE
    from tools.market_data.columns import BarColumns
    from tools.market_data.symbols import listing

    start = np.arange(5, dtype=np.int64) * 60 * 10**9 + 1_587_408_000 * 10**9
    close = np.array([1.5, 1.4, price, 1.2, 1.1])
    columns = BarColumns("USO", "made", start + 60 * 10**9, MINUTE, start, *[close] * 4, close)
    with pytest.raises(InputError, match="USO, bar of 2020-04-20 18:42 UTC: the open is"):
        from_columns(listing("USO", "USO", "XNYS"), "made", columns)
