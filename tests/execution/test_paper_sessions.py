"""When an order at the paper venue is in the market: sessions, extended hours, latency."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.doubles import CLOSE, END, FakeClock, FakeMarket, bar, day, order, week
from tools.clock import SystemClock
from tools.domain.errors import BrokerRejected
from tools.domain.legs import legs
from tools.domain.market import Quote
from tools.domain.money import Price, Quantity
from tools.domain.order import OrderGroup, OrderState, OrderType, Side, TimeInForce
from tools.execution.brokers.paper import PaperVenue, Terms
from tools.execution.brokers.paper.hours import Hours, hours, session_end
from tools.execution.brokers.paper.source import Recording
from tools.execution.brokers.paper.terms import Lending
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.market import Market
from tools.market_data.sessions import NEW_YORK
from tools.risk.limits import load_limits

D = Decimal
S = OrderState
SELL = Side.SELL
GTC = TimeInForce.GTC


def thursday(hour, minute=0):
    """A moment of 2013-02-28 in UTC; New York's session is 14:30 to 21:00."""
    return datetime(2013, 2, 28, hour, minute, tzinfo=UTC)


def quote(at, bid="199.99", ask="200.01"):
    return Quote("IBM", D(bid), D(ask), at, at, "test", False, D(500), D(500))


@pytest.fixture
def exchange(tmp_path):
    """A venue on recorded quotes; ``at(moment, bid, ask)`` moves the market and the clock."""

    class Exchange:
        def __init__(self):
            self.recording, self.clock = Recording(), FakeClock(thursday(8))
            self.terms = Terms()

        @property
        def venue(self):
            path = tmp_path / "venue.db"
            return PaperVenue(path, week(), self.clock, self.terms, source=self.recording)

        def at(self, moment, *prices):
            self.recording.add(quote(moment, *prices))
            self.clock.market = moment

        def send(self, intent="x", **fields):
            wish = replace(order(intent, as_of=self.clock.market), **fields)
            return self.venue.submit(wish)

    return Exchange()


def test_an_order_sent_while_the_market_is_closed_waits_for_the_next_session(exchange):
    exchange.at(thursday(8), "150", "150.02")
    told = exchange.send()
    exchange.at(thursday(13), "160", "160.02")
    assert exchange.venue.lookup(told.client_order_id).fills == ()
    exchange.at(thursday(14, 30), "200", "200.02")
    (fill,) = exchange.venue.lookup(told.client_order_id).fills
    assert (fill.at, fill.basis) == (thursday(14, 30), "quote")


def test_an_order_for_the_day_ends_with_its_session_without_any_price(exchange):
    exchange.at(thursday(15))
    limit = {"type": OrderType.LIMIT, "limit_price": Price(D(100))}
    told = exchange.send(**limit)
    kept = exchange.send("kept", time_in_force=GTC, **limit)
    exchange.clock.market = thursday(21)
    ended = exchange.venue.lookup(told.client_order_id)
    assert (ended.state, "session ended" in ended.reason) == (S.EXPIRED, True)
    assert exchange.venue.lookup(kept.client_order_id).state is S.ACCEPTED


def test_extended_hours_are_for_limits_that_ask_for_them(exchange):
    exchange.at(thursday(13))
    limit = {"type": OrderType.LIMIT, "limit_price": Price(D(201))}
    assert exchange.send("early", extended_hours=True, **limit).state is S.FILLED
    assert exchange.send("later", **limit).state is S.ACCEPTED
    with pytest.raises(BrokerRejected, match="limit orders only"):
        exchange.send("market", extended_hours=True)


def test_an_order_meets_only_what_happens_after_its_latency(exchange):
    exchange.terms = Terms(latency=timedelta(seconds=2))
    exchange.at(thursday(15), "199", "199.02")
    told = exchange.send()
    assert told.fills == ()
    exchange.at(thursday(15) + timedelta(seconds=1), "210", "210.02")
    exchange.at(thursday(15) + timedelta(seconds=5), "220", "220.02")
    (fill,) = exchange.venue.lookup(told.client_order_id).fills
    assert D(210) < fill.price < D(211)
    assert fill.at == thursday(15) + timedelta(seconds=2)


def test_a_live_market_that_is_closed_gives_no_quote_and_an_open_one_does(tmp_path):
    night, noon = thursday(3), thursday(17)
    for moment, state in ((night, S.ACCEPTED), (noon, S.FILLED)):
        market = FakeMarket({"IBM": [bar("IBM", "2013-02-27", "198", "202")]}, end=moment)
        venue = PaperVenue(
            tmp_path / f"{moment.hour}.db", market, FakeClock(moment, real=moment), Terms()
        )
        assert venue.submit(order(as_of=moment)).state is state


def test_a_limit_that_rested_never_fills_at_the_quote_of_its_first_day(tmp_path):
    bars = [bar("IBM", f"2013-02-{n}", "205", "207") for n in (26, 27)]
    market = FakeMarket({"IBM": [bar("IBM", "2013-02-25", "199", "200"), *bars]})
    clock = FakeClock(day("2013-02-26") + CLOSE)
    venue = PaperVenue(tmp_path / "venue.db", market, clock)
    sent = order("x", limit="201", tif=GTC, as_of=day("2013-02-25") + CLOSE)
    assert venue.submit(sent).fills == ()
    clock.market = day("2013-02-27") + CLOSE
    assert venue.lookup(sent.client_order_id).fills == ()


def test_what_cannot_be_borrowed_cannot_be_sold_short(tmp_path):
    terms = Terms(lending=Lending(hard=frozenset({"IBM"})))
    venue = PaperVenue(tmp_path / "venue.db", week(), FakeClock(END), terms)
    with pytest.raises(BrokerRejected, match="borrowed"):
        venue.submit(order("short", side=SELL))
    venue.submit(order("buy", quantity="50"))
    rests = order("a", side=SELL, quantity="30", limit="300", tif=GTC)
    assert venue.submit(rests).state is S.ACCEPTED
    with pytest.raises(BrokerRejected):
        venue.submit(order("b", side=SELL, quantity="21"))
    assert venue.submit(order("c", side=SELL, quantity="20")).state is S.FILLED
    with pytest.raises(BrokerRejected, match="borrowed"):
        venue.submit(order("short", side=SELL))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"type": OrderType.STOP}, "stop price"),
        ({"type": OrderType.LIMIT}, "limit price"),
        ({"type": OrderType.TRAILING_STOP}, "trail"),
        ({"group": OrderGroup.BRACKET}, "stop loss"),
        ({"group": OrderGroup.OCO, "stop_loss": Price(D(1))}, "limit order"),
    ],
)
def test_an_order_that_cannot_be_worked_is_refused_with_the_reason(exchange, fields, why):
    exchange.at(thursday(15))
    for _ in range(2):
        with pytest.raises(BrokerRejected, match=why):
            exchange.send(**fields)


def test_one_exit_is_replaced_and_the_pair_stays_a_pair(exchange):
    exchange.at(thursday(15))
    group = {"group": OrderGroup.BRACKET, "take_profit": Price(D(210)), "stop_loss": Price(D(190))}
    entry = replace(order("b", tif=GTC, as_of=exchange.clock.market), **group)
    exchange.venue.submit(entry)
    profit, stop = legs(entry)
    nearer = replace(
        profit, intent_id="nearer", limit_price=Price(D(205)), replaces=profit.client_order_id
    )
    assert exchange.venue.replace(nearer).state is S.ACCEPTED
    exchange.at(thursday(16), "205.5", "205.52")
    assert exchange.venue.lookup(nearer.client_order_id).state is S.FILLED
    assert exchange.venue.lookup(stop.client_order_id).state is S.CANCELED
    assert exchange.venue.lookup(profit.client_order_id).state is S.REPLACED


def test_an_entry_is_replaced_with_its_exits(exchange):
    exchange.at(thursday(15))
    entry = replace(
        order("b", limit="195", tif=GTC, as_of=exchange.clock.market),
        group=OrderGroup.BRACKET,
        take_profit=Price(D(210)),
        stop_loss=Price(D(190)),
    )
    exchange.venue.submit(entry)
    larger = replace(
        entry, intent_id="b2", quantity=Quantity(D(70)), replaces=entry.client_order_id
    )
    told = exchange.venue.replace(larger)
    assert [leg.state for leg in told.legs] == [S.HELD, S.HELD]
    old = [exchange.venue.lookup(leg.client_order_id).state for leg in legs(entry)]
    assert old == [S.CANCELED, S.CANCELED]
    exchange.at(thursday(16), "194.5", "194.9")
    exchange.venue.advance()
    assert {leg.order.quantity for leg in exchange.venue.lookup(larger.client_order_id).legs} == {
        70
    }


def test_the_hours_of_the_calendars():
    assert hours("XNYS", thursday(14, 29)) is Hours.EXTENDED
    assert hours("XNYS", thursday(14, 30)) is Hours.REGULAR
    assert hours("XNYS", thursday(21)) is Hours.EXTENDED
    assert hours("XNYS", thursday(8)) is Hours.CLOSED
    saturday = datetime(2013, 3, 2, 16, tzinfo=UTC)
    assert hours("XNYS", saturday) is Hours.CLOSED
    assert hours("24/7", saturday) is Hours.REGULAR
    assert hours("24/5", saturday) is Hours.CLOSED
    assert session_end("XNYS", thursday(15), extended=False) == thursday(21)
    friday_night = datetime(2013, 3, 1, 23, tzinfo=UTC)
    monday = datetime(2013, 3, 4, 21, tzinfo=UTC)
    assert session_end("XNYS", friday_night, extended=False) == monday


def moment(text):
    """An hour of New York's, as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("sent", "closed", "opens"),
    [
        # After the early close of the day after Thanksgiving, until Monday.
        ("2013-11-29 13:00", "2013-11-29 15:59", "2013-12-02 09:30"),
        # Good Friday.
        ("2013-03-29 10:00", "2013-03-29 15:00", "2013-04-01 09:30"),
        # The third of July closes early, the fourth all day.
        ("2013-07-03 13:00", "2013-07-04 12:00", "2013-07-05 09:30"),
    ],
)
def test_an_order_sent_on_a_holiday_waits_for_the_next_session(exchange, sent, closed, opens):
    exchange.at(moment(sent), "199", "199.02")
    told = exchange.send()
    exchange.at(moment(closed), "150", "150.02")
    assert exchange.venue.lookup(told.client_order_id).state is S.ACCEPTED
    exchange.at(moment(opens), "200", "200.02")
    (fill,) = exchange.venue.lookup(told.client_order_id).fills
    assert (fill.at, fill.price > 200) == (moment(opens), True)


def test_an_order_for_the_day_ends_at_the_early_close(exchange):
    exchange.at(moment("2013-11-29 10:00"))
    limit = {"type": OrderType.LIMIT, "limit_price": Price(D(100))}
    told = exchange.send(**limit)
    late = exchange.send("late", extended_hours=True, **limit)
    exchange.clock.market = moment("2013-11-29 13:00")
    assert exchange.venue.lookup(told.client_order_id).state is S.EXPIRED
    assert exchange.venue.lookup(late.client_order_id).state is S.ACCEPTED
    exchange.clock.market = moment("2013-11-29 17:00")
    assert exchange.venue.lookup(late.client_order_id).state is S.EXPIRED


def test_beyond_the_calendar_nothing_trades_and_an_order_for_the_day_still_ends():
    assert hours("XNYS", moment("2030-12-31 10:00")) is Hours.REGULAR
    assert hours("XNYS", moment("2031-01-02 10:00")) is Hours.CLOSED
    last = moment("2030-12-31 18:00")
    assert session_end("XNYS", last, extended=False) == moment("2031-01-01 16:00")


def test_a_live_market_gives_no_quote_after_an_early_close(tmp_path):
    for hour, state in (("12:59", S.FILLED), ("13:00", S.ACCEPTED)):
        now = moment(f"2013-11-29 {hour}")
        market = FakeMarket({"IBM": [bar("IBM", "2013-11-27", "198", "202")]}, end=now)
        path = tmp_path / f"{hour.replace(':', '')}.db"
        venue = PaperVenue(path, market, FakeClock(now, real=now), Terms())
        assert venue.submit(order(as_of=now)).state is state


def test_at_the_end_of_the_sample_an_order_of_any_allowed_size_fills_at_the_quote(tmp_path):
    market = Market((SampleFeed(),), SystemClock())
    clock = FakeClock(market.latest())
    venue = PaperVenue(tmp_path / "sample.db", market, clock)
    most = load_limits().max_order_value
    for symbol in SampleFeed().symbols():
        quantity = most // market.quote(symbol, clock.market).ask
        for side in Side:
            wish = order(f"{side} {symbol}", symbol, side, str(quantity), as_of=clock.market)
            (fill,) = venue.submit(wish).fills
            assert fill.quantity == quantity
            assert fill.basis.startswith("simulated quote")


@pytest.mark.parametrize("time", [TimeInForce.IOC, GTC])
def test_exits_that_come_free_meet_the_quote_that_their_entry_met(exchange, time):
    """Whether another order is still there or has ended: that decided it once."""
    exchange.at(thursday(15))
    exchange.send("far", type=OrderType.LIMIT, limit_price=Price(D(1)), time_in_force=time)
    exits = {"take_profit": Price(D(250)), "stop_loss": Price(D(205))}
    exchange.at(thursday(15, 2))
    told = exchange.send(group=OrderGroup.BRACKET, **exits)
    assert told.state is S.FILLED
    _, stop = exchange.venue.lookup(told.client_order_id).legs
    assert (stop.state, stop.fills[0].at) == (S.FILLED, thursday(15, 2))
