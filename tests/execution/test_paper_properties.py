"""What holds at the paper venue for any orders, any market, and however often one looks at it."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.doubles import CLOSE, FakeClock, FakeMarket, bar, day, order
from tools.domain.errors import BrokerRejected
from tools.domain.market import Quote, Tick
from tools.domain.money import Price
from tools.domain.order import OrderGroup, OrderState, OrderType, Side, TimeInForce
from tools.execution.brokers.paper import PaperVenue, Terms
from tools.execution.brokers.paper.source import Recording

D = Decimal
# Shrinking takes minutes where every example writes a file.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
SESSIONS = [f"2013-02-{n:02}" for n in (4, 5, 6, 7, 8, 11, 12, 13)]
ALIVE = {OrderState.ACCEPTED, OrderState.PARTIAL, OrderState.HELD}

cents = st.integers(9000, 11000).map(lambda n: D(n) / 100)


@st.composite
def markets(draw):
    """Bars between 90 and 110 with little volume."""
    bars = []
    for session in SESSIONS:
        low, opening, close, high = sorted(draw(st.tuples(cents, cents, cents, cents)))
        if draw(st.booleans()):
            opening, close = close, opening
        volume = draw(st.sampled_from(["0", "70", "500", "4000"]))
        bars.append(bar("IBM", session, *map(str, (low, high, opening, close)), volume))
    return bars


@st.composite
def wishes(draw, number, times=tuple(TimeInForce)):
    """One order of any kind and the session after which it is sent."""
    side, when = draw(st.sampled_from(Side)), draw(st.integers(0, len(SESSIONS) - 3))
    kind = draw(st.sampled_from(OrderType))
    made = order(f"w{number}", side=side, quantity=str(draw(st.integers(1, 120))))
    fields = {"type": kind, "time_in_force": draw(st.sampled_from(times))}
    if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        fields["limit_price"] = Price(draw(cents))
    if kind in (OrderType.STOP, OrderType.STOP_LIMIT):
        fields["stop_price"] = Price(draw(cents))
    if kind is OrderType.TRAILING_STOP:
        if draw(st.booleans()):
            fields["trail_price"] = Price(draw(st.sampled_from([D("0.5"), D(3)])))
        else:
            fields["trail_fraction"] = draw(st.sampled_from([D("0.01"), D("0.05")]))
    grouped = kind in (OrderType.MARKET, OrderType.LIMIT) and draw(st.booleans())
    if grouped and fields["time_in_force"] in (TimeInForce.DAY, TimeInForce.GTC):
        if kind is OrderType.LIMIT and draw(st.booleans()):
            fields |= {"group": OrderGroup.OCO, "stop_loss": Price(draw(cents))}
        else:
            exits = {"take_profit": Price(draw(cents)), "stop_loss": Price(draw(cents))}
            fields |= {"group": OrderGroup.BRACKET, **exits}
    collar = draw(st.one_of(st.none(), cents))
    return when, replace(made, **fields), collar


plans = st.integers(1, 5).flatmap(
    lambda count: st.tuples(*(wishes(number) for number in range(count)))
)


def moment(session: int):
    return day(SESSIONS[session]) + CLOSE


def played(folder, bars, plan, *, often, terms):
    """The venue after the week; ``often`` looks at it after every session."""
    clock = FakeClock(moment(0))
    market = FakeMarket({"IBM": bars}, end=day("2013-03-01"))
    venue = PaperVenue(Path(folder) / "venue.db", market, clock, terms)
    for session in range(len(SESSIONS)):
        clock.market = moment(session)
        if often:
            venue.advance()
        for when, wish, collar in plan:
            if when == session:
                sent = replace(wish, as_of=clock.market)
                venue.submit(sent, collar)
                if often:
                    venue.lookup(sent.client_order_id)
    venue.advance()
    return venue


def story(venue, plan):
    told = [venue.lookup(wish.client_order_id) for _, wish, _ in plan]
    return [
        (one.client_order_id, one.state, one.fills, one.reason)
        for each in told
        for one in (each, *each.legs)
    ]


@settings(max_examples=30, phases=QUICK)
@given(bars=markets(), plan=plans)
def test_looking_often_or_once_gives_the_same_fills_and_so_does_doing_it_again(bars, plan):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        often = played(one, bars, plan, often=True, terms=Terms())
        once = played(two, bars, plan, often=False, terms=Terms())
        assert story(often, plan) == story(once, plan)
        assert often.account() == once.account()
        assert often.entries() == once.entries()


@settings(max_examples=40, phases=QUICK)
@given(bars=markets(), plan=plans)
def test_nothing_is_made_or_lost_and_no_fill_passes_a_bound(bars, plan):
    terms = Terms(impact=D(0))
    with tempfile.TemporaryDirectory() as folder:
        venue = played(folder, bars, plan, often=True, terms=terms)
        told = [(venue.lookup(wish.client_order_id), c, w) for w, wish, c in plan]
        account, entries = venue.account(), venue.entries()
    taken = defaultdict(Decimal)
    cash, held = D(100_000) + sum(entry.amount for entry in entries), D(0)
    by_session = {b.session: b for b in bars}
    for one, collar, when in told:
        for part, bound in ((one, collar), *((leg, None) for leg in one.legs)):
            sign, limit = part.order.side.sign, part.order.limit_price
            stops = part.order.type in (OrderType.STOP, OrderType.TRAILING_STOP)
            # A sale that a stop sets off goes at what the market gives.
            collared = None if sign < 0 and stops else bound
            assert sum(f.quantity for f in part.fills) <= part.order.quantity
            for fill in part.fills:
                assert fill.at >= moment(when)
                for most in (collared, limit):
                    assert most is None or (fill.price - most) * sign <= 0
                met = by_session[fill.at.date()]
                assert met.event_time >= moment(when)
                slack = D("1.001")
                assert met.low / slack <= fill.price <= met.high * slack
                taken[met.session] += fill.quantity
                cash -= sign * fill.quantity * fill.price + fill.commission
                held += sign * fill.quantity
        exits = sum(f.quantity for leg in one.legs for f in leg.fills)
        if one.legs and one.order.group is OrderGroup.BRACKET:
            assert exits <= sum(f.quantity for f in one.fills)
        elif one.legs:
            assert exits + sum(f.quantity for f in one.fills) <= one.order.quantity + exits
    assert all(taken[s] <= by_session[s].volume * terms.volume_share for s in taken)
    assert account.cash == cash
    assert account.positions.get("IBM", D(0)) == held


@st.composite
def streams(draw):
    """Quotes and trades of one morning, some of them junk."""
    at, events = day("2013-02-05").replace(hour=15), []
    for _ in range(draw(st.integers(5, 25))):
        at += timedelta(seconds=draw(st.integers(1, 3)))
        if draw(st.booleans()):
            size = D(draw(st.integers(1, 400)))
            events.append(Tick("IBM", draw(cents), size, at, at))
        else:
            bid, wide = draw(cents), D(draw(st.integers(-5, 60))) / 100
            sizes = draw(st.tuples(st.integers(0, 300), st.integers(0, 300)))
            shown = [D(size) for size in sizes]
            events.append(Quote("IBM", bid, bid + wide, at, at, "test", False, *shown))
    return events


def streamed(folder, events, plan, terms, *, often):
    start = day("2013-02-05").replace(hour=15)
    clock, recording = FakeClock(start), Recording(events)
    market = FakeMarket({"IBM": [bar("IBM", "2013-02-04", "99", "101")]})
    venue = PaperVenue(Path(folder) / "venue.db", market, clock, terms, source=recording)
    for at, event in enumerate(events):
        if often:
            clock.market = event.known_at
            venue.advance()
        for when, wish, collar in plan:
            if when == at:
                clock.market = event.known_at
                venue.submit(replace(wish, as_of=clock.market), collar)
    clock.market = events[-1].known_at
    venue.advance()
    return venue


@settings(max_examples=30, phases=QUICK)
@given(events=streams(), plan=plans)
def test_quotes_and_trades_one_by_one_or_at_once_give_the_same(events, plan):
    plan = [one for one in plan if one[0] < len(events)]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        often = streamed(one, events, plan, Terms(), often=True)
        once = streamed(two, events, plan, Terms(), often=False)
        assert story(often, plan) == story(once, plan)
        assert often.account() == once.account()


@settings(max_examples=40, phases=QUICK)
@given(events=streams(), plan=plans)
def test_trades_give_no_more_than_their_share_and_quotes_no_more_than_they_show(events, plan):
    plan = [one for one in plan if one[0] < len(events)]
    terms = Terms()
    with tempfile.TemporaryDirectory() as folder:
        venue = streamed(folder, events, plan, terms, often=True)
        told = [venue.lookup(wish.client_order_id) for _, wish, _ in plan]
    taken = defaultdict(Decimal)
    for part in (each for one in told for each in (one, *one.legs)):
        for fill in part.fills:
            taken[fill.at, "trade" in fill.basis] += fill.quantity
    for (at, traded), quantity in taken.items():
        met = [e for e in events if e.event_time == at and isinstance(e, Tick) == traded]
        if traded:
            assert quantity <= sum(e.size for e in met) * terms.volume_share


def test_a_plan_of_random_orders_is_not_refused_by_mistake(tmp_path):
    """The properties above say something only if orders are taken."""
    bars = [bar("IBM", session, "99", "101", "100", "100") for session in SESSIONS]
    wish = order("x", quantity="5")
    venue = played(tmp_path, bars, [(0, wish, None)], often=True, terms=Terms())
    assert venue.lookup(wish.client_order_id).state is OrderState.FILLED
    with pytest.raises(BrokerRejected, match="stop price"):
        venue.submit(replace(wish, intent_id="y", type=OrderType.STOP))
