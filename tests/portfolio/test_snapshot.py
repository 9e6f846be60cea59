"""The picture of an account at a moment."""

from datetime import timedelta
from decimal import Decimal

from tests.doubles import CLOSE, END, day, week
from tools.domain.order import Fill, Side
from tools.portfolio.accounting import Account
from tools.portfolio.snapshot import filled_by, marks_at, picture

D = Decimal
START = Account("USD", D(1000))


def fill(side, quantity, price, at=END, symbol="IBM"):
    return Fill("x", "o", symbol, side, D(quantity), D(price), D(0), "USD", at, "test")


def test_marks_are_the_last_close_known_at_the_moment_and_none_before_the_first():
    monday = day("2013-02-25") + CLOSE
    mark = marks_at(week(), monday)
    assert mark("IBM") == (D(200), monday)
    assert mark("NOPE") is None
    assert marks_at(week(), monday - timedelta(seconds=1))("IBM") is None


def test_equity_needs_a_price_of_everything_held_but_not_of_what_is_flat():
    fills = [fill(Side.BUY, 2, 100), fill(Side.BUY, 1, 50, symbol="GONE")]
    mark = marks_at(week(), END)
    assert picture("a", END, START, fills, mark).equity is None
    sold = [*fills, fill(Side.SELL, 1, 60, symbol="GONE")]
    seen = picture("a", END, START, sold, mark)
    assert seen.equity == 1000 - 200 + 10 + 400
    assert [p.realised for p in seen.positions] == [10, 0]


def test_a_view_of_the_past_has_only_the_fills_until_then():
    fills = [fill(Side.BUY, 1, 100, at=END - timedelta(days=1)), fill(Side.BUY, 1, 100)]
    assert filled_by(fills, END - timedelta(hours=1)) == (fills[0],)
