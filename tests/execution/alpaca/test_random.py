"""Random days at Alpaca, replayable by seed: whatever goes wrong, nothing is lost or doubled.

The oracle is the double's own book, which the adapter reads only through its faults.
"""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles import order
from tests.execution.alpaca.faults import REFUSING, UNCLEAR, limited, unclear
from tests.execution.alpaca.market import ENDED, START
from tools.domain.errors import BrokerRejected, NotFound, OutcomeUnknown
from tools.domain.money import Price
from tools.domain.order import TERMINAL, OrderState, Side, TimeInForce
from tools.execution.brokers.alpaca_words import STATES

D, S = Decimal, OrderState
# Faults that need the client's patience to end would make each day slow; they have their own tests.
SLOW = {"late_done", "slow_headers_done"}
FAULTS = [unclear(name) for name in UNCLEAR if name not in SLOW] + list(REFUSING.values())
VERBS = {"POST": "/v2/orders", "PATCH": ".*", "DELETE": ".*/orders/.*", "GET": ".*/orders.*"}


class Day:
    """A trader who only knows what the adapter said, and tries again after every error."""

    def __init__(self, seed, venue, broker):
        self.dice = random.Random(seed)
        self.venue, self.market, self.broker = venue, venue.market, broker
        self.wished = {}
        self.rejected = set()

    def live(self):
        for step in range(25):
            if self.dice.random() < 0.4:
                verb = self.dice.choice(list(VERBS))
                fault = self.dice.choice([*FAULTS, limited(START.timestamp() + 1)])
                self.venue.fault(verb, VERBS[verb], fault)
            self.dice.choice([self.submit, self.submit, self.replace, self.cancel, self.happen])(
                step
            )
        self.venue.faults.clear()

    def attempt(self, key, act, *args):
        try:
            act(*args)
        except BrokerRejected:
            self.rejected.add(key)
        except (OutcomeUnknown, NotFound):
            pass

    def submit(self, step):
        side = self.dice.choice([Side.BUY, Side.SELL])
        limit = self.dice.choice(["150", "199.99", "200.05", "250"])
        wish = order(f"w{step}", side=side, quantity=str(self.dice.randint(1, 50)), limit=limit)
        wish = replace(wish, time_in_force=self.dice.choice(list(TimeInForce)))
        self.wished[wish.client_order_id] = wish
        for _ in range(self.dice.randint(1, 3)):
            self.attempt(wish.client_order_id, self.broker.submit, wish)

    def replace(self, step):
        if not self.wished:
            return
        old = self.dice.choice(list(self.wished.values()))
        new = replace(
            old,
            intent_id=f"r{step}",
            replaces=old.client_order_id,
            limit_price=Price(D(self.dice.choice(["149", "151", "251"]))),
        )
        self.wished[new.client_order_id] = new
        self.attempt(new.client_order_id, self.broker.replace, new)

    def cancel(self, _):
        if self.wished:
            self.attempt("", self.broker.cancel, self.dice.choice(list(self.wished)))

    def happen(self, _):
        price = D(self.dice.choice(["149.5", "200", "250.5"]))
        cent = D("0.01")
        size = self.dice.choice([None, "7", "30"])
        self.market.quote("IBM", price - cent, price + cent, size)
        if self.market.trades and self.dice.random() < 0.2:
            self.market.bust(self.dice.choice(self.market.trades))


def family(day, wish):
    """The ids of an order and of all that took its place, one after another or side by side."""
    found = [wish.client_order_id]
    for one in day.wished.values():
        if one.replaces in found:
            found.append(one.client_order_id)
    return found


def filled(broker, key):
    told = broker.lookup(key)
    return sum((fill.quantity for fill in told.fills), D(0)) if told else D(0)


@pytest.mark.parametrize("seed", range(40))
def test_a_day_of_faults_ends_with_the_venues_own_truth(serve, connect, both, seed):
    venue = serve(unique=both, counts_filled=seed % 2 == 1)
    day = Day(seed, venue, connect(venue, unique_ids=both))
    day.live()
    fresh = connect(venue, unique_ids=both)
    for key, wish in day.wished.items():
        there = venue.market.under(key)
        assert len(there) <= 1, f"seed {seed}: {key} is there {len(there)} times"
        told = fresh.lookup(key)
        assert (told is not None) == bool(there)
        if told is None:
            continue
        assert told.client_order_id == key
        own = [t for t in venue.market.trades if t["order_id"] == there[0]["id"]]
        assert {f.execution_id for f in told.fills} == {t["id"] for t in own}
        assert sum(f.quantity for f in told.fills) <= wish.quantity
        if told.state in TERMINAL:
            assert told.state is STATES[there[0]["status"]]
        if key in day.rejected and not wish.replaces:
            # A refusal was proved, or an earlier attempt had been taken.
            assert told.state is not S.NEEDS_HUMAN
    for wish in day.wished.values():
        if not wish.replaces:
            bought = sum(filled(fresh, key) for key in family(day, wish))
            assert bought <= wish.quantity, f"seed {seed}: {wish.id} traded {bought}"
    open_there = {one["id"] for one in venue.market.orders if one["status"] not in ENDED}
    assert {told.venue_id for told in fresh.open_orders()} == open_there
    told = fresh.account()
    held = venue.market.positions.get("IBM", D(0))
    assert (told.cash, told.positions.get("IBM", D(0))) == (venue.market.cash, held)
