"""What every Broker must do; an adapter's test class inherits this and gives the fixtures."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.doubles import order
from tools.domain.errors import BrokerRejected, NotFound
from tools.domain.order import OrderState, Side, TimeInForce
from tools.ports import Broker

D = Decimal
ENDS = {OrderState.FILLED, OrderState.EXPIRED, OrderState.CANCELED, OrderState.REJECTED}


class BrokerContract:
    """IBM can be traded near 200 and ``NOPE`` is unknown."""

    @pytest.fixture
    def opened(self) -> Callable[[], Broker]:
        """Each call connects to the same venue anew, as another process would."""
        raise NotImplementedError

    def test_it_says_what_it_is(self, opened):
        broker = opened()
        assert broker.name
        assert isinstance(broker.simulated, bool)
        assert isinstance(broker.unique_ids, bool)

    def test_an_unknown_id_is_none_and_cannot_be_canceled(self, opened):
        assert opened().lookup("never") is None
        with pytest.raises(NotFound):
            opened().cancel("never")

    def test_a_second_submit_of_the_same_id_is_the_first_order(self, opened):
        first = opened().submit(order("a"))
        assert opened().submit(order("a")) == first
        assert opened().submit(order("a", quantity="7")) == first
        assert opened().lookup(first.client_order_id) == first

    def test_the_moment_of_sending_may_be_said(self, opened):
        first = opened().submit(order("g"), D("210"), at=order().as_of)
        assert opened().submit(order("g"), D("210"), at=None) == first
        assert opened().lookup(first.client_order_id) == first

    def test_the_answer_adds_up(self, opened):
        wish = order("b", quantity="30")
        told = opened().submit(wish, D("210"))
        assert told.client_order_id == wish.client_order_id
        filled = sum(f.quantity for f in told.fills)
        assert filled <= 30
        assert (told.state is OrderState.FILLED) == (filled == 30)
        assert len({f.execution_id for f in told.fills}) == len(told.fills)
        for fill in told.fills:
            assert (fill.symbol, fill.side, fill.currency) == ("IBM", Side.BUY, "USD")
            assert fill.price <= 210
            assert fill.commission >= 0
            assert fill.basis
            assert fill.at.utcoffset() is not None

    def test_no_fill_is_worse_than_the_collar_or_the_limit(self, opened):
        told = opened().submit(order("c"), D("100"))
        assert told.fills == ()
        assert told.state in ENDS
        assert told.reason
        resting = opened().submit(order("d", limit="100", tif=TimeInForce.GTC), D("100"))
        assert (resting.state, resting.fills) == (OrderState.ACCEPTED, ())

    def test_cancel_ends_what_rests_and_a_second_cancel_changes_nothing(self, opened):
        told = opened().submit(order("e", limit="100", tif=TimeInForce.GTC))
        ended = opened().cancel(told.client_order_id)
        assert ended.state is OrderState.CANCELED
        assert opened().cancel(told.client_order_id) == ended
        assert opened().lookup(told.client_order_id) == ended

    def test_what_is_unknown_is_rejected_every_time(self, opened):
        for _ in range(2):
            with pytest.raises(BrokerRejected):
                opened().submit(order("f", symbol="NOPE"))
        seen = opened().lookup(order("f").client_order_id)
        assert seen is None or seen.state is OrderState.REJECTED
