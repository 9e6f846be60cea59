"""Alpaca's trade updates: each is a hint, none is lost in silence, a dead line is known."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from tests.doubles import order
from tests.execution.alpaca.conftest import QUICK
from tests.execution.alpaca.faults import wait_until
from tests.execution.alpaca.server import KEY, SECRET
from tools.alpaca_session import Keys
from tools.domain.legs import legs
from tools.domain.money import Price
from tools.domain.order import OrderGroup, TimeInForce
from tools.execution.brokers.alpaca_stream import TradeUpdates

GTC = TimeInForce.GTC
WISH = order("a", limit="150", tif=GTC)
ID = WISH.client_order_id
HASTY = replace(QUICK, first=0.01)


@pytest.fixture
def listening(broker, venue):
    """An open line, and everything that was heard on it."""
    lines = []

    def start(heard):
        lines.append(broker.listen(heard))
        assert wait_until(lines[-1].connected)
        return lines[-1]

    yield start
    for line in lines:
        line.close()


def update(venue, **more):
    """A message about the last order."""
    order = venue.market.nested(venue.market.orders[-1])
    return {"stream": "trade_updates", "data": {"event": "new", "order": order, **more}}


def test_it_says_that_anything_may_have_changed_as_soon_as_it_listens(listening):
    heard = []
    line = listening(heard.append)
    assert wait_until(lambda: heard == [""])
    assert line.connected()


def test_every_event_of_an_order_is_a_hint_with_our_id(listening, broker, venue):
    heard = []
    listening(heard.append)
    broker.submit(WISH)
    resting = venue.market.orders[-1]
    trade = venue.market.fill(resting, 5, "150")
    venue.market.correct(trade, "149")
    venue.market.bust(venue.market.trades[-1])
    venue.market.end(resting, "canceled")
    venue.market.fill(resting, 5, "150")
    assert wait_until(lambda: len(heard) == 1 + len(venue.market.events))
    assert set(heard[1:]) == {ID}


def test_an_exits_hint_carries_our_id_once_its_order_was_seen(listening, broker, venue):
    heard = []
    listening(heard.append)
    entry = replace(
        order("b", limit="190", tif=GTC),
        group=OrderGroup.BRACKET,
        take_profit=Price(220),
        stop_loss=Price(180),
    )
    broker.submit(entry)
    venue.market.quote("IBM", "189", "189.5")
    ids = {leg.client_order_id for leg in legs(entry)}
    assert wait_until(lambda: ids <= set(heard))


def test_an_unknown_event_or_status_is_passed_on_like_any_other(listening, broker, venue):
    heard = []
    listening(heard.append)
    broker.submit(WISH)
    assert wait_until(lambda: ID in heard)
    heard.clear()
    venue.tell(update(venue, event="teleported"))
    strange = update(venue)
    strange["data"]["order"]["status"] = "quantum"
    venue.tell(strange)
    assert wait_until(lambda: heard == [ID, ID])


@pytest.mark.parametrize(
    "message",
    [
        b"{not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"5",
        b"[" * 100_00,
        {"stream": "trade_updates"},
        {"stream": "trade_updates", "data": []},
        {"stream": "trade_updates", "data": {"order": None}},
        {"stream": "trade_updates", "data": {"order": {"client_order_id": None}}},
        {"stream": "something_new", "data": {}},
        {},
    ],
)
def test_a_message_that_cannot_be_read_may_have_been_anything(listening, venue, message):
    heard = []
    line = listening(heard.append)
    assert wait_until(lambda: heard == [""])
    venue.tell(message)
    assert wait_until(lambda: heard == ["", ""])
    assert line.connected()


def test_duplicates_come_twice_and_order_does_not_matter_because_a_hint_is_no_news(
    listening, broker, venue
):
    """The adapter keeps nothing from an event: the truth is the lookup, the same each time."""
    heard = []
    listening(heard.append)
    broker.submit(WISH)
    venue.market.fill(venue.market.orders[-1], 50, "150")
    first = broker.lookup(ID)
    assert wait_until(lambda: len(heard) == 3)
    for message in (*reversed(venue.market.events), *venue.market.events):
        venue.tell(message)
    assert wait_until(lambda: len(heard) == 3 + 2 * len(venue.market.events))
    assert broker.lookup(ID) == first


def test_a_lost_event_loses_nothing(broker, venue):
    """Nobody listens while it happens."""
    broker.submit(WISH)
    venue.market.fill(venue.market.orders[-1], 50, "150")
    assert sum(fill.quantity for fill in broker.lookup(ID).fills) == 50


def test_a_listener_that_raises_does_not_end_the_line(listening, broker, venue):
    heard = []

    def raising(client_order_id):
        heard.append(client_order_id)
        raise RuntimeError("the listener's own defect")

    line = listening(raising)
    broker.submit(WISH)
    assert wait_until(lambda: heard == ["", ID])
    venue.tell(update(venue))
    assert wait_until(lambda: len(heard) == 3)
    assert line.connected()


def test_after_a_cut_it_comes_back_by_itself_with_an_empty_hint(listening, venue):
    heard = []
    line = listening(heard.append)
    assert wait_until(lambda: heard == [""])
    venue.cut()
    assert wait_until(lambda: heard == ["", ""])
    assert wait_until(line.connected)


def test_a_socket_that_falls_silent_is_not_connected_after_its_ping_time_out(connect, venue):
    heard = []
    line = connect(venue, times=replace(QUICK, ping=0.05, pong=0.05)).listen(heard.append)
    assert wait_until(lambda: "" in heard)
    venue.silent = True
    assert wait_until(lambda: not line.connected())
    before = len(heard)
    venue.silent = False
    assert wait_until(line.connected)
    assert wait_until(lambda: len(heard) > before)
    line.close()


def test_it_is_not_connected_before_the_venue_confirms_that_it_tells_us(connect, venue):
    venue.listen = False
    heard = []
    line = connect(venue, times=HASTY).listen(heard.append)
    assert wait_until(lambda: venue.refused_to_listen)
    assert not line.connected()
    line.close()
    assert heard == []


def test_with_wrong_keys_it_never_connects_and_the_log_has_no_secret(venue, caplog):
    caplog.set_level(logging.DEBUG)
    line = TradeUpdates(Keys(KEY, SECRET + "?"), venue.url, lambda _, key: key, print, HASTY)
    assert wait_until(lambda: any("authenticate" in r.message for r in caplog.records))
    assert not line.connected()
    line.close()
    assert SECRET[-8:] not in caplog.text
    assert KEY not in caplog.text


def test_the_log_never_has_the_secret_even_at_its_most_talkative(listening, broker, caplog):
    caplog.set_level(logging.DEBUG)
    heard = []
    line = listening(heard.append)
    broker.submit(WISH)
    assert wait_until(lambda: ID in heard)
    line.close()
    assert SECRET[-8:] not in caplog.text
    assert KEY not in caplog.text


def test_nothing_is_heard_after_close_and_closing_is_quick(listening, broker, venue):
    heard = []
    line = listening(heard.append)
    line.close()
    line.close()
    assert not line.connected()
    before = list(heard)
    broker.submit(WISH)
    venue.tell(update(venue))
    assert heard == before
    assert wait_until(lambda: not venue.lines)


def test_a_listener_may_close_its_own_line(listening, broker, venue):
    lines = []

    def closing(client_order_id):
        if client_order_id:
            lines[0].close()

    lines.append(listening(closing))
    broker.submit(WISH)
    assert wait_until(lambda: not lines[0].connected())
