"""Which purchase a sale closed, and that every convention tells the same money."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.portfolio.movements import DAWN, LISTED, buy, lives, paid, sell, split_of
from tools.domain.actions import CashKind
from tools.portfolio.accounting import Account, fold
from tools.portfolio.lots import Convention, lots

D = Decimal
START = Account("USD", D(0))
THREE = [buy(10, 100), buy(10, 120), buy(10, 110)]
CONVENTIONS = list(Convention)


@pytest.mark.parametrize(
    ("convention", "gains", "left"),
    [
        (Convention.FIFO, [250, 25], [(5, 600), (10, 1100)]),
        (Convention.LIFO, [150, 25], [(10, 1000), (5, 600)]),
        (Convention.HIFO, [50, 75], [(10, 1000), (5, 550)]),
        (Convention.AVERAGE, [225], [(15, 1650)]),
    ],
)
def test_each_convention_closes_its_own_lots(convention, gains, left):
    seen = lots([*THREE, sell(15, 125)], convention)
    assert [row.gain for row in seen.closed] == gains
    assert [(lot.quantity, lot.cost) for lot in seen.open] == left


def test_a_short_closes_the_sale_that_brought_least_first_by_hifo():
    seen = lots([sell(1, 100), sell(1, 80), buy(1, 90)], Convention.HIFO)
    assert [(row.quantity, row.gain) for row in seen.closed] == [(-1, -10)]
    assert [(lot.quantity, lot.cost) for lot in seen.open] == [(-1, -100)]


def test_through_zero_closes_all_and_opens_the_rest_as_of_the_same_trade():
    late = replace(sell(15, 120), at=DAWN + timedelta(days=1))
    seen = lots([buy(10, 100), late], Convention.FIFO)
    assert [(row.gain, row.opened, row.closed) for row in seen.closed] == [(200, DAWN, late.at)]
    assert [(lot.quantity, lot.cost, lot.opened) for lot in seen.open] == [(-5, -600, late.at)]


def test_a_split_keeps_when_each_lot_was_opened_and_what_it_cost():
    seen = lots([buy(1, 90), buy(2, 100), split_of(D(3), D(2))], Convention.FIFO)
    assert [(lot.quantity, lot.cost) for lot in seen.open] == [(2, 90), (4, 200)]


def test_the_part_paid_in_cash_is_a_gain_of_its_own():
    rows = [buy(5, 100), split_of(D(5), D("1.5")), paid("33.50", CashKind.CASH_IN_LIEU)]
    seen = lots(rows, Convention.FIFO)
    assert sum(row.gain for row in seen.closed) == D("0.166666666667")
    assert [lot.quantity for lot in seen.open] == [7]


@settings(max_examples=300, deadline=None)
@given(lives(), st.sampled_from(CONVENTIONS))
def test_every_convention_agrees_with_the_accounting_to_the_last_digit(rows, convention):
    account, seen = fold(START, rows), lots(rows, convention)
    for symbol in LISTED:
        mine = [lot for lot in seen.open if lot.symbol == symbol]
        gains = sum((Fraction(r.gain) for r in seen.closed if r.symbol == symbol), Fraction(0))
        cost = sum((Fraction(lot.cost) for lot in mine), Fraction(0))
        quantity = sum((lot.quantity for lot in mine), D(0))
        held = account.holdings.get(symbol)
        if held is None:
            assert not mine
            assert not gains
            continue
        assert quantity == held.quantity
        assert cost - gains == Fraction(held.cost) - Fraction(held.realised)
        if convention is Convention.AVERAGE:
            assert (cost, gains) == (Fraction(held.cost), Fraction(held.realised))


@settings(max_examples=100, deadline=None)
@given(lives(busts=False), st.sampled_from(CONVENTIONS))
def test_the_lots_of_a_symbol_stand_on_one_side_and_none_is_empty(rows, convention):
    for symbol in LISTED:
        mine = [lot for lot in lots(rows, convention).open if lot.symbol == symbol]
        assert len({lot.quantity > 0 for lot in mine}) <= 1
        assert all(lot.quantity for lot in mine)
