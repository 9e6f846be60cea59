"""The paper venue visits only who may have something to meet, which must never show."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles import CLOSE, END, OPEN, FakeClock, FakeMarket, bar, day, order
from tests.execution.test_paper_properties import QUICK, SESSIONS, markets, moment, wishes
from tools.domain.actions import Dividend, StockSplit
from tools.domain.errors import BrokerRejected
from tools.domain.money import Quantity
from tools.domain.order import OrderState, Side, TimeInForce
from tools.execution.brokers.paper import PaperVenue
from tools.execution.brokers.paper.book_memory import MemoryBook
from tools.execution.brokers.paper.floor import Floor
from tools.execution.brokers.paper.prices import Reader
from tools.execution.brokers.paper.source import SessionBars

D = Decimal
ACTIONS = (
    StockSplit("IBM", day(SESSIONS[3]) + OPEN, D(2)),
    Dividend("IBM", day(SESSIONS[5]) + OPEN, D("0.5"), "USD"),
)


@dataclass
class Companies:
    known: tuple

    def actions(self, symbol, after, until):
        return [a for a in self.known if a.symbol == symbol and after < a.ex <= until]


class Thorough(PaperVenue):
    """The venue without its shortcuts: whoever asks anything brings all orders of the symbol up."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._reader.quiet = lambda symbol, notes, now: False

    def _prices(self, symbol, now, fresh=None):
        with self._book.writing():
            orders = self._book.open_orders(symbol)
        everyone = orders if fresh is None else (*orders, fresh)
        with self._book.writing():
            notes, held = self._book.notes(symbol), self._book.holdings().get(symbol, D(0))
        return self._reader.read(symbol, everyone, notes, held, now)

    def _floor(self, prices, only=""):
        return super()._floor(prices)


places = st.integers(0, 5)
# What a visitor does after each session; the number says to which order.
visits = st.lists(
    st.tuples(st.sampled_from(["lookup", "cancel", "replace", "open", "account"]), places),
    max_size=6,
)


@st.composite
def weeks(draw):
    """Orders, some of them dated, visits after each session, and whether the data end there."""
    plan = [draw(wishes(n)) for n in range(draw(st.integers(2, 6)))]
    late = [draw(st.integers(0, 2)) for _ in plan]
    return plan, late, [draw(visits) for _ in SESSIONS], draw(st.booleans()), draw(st.booleans())


def lived(kind, record, bars, week):
    """All that a venue of this kind said in the week, in order."""
    plan, late, days, ends, acting = week
    clock = FakeClock(moment(0))
    market = FakeMarket({"IBM": bars})
    companies = Companies(ACTIONS if acting else ())
    venue = kind(record, market, clock, actions=companies)
    other = kind(record, market, clock, actions=companies)
    sent, said = [], []
    for session, asked in enumerate(days):
        clock.market = moment(session)
        market.end = clock.market if ends else day("2013-03-01")
        for (when, wish, collar), delay in zip(plan, late, strict=True):
            if min(when + delay, len(SESSIONS) - 1) == session:
                sent.append(replace(wish, as_of=moment(when)))
                said.append(venue.submit(sent[-1], collar))
        for number, (what, at) in enumerate(asked):
            door = (venue, other)[number % 2]
            if what == "open":
                said.append(door.open_orders())
            elif what == "account" or not sent:
                said.append((door.account(), door.entries()))
            else:
                said.append(done(door, what, sent, at % len(sent), clock))
    said += [venue.lookup(one.client_order_id) for one in sent]
    return [*said, venue.account(), venue.entries()]


def done(door, what, sent, at, clock):
    key = sent[at].client_order_id
    if what != "replace":
        return getattr(door, what)(key)
    more = Quantity(sent[at].quantity + 7)
    new = replace(
        sent[at],
        intent_id=f"{sent[at].intent_id}+",
        replaces=key,
        quantity=more,
        as_of=clock.market,
    )
    try:
        told = door.replace(new)
    except BrokerRejected as refusal:
        return str(refusal)
    sent.append(new)
    return told


@settings(max_examples=60, phases=QUICK, deadline=None)
@given(bars=markets(), week=weeks())
def test_the_shortcuts_say_what_a_full_visit_of_every_order_says(bars, week):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        files = Path(one) / "venue.db", Path(two) / "venue.db"
        assert lived(PaperVenue, files[0], bars, week) == lived(Thorough, files[1], bars, week)


@settings(max_examples=60, phases=QUICK, deadline=None)
@given(bars=markets(), week=weeks())
def test_a_record_in_memory_says_what_one_on_disk_says(bars, week):
    with tempfile.TemporaryDirectory() as folder:
        disk = lived(Thorough, Path(folder) / "venue.db", bars, week)
    assert lived(PaperVenue, MemoryBook(), bars, week) == disk


@pytest.fixture
def crowded(tmp_path):
    """A hundred orders at rest in IBM and one filled one, at the end of the data."""
    bars = [bar("IBM", session, "99", "101", "100", "100") for session in SESSIONS]
    clock, market = FakeClock(END), FakeMarket({"IBM": bars}, end=END)
    venue = PaperVenue(tmp_path / "venue.db", market, clock)
    keys = []
    for n in range(100):
        told = venue.submit(order(f"o{n}", limit="50", tif=TimeInForce.GTC))
        keys.append(told.client_order_id)
    return venue, clock, market, keys


@pytest.fixture
def visits_made(monkeypatch):
    made = []
    advance = Floor.advance

    def counted(floor):
        made.append(len(floor._orders))
        return advance(floor)

    monkeypatch.setattr(Floor, "advance", counted)
    return made


def test_a_lookup_or_cancel_where_nothing_happened_visits_nobody(crowded, visits_made):
    venue, _, _, keys = crowded
    assert venue.lookup(keys[3]).state is OrderState.ACCEPTED
    assert venue.cancel(keys[4]).state is OrderState.CANCELED
    assert len(venue.open_orders()) == 99
    assert venue.account().positions == {}
    assert visits_made == []


def test_a_new_order_meets_the_market_alone_and_a_new_session_is_met_by_all(crowded, visits_made):
    venue, clock, market, keys = crowded
    assert venue.submit(order("buy")).state is OrderState.FILLED
    assert visits_made == [1]
    market.bars["IBM"].append(bar("IBM", "2013-03-04", "40", "101", "100", "100"))
    clock.market = market.end = day("2013-03-04") + CLOSE
    assert venue.lookup(keys[0]).state is OrderState.FILLED
    assert visits_made == [1, 100]
    assert venue.lookup(keys[1]).state is OrderState.FILLED
    assert visits_made == [1, 100]


def test_an_order_that_still_waits_for_its_quote_gets_it_when_there_is_one(tmp_path):
    bars = [bar("IBM", session, "99", "101", "100", "100") for session in SESSIONS]
    clock, market = FakeClock(END), FakeMarket({"IBM": bars}, end=day("2013-03-04"))
    venue = PaperVenue(tmp_path / "venue.db", market, clock)
    buy, sell = order("b"), order("s", side=Side.SELL)
    assert {venue.submit(one).state for one in (buy, sell)} == {OrderState.ACCEPTED}
    market.end = END
    assert {venue.lookup(o.client_order_id).state for o in (buy, sell)} == {OrderState.FILLED}


def test_only_sources_of_whole_sessions_are_trusted_to_be_quiet(tmp_path):
    clock, market = FakeClock(END), FakeMarket({"IBM": [bar("IBM", "2013-02-05", "99", "101")]})
    venue = PaperVenue(tmp_path / "venue.db", market, clock)
    told = venue.submit(order("b", limit="50", tif=TimeInForce.GTC))
    venue.lookup(told.client_order_id)
    source = SessionBars(market, clock)
    source.whole_sessions = False
    loud = Reader(market, clock, source, None, venue._terms)
    with venue._book.writing():
        notes = venue._book.notes("IBM")
    assert venue._reader.quiet("IBM", notes, END)
    assert not loud.quiet("IBM", notes, END)


def test_a_dividend_is_booked_before_there_is_a_bar_of_its_day(tmp_path):
    clock, market = FakeClock(END), FakeMarket({"IBM": [bar("IBM", "2013-03-01", "99", "101")]})
    companies = Companies((Dividend("IBM", day("2013-03-04") + OPEN, D(1), "USD"),))
    venue = PaperVenue(tmp_path / "venue.db", market, clock, actions=companies)
    venue.submit(order("b"))
    assert venue.entries() == ()
    clock.market = day("2013-03-04") + OPEN
    assert [entry.amount for entry in venue.entries()] == [50]
