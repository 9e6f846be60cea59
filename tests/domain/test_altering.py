"""A thing altered quickly is what ``replace`` makes of it."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from tests.doubles import order
from tools.domain.altering import altering
from tools.domain.order import Order, Side


def test_the_fields_that_are_named_change_and_no_others():
    before = order("a", limit="180")
    changes = {"side": Side.SELL, "quantity": Decimal(7)}
    assert altering(Order)(before, **changes) == replace(before, **changes)
    assert altering(Order)(before) == before
    assert before == order("a", limit="180")


def test_a_name_that_is_no_field_is_refused():
    with pytest.raises(TypeError, match="no field price"):
        altering(Order)(order("a"), price=1)


def test_what_is_checked_when_it_is_made_is_checked_again():
    @dataclass(frozen=True)
    class Pair:
        low: int
        high: int

        def __post_init__(self):
            if self.low > self.high:
                raise ValueError("low comes first")

    with pytest.raises(ValueError, match="low"):
        altering(Pair)(Pair(1, 2), low=3)
