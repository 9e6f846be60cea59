"""G35: what must never be true after an execution."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import END, WALL, order
from tools.domain.order import Fill, OrderState, OrderType, Side
from tools.execution.record import OrderRecord
from tools.monitoring.tripwires import touched
from tools.risk.limits import load_limits

D = Decimal
LIMITS = load_limits()  # the collar is 5 %


def said(side=Side.BUY, collar="210", price="200", quantity="50", kind=OrderType.MARKET, low=None):
    wish = replace(order(side=side, quantity="50"), type=kind)
    worst = None if collar is None else D(collar)
    record = OrderRecord(wish, OrderState.ACCEPTED, WALL, True, collar=worst)
    key = wish.client_order_id
    fill = Fill("x1", key, "IBM", side, D(quantity), D(price), D(0), "USD", END, "test")
    return list(touched(record, fill, LIMITS, low=None if low is None else D(low)))


def test_an_ordinary_execution_touches_nothing():
    assert said() == []


def test_more_than_the_quantity_is_told():
    assert "more than its quantity" in said(quantity="50.0001")[0]


def link(filled="0", carried="0", quantity="50"):
    wish = order("link", quantity=quantity)
    made = execution(wish, filled)
    fills = (made,) if D(filled) else ()
    return OrderRecord(
        wish, OrderState.ACCEPTED, WALL, True, fills=fills, carried=D(carried), heard=True
    )


def execution(wish, quantity, name="x1"):
    key = wish.client_order_id
    return Fill(name, key, "IBM", wish.side, D(quantity), D(200), D(0), "USD", END, "test")


@pytest.mark.parametrize(
    ("carried", "filled", "more", "touches"),
    [("20", "0", "30", False), ("20", "0", "30.5", True), ("20", "25", "6", True)],
)
def test_what_the_orders_before_it_filled_counts_towards_its_quantity(
    carried, filled, more, touches
):
    record = link(filled, carried)
    assert bool(list(touched(record, execution(record.order, more, "x2"), LIMITS))) is touches


@pytest.mark.parametrize(
    ("carried", "filled", "more", "touches"),
    [
        ("10", "40", "1", True),  # its heir has filled all that was left
        ("10", "30", "10", False),
        ("10", "0", "40", False),  # the heir may still be stopped
        ("10", "0", "45", False),
    ],
)
def test_a_late_execution_is_counted_with_what_its_heir_has_filled(carried, filled, more, touches):
    old, heir = link(carried), link(filled, carried)
    found = list(touched(old, execution(old.order, more, "x2"), LIMITS, [heir]))
    assert any("filled late" in why for why in found) is touches


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


STOPS = [OrderType.STOP, OrderType.TRAILING_STOP]


@pytest.mark.parametrize("kind", STOPS)
@pytest.mark.parametrize(
    ("price", "low", "touches"),
    [
        ("150", "150", False),  # sent with a collar of 190, and the market opened at 150
        ("135", "150", False),  # slippage and what the session's low doesn't show
        ("134.99", "150", True),
        ("150", "170", True),
        ("150", None, True),  # nobody knows what the market did
        ("180", None, False),
    ],
)
def test_a_stop_to_sell_is_held_to_the_market_that_set_it_off(kind, price, low, touches):
    assert bool(said(Side.SELL, "190", price, kind=kind, low=low)) is touches


def test_what_halts_says_what_the_market_was_or_that_nobody_knows():
    known, unknown = (
        said(Side.SELL, "190", "100", kind=OrderType.STOP, low=low)[0] for low in ("170", None)
    )
    assert "no lower than 170" in known
    assert "No price of that moment" in unknown


money = st.integers(1, 100_000).map(lambda cents: D(cents) / 100)


@given(
    side=st.sampled_from(Side),
    kind=st.sampled_from(OrderType),
    collar=st.none() | money,
    price=money,
    low=st.none() | money,
)
def test_a_known_low_can_only_let_a_stop_to_sell_pass_and_nothing_below_it(
    side, kind, collar, price, low
):
    without, having = (bool(said(side, collar, price, kind=kind, low=one)) for one in (None, low))
    assert without or not having
    if side is Side.BUY or kind not in STOPS or low is None:
        assert having is without
    elif without:
        assert having is (price < low * (1 - 2 * LIMITS.price_collar))
