"""A desk over a recorded day: its clock is the tape's, and orders meet each trade and quote."""

import itertools
import queue
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import order
from tools.assembly import assemble, build_market
from tools.domain.errors import DataUnavailable
from tools.domain.market import Bar, Quote, Tick
from tools.domain.order import OrderState
from tools.settings import load_settings
from tools.streaming.pace import Pace
from tools.streaming.played import Played
from tools.streaming.played_market import PlayedMarket
from tools.streaming.recording import recorded
from tools.streaming.replay import Replay

OPEN = datetime(2012, 6, 4, 13, 30, tzinfo=UTC)


def at(seconds):
    return OPEN + timedelta(seconds=seconds)


def tick(seconds, price, size="500"):
    return Tick("IBM", Decimal(price), Decimal(size), at(seconds), at(seconds))


def quote(seconds, bid, ask, size="1000"):
    sides = Decimal(bid), Decimal(ask)
    return Quote("IBM", *sides, at(seconds), at(seconds), "x", False, Decimal(size), Decimal(size))


DAY = [
    quote(0, "189.98", "190.02"),
    tick(1, "190.00"),
    tick(2, "190.01"),
    quote(10, "189.48", "189.52"),
    tick(11, "189.50"),
    quote(20, "188.98", "189.02"),
    tick(21, "189.00"),
    tick(22, "188.90"),
]


@pytest.fixture
def replay():
    return Replay(recorded(DAY), Pace(1.0), paused=True)


@pytest.fixture
def desk(replay):
    played = Played(replay.recording)
    return assemble(load_settings(), now=lambda: replay.moment, played=played).desk


@pytest.fixture
def step(replay):
    """Plays so many rows, and comes back when they were heard."""
    heard = queue.SimpleQueue()
    line = replay.stream((), heard.put)

    def go(count):
        replay.step(count)
        return [heard.get(timeout=30) for _ in range(count)][-1]

    yield go
    line.close()


def sent(desk, **changes):
    record = desk.proposals.propose(order(as_of=desk.clock.now(), **changes))
    desk.approvals.approve(record.id, "ana")
    return desk.proposals.get(record.id)


def test_a_market_order_meets_the_quote_that_stands(desk, step):
    last = step(3)
    assert desk.clock.now() == last.known_at
    done = sent(desk)
    assert done.state is OrderState.FILLED
    assert Decimal("190.02") <= done.average_price <= Decimal("190.10")


def test_a_limit_rests_until_the_tape_comes_to_it(desk, step):
    step(3)
    resting = sent(desk, limit="189.20")
    step(2)
    desk.refresh()
    assert desk.proposals.get(resting.id).state is not OrderState.FILLED
    step(3)
    desk.refresh()
    done = desk.proposals.get(resting.id)
    assert done.state is OrderState.FILLED
    assert Decimal("188.90") <= done.average_price <= Decimal("189.20")


def test_a_position_is_worth_what_the_last_trade_says(desk, step):
    step(3)
    sent(desk)
    for count, price in ((2, "189.5"), (2, "189"), (1, "188.9")):
        step(count)
        desk.refresh()
        (held,) = desk.proposals.snapshot().positions
        assert held.mark == Decimal(price)


def test_the_sessions_so_far_come_after_the_history_and_say_so(desk, step):
    step(5)
    seen = desk.market.history("IBM", desk.clock.now())
    before, bar = seen.bars[-2:]
    assert (before.session.isoformat(), bar.session.isoformat()) == ("2012-06-01", "2012-06-04")
    figures = [str(v) for v in (bar.open, bar.high, bar.low, bar.close, bar.volume)]
    assert figures == ["190", "190.01", "189.5", "189.5", "1500"]
    assert bar.known_at == desk.clock.now()
    ratio = before.adjusted_close / before.close
    assert bar.adjusted_close == bar.close * ratio
    assert "replay" in seen.notice


def test_a_quote_of_the_tape_is_called_simulated_and_a_replay(desk, step):
    step(4)
    seen = desk.market.quote("IBM", desk.clock.now())
    assert (seen.simulated, seen.bid, seen.event_time) == (True, Decimal("189.48"), at(10))
    assert seen.source == "replay of the quote at 2012-06-04 13:30:10 UTC"


def test_trades_alone_make_a_quote_that_says_what_it_is_made_from():
    played = Played(recorded([tick(1, "190")]))
    listed = build_market(load_settings()).instrument("IBM")
    made = played.quote(listed, at(5))
    assert made.simulated
    assert made.bid < 190 < made.ask
    assert made.source == "simulated from the price at 2012-06-04 13:30:01 UTC (replay)"
    with pytest.raises(DataUnavailable, match="no price of IBM at 2012-06-04 13:30"):
        played.quote(listed, at(0))


def test_what_is_not_played_cannot_be_traded(desk, step):
    step(3)
    record = desk.proposals.propose(order(as_of=desk.clock.now(), symbol="AAPL"))
    assert record.state is OrderState.DENIED
    assert "it plays IBM" in str(record.reasons)


@pytest.mark.parametrize(
    "junk",
    [
        quote(5, "0", "190"),
        quote(5, "191", "190"),
        quote(5, "190", "1860000"),
        tick(5, "0"),
        tick(5, "190", "-1"),
        replace(tick(5, "190"), event_time=at(500)),
        Bar("IBM", OPEN.date(), at(0), at(5), *map(Decimal, ("1", "1", "2", "1", "1"))),
    ],
)
def test_what_can_be_no_price_is_met_by_nobody(junk):
    played = Played(recorded([tick(1, "190"), quote(1, "189", "191"), junk]))
    assert played.events("IBM", at(2), at(1000)) == []
    assert played.standing("IBM", at(1000)).ask == 191


def test_a_days_last_quote_does_not_stand_the_next_morning():
    played = Played(recorded([quote(1, "189", "191")]))
    assert played.standing("IBM", at(86_400)) is None
    assert played.standing("MSFT", at(5)) is None


ROWS = st.lists(
    st.tuples(st.integers(0, 200_000), st.integers(100, 120), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(rows=ROWS, cuts=st.lists(st.integers(-10, 200_100), min_size=1, max_size=5))
def test_events_come_once_and_a_session_is_what_was_known_of_it(rows, cuts):
    data = [
        tick(s, str(p)) if trade else quote(s, str(p), str(p + 1)) for s, p, trade in sorted(rows)
    ]
    played, cuts = Played(recorded(data)), sorted(cuts)
    edges = [at(-100), *map(at, cuts), at(300_000)]
    pieces = [played.events("IBM", a, b) for a, b in itertools.pairwise(edges)]
    assert [one for piece in pieces for one in piece] == list(recorded(data).rows())
    trades = any(isinstance(one, Tick) for one in data)
    for moment in edges:
        told = [
            (one.event_time, one.price if trades else one.mid)
            for one in data
            if one.known_at <= moment and isinstance(one, Tick if trades else Quote)
        ]
        bars = played.sessions("IBM", moment)
        assert [bar.known_at for bar in bars] == sorted(bar.known_at for bar in bars)
        assert all(bar.known_at <= moment for bar in bars)
        if told:
            (first, _), (_, last) = told[0], told[-1]
            assert (bars[0].event_time, bars[-1].close) == (first, last)
            assert max(bar.high for bar in bars) == max(price for _, price in told)
        else:
            assert bars == ()


def test_a_market_that_knows_nothing_earlier_has_the_played_sessions_alone():
    class Nothing:
        def history(self, symbol, as_of):
            raise DataUnavailable("no prices")

    market = PlayedMarket(Nothing(), Played(recorded(DAY)))
    assert [bar.close for bar in market.history("ibm", at(2)).bars] == [Decimal("190.01")]
    with pytest.raises(DataUnavailable, match="no prices"):
        market.history("IBM", at(0))
