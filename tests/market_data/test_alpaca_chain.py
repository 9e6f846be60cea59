"""Alpaca's option chains through the unmodified alpaca-py."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.contracts.options import OptionsContract
from tests.execution.alpaca.faults import Fault
from tests.execution.alpaca.market import START as NOW
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.alpaca_double import alpaca_double, stamped
from tests.market_data.clocks import SetClock
from tools.alpaca_session import Keys
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Right
from tools.market_data.feeds.alpaca import AlpacaFeed

PATH = "/v1beta1/options/snapshots/IBM"
AT = datetime(2026, 1, 5, 14, 59, tzinfo=UTC)
QUOTE = {"ap": 4.3, "as": 91, "ax": "B", "bp": 4.15, "bs": 16, "bx": "C", "c": "A",
         "t": stamped(AT)}  # fmt: skip
TRADE = {"c": "I", "p": 4.1, "s": 1, "x": "A", "t": stamped(AT - timedelta(minutes=2))}
GREEKS = {"delta": 0.75, "gamma": 0.0625, "rho": 0.0099, "theta": -0.2847, "vega": 0.0475}
DAY = {"c": 4.1, "h": 4.5, "l": 3.9, "o": 4.0, "n": 26, "v": 224, "vw": 4.1,
       "t": "2026-01-05T05:00:00Z"}  # fmt: skip
WHOLE = {"latestQuote": QUOTE, "latestTrade": TRADE, "greeks": GREEKS, "dailyBar": DAY,
         "impliedVolatility": 0.3372}  # fmt: skip
CHAIN = {f"IBM260116{right}00{strike}000": WHOLE for right in "PC" for strike in (210, 190, 200)}


@pytest.fixture
def double():
    with alpaca_double(page=4) as running:
        running.chains["IBM"] = dict(CHAIN)
        yield running


def opened(double, **more):
    keys, clock = Keys(KEY, SECRET), SetClock(NOW)
    return AlpacaFeed(keys, clock, trading_url=double.url, data_url=double.url, **more)


@pytest.fixture
def feed(double):
    return opened(double)


class TestAlpaca(OptionsContract):
    underlying = pytest.fixture(lambda _: "IBM")
    now = pytest.fixture(lambda _: NOW)


def test_a_contract_has_quote_trade_greeks_and_the_days_volume(feed):
    call = next(one for one in feed.chain("IBM") if one.terms.right is Right.CALL)
    assert (call.terms.expiry, call.terms.strike) == (date(2026, 1, 16), Decimal(190))
    assert (call.bid, call.ask, call.last) == (Decimal("4.15"), Decimal("4.3"), Decimal("4.1"))
    assert (call.bid_size, call.ask_size, call.volume) == (16, 91, 224)
    assert (call.implied_volatility, call.delta, call.vega) == (0.3372, 0.75, 0.0475)
    assert (call.gamma, call.theta, call.rho) == (0.0625, -0.2847, 0.0099)
    assert (call.event_time, call.known_at, call.open_interest) == (AT, NOW, None)


@pytest.mark.parametrize(("feed_", "kind"), [("iex", "indicative"), ("sip", "opra")])
def test_altered_quotes_say_so_by_their_source(double, feed_, kind):
    chain = opened(double, stock_feed=feed_).chain("IBM")
    assert {one.source for one in chain} == {f"alpaca {kind}"}
    assert double.asked("GET", PATH)[0][2]["feed"] == kind


def test_every_page_is_read(double, feed):
    assert len(feed.chain("IBM")) == len(CHAIN)
    assert len(double.asked("GET", PATH)) == 2


def test_what_is_not_told_is_none(double, feed):
    older = {**DAY, "t": "2026-01-02T05:00:00Z"}
    double.chains["IBM"] = {"IBM260116C00200000": {}, "IBM260116P00200000": {"dailyBar": older}}
    for one in feed.chain("IBM"):
        assert (one.bid, one.last, one.volume, one.delta, one.event_time) == (None,) * 4 + (NOW,)


def test_no_bid_is_none_and_not_zero(double, feed):
    double.chains["IBM"] = {"IBM260116C00300000": {"latestQuote": QUOTE | {"bp": 0}}}
    (found,) = feed.chain("IBM")
    assert (found.bid, found.ask) == (None, Decimal("4.3"))


@pytest.mark.parametrize(
    "symbol", ["IBM1260116C00200000", "MSFT260116C00200000", "IBM261316C00200000", "IBM",
               "IBM260116C00000000"],
)  # fmt: skip
def test_contracts_of_another_size_or_name_are_left_out(double, feed, symbol):
    double.chains["IBM"] = {symbol: WHOLE}
    assert feed.chain("IBM") == ()


def test_parts_of_a_dollar_are_in_the_strike(double, feed):
    double.chains["IBM"] = {"IBM260116C00002500": WHOLE}
    assert feed.chain("IBM")[0].terms.strike == Decimal("2.5")


def test_a_share_without_options_has_none_and_a_coin_is_not_asked_for(double, feed):
    double.chains.clear()
    assert feed.chain("IBM") == ()
    assert feed.chain("BTC/USD") is None
    assert len(double.asked("GET", "/v1beta1.*")) == 1


@pytest.mark.parametrize(
    "odd",
    [{"latestQuote": QUOTE | {"bp": -1}}, {"greeks": {"delta": "NaN"}}, {"latestTrade": 5}, [1]],
)
def test_a_contract_that_cannot_be_read_is_an_error(double, feed, odd):
    told = {"snapshots": {"IBM260116C00200000": odd}, "next_page_token": None}
    answer = Fault("odd", True, lambda h, *_: h.reply(200, json.dumps(told).encode()))
    double.fault("GET", PATH, answer)
    with pytest.raises(DataUnavailable, match="can't be read"):
        feed.chain("IBM")
