"""An order that rests over a split at the built-in venue."""

from datetime import date
from decimal import Decimal

import pytest

from tests.doubles import order
from tools.assembly import assemble
from tools.clock import SimulatedClock
from tools.domain.money import Price
from tools.domain.order import OrderState, Side, TimeInForce
from tools.market_data.feeds.sample import SampleFeed
from tools.settings import load_settings

# Apple split two for one on Monday, 28 February 2005: 88.99 before, 44.86 after.
BEFORE, AFTER = (
    next(bar for bar in SampleFeed().bars("AAPL") if bar.session == session)
    for session in (date(2005, 2, 24), date(2005, 3, 1))
)


@pytest.mark.parametrize(("side", "limit"), [(Side.BUY, "80"), (Side.SELL, "100")])
def test_an_order_that_rests_over_a_split_ends_and_the_desk_goes_on(side, limit):
    clock = SimulatedClock(BEFORE.known_at)
    desk = assemble(load_settings(), now=clock.now).desk
    if side is Side.SELL:
        held = desk.proposals.propose(order("held", "AAPL", as_of=clock.now(), quantity="10"))
        desk.approvals.approve(held.id, "ana")
        clock.turn_to(_next(BEFORE).known_at)
        desk.refresh()
    wish = order("rests", "AAPL", side, "10", limit, TimeInForce.GTC, clock.now())
    record = desk.proposals.propose(wish)
    desk.approvals.approve(record.id, "ana")
    assert desk.proposals.get(record.id).order.limit_price == Price(Decimal(limit))
    clock.turn_to(AFTER.known_at)
    desk.refresh()
    ended = desk.proposals.get(record.id)
    assert ended.state is OrderState.CANCELED
    assert "split on 2005-02-28" in ended.sentence
    again = desk.proposals.propose(order("again", "AAPL", as_of=clock.now(), quantity="1"))
    assert again.state is OrderState.AWAITING_APPROVAL


def _next(bar):
    bars = SampleFeed().bars("AAPL")
    return bars[bars.index(bar) + 1]
