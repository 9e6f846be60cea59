"""Alpaca: the account, what changed it without a trade, and the terms and hours of trading."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.doubles import order
from tests.execution.alpaca.faults import changed
from tests.execution.alpaca.market import START
from tools.domain.actions import CashEvent, CashKind, Split
from tools.domain.errors import OutcomeUnknown
from tools.domain.instrument import AssetClass
from tools.domain.order import Side, TimeInForce
from tools.domain.venue import MarginRegime
from tools.execution.brokers import alpaca_activities

D = Decimal


def test_cash_and_signed_positions_are_exact(broker, venue):
    broker.submit(order("a", quantity="0.3"), D(210))
    broker.submit(order("b", symbol="MSFT", side=Side.SELL, quantity="5"), D(25))
    coin = order("c", symbol="BTC/USD", quantity="0.1", tif=TimeInForce.GTC)
    broker.submit(replace(coin, asset_class=AssetClass.CRYPTO), D(60000))
    told = broker.account()
    assert told.positions == {"IBM": D("0.3"), "MSFT": D(-5), "BTC/USD": D("0.1")}
    assert told.cash == venue.market.cash
    assert (told.currency, told.at) == ("USD", START)
    assert told.buying_power == venue.market.cash * 2


@pytest.mark.parametrize(
    ("extra", "regime", "day_trades"),
    [
        ({"multiplier": "1"}, MarginRegime.CASH, 0),
        ({"multiplier": "2"}, MarginRegime.INTRADAY_MARGIN, 0),
        ({"multiplier": "4"}, MarginRegime.INTRADAY_MARGIN, 0),
        (
            {"multiplier": "2", "pattern_day_trader": False, "daytrade_count": 2},
            MarginRegime.LEGACY_PDT,
            2,
        ),
    ],
)
def test_the_day_trader_rule_holds_only_where_the_venue_still_tells_of_it(
    broker, venue, extra, regime, day_trades
):
    venue.market.account_extra = extra
    told = broker.account()
    assert (told.margin, told.day_trades, told.blocked) == (regime, day_trades, False)


@pytest.mark.parametrize(
    "extra",
    [
        {"trading_blocked": True},
        {"account_blocked": True},
        {"trade_suspended_by_user": True},
        {"status": "ACCOUNT_UPDATED"},
    ],
)
def test_an_account_that_may_not_trade_is_blocked(broker, venue, extra):
    venue.market.account_extra = extra
    assert broker.account().blocked


def test_a_position_on_neither_side_is_no_position_to_count_on(broker, venue):
    broker.submit(order("a"), D(210))
    venue.fault("GET", "/v2/positions", changed(side="sideways"))
    with pytest.raises(OutcomeUnknown):
        broker.account()


def test_entries_are_told_once_each_from_the_one_asked_after(broker, venue, monkeypatch):
    monkeypatch.setattr(alpaca_activities, "PAGE", 2)
    first = venue.market.book("DIV", "12.34", symbol="IBM")
    venue.market.book("FEE", "-0.02")
    venue.market.book("DIV", "1", status="canceled")
    venue.market.book("INT", "-3.5")
    venue.market.book("CSD", "1000")
    told = broker.entries()
    assert [(e.kind, e.amount) for e in told] == [
        (CashKind.DIVIDEND, D("12.34")),
        (CashKind.CORRECTION, D("-0.02")),
        (CashKind.INTEREST, D("-3.5")),
        (CashKind.DEPOSIT, D(1000)),
    ]
    assert isinstance(told[0], CashEvent)
    assert (told[0].id, told[0].symbol, told[0].currency) == (first, "IBM", "USD")
    assert told[0].at == datetime(2026, 1, 5, tzinfo=UTC)
    assert broker.entries(first) == told[1:]
    assert broker.entries("some other venue's") == told
    assert broker.entries(told[-1].id) == ()


def test_a_split_is_one_entry_of_its_two_rows(broker, venue):
    venue.market.book("SPLIT", symbol="IBM", qty="-50", group_id="g")
    venue.market.book("SPLIT", symbol="IBM", qty="200", group_id="g")
    venue.market.book("SPLIT", symbol="MSFT", qty="7", group_id="h")
    (told,) = broker.entries()
    assert isinstance(told, Split)
    assert (told.symbol, told.ratio, told.change) == ("IBM", 4, 150)


@pytest.mark.parametrize("row", [{"net_amount": "NaN"}, {"date": "soon"}, {"id": 7}, {"id": ""}])
def test_a_statement_that_cannot_be_read_is_no_statement(broker, venue, row):
    venue.market.book("DIV", "1")
    venue.fault("GET", "/v2/account/activities", changed(**row))
    with pytest.raises(OutcomeUnknown):
        broker.entries()


def test_the_terms_of_a_symbol_say_whether_and_how_it_trades(broker, venue):
    venue.market.list("GONE", tradable=False, status="inactive", borrow_status="hard_to_borrow")
    ibm, gone, coin = (broker.listing(s) for s in ("IBM", "GONE", "BTC/USD"))
    assert (ibm.active, ibm.tradable, ibm.shortable, ibm.easy_to_borrow) == (True,) * 4
    assert (gone.active, gone.tradable, gone.easy_to_borrow) == (False, False, False)
    assert (coin.tick, coin.lot, coin.shortable) == (D("0.01"), D("0.0001"), False)
    assert broker.listing("NOPE") is None


def test_hours_are_in_utc(broker):
    told = broker.hours()
    assert told.is_open
    assert told.next_open == datetime(2026, 1, 6, 14, 30, tzinfo=UTC)
    assert told.next_open.tzinfo is UTC
    assert told.next_close == datetime(2026, 1, 5, 21, tzinfo=UTC)
