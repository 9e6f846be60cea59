"""The picture of an account at a moment."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles import CLOSE, END, bar, case, day, week
from tests.portfolio.movements import DAWN, buy, lives, paid, sell, split_of
from tools.domain.actions import CashKind, Split
from tools.domain.instrument import AssetClass
from tools.domain.order import Fill, Side
from tools.domain.portfolio import OpenOrder
from tools.domain.venue import MarginRegime
from tools.domain.verdict import Refused
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.sessions import xnys
from tools.portfolio.accounting import Account
from tools.portfolio.running import Running
from tools.portfolio.snapshot import filled_by, kinds_of, least_held, marks_at, picture
from tools.portfolio.statement import day_start, profit_since, statement
from tools.risk.gate import decide

D = Decimal
START = Account("USD", D(1000))


def fill(side, quantity, price, at=END, symbol="IBM"):
    return Fill("x", "o", symbol, side, D(quantity), D(price), D(0), "USD", at, "test")


def at_prices(**prices):
    """Marks of these prices, seen now; an underscore in a name stands for the stroke of a pair."""
    known = {name.replace("_", "/"): (D(str(value)), DAWN) for name, value in prices.items()}
    return known.get


def test_marks_are_the_last_close_known_at_the_moment_and_none_before_the_first():
    monday = day("2013-02-25") + CLOSE
    mark = marks_at(week(), monday)
    assert mark("IBM") == (D(200), monday)
    assert mark("NOPE") is None
    assert marks_at(week(), monday - timedelta(seconds=1))("IBM") is None


def test_equity_needs_a_price_of_everything_held_but_not_of_what_is_flat():
    fills = [fill(Side.BUY, 2, 100), fill(Side.BUY, 1, 50, symbol="GONE")]
    mark = marks_at(week(), END)
    assert picture("a", END, START, fills, mark).equity is None
    sold = [*fills, fill(Side.SELL, 1, 60, symbol="GONE")]
    seen = picture("a", END, START, sold, mark)
    assert seen.equity == 1000 - 200 + 10 + 400
    assert [p.realised for p in seen.positions] == [10, 0]


def test_a_view_of_the_past_has_only_the_fills_until_then():
    fills = [fill(Side.BUY, 1, 100, at=END - timedelta(days=1)), fill(Side.BUY, 1, 100)]
    assert filled_by(fills, END - timedelta(hours=1)) == (fills[0],)


@pytest.mark.parametrize(
    "prices", [{"EUR_USD": "1.25"}, {"USD_EUR": "0.8"}, {"EURUSD=X": "1.25"}, {"USDEUR=X": "0.8"}]
)
def test_other_currencies_are_turned_by_the_pair_or_its_inverse(prices):
    seen = picture("a", DAWN, START, [buy(10, 50, "SAP")], at_prices(SAP=60, **prices))
    assert seen.cash == 1000 - 500 * D("1.25")
    assert seen.equity == 1000 + 100 * D("1.25")
    [position] = seen.positions
    assert (position.currency, position.rate, position.value) == ("EUR", D("1.25"), 750)
    assert [(b.currency, b.cash) for b in seen.balances] == [("EUR", -500), ("USD", 1000)]


def test_without_a_rate_the_equity_is_unknown():
    seen = picture("a", DAWN, START, [buy(10, 50, "SAP")], at_prices(SAP=60))
    assert seen.equity is None
    assert seen.cash == 1000
    assert statement(seen, None, D(1)).unrealised is None
    cash_alone = picture("a", DAWN, START, [], at_prices(), entries=[paid(5, "deposit", "", "EUR")])
    assert cash_alone.equity is None
    spent = [paid(5, "deposit", "", "EUR"), paid(-5, "withdrawal", "", "EUR", key="f")]
    assert picture("a", DAWN, START, [], at_prices(), entries=spent).equity == 1000


def test_the_gate_refuses_while_a_rate_is_missing():
    entries = [paid(5, "deposit", "", "EUR")]
    whole = picture("paper", END, Account("USD", D(100_000)), [], at_prices(), entries=entries)
    known = picture("paper", DAWN, Account("USD", D(100_000)), [], at_prices(EUR_USD=1))
    assert not isinstance(decide(case(account=replace(known, at=END))), Refused)
    verdict = decide(case(account=whole))
    assert isinstance(verdict, Refused)
    assert "EUR" in " ".join(reason.sentence for reason in verdict.reasons)


def test_a_rate_that_is_a_week_old_is_none():
    rows, mark = [buy(10, 50, "SAP")], at_prices(SAP=60, EUR_USD="1.25")
    week_later = DAWN + timedelta(days=7)
    assert picture("a", week_later, START, rows, mark).equity is not None
    assert picture("a", week_later + timedelta(seconds=1), START, rows, mark).equity is None


def test_a_position_carries_its_fees_dividends_borrow_and_kind():
    rows = [sell(10, 100, commission=2)]
    entries = [paid(-5), paid(-1, CashKind.BORROW_FEE, key="b"), paid(7, "interest", "", key="i")]
    market = week()
    seen = picture(
        "a", DAWN, START, rows, at_prices(IBM=90), entries=entries, kind=kinds_of(market)
    )
    [row] = seen.positions
    assert (row.fees, row.dividends, row.borrow) == (2, -5, -1)
    assert row.asset_class is AssetClass.EQUITY
    assert kinds_of(market)("NOPE") is None
    assert (seen.cash, seen.equity) == (1000 + 1000 - 2 - 5 - 1 + 7, 1099)
    [usd] = seen.balances
    assert (usd.dividends, usd.borrow, usd.interest, usd.fees) == (-5, -1, 7, 2)


def waiting(key, leaves, price, side=Side.BUY, group="", scale="1"):
    return OpenOrder(key, "IBM", side, D(leaves), D(price), group=group, scale=D(scale))


def test_reserved_cash_is_that_of_every_buy_and_of_a_group_the_largest():
    orders = [
        waiting("a", 1, 100),
        waiting("b", 2, 100, group="g"),
        waiting("c", 3, 100, group="g"),
        waiting("d", 1, 100, group="h"),
        waiting("e", 9, 100, side=Side.SELL, group="g"),
        waiting("f", 1, 3, scale="100"),
    ]
    seen = picture("a", END, START, [], marks_at(week(), END), open_orders=orders)
    assert seen.reserved == 100 + 300 + 100 + 300
    odd = [waiting("b", 2, "NaN", group="g"), *orders]
    assert replace(seen, open_orders=tuple(odd)).reserved.is_nan()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["", "g", "h"])), max_size=8))
def test_reserved_is_never_more_than_the_sum_nor_less_than_the_largest(rows):
    orders = [waiting(str(i), n, 10, group=g) for i, (n, g) in enumerate(rows)]
    seen = picture("a", END, START, [], marks_at(week(), END), open_orders=orders)
    alone = [o.leaves * 10 for o in orders]
    assert max(alone, default=0) <= seen.reserved <= sum(alone)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(-500, 500).filter(bool),
    st.sampled_from([2, 3, 7, 20]),
    st.decimals("0.5", 900, places=2),
)
def test_a_split_changes_no_equity(quantity, ratio, price):
    opening = (buy if quantity > 0 else sell)(abs(quantity), 100)
    split = split_of(D(quantity), D(ratio))
    before = picture("a", DAWN, START, [opening], at_prices(IBM=price * ratio))
    after = picture("a", DAWN, START, [opening], at_prices(IBM=price), entries=[split])
    assert after.equity == before.equity
    profits = [statement(seen, None, D(1)).unrealised for seen in (before, after)]
    assert abs(profits[0] - profits[1]) < D("1e-7")  # the average cost is shown to 1e-12


def test_apples_split_of_2005_in_the_real_prices_does_not_move_the_equity():
    bars = {bar.session: bar for bar in SampleFeed().bars("AAPL")}
    friday, monday = date(2005, 2, 25), date(2005, 2, 28)
    bought = fill(Side.BUY, 100, bars[friday].close, at=bars[friday].known_at, symbol="AAPL")
    split = Split("s", "AAPL", D(2), xnys(monday)[0], D(100), "2 for 1")
    start = Account("USD", D(10_000))

    def equity(session, entries):
        known = bars[session]
        mark = {"AAPL": (known.close, known.known_at)}.get
        return picture("a", known.known_at, start, [bought], mark, entries=entries).equity

    assert equity(friday, []) == 10_000
    # 100 at 88.99 became 200 at 44.86: the day's own change, and no more.
    assert equity(monday, [split]) == 10_000 + 200 * D("44.86") - 100 * D("88.99") == 10_073
    assert equity(monday, []) < 5_600  # what it looks like when the split is not known


def test_the_least_held_knows_of_splits():
    rows = [buy(10, 100), sell(15, 60, at=DAWN + timedelta(days=2))]
    split = replace(split_of(D(10), D(2)), at=DAWN + timedelta(days=1))
    assert least_held(rows, "IBM", DAWN) == -5
    assert least_held(rows, "IBM", DAWN, [split]) == 5


def test_the_statement_sums_every_currency_at_the_rate_of_the_moment():
    rows = [buy(10, 50, "SAP", commission=2), sell(4, 60, "SAP"), sell(1, 100, "IBM", commission=1)]
    entries = [paid(8, symbol="SAP", currency="EUR"), paid(-3, key="s")]
    seen = picture(
        "a", DAWN, START, rows, at_prices(SAP=60, IBM=110, EUR_USD="1.5"), entries=entries
    )
    says = statement(seen, None, D("0.25"))
    assert (says.realised, says.unrealised) == (60, 90 - 10)
    assert (says.fees, says.dividends) == (3 + 1, 12 - 3)
    assert (says.long_value, says.short_value, says.margin_used) == (540, -110, 650)
    assert says.equity == 1000 + says.realised + says.unrealised - says.fees + says.dividends
    lent = replace(seen, margin=MarginRegime.INTRADAY_MARGIN)
    assert statement(lent, None, D("0.25")).margin_used == D("162.5")
    assert says.day_profit is None


@settings(max_examples=200, deadline=None)
@given(lives(busts=False))
def test_equity_is_the_opening_and_everything_that_the_statement_tells(rows):
    marks = at_prices(SAP=60, IBM=110, EUR_USD="1.5", USDT_USD=1, GBP_USD=2)

    def mark(symbol):
        return marks(symbol) or (None if "/" in symbol or "=" in symbol else (D("3.5"), DAWN))

    fills = [row for row in rows if isinstance(row, Fill)]
    entries = [row for row in rows if not isinstance(row, Fill)]
    seen = picture("a", DAWN, START, fills, mark, entries=entries)
    says = statement(seen, None, D(1))
    other = sum(b.other * b.rate for b in seen.balances)
    total = 1000 + says.realised + says.unrealised - says.fees + says.dividends + says.borrow
    total += says.interest + says.deposits + other
    assert abs(says.equity - total) < D("1e-6")


def test_the_days_profit_is_what_equity_gained_without_deposits():
    opened = picture("a", day_start(DAWN), START, [buy(10, 100)], at_prices(IBM=100))
    now = picture(
        "a", DAWN, START, [buy(10, 100)], at_prices(IBM=103), entries=[paid(500, "deposit", "")]
    )
    assert profit_since(opened, now) == 30
    assert statement(now, opened, D(1)).day_profit == 30
    unknown = picture("a", DAWN, START, [buy(10, 100)], at_prices())
    assert profit_since(unknown, now) is None
    assert day_start(DAWN + timedelta(hours=23, minutes=59)) == DAWN


@settings(max_examples=150, deadline=None)
@given(lives(), st.randoms(use_true_random=False))
def test_a_running_picture_is_the_one_made_at_once(rows, chance):
    fills = [row for row in rows if isinstance(row, Fill)]
    entries = [row for row in rows if not isinstance(row, Fill)]
    running = Running(START)
    for _ in range(6):
        a, b = chance.randint(0, len(fills)), chance.randint(0, len(entries))
        now = (fills[:a], entries[:b])
        prices = {"IBM": chance.choice([90, 110]), "EUR_USD": chance.choice(["1.1", "1.2"])}
        mark = at_prices(SAP=60, **prices)
        seen = running.picture(
            "a", DAWN, now[0], mark, entries=now[1], revision=chance.randint(0, 1)
        )
        assert seen == picture("a", DAWN, START, now[0], mark, entries=now[1])


def test_a_picture_in_which_nothing_changed_is_the_very_same_object():
    running, fills, mark = Running(START), (buy(10, 50),), at_prices(IBM=60)
    seen = running.picture("a", DAWN, fills, mark)
    assert running.picture("a", DAWN, fills, mark) is seen
    for changed in (
        running.picture("a", DAWN + timedelta(seconds=1), fills, mark),
        running.picture("a", DAWN, (*fills, buy(1, 50, n=2)), mark),
        running.picture("a", DAWN, fills, at_prices(IBM=61)),
        running.picture("a", DAWN, fills, mark, buying_power=D(5)),
    ):
        assert changed != seen


def test_a_market_of_currencies_is_asked_under_its_own_symbols():
    market = week()
    market.bars["EUR/USD"] = [bar("EUR/USD", "2013-03-01", "1.2", "1.3", close="1.3")]
    market.bars["SAP"] = [bar("SAP", "2013-03-01", "50", "60", close="60")]
    seen = picture("a", END, START, [buy(10, 50, "SAP")], marks_at(market, END))
    assert seen.equity == 1000 + 100 * D("1.3")
