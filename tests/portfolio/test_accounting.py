"""Cash and positions are conserved through any sequence of fills, to the last digit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles import END
from tools.domain.errors import InputError
from tools.domain.order import Fill, Side
from tools.portfolio.accounting import Account, after, fold

D = Decimal
START = Account("USD", D(100_000))


def fill(side, quantity, price, symbol="IBM", commission="0", currency="USD"):
    return Fill("x", "o", symbol, side, D(quantity), D(price), D(commission), currency, END, "test")


def buy(quantity, price, **kw):
    return fill(Side.BUY, quantity, price, **kw)


def sell(quantity, price, **kw):
    return fill(Side.SELL, quantity, price, **kw)


fills = st.builds(
    fill,
    st.sampled_from(Side),
    st.decimals("0.001", 10_000, places=3),
    st.decimals(0, 5000, places=4),
    symbol=st.sampled_from(["IBM", "MSFT", "AAPL"]),
    commission=st.decimals(0, 50, places=2),
)
runs = st.lists(fills, max_size=30)


def holding(*rows):
    return fold(START, rows).holdings["IBM"]


@pytest.mark.parametrize(
    ("rows", "quantity", "average", "realised"),
    [
        ([buy(10, 100), buy(10, 110)], 20, 105, 0),
        ([buy(10, 100), buy(10, 110), sell(5, 125)], 15, 105, 100),
        ([buy(10, 100), sell(10, 90)], 0, 0, -100),
        ([sell(10, 100), buy(4, 90)], -6, 100, 40),
        ([buy(10, 100), sell(15, 120)], -5, 120, 200),
        ([sell(10, 100), buy(15, 120)], 5, 120, -200),
        ([buy(3, 100), buy(1, 101), sell(1, 100)], 3, "100.25", "-0.25"),
    ],
)
def test_known_sequences(rows, quantity, average, realised):
    held = holding(*rows)
    assert (held.quantity, held.average_cost, held.realised) == (
        D(quantity), D(average), D(realised),
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(runs)
def test_cash_and_cost_are_conserved_exactly(rows):
    account = fold(START, rows)
    cost = sum((Fraction(h.cost) for h in account.holdings.values()), Fraction(0))
    realised = sum((Fraction(h.realised) for h in account.holdings.values()), Fraction(0))
    whole = Fraction(account.cash) + cost - realised + Fraction(account.fees)
    assert whole == Fraction(START.cash)


@settings(max_examples=150, deadline=None)
@given(runs)
def test_quantities_and_cash_are_the_plain_sums(rows):
    account = fold(START, rows)
    for symbol, held in account.holdings.items():
        assert held.quantity == sum(f.quantity * f.side.sign for f in rows if f.symbol == symbol)
        assert (held.quantity == 0) <= (held.cost == 0)
        assert held.quantity * held.cost >= 0
    assert account.cash == START.cash - sum(
        f.quantity * f.side.sign * f.price + f.commission for f in rows
    )


@settings(max_examples=150, deadline=None)
@given(runs)
def test_a_closed_position_has_all_its_profit_realised(rows):
    account = fold(START, rows)
    closing = [
        fill(Side.SELL if h.quantity > 0 else Side.BUY, abs(h.quantity), "7", symbol=symbol)
        for symbol, h in account.holdings.items()
        if h.quantity
    ]
    flat = fold(account, closing)
    assert all(h.quantity == h.cost == 0 for h in flat.holdings.values())
    realised = sum((h.realised for h in flat.holdings.values()), D(0))
    assert flat.cash == START.cash + realised - flat.fees


@settings(max_examples=100, deadline=None)
@given(runs)
def test_the_order_of_independent_symbols_does_not_matter(rows):
    apart = sorted(rows, key=lambda f: f.symbol)  # stable: each symbol keeps its own order
    assert fold(START, apart) == fold(START, rows)


def test_what_cannot_be_booked_is_refused():
    for odd in (buy(1, 1, currency="EUR"), buy(0, 1), buy(-1, 1), buy(1, -1),
                buy(1, 1, commission="NaN")):  # fmt: skip
        with pytest.raises(InputError):
            after(START, odd)
