"""A real day of IBM's quotes and trades through the matching core: 2013-10-07, junk and all."""

from __future__ import annotations

import csv
import gzip
import itertools
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.doubles import order
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import Quote, Tick
from tools.domain.money import Price
from tools.domain.order import OrderState, OrderType, Side, TimeInForce
from tools.execution.brokers.paper.arrival import resting_of
from tools.execution.brokers.paper.crowd import Live
from tools.execution.brokers.paper.hours import Hours, hours
from tools.execution.brokers.paper.resting import Progress
from tools.execution.brokers.paper.stream import Tape, run, usable
from tools.execution.brokers.paper.terms import Terms

D = Decimal
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
IBM = Instrument("IBM", "IBM", "XNYS", AssetClass.EQUITY, "USD")
TERMS = Terms(impact=D(0))


def rows(name):
    with gzip.open(DATA / name, "rt") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def stream(strict_skip):
    """Every trade and the quotes of the New York exchange, in the order of time."""
    if not (DATA / "ibm_quotes_20131007.csv.gz").is_file():
        strict_skip("the day of IBM's quotes and trades is not on this machine")
    events = []
    for row in rows("ibm_trades_20131007.csv.gz"):
        at = datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00"))
        events.append(Tick("IBM", D(row["price"]), D(row["size"]), at, at))
    # A row tells one side; the other stays as it was.
    bid, ask = (D(0), D(0)), (D(0), D(0))
    for row in rows("ibm_quotes_20131007.csv.gz"):
        if row["exchange"] != "N":
            continue
        at = datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00"))
        if D(row["bid"]):
            bid = D(row["bid"]), D(row["bid_size"])
        if D(row["ask"]):
            ask = D(row["ask"]), D(row["ask_size"])
        prices, sizes = (bid[0], ask[0]), (bid[1], ask[1])
        events.append(Quote("IBM", *prices, at, at, "NYSE", False, *sizes))
    events.sort(key=lambda event: event.event_time)
    return events


def orders(stream):
    """Buys and sells of several kinds, sent through the day."""
    start = stream[0].event_time
    plans = itertools.product(
        (0, 3, 5), Side, (None, D("181.5"), D("182"), D("182.5")), ("50", "3000")
    )
    found = []
    for number, (hour, side, limit, quantity) in enumerate(plans):
        wish = order(
            f"o{number}",
            side=side,
            quantity=quantity,
            limit=None if limit is None else str(limit),
            tif=TimeInForce.DAY,
        )
        resting = resting_of(
            wish,
            Price(D("200") if side is Side.BUY else D("150")),
            arrival=number,
            since=start + timedelta(hours=hour + 3),
            impact=D(0),
            listed=IBM,
            whole_sessions=False,
        )
        found.append(Live(resting, Progress(wish.quantity), OrderState.ACCEPTED))
    return found


@pytest.fixture(scope="module")
def course(stream):
    return run(orders(stream), stream, Tape(), TERMS, calendar="XNYS")


def test_the_day_has_the_junk_that_it_is_known_for(stream):
    quotes = [event for event in stream if isinstance(event, Quote)]
    assert len(stream) > 40_000
    assert sum(not usable(quote, TERMS) for quote in quotes) > 0


def test_many_orders_trade_and_none_beyond_its_quantity_or_limit(stream, course):
    assert len(course.trades) > 40
    limits = {live.resting.key: live.resting for live in course.lives}
    for traded in course.trades:
        resting = limits[traded.key]
        if resting.limit is not None:
            assert (traded.trade.price - resting.limit) * resting.sign <= 0
    for live in course.lives:
        done = sum(t.trade.quantity for t in course.trades if t.key == live.resting.key)
        assert live.filled == done
        assert live.progress.left >= 0


def test_no_trade_takes_more_than_its_share_of_what_printed_at_that_moment(stream, course):
    printed = defaultdict(Decimal)
    for event in stream:
        if isinstance(event, Tick):
            printed[event.event_time] += event.size
    taken = defaultdict(Decimal)
    for traded in course.trades:
        if "trade" in traded.trade.basis:
            taken[traded.trade.at] += traded.trade.quantity
    assert taken
    assert all(taken[at] <= printed[at] * TERMS.volume_share for at in taken)


def test_every_trade_is_in_the_session_after_the_order_and_near_the_market(stream, course):
    lows = min(e.price for e in stream if isinstance(e, Tick) and regular(e))
    highs = max(e.price for e in stream if isinstance(e, Tick) and regular(e))
    since = {live.resting.key: live.resting.since for live in course.lives}
    for traded in course.trades:
        trade = traded.trade
        assert trade.at >= since[traded.key]
        assert hours("XNYS", trade.at) is Hours.REGULAR
        assert lows * D("0.999") <= trade.price <= highs * D("1.001")


def regular(event):
    return hours("XNYS", event.event_time) is Hours.REGULAR


def test_the_day_in_pieces_gives_the_same_as_in_one(stream, course):
    lives, tape, trades = orders(stream), Tape(), []
    for start in range(0, len(stream), 997):
        part = run(lives, stream[start : start + 997], tape, TERMS, calendar="XNYS")
        lives, tape = part.lives, part.tape
        trades += part.trades
    assert tuple(trades) == course.trades
    assert tuple(lives) == course.lives


def test_an_unlimited_order_of_the_morning_pays_the_quote_of_that_moment(stream):
    wish = order("one", quantity="100")
    since = stream[0].event_time.replace(hour=15, minute=0, second=0)
    resting = resting_of(
        wish, None, arrival=1, since=since, impact=D(0), listed=IBM, whole_sessions=False
    )
    course = run(
        [Live(resting, Progress(wish.quantity), OrderState.ACCEPTED)],
        [event for event in stream if isinstance(event, Quote)],
        Tape(),
        Terms(slippage_bps=D(0)),
        calendar="XNYS",
    )
    first = next(
        e for e in stream if isinstance(e, Quote) and e.event_time > since and usable(e, TERMS)
    )
    assert course.trades[0].trade.price == first.ask
    assert wish.type is OrderType.MARKET
