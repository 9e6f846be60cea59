"""Alpaca: an order and all that take its place never fill more than the total, however late."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles import order
from tests.execution.alpaca.faults import LATE, unclear
from tests.execution.alpaca.market import ENDED
from tests.execution.alpaca.wishes import bracket, in_place_of, stop
from tools.domain.errors import BrokerRejected, OutcomeUnknown
from tools.domain.legs import legs
from tools.domain.money import Price
from tools.domain.order import OrderState, TimeInForce

D, S, GTC = Decimal, OrderState, TimeInForce.GTC
FAULTS = [LATE, LATE, unclear("504_done"), unclear("504"), unclear("dropped_after_done")]
VERBS = {"POST": "/v2/orders", "DELETE": ".*/orders/.*", "GET": ".*/orders.*"}


class Chain:
    """Somebody who changes an order again and again while it fills and messages come late."""

    def __init__(self, seed, venue, broker):
        self.dice = random.Random(seed)
        self.venue, self.market, self.broker = venue, venue.market, broker
        self.links = [order("first", limit="150", tif=GTC)]
        venue.meanwhile = lambda method, path: self.happen(0.3)

    def happen(self, often):
        """What is open at the venue fills a part, wherever the prices are."""
        live = [one for one in self.market.orders if one["status"] not in ENDED]
        if live and self.dice.random() < often:
            one = self.dice.choice(live)
            self.market.fill(one, self.dice.randint(1, int(one.leaves)), one["limit_price"])
        assert sum(D(trade["qty"]) for trade in self.market.trades) <= 50

    def live(self):
        self.broker.submit(self.links[0])
        for step in range(8):
            if self.dice.random() < 0.6:
                verb = self.dice.choice(list(VERBS))
                self.venue.fault(verb, VERBS[verb], self.dice.choice(FAULTS))
            limit = self.dice.choice(["150", "151", "250"])
            new = in_place_of(self.dice.choice(self.links), f"r{step}", limit=limit)
            self.links.append(new)
            with suppress(BrokerRejected, OutcomeUnknown):
                self.broker.replace(new)
            self.happen(0.3)
            if self.dice.random() < 0.4:
                self.venue.advance()
        self.venue.faults.clear()
        self.venue.advance()
        self.happen(1)


@pytest.mark.parametrize("seed", range(60))
def test_a_chain_of_replacements_never_fills_more_than_the_total(venue, connect, seed):
    chain = Chain(seed, venue, connect(venue))
    chain.live()
    assert len([one for one in venue.market.orders if one["status"] not in ENDED]) <= 1


def test_the_rest_is_counted_when_the_old_order_can_fill_no_more(broker, venue):
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    resting = venue.market.by_client(old.client_order_id)
    asked = []

    def meanwhile(method, path):
        """One more share before every request, as long as there is an order to fill."""
        asked.append(method)
        if resting["status"] not in ENDED:
            venue.market.fill(resting, 1, "150")

    venue.meanwhile = meanwhile
    told = broker.replace(in_place_of(old, limit="201"))
    assert told.state is S.FILLED
    assert venue.market.positions["IBM"] == 50
    assert sum(fill.quantity for fill in told.fills) == 50 - resting.filled


def test_an_order_that_alpaca_is_slow_to_cancel_is_not_replaced_before_it_has_ended(
    serve, connect, waits
):
    venue = serve(eager=False)
    broker = connect(venue)
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    venue.market.settle()
    with pytest.raises(BrokerRejected, match="has not ended it yet"):
        broker.replace(in_place_of(old))
    assert 3 < sum(waits.slept) < 4
    assert broker.lookup(old.client_order_id).state is S.PENDING_CANCEL
    assert len(venue.asked("POST")) == 1


def test_one_that_ends_within_the_wait_is_replaced(serve, connect, waits):
    venue = serve(eager=False)
    broker = connect(venue)
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    venue.market.settle()
    resting = venue.market.by_client(old.client_order_id)

    def meanwhile(method, path):
        if len(waits.slept) == 3 and resting["status"] not in ENDED:
            venue.market.fill(resting, 20, "150")
            venue.market.end(resting, "canceled")

    venue.meanwhile = meanwhile
    told = broker.replace(in_place_of(old))
    assert (told.state, told.order.quantity) == (S.ACCEPTED, 30)


def test_a_cancel_whose_answer_is_lost_shows_in_what_became_of_the_order(broker, venue):
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    venue.fault("DELETE", ".*", unclear("504_done"))
    assert broker.replace(in_place_of(old)).state is S.ACCEPTED
    other = order("other", limit="150", tif=GTC)
    broker.submit(other)
    venue.fault("DELETE", ".*", LATE)
    with pytest.raises(BrokerRejected, match="may be canceled or not"):
        broker.replace(in_place_of(other, "late"))
    assert broker.lookup(other.client_order_id).state is S.ACCEPTED
    venue.advance()
    assert broker.lookup(other.client_order_id).state is S.CANCELED


def test_a_fill_told_after_the_cancel_ends_the_new_order_before_it_trades(broker, venue):
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    resting = venue.market.by_client(old.client_order_id)
    venue.once("POST", lambda: venue.market.fill(resting, 5, "150"))
    assert broker.replace(in_place_of(old)).state is S.CANCELED
    assert venue.market.positions["IBM"] == 5


def test_a_stop_and_its_kind_can_change_and_parts_of_a_share_for_the_day(broker, venue):
    old = stop("s", time_in_force=GTC)
    broker.submit(old)
    new = replace(old, intent_id="n", replaces=old.client_order_id, stop_price=Price(D(215)))
    told = broker.replace(new)
    assert (told.state, told.order.stop_price) == (S.ACCEPTED, 215)
    day = order("day", limit="150")
    broker.submit(day)
    assert broker.replace(in_place_of(day, "parts", quantity="7.5")).order.quantity == D("7.5")


# --------------------------------------------------------- exits, which only a PATCH can change


@pytest.fixture
def exits(broker, venue):
    """A bracket whose entry has filled, and its take-profit changed to 230."""
    wish = bracket()
    broker.submit(wish)
    venue.market.quote("IBM", "189", "189.5")
    profit, _ = legs(wish)
    new = replace(profit, intent_id="n", replaces=profit.client_order_id, leg_of="")
    leg = next(one for one in venue.market.orders[0].legs if one["type"] == "limit")
    return leg, replace(new, limit_price=Price(D(230)))


def test_an_exit_that_fills_while_it_is_changed_ends_what_came_of_it(broker, venue, exits):
    leg, new = exits
    venue.once("PATCH", lambda: venue.market.fill(leg, 20, "220"))
    assert broker.replace(new).state is S.CANCELED
    assert venue.market.positions["IBM"] == 30


def test_a_change_of_an_exit_that_arrives_late_is_ended_when_it_is_first_seen(broker, venue, exits):
    leg, new = exits
    venue.fault("PATCH", ".*", LATE)
    with pytest.raises(OutcomeUnknown):
        broker.replace(new)
    venue.market.fill(leg, 20, "220")
    venue.advance()
    assert venue.market.by_client(new.client_order_id)["status"] == "new"
    assert broker.lookup(new.client_order_id).state is S.CANCELED
    venue.market.quote("IBM", "231", "231.5")
    assert venue.market.positions["IBM"] == 30


def test_a_change_of_an_exit_that_arrives_in_time_stands(broker, venue, exits):
    leg, new = exits
    venue.market.fill(leg, 20, "220")
    assert broker.replace(new).state is S.ACCEPTED
    assert broker.lookup(new.client_order_id).state is S.ACCEPTED
    venue.market.quote("IBM", "231", "231.5")
    assert venue.market.positions["IBM"] == 0
