"""G35 at the desk: a stop that is filled far below its collar, and what its market was then."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.desk.memory import execution, sent
from tests.doubles import CLOSE, OPEN, FakeClock, FakeMarket, bar, day, order
from tools.desk.adopting import Adopting
from tools.desk.lowest import Lowest
from tools.domain.errors import DataUnavailable
from tools.domain.market import Quote
from tools.domain.money import Price
from tools.domain.order import OrderState, OrderType, Side, TimeInForce
from tools.domain.venue import VenueOrder
from tools.risk.limits import load_limits

D = Decimal
MONDAY = "2013-02-25"
TUESDAY = day("2013-02-26") + OPEN
# 200 on Monday; on Tuesday it opens at 150 and goes on down to 140.
BARS = [bar("IBM", MONDAY, "199", "201"), bar("IBM", "2013-02-26", "140", "155", "150", "145")]
STOP = replace(
    order("stop", side=Side.SELL, quantity="10", as_of=day(MONDAY) + CLOSE),
    type=OrderType.STOP,
    stop_price=Price(D(221)),  # its collar, 210 in these journals, is what the gate allowed
    time_in_force=TimeInForce.GTC,
)


class Quoted(FakeMarket):
    """Bids as a test tells them."""

    def quote(self, symbol, as_of):
        bid, at = self.told
        return Quote(symbol, bid, bid + 1, at, at, "fake", simulated=False)


def trips(fill, market, now):
    journal = sent(STOP)
    adopting = Adopting(journal, load_limits(), Lowest(market, FakeClock(now)))
    key = STOP.client_order_id
    record = adopting.adopt(key, VenueOrder(key, OrderState.FILLED, (fill,)))
    assert record.state is OrderState.FILLED  # the execution is booked, whatever is thought of it
    return journal.read().trips


def filled(price, at=TUESDAY):
    return replace(execution(STOP, "x1", price=price), at=at)


@pytest.mark.parametrize(
    ("price", "at", "halts"),
    [
        ("149.90", TUESDAY, False),  # the open, less slippage
        ("134", TUESDAY, True),  # the market did not open there
        ("139", TUESDAY + timedelta(hours=2), False),
        ("125", TUESDAY + timedelta(hours=2), True),
        ("149.90", TUESDAY - timedelta(days=1, hours=-1), True),  # on Monday it was at 199
        ("149.90", TUESDAY - timedelta(days=30), True),  # before all prices
        ("149.90", TUESDAY + timedelta(days=1), True),  # of a day that nobody knows
    ],
)
def test_only_what_its_own_session_explains_goes_on(price, at, halts):
    found = trips(filled(price, at), FakeMarket({"IBM": BARS}), TUESDAY + timedelta(hours=7))
    assert bool(found) is halts


@pytest.mark.parametrize(
    ("bid", "late", "halts"), [("150", 1, False), ("190", 1, True), ("150", 120, True)]
)
def test_while_the_session_goes_on_a_bid_of_the_same_minute_tells(bid, late, halts):
    now = TUESDAY + timedelta(seconds=late)
    market = Quoted({"IBM": BARS[:1]})
    market.told = D(bid), now
    assert bool(trips(filled("149.90"), market, now)) is halts


def test_a_market_that_cannot_be_asked_leaves_the_rule_as_it_is():
    class Gone(FakeMarket):
        def history(self, symbol, as_of):
            raise DataUnavailable("The feed is away.")

    found = trips(filled("149.90"), Gone({"IBM": BARS}), TUESDAY + timedelta(hours=7))
    assert "No price of that moment is known here" in found[0]
