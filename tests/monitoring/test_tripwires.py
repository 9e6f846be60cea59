"""G35: what must never be true after an execution."""

from decimal import Decimal

import pytest

from tests.doubles import END, WALL, order
from tools.domain.order import Fill, OrderState, Side
from tools.execution.record import OrderRecord
from tools.monitoring.tripwires import touched
from tools.risk.limits import load_limits

D = Decimal
LIMITS = load_limits()  # the collar is 5 %


def said(side=Side.BUY, collar="210", price="200", quantity="50"):
    wish = order(side=side, quantity="50")
    worst = None if collar is None else D(collar)
    record = OrderRecord(wish, OrderState.ACCEPTED, WALL, True, collar=worst)
    key = wish.client_order_id
    fill = Fill("x1", key, "IBM", side, D(quantity), D(price), D(0), "USD", END, "test")
    return list(touched(record, fill, LIMITS))


def test_an_ordinary_execution_touches_nothing():
    assert said() == []


def test_more_than_the_quantity_is_told():
    assert "more than its quantity" in said(quantity="50.0001")[0]


@pytest.mark.parametrize(
    ("side", "collar", "price", "touches"),
    [
        (Side.BUY, "210", "220", False),  # 200 at the ask, 210 allowed, 220 is twice as far
        (Side.BUY, "210", "220.01", True),
        (Side.BUY, "210", "0.01", False),
        (Side.SELL, "190", "180", False),
        (Side.SELL, "190", "179.99", True),
        (Side.SELL, "190", "1000", False),
        (Side.BUY, None, "1000", False),
    ],
)
def test_a_price_beyond_twice_the_collar_is_told(side, collar, price, touches):
    assert bool(said(side, collar, price)) is touches
