"""What companies do in runs where it is hardest: shorts, stops, sums, days without a session."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.backtest.past import bars_of, found_of_orders, ran, sessions, written
from tests.backtest.pricefiles import ran as from_files
from tests.backtest.pricefiles import real
from tests.doubles import FakeMarket
from tools.backtest.costs import Costs
from tools.domain.actions import Dividend, StockSplit
from tools.market_data.sessions import session_times

D = Decimal
DAYS = sessions(30)
FREE = Costs(slippage_bps=0, impact=0, commission=0, least_commission=0, borrow=0)
HELD = "if context.bars('IBM') == 3:\n    context.order('IBM', {0})"
BOTH = [100, -100]


def ex(day: date) -> datetime:
    return session_times("XNYS", day)[0]


def paid(day, amount):
    return Dividend("IBM", ex(day), D(amount), "USD")


def flat(price=100.0, after=None, since=10):
    closes = [price] * 30 if after is None else [price] * since + [after] * (30 - since)
    return FakeMarket({"IBM": bars_of("IBM", closes)})


def gapped(before, after, since=10):
    """The same with the change at the open, as of a split or a large dividend."""
    first = bars_of("IBM", [before] * 30)[:since]
    return FakeMarket({"IBM": first + bars_of("IBM", [after] * 30)[since:]})


def play(tmp_path, body, market, *actions, costs=FREE):
    return ran(market, written(tmp_path, body), actions=actions, costs=costs)


def equity(run):
    return run["curve"]["equity"][-1]


@pytest.mark.parametrize("held", BOTH)
def test_a_dividend_above_the_price_that_is_left_is_paid_whole(tmp_path, held):
    # A company pays out 98 of its 100: longs have lost nothing, and shorts have gained nothing.
    market = gapped(100.0, 2.0)
    run = play(tmp_path, HELD.format(held), market, paid(DAYS[10], "98"))
    assert run["costs"]["dividends"] == str(98 * held)
    assert equity(run) == pytest.approx(100_000, abs=300)
    assert found_of_orders(run) == []


def test_a_stop_below_a_special_dividend_goes_down_with_it_and_still_protects(tmp_path):
    body = (
        HELD.format(100)
        + "\nif context.bars('IBM') == 5:\n    context.order('IBM', -100, stop=80, time='gtc')"
    )
    # 40 of 100 are paid; the stop is at 40 from then on, and is reached on the 20th session.
    down = [100.0] * 10 + [60.0] * 10 + [30.0] * 10
    bars = bars_of("IBM", down)
    first = bars_of("IBM", [60.0] * 30)[10:11]
    market = FakeMarket({"IBM": bars[:10] + first + bars[11:]})
    run = play(tmp_path, body, market, paid(DAYS[10], "40"))
    assert [(one["side"], one["price"]) for one in run["fills"]] == [("buy", "100"), ("sell", "40")]
    assert run["fills"][1]["at"][:10] == str(DAYS[20])
    assert found_of_orders(run) == []


@pytest.mark.parametrize("held", BOTH)
def test_an_ex_date_without_a_session_counts_from_the_next_one(tmp_path, held):
    saturday = DAYS[9] + timedelta(days=1)
    assert (saturday.weekday(), DAYS[10].weekday()) == (5, 1)  # Monday is a holiday
    run = play(tmp_path, HELD.format(held), flat(), paid(saturday, "1.25"))
    assert D(run["costs"]["dividends"]) == D("1.25") * held
    # Whoever buys at the next open has bought without it.
    late = play(tmp_path, "if context.bars('IBM') == 10:\n    context.order('IBM', 100)",
                flat(), paid(saturday, "1.25"))  # fmt: skip
    assert (late["fills"][0]["at"][:10], late["costs"]["dividends"]) == (str(DAYS[10]), "0")


def test_a_dividend_and_a_split_of_one_day_are_counted_in_the_order_they_are_told(tmp_path):
    market = gapped(100.0, 50.0)
    both = paid(DAYS[10], "0.50"), StockSplit("IBM", ex(DAYS[10]), D(2))
    run = play(tmp_path, HELD.format(100), market, *both)
    assert run["costs"]["dividends"] == "50"  # on the shares of before the split
    assert run["trades"][0]["quantity"] == "200"
    assert equity(run) == pytest.approx(100_050, abs=300)


@pytest.mark.parametrize(("ratio", "after"), [("2", 50.0), ("0.1", 1000.0), ("1.5", 66.67)])
def test_a_short_over_a_split_with_a_stop_to_buy_keeps_its_worth_and_loses_the_stop(
    tmp_path, ratio, after
):
    body = (
        HELD.format(-100)
        + "\nif context.bars('IBM') == 5:\n    context.order('IBM', 100, stop=120, time='gtc')"
    )
    run = play(tmp_path, body, gapped(100.0, after), StockSplit("IBM", ex(DAYS[10]), D(ratio)))
    assert run["trades"][0]["quantity"] == str((-100 * D(ratio)).normalize() + 0)
    assert equity(run) == pytest.approx(100_000, abs=300)
    assert len(run["fills"]) == 1
    assert any("split" in said["sentence"] for said in run["findings"])


def test_a_tenth_of_a_cent_a_share_is_rounded_once_on_the_whole_position(tmp_path):
    run = play(tmp_path, HELD.format(333), flat(), paid(DAYS[10], "0.0374219"))
    assert run["costs"]["dividends"] == "12.46"


def test_a_short_pays_for_every_night_of_a_weekend_whenever_it_is_bought_back(tmp_path):
    costs = Costs(slippage_bps=0, impact=0, commission=0, least_commission=0, borrow=0.36)
    body = (
        "if context.bars('IBM') == 4:\n    context.order('IBM', -100)\n"
        "if context.bars('IBM') == {0}:\n    context.order('IBM', 100)"
    )
    # Sold at Friday's open: three nights to Monday, at 10 each.
    assert DAYS[4].weekday() == 4
    for bought, nights in ((5, 3), (6, 4), (7, 5)):
        run = play(tmp_path, body.format(bought), flat(), costs=costs)
        assert run["costs"]["borrowing"] == str(-10 * nights), bought


def test_a_real_reverse_split_while_short_moves_the_account_by_the_market_alone(
    tmp_path, monkeypatch, capsys, strict_skip
):
    body = (
        "if context.bars('USO') == 5:\n    context.order('USO', -803)\n"
        "if context.bars('USO') == 7:\n    context.order('USO', 803, stop=3.3, time='gtc')"
    )
    real(tmp_path, strict_skip, "us_equity_daily", "USO", span=("2020-04-15", "2020-05-08"))
    run = from_files(monkeypatch, capsys, tmp_path, written(tmp_path, body), "-s", "USO")
    # One for eight on 29 April: 2.13 before, 18.00 at the close of the day.
    assert run["trades"][0]["quantity"] == "-100.375"
    assert D(run["costs"]["cash in lieu"]) == D("-6.39")  # 0.375 of a share at 8 times 2.13
    before, after = run["curve"]["equity"][10:12]
    assert after - before == pytest.approx(803 * 2.13 - 6.39 - 100 * 18.00, abs=0.5)
    assert run["orders"] == {"canceled": 1, "filled": 1}


@pytest.mark.parametrize(("rate", "cash"), [("last", "-10000"), ("zero", "0"), ("0.3", "-3000")])
def test_a_short_of_what_is_delisted_is_settled_and_pays_dividends_until_then(tmp_path, rate, cash):
    from tools.backtest.delisting import recovery

    gone = bars_of("IBM", [100.0] * 12)
    market = FakeMarket({"IBM": gone, "MSFT": bars_of("MSFT", [30.0] * 30)})
    run = ran(
        market, written(tmp_path, HELD.format(-100)), ("IBM", "MSFT"),
        actions=(paid(DAYS[8], "1"), paid(DAYS[20], "5")), costs=FREE, delisted=recovery(rate),
    )  # fmt: skip
    assert run["costs"]["dividends"] == "-100"  # what comes after the end is nobody's
    assert [trade["closed"] is not None for trade in run["trades"]] == [True]
    assert equity(run) == pytest.approx(110_000 - 100 + float(cash), abs=1)


@pytest.mark.parametrize(("left", "owed"), [(0, "-30"), (50, "-35"), (100, "-40")])
def test_what_is_bought_back_in_part_on_monday_has_paid_for_the_weekend(tmp_path, left, owed):
    costs = Costs(slippage_bps=0, impact=0, commission=0, least_commission=0, borrow=0.36)
    body = (
        "if context.bars('IBM') == 4:\n    context.order('IBM', -100)\n"
        f"if context.bars('IBM') == 5 and {left} < 100:\n    context.order('IBM', {100 - left})\n"
        "if context.bars('IBM') == 6:\n    context.order('IBM', -context.position('IBM'))"
    )
    run = play(tmp_path, body, flat(), costs=costs)
    assert run["costs"]["borrowing"] == owed


def test_a_dividend_in_another_currency_is_refused_with_the_way_out():
    from tests.market_data.test_companies import Told
    from tools.assembly.companies import Companies
    from tools.clock import SystemClock
    from tools.domain.errors import DataUnavailable
    from tools.market_data.market import Market

    feed = Told((Dividend("IBM", datetime(2013, 2, 27, 14, 30, tzinfo=UTC), D(1), "CAD"),))
    told = Companies(Market((feed,), SystemClock()))
    day = datetime(2013, 2, 26, tzinfo=UTC)
    with pytest.raises(DataUnavailable, match="Leave those days out, or use a feed"):
        told.actions("IBM", day, day + timedelta(days=3))
    assert told.actions("IBM", day + timedelta(days=3), day + timedelta(days=9)) == ()
