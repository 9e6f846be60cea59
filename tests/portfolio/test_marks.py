"""What one currency is worth in another, from the pairs that the market knows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tools.portfolio.marks import rate

D = Decimal
NOW = datetime(2020, 6, 1, tzinfo=UTC)


def known(age: timedelta = timedelta(hours=3), **pairs: str):
    return lambda symbol: (
        (D(pairs[symbol.replace("/", "")]), NOW - age)
        if "/" in symbol and symbol.replace("/", "") in pairs
        else None
    )


@pytest.mark.parametrize(
    ("pairs", "worth"),
    [
        ({"GBPJPY": "140"}, "140"),
        ({"JPYGBP": "0.008"}, "125"),
        ({"GBPUSD": "1.25", "USDJPY": "108"}, "135"),
        ({"EURGBP": "0.8", "EURJPY": "120"}, "150"),
        ({"GBPUSD": "1.25", "USDJPY": "108", "EURGBP": "0.8", "EURJPY": "120"}, "135"),
        ({"GBPJPY": "140", "GBPUSD": "1.25", "USDJPY": "108"}, "140"),
    ],
)
def test_the_pair_itself_comes_first_then_dollars_then_euros(pairs, worth):
    assert rate(known(**pairs), "GBP", "JPY", NOW) == D(worth)


@pytest.mark.parametrize("pairs", [{}, {"GBPUSD": "1.25"}, {"GBPUSD": "1.25", "EURJPY": "120"}])
def test_half_a_way_is_none(pairs):
    assert rate(known(**pairs), "GBP", "JPY", NOW) is None


def test_a_way_with_one_old_step_is_none():
    old = known(timedelta(days=8), GBPUSD="1.25")
    fresh = known(USDJPY="108")
    assert rate(lambda symbol: old(symbol) or fresh(symbol), "GBP", "JPY", NOW) is None


def test_a_currency_in_itself_is_one():
    assert rate(known(), "USD", "USD", NOW) == 1
