"""Dividends and splits that a feed tells late, at the paper venue: once, and all of it."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from tests.doubles import CLOSE, OPEN, FakeClock, FakeMarket, bar, day, order
from tools.domain.actions import CashKind, Dividend, StockSplit
from tools.domain.order import Side
from tools.execution.brokers.paper import PaperVenue, Terms
from tools.execution.brokers.paper.book_memory import MemoryBook
from tools.execution.brokers.paper.fees import Commission
from tools.execution.brokers.paper.terms import Lending

D = Decimal
MONDAY = day("2013-02-25") + CLOSE
PLAIN = Terms(
    slippage_bps=D(0),
    commission=Commission(D(0), D(0), D(0), D(0)),
    impact=D(0),
    lending=Lending(D(0)),
)


def ex(session):
    return day(session) + OPEN


@dataclass
class Companies:
    """What a feed tells so far."""

    known: list = field(default_factory=list)

    def actions(self, symbol, after, until):
        return [a for a in self.known if a.symbol == symbol and after < a.ex <= until]


@pytest.fixture(params=["file", "memory"])
def house(request, tmp_path):
    """Opens the venue over one record, as often as it is asked: a restart for the file."""
    feed, clock = Companies(), FakeClock(MONDAY)
    bars = [bar("IBM", f"2013-02-{n}", "200", "200", "200", "200") for n in (25, 26, 27, 28)]
    bars += [bar("IBM", f"2013-03-0{n}", "200", "200", "200", "200") for n in (1, 4, 5, 6)]
    market = FakeMarket({"IBM": bars}, end=day("2013-03-30"))
    kept = MemoryBook()

    def opened():
        record = tmp_path / "venue.db" if request.param == "file" else kept
        return PaperVenue(record, market, clock, PLAIN, actions=feed)

    opened.feed, opened.clock = feed, clock
    return opened


def to(house, session):
    house.clock.market = day(session) + CLOSE


def traded(house, name, side, quantity, session):
    """An order that is sent at the close of a session and filled at the next open."""
    to(house, session)
    venue = house()
    venue.submit(order(name, side=side, quantity=quantity, as_of=house.clock.market))
    return venue


@pytest.mark.parametrize(("side", "sign"), [(Side.BUY, 1), (Side.SELL, -1)])
def test_it_is_booked_on_what_was_held_then_though_much_was_traded_since(house, side, sign):
    traded(house, "first", side, "50", "2013-02-25")
    # On the ex-date and after it more is traded, and nobody has told of the dividend yet.
    traded(house, "second", side, "30", "2013-02-26")
    traded(house, "third", side.other, "60", "2013-02-27")
    to(house, "2013-03-01")
    assert house().entries() == ()
    house.feed.known.append(Dividend("IBM", ex("2013-02-27"), D("0.85"), "USD"))
    (entry,) = house().entries()
    assert (entry.kind, entry.amount, entry.at) == (
        CashKind.DIVIDEND, sign * D("42.50"), ex("2013-02-27"),
    )  # fmt: skip


def test_it_is_booked_once_however_often_the_venue_is_opened_and_asked(house):
    house.feed.known.append(Dividend("IBM", ex("2013-02-27"), D("0.85"), "USD"))
    traded(house, "first", Side.BUY, "50", "2013-02-25")
    for session in ("2013-02-26", "2013-02-27", "2013-02-28", "2013-03-01"):
        to(house, session)
        for _ in range(3):
            told = house().entries()
        traded(house, f"more {session}", Side.BUY, "1", session)
    assert [one.amount for one in told] == [D("42.50")] * 1
    assert house().account().cash == 100_000 + D("42.50") - 53 * 200


def test_a_feed_that_forgets_and_tells_again_changes_nothing(house):
    paid = Dividend("IBM", ex("2013-02-27"), D("0.85"), "USD")
    house.feed.known.append(paid)
    traded(house, "first", Side.BUY, "50", "2013-02-25")
    to(house, "2013-02-27")
    before = house().account()
    house.feed.known.clear()
    traded(house, "second", Side.BUY, "1", "2013-02-28")
    to(house, "2013-03-01")
    house().account()
    house.feed.known.append(paid)
    to(house, "2013-03-04")
    assert len(house().entries()) == 1
    assert house().account().cash == before.cash - 200


def test_who_was_flat_then_gets_nothing_late(house):
    traded(house, "first", Side.BUY, "50", "2013-02-27")
    to(house, "2013-03-01")
    house().account()
    house.feed.known.append(Dividend("IBM", ex("2013-02-27"), D("0.85"), "USD"))
    to(house, "2013-03-04")
    assert house().entries() == ()


def test_a_split_that_is_told_late_turns_only_the_shares_of_before(house):
    traded(house, "first", Side.BUY, "51", "2013-02-25")
    traded(house, "second", Side.BUY, "10", "2013-02-27")
    to(house, "2013-03-01")
    assert house().account().positions == {"IBM": 61}
    house.feed.known.append(StockSplit("IBM", ex("2013-02-27"), D("1.5")))
    split, lieu = house().entries()
    assert (split.change, lieu.amount) == (25, D("100.00"))  # half a share at 200, as it is now
    assert house().account().positions == {"IBM": 51 + 25 + 10}
    to(house, "2013-03-04")
    assert len(house().entries()) == 2


# A simulation of the past, in memory, is told all of it before it begins.
@pytest.mark.parametrize("house", ["file"], indirect=True)
def test_who_has_sold_out_meanwhile_still_gets_what_is_told_late(house):
    traded(house, "first", Side.BUY, "50", "2013-02-25")
    traded(house, "second", Side.SELL, "50", "2013-02-27")
    to(house, "2013-03-01")
    assert house().account().positions == {}
    cash = house().account().cash
    house.feed.known.append(Dividend("IBM", ex("2013-02-27"), D("0.85"), "USD"))
    for session in ("2013-03-04", "2013-03-05"):
        to(house, session)
        assert [one.amount for one in house().entries()] == [D("42.50")]
        assert house().account().cash == cash + D("42.50")
