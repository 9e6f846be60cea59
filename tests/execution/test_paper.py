"""The paper venue: the contract, the fill rule on bars and quotes, and nothing from the future."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.contracts.broker import BrokerContract
from tests.doubles import CLOSE, END, FakeClock, FakeMarket, bar, day, order, week
from tools.domain.errors import StateError
from tools.domain.market import Quote
from tools.domain.order import OrderState, Side, TimeInForce
from tools.execution.brokers.paper import PaperVenue
from tools.execution.brokers.paper.fees import Commission
from tools.execution.brokers.paper.source import Recording
from tools.execution.brokers.paper.terms import Terms

D = Decimal
GTC, SELL = TimeInForce.GTC, Side.SELL
MONDAY = day("2013-02-25") + CLOSE
FREE = Terms(slippage_bps=D(0), commission=Commission(D(0), D(0), D(0)))


class TestPaperVenue(BrokerContract):
    """On recorded quotes and trades, in an open session of Thursday."""

    @pytest.fixture
    def exchange(self):
        recording, clock = Recording(), FakeClock(day("2013-02-28").replace(hour=15))
        recording.add(quote("199.99", "200.01", clock.market))
        return recording, clock

    @pytest.fixture
    def opened(self, tmp_path, exchange):
        recording, clock = exchange
        return lambda: PaperVenue(tmp_path / "venue.db", week(), clock, source=recording)

    @pytest.fixture
    def move(self, exchange):
        recording, clock = exchange

        def go(bid, ask, size=None):
            clock.market += timedelta(seconds=1)
            recording.add(quote(bid, ask, clock.market, size))

        return go

    @pytest.fixture
    def moment(self, exchange):
        return lambda: exchange[1].market


def quote(bid, ask, at, size=None):
    """A real quote of IBM, with plenty on offer where no size is given."""
    shown = D(10_000) if size is None else D(size)
    return Quote("IBM", D(bid), D(ask), at, at, "test", False, shown, shown)


@pytest.fixture
def venue(tmp_path):
    """Makes a venue over given bars of IBM with a clock that the test moves."""

    def make(bars=None, now=END, terms=FREE, file="venue.db"):
        market = FakeMarket({"IBM": bars}) if bars else week()
        clock = FakeClock(now)
        return PaperVenue(tmp_path / file, market, clock, terms), clock

    return make


def ibm(*rows):
    """Bars from Monday 2013-02-25 on: (open, low, high) or (open, low, high, volume)."""
    return [
        bar("IBM", f"2013-02-{25 + n}", row[1], row[2], row[0], row[0], *row[3:])
        for n, row in enumerate(rows)
    ]


FLAT = ("200", "199", "201")


def test_a_market_order_fills_at_the_next_open_with_slippage_against_the_trader(venue):
    broker, _ = venue(ibm(FLAT, ("203.33", "202", "205")), terms=Terms())
    (buy,) = broker.submit(order("b", as_of=MONDAY)).fills
    (sell,) = broker.submit(order("s", side=SELL, as_of=MONDAY)).fills
    assert (buy.price, sell.price) == (D("203.38"), D("203.28"))
    assert buy.basis == "open of 2013-02-26"
    assert buy.at == day("2013-02-26").replace(hour=14, minute=30)
    assert buy.commission == 1


def test_without_a_later_bar_it_fills_at_the_quote_and_says_so(venue):
    broker, _ = venue(terms=Terms())
    (buy,) = broker.submit(order("b")).fills
    (sell,) = broker.submit(order("s", side=SELL)).fills
    assert (buy.price, sell.price) == (D("200.06"), D("199.95"))
    assert buy.basis == "simulated quote from the 2013-03-01 close"
    assert buy.at == END


def test_a_clock_before_the_end_of_the_data_waits_for_its_bar_and_sees_no_later_one(venue):
    broker, clock = venue(now=MONDAY)
    told = broker.submit(order("b", as_of=MONDAY))
    assert (told.state, told.fills) == (OrderState.ACCEPTED, ())
    clock.market = day("2013-02-26").replace(hour=20)  # the session is not over, so not known
    assert broker.advance() == 0
    clock.market = day("2013-02-26") + CLOSE
    assert broker.advance() == 1
    (fill,) = broker.lookup(told.client_order_id).fills
    assert fill.basis == "open of 2013-02-26"


def test_a_fill_beyond_the_collar_does_not_happen_and_the_order_ends_saying_why(venue):
    broker, _ = venue(ibm(FLAT, ("211", "210", "212")))
    told = broker.submit(order("b", as_of=MONDAY), D("210"))
    assert (told.state, told.fills) == (OrderState.EXPIRED, ())
    assert "collar" in told.reason
    (sold,) = broker.submit(order("s", side=SELL, as_of=MONDAY), D("190")).fills
    assert sold.price == 211


@pytest.mark.parametrize(
    ("side", "limit", "second", "price"),
    [
        (Side.BUY, "199.5", ("201", "199.49", "202"), "199.5"),
        (Side.BUY, "199.5", ("201", "199.5", "202"), None),
        (Side.BUY, "199.5", ("198", "197", "202"), "198"),
        (Side.BUY, "199.5", ("201", "199.51", "202"), None),
        (SELL, "205", ("201", "200", "205.01"), "205"),
        (SELL, "205", ("201", "200", "205"), None),
        (SELL, "205", ("206", "200", "207"), "206"),
        (SELL, "205", ("201", "200", "204.99"), None),
    ],
)
def test_a_limit_fills_at_the_better_of_limit_and_open_or_its_day_ends(
    venue, side, limit, second, price
):
    broker, _ = venue(ibm(FLAT, second))
    told = broker.submit(order("x", side=side, limit=limit, as_of=MONDAY))
    assert [f.price for f in told.fills] == ([] if price is None else [D(price)])
    assert told.state is (OrderState.EXPIRED if price is None else OrderState.FILLED)


def test_a_good_till_canceled_limit_walks_the_bars_until_the_market_passes_it(venue):
    broker, clock = venue(ibm(FLAT, FLAT, ("200", "190", "201")), now=day("2013-02-26") + CLOSE)
    told = broker.submit(order("x", limit="195", tif=GTC, as_of=MONDAY))
    assert told.state is OrderState.ACCEPTED
    clock.market = day("2013-02-27") + CLOSE
    (fill,) = broker.lookup(told.client_order_id).fills
    assert (fill.price, fill.basis) == (D(195), "limit passed on 2013-02-27")


def test_a_marketable_limit_takes_the_quote_at_the_end_and_another_rests(venue):
    broker, _ = venue()
    assert broker.submit(order("a", limit="200.01")).fills[0].price == D("200.01")
    assert broker.submit(order("b", limit="201")).fills[0].price == D("200.01")
    assert broker.submit(order("c", limit="200")).state is OrderState.ACCEPTED


def test_volume_fills_in_parts_over_days_and_commission_is_that_of_one_order(venue):
    thin = ("200", "199", "201", "1000")
    terms = Terms(slippage_bps=D(0))
    broker, _ = venue(ibm(thin, thin, thin, thin), terms=terms)
    told = broker.submit(order("x", quantity="250", limit="200", tif=GTC, as_of=MONDAY))
    assert [f.quantity for f in told.fills] == [100, 100, 50]
    assert sum(f.commission for f in told.fills) == D("1.25")
    assert told.state is OrderState.FILLED
    broker, _ = venue(ibm(thin, thin, thin, thin), terms=terms, file="other.db")
    part = broker.submit(order("y", quantity="250", as_of=MONDAY))
    assert part.state is OrderState.EXPIRED
    assert [f.quantity for f in part.fills] == [100]
    assert "volume" in part.reason


def test_a_partial_fill_rests_and_cancel_keeps_what_came_first(venue):
    thin = ("200", "199", "201", "1000")
    broker, _ = venue(ibm(FLAT, thin))
    told = broker.submit(order("x", quantity="250", limit="200", tif=GTC, as_of=MONDAY))
    assert told.state is OrderState.PARTIAL
    ended = broker.cancel(told.client_order_id)
    assert (ended.state, len(ended.fills)) == (OrderState.CANCELED, 1)


def test_the_commission_schedule():
    schedule = Commission()
    assert schedule.of(D(50), D(10_000)) == 1
    assert schedule.of(D(1000), D(100_000)) == 5
    assert schedule.of(D(1), D(10)) == D("0.10")


def test_a_bar_that_opens_at_the_moment_of_the_order_is_its_next_bar(venue):
    broker, _ = venue()
    opening = day("2013-02-27").replace(hour=14, minute=30)
    (fill,) = broker.submit(order("x", as_of=opening)).fills
    assert fill.basis == "open of 2013-02-27"


def test_its_record_survives_and_a_broken_one_is_named(venue, tmp_path):
    broker, _ = venue()
    told = broker.submit(order("x"))
    again = PaperVenue(tmp_path / "venue.db", week(), FakeClock(END))
    assert again.lookup(told.client_order_id) == told
    (tmp_path / "odd.db").write_text("words")
    with pytest.raises(StateError):
        PaperVenue(tmp_path / "odd.db", week(), FakeClock(END))


def test_a_venue_killed_in_the_middle_has_all_of_an_order_or_none(venue, monkeypatch):
    broker, _ = venue()
    monkeypatch.setattr(broker._book, "execute", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broker.submit(order("x"))
    monkeypatch.undo()
    assert broker.lookup(order("x").client_order_id) is None
    assert broker.submit(order("x")).state is OrderState.FILLED


def test_a_lot_larger_than_the_share_of_volume_gives_nothing(venue):
    broker, _ = venue(ibm(FLAT, ("200", "199", "201", "5")))
    told = broker.submit(order("x", as_of=MONDAY))
    assert (told.state, told.fills) == (OrderState.EXPIRED, ())
    assert replace(told, fills=()) == told


DIP = ("170", "160", "181")


def test_nothing_happens_when_the_market_clock_goes_back(venue):
    """Old prices that a fallback feed shows are not those that the order was sent to."""
    broker, clock = venue(ibm(FLAT, DIP, FLAT, FLAT), now=day("2013-02-28") + CLOSE)
    late = order("late", limit="180", tif=GTC, as_of=day("2013-02-28") + CLOSE)
    assert broker.submit(late).state is OrderState.ACCEPTED
    clock.market = broker._market.end = day("2013-02-26") + CLOSE
    assert broker.lookup(late.client_order_id).fills == ()
    assert broker.submit(order("new", as_of=day("2013-02-28") + CLOSE)).fills == ()
    assert broker.advance() == 0
    assert broker.cancel(late.client_order_id).state is OrderState.CANCELED


def test_a_bar_met_or_a_fill_had_keeps_an_order_from_earlier_moments(venue):
    thin = ("200", "199", "201", "1000")
    broker, clock = venue(ibm(FLAT, FLAT, thin, FLAT), now=day("2013-02-27") + CLOSE)
    wish = order("x", quantity="250", limit="199.5", tif=GTC, as_of=MONDAY)
    part = broker.submit(wish)
    assert part.fills
    clock.market = day("2013-02-25") + CLOSE
    assert broker.lookup(wish.client_order_id) == part


def test_only_bars_that_open_after_the_sending_fill_it_and_the_record_keeps_that(venue):
    broker, clock = venue(ibm(FLAT, DIP, FLAT, FLAT), now=day("2013-02-26") + CLOSE)
    sent = day("2013-02-26") + CLOSE
    wish = order("x", as_of=MONDAY)
    assert broker.submit(wish, at=sent).state is OrderState.ACCEPTED
    clock.market = day("2013-02-27") + CLOSE
    (fill,) = broker.lookup(wish.client_order_id).fills
    assert fill.basis == "open of 2013-02-27"


def test_the_market_is_never_asked_while_the_venues_record_is_locked(tmp_path):
    market, clock = week(), FakeClock(END)
    broker = PaperVenue(tmp_path / "venue.db", market, clock)
    other = PaperVenue(tmp_path / "venue.db", week(), clock)

    def slow(name):
        real = getattr(market, name)

        def ask(*given):
            assert not broker._book._connections.get().in_transaction
            return real(*given)

        return ask

    for name in ("instrument", "history", "quote", "bars_after", "latest"):
        setattr(market, name, slow(name))
    wish = order("r", limit="180", tif=GTC)
    assert broker.submit(wish).state is OrderState.ACCEPTED
    assert broker.submit(wish).state is OrderState.ACCEPTED
    assert broker.lookup(wish.client_order_id).state is OrderState.ACCEPTED
    assert broker.advance() == 0
    assert other.cancel(wish.client_order_id).state is OrderState.CANCELED
    assert broker.submit(order("m")).state is OrderState.FILLED
