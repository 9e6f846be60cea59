"""The paper venue's account: fees for shorts, dividends, splits, and what they do to orders."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import CLOSE, OPEN, FakeClock, FakeMarket, bar, day, order
from tools.clock import SystemClock
from tools.domain.actions import CashEvent, CashKind, Dividend, Split, StockSplit
from tools.domain.money import Price
from tools.domain.order import OrderState, OrderType, Side, TimeInForce
from tools.execution.brokers.paper import PaperVenue, Terms, adjusted
from tools.execution.brokers.paper.adjusted import AdjustedSplits
from tools.execution.brokers.paper.fees import Commission
from tools.execution.brokers.paper.terms import Lending
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.market import Market

D = Decimal
SELL, GTC = Side.SELL, TimeInForce.GTC
MONDAY = day("2013-02-25") + CLOSE
NO_FEES = Terms(
    slippage_bps=D(0), commission=Commission(D(0), D(0), D(0), D(0)), lending=Lending(D(0))
)


def ex(session):
    return day(session) + OPEN


@dataclass
class Companies:
    """Corporate actions as a test tells them."""

    known: list = field(default_factory=list)

    def actions(self, symbol, after, until):
        return [a for a in self.known if a.symbol == symbol and after < a.ex <= until]


@pytest.fixture
def venue(tmp_path):
    def make(prices, *known, terms=NO_FEES):
        bars = [
            bar("IBM", f"2013-02-{25 + n}", price, price, price, price)
            for n, price in enumerate(prices)
        ]
        clock = FakeClock(MONDAY)
        market = FakeMarket({"IBM": bars}, end=day("2013-03-05"))
        companies = Companies(list(known))
        return (
            PaperVenue(tmp_path / "venue.db", market, clock, terms, actions=companies),
            clock,
        )

    return make


def to(clock, session):
    clock.market = day(session) + CLOSE


@pytest.mark.parametrize(("side", "amount"), [(Side.BUY, D("42.50")), (SELL, D("-42.50"))])
def test_a_dividend_is_received_by_who_is_long_and_paid_by_who_is_short(venue, side, amount):
    broker, clock = venue(["200"] * 4, Dividend("IBM", ex("2013-02-27"), D("0.85"), "USD"))
    broker.submit(order("x", side=side, as_of=MONDAY))
    to(clock, "2013-02-26")
    before = broker.account()
    assert broker.entries() == ()
    to(clock, "2013-02-27")
    (entry,) = broker.entries()
    assert isinstance(entry, CashEvent)
    assert (entry.kind, entry.amount, entry.at) == (CashKind.DIVIDEND, amount, ex("2013-02-27"))
    assert broker.account().cash == before.cash + amount
    assert broker.entries(entry.id) == ()


def test_shares_bought_on_the_ex_date_get_no_dividend(venue):
    broker, clock = venue(["200"] * 4, Dividend("IBM", ex("2013-02-26"), D(1), "USD"))
    broker.submit(order("x", as_of=MONDAY))
    to(clock, "2013-02-28")
    assert broker.account().positions == {"IBM": 50}
    assert broker.entries() == ()


def test_a_split_changes_the_position_and_leaves_the_cash(venue):
    broker, clock = venue(["200", "200", "100"], StockSplit("IBM", ex("2013-02-27"), D(2)))
    broker.submit(order("x", as_of=MONDAY))
    to(clock, "2013-02-26")
    cash = broker.account().cash
    to(clock, "2013-02-27")
    assert broker.account().positions == {"IBM": 100}
    assert broker.account().cash == cash
    (entry,) = broker.entries()
    assert isinstance(entry, Split)
    assert (entry.ratio, entry.change) == (2, 50)


def test_a_part_of_a_share_after_a_split_is_paid_out(venue):
    broker, clock = venue(["200", "200", "134"], StockSplit("IBM", ex("2013-02-27"), D("1.5")))
    broker.submit(order("x", quantity="5", as_of=MONDAY))
    to(clock, "2013-02-27")
    assert broker.account().positions == {"IBM": 7}
    split, paid = broker.entries()
    assert (split.change, paid.kind) == (2, CashKind.CASH_IN_LIEU)
    assert paid.amount == (D("0.5") * 200 / D("1.5")).quantize(D("0.01"))


def test_a_forward_split_changes_the_orders_that_rest(venue):
    broker, clock = venue(["200", "200", "100", "100"], StockSplit("IBM", ex("2013-02-27"), D(2)))
    wishes = [
        order("buy", limit="180.01", tif=GTC, as_of=MONDAY),
        order("sell", side=SELL, limit="250", tif=GTC, as_of=MONDAY),
    ]
    for wish in wishes:
        broker.submit(wish)
    to(clock, "2013-02-27")
    told = [broker.lookup(wish.client_order_id) for wish in wishes]
    assert [(one.order.quantity, one.order.limit_price) for one in told] == [(100, 90), (100, 125)]
    assert {one.state for one in told} == {OrderState.ACCEPTED}


def test_a_reverse_split_ends_the_orders_that_rest(venue):
    broker, clock = venue(["20", "20", "200"], StockSplit("IBM", ex("2013-02-27"), D("0.1")))
    wish = order("buy", limit="15", tif=GTC, as_of=MONDAY)
    broker.submit(wish)
    to(clock, "2013-02-27")
    told = broker.lookup(wish.client_order_id)
    assert (told.state, told.fills) == (OrderState.CANCELED, ())
    assert "reverse split" in told.reason


def test_a_dividend_lowers_buys_at_a_limit_and_stops_to_sell_and_nothing_else(venue):
    broker, clock = venue(["200"] * 4, Dividend("IBM", ex("2013-02-27"), D("0.855"), "USD"))
    stop = {"type": OrderType.STOP, "time_in_force": GTC}
    wishes = [
        order("buy", limit="190", tif=GTC, as_of=MONDAY),
        order("sell", side=SELL, limit="250", tif=GTC, as_of=MONDAY),
        replace(order("stop", side=SELL, as_of=MONDAY), stop_price=Price(D(150)), **stop),
        replace(order("up", as_of=MONDAY), stop_price=Price(D(260)), **stop),
    ]
    for wish in wishes:
        broker.submit(wish)
    to(clock, "2013-02-27")
    told = [broker.lookup(wish.client_order_id).order for wish in wishes]
    prices = [one.limit_price or one.stop_price for one in told]
    assert prices == [D("189.14"), 250, D("149.14"), 260]


def test_a_short_position_pays_for_its_shares_every_day(venue):
    terms = replace(NO_FEES, lending=Lending(rates=(("IBM", D("0.36")),)))
    broker, clock = venue(["200", "200", "210", "220"], terms=terms)
    broker.submit(order("x", side=SELL, as_of=MONDAY))
    to(clock, "2013-02-28")
    fees = broker.entries()
    assert [fee.amount for fee in fees] == [D("-10.00"), D("-10.50"), D("-11.00")]
    assert {fee.kind for fee in fees} == {CashKind.BORROW_FEE}
    assert broker.account().cash == 100_000 + 50 * 200 - D("31.50")
    assert broker.entries() == fees


def test_over_a_weekend_it_pays_for_every_day(tmp_path):
    sessions = ["2013-02-28", "2013-03-01", "2013-03-04"]
    bars = [bar("IBM", session, "200", "200") for session in sessions]
    clock = FakeClock(day("2013-02-28") + CLOSE)
    market = FakeMarket({"IBM": bars}, end=day("2013-03-05") + timedelta(days=9))
    terms = replace(NO_FEES, lending=Lending(D("0.36")))
    broker = PaperVenue(tmp_path / "venue.db", market, clock, terms)
    broker.submit(order("x", side=SELL, as_of=clock.market))
    to(clock, "2013-03-04")
    assert [fee.amount for fee in broker.entries()] == [D("-10.00"), D("-30.00")]


def test_the_splits_of_the_sample_are_read_from_its_adjusted_closes():
    source = AdjustedSplits(Market((SampleFeed(),), SystemClock()))
    first, last = day("2000-01-01"), day("2013-03-02")
    found = {
        symbol: [(a.ex.date().isoformat(), a.ratio) for a in source.actions(symbol, first, last)]
        for symbol in SampleFeed().symbols()
    }
    assert found == {
        "AAPL": [("2000-06-21", 2), ("2005-02-28", 2)],
        "FB": [],
        "GOOG": [],
        "IBM": [],
        "MSFT": [("2003-02-18", 2)],
    }
    assert source.actions("NOPE", first, last) == ()


def test_splits_are_the_same_in_whatever_order_the_past_is_asked_for():
    market = Market((SampleFeed(),), SystemClock())
    kept, first = AdjustedSplits(market), day("1990-01-01")
    for end in ("2001-01-02", "2013-03-02", "2000-03-01", "2006-01-03", "2000-06-21"):
        fresh = AdjustedSplits(market).actions("AAPL", first, day(end))
        assert list(kept.actions("AAPL", first, day(end))) == list(fresh)


def test_only_new_bars_are_looked_through(monkeypatch):
    looked = []

    def watched(bars):
        looked.append(len(bars))
        return iter(())

    monkeypatch.setattr(adjusted, "_splits", watched)
    source = AdjustedSplits(Market((SampleFeed(),), SystemClock()))
    for end in ("2001-01-02", "2001-01-03", "2000-05-01"):
        source.actions("AAPL", day("1990-01-01"), day(end) + CLOSE)
    assert looked[1:] == [2]
