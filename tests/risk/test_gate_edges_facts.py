"""What the rules know of a case: groups, replacements, rates, options, sums; both sides of each."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext

import pytest

from tests.doubles import END, account, case, order, sight
from tests.risk.cases import WIDE, bracket, option, working
from tools.domain.instrument import AssetClass
from tools.domain.order import Side
from tools.domain.portfolio import Balance, Position
from tools.risk.bounds import ARITHMETIC
from tools.risk.facts import facts_of
from tools.risk.totals import Totals, equity_of
from tools.risk.working import line_of

D = Decimal
BUY, SELL = Side.BUY, Side.SELL


def told(c, *names):
    """The facts of these names."""
    with localcontext(ARITHMETIC):
        facts = facts_of(c)
        return tuple(getattr(facts, name, "untold") for name in names)


def wish(quantity="10", side=BUY, limit="200", **changes):
    return replace(order(quantity=quantity, side=side, limit=limit), **changes)


def hold(quantity, *orders, mark="200", wish=None, **changes):
    """An account with this much IBM, and an order judged on it."""
    row = Position("IBM", D(quantity), D(150), D(0), D(mark), END)
    held = account(positions=(row,), open_orders=orders, **changes)
    return case(wish, account=held, limits=WIDE)


DONE = working("0", n="old", filled=D(10))


@pytest.mark.parametrize(
    ("c", "raising"),
    [
        (hold("0.5", wish=wish("0.5", SELL)), False),
        (hold("0.5", wish=wish("0.6", SELL)), True),
        (hold("-0.5", wish=wish("0.5")), False),
        (hold("-0.5", wish=wish("0.6")), True),
        (hold("0.5", wish=wish("0.2")), True),
        (hold("-0.5", wish=wish("0.2", SELL)), True),
        (hold("10", working("4", SELL), wish=wish("6", SELL)), False),
        (hold("10", working("5", SELL), wish=wish("6", SELL)), True),
        (hold("10", working("9"), wish=wish("10", SELL)), False),
        (hold("-10", working("4"), wish=wish("6")), False),
        (hold("-10", working("5"), wish=wish("6")), True),
        (hold("-10", wish=bracket(quantity=D(1))), True),
        (hold("0", DONE, wish=wish(replaces="old")), True),
        (hold("0", replace(DONE, side=SELL), wish=wish(side=SELL, replaces="old")), True),
    ],
)
def test_only_what_can_make_a_position_no_larger_does_not_raise(c, raising):
    assert told(c, "raising") == (raising,)


@pytest.mark.parametrize(
    ("c", "short"),
    [
        (hold("10", wish=wish("10", SELL)), "0"),
        (hold("10", wish=wish("10.5", SELL)), "0.5"),
        (hold("10", working("3", SELL), wish=wish("9", SELL)), "2"),
        (hold("-4", wish=wish("9", SELL)), "13"),
        (hold("-4", wish=wish("9")), "0"),
        (hold("10", working("30"), wish=wish("12", SELL)), "2"),
    ],
)
def test_short_is_what_all_sells_leave_and_no_buy_covers(c, short):
    assert told(c, "short") == (D(short),)


EXITS = (
    working("30", SELL, n="old", group="g", price="300"),
    working("50", SELL, n="two", group="g"),
    working("7", SELL, n="apart"),
    working("90", BUY, n="in", group="g", price="400"),
)


@pytest.mark.parametrize(
    ("c", "leaves", "pending", "opposite", "value"),
    [
        (hold("100", *EXITS, wish=wish("20", SELL, replaces="old")), 50, 7, 0, 36_000),
        (hold("100", *EXITS, wish=wish("60", SELL, replaces="old")), 60, 7, 0, 36_000),
        (hold("100", *EXITS, wish=wish("20", SELL, replaces="apart")), 20, 50, 90, 4_000),
        (hold("100", *EXITS, wish=wish("20", SELL)), 20, 57, 90, 4_000),
        (hold("100", *EXITS, wish=wish("20", SELL, replaces="gone")), 20, 57, 90, 4_000),
        (hold("100", *EXITS, wish=wish("20", replaces="old")), 20, 90, 57, 4_000),
        (hold("0", working("40", n="old", filled=D(5), price="150"), working("2", n="b"),
              wish=wish("60", replaces="old")), 55, 2, 0, 11_000),
        (hold("0", working("40", n="old", price="250", scale=D(2)),
              wish=wish("10", replaces="old")), 40, 0, 0, 20_000),
        (hold("0", working("40", n="old", symbol="MSFT"), wish=wish(replaces="old")),
         10, 0, 0, 2_000),
    ],
)  # fmt: skip
def test_a_replacement_takes_the_place_of_its_group_and_counts_the_larger(
    c, leaves, pending, opposite, value
):
    names = ("leaves", "pending", "against", "value")
    assert told(c, *names) == (leaves, pending, opposite, value)


def test_nothing_of_another_symbol_or_side_is_replaced():
    for old in ("gone", "other", "sell"):
        rows = (working(n="other", symbol="MSFT"), working(n="sell", side=SELL))
        assert told(hold("0", *rows, wish=wish(replaces=old)), "replaced") == (None,)
    assert told(hold("0", working(n="old"), wish=wish(replaces="old")), "replaced") != (None,)


REPLACED = (working("40", n="old", price="210"), working("5", n="b"))


@pytest.mark.parametrize(
    ("c", "after", "more", "gross"),
    [
        (hold("100", wish=wish()), (22_000, 20_000), 2_000, 22_000),
        (hold("100", wish=wish(side=SELL)), (20_000, 18_000), 0, 20_000),
        (hold("-100", wish=wish(side=SELL, limit="210")), (-20_000, -22_100), 2_100, 22_100),
        (hold("-100", wish=wish()), (-18_000, -20_000), 0, 20_000),
        (hold("100", working("5"), wish=wish()), (23_000, 20_000), 2_000, 23_000),
        (hold("100", working("5", SELL), wish=wish()), (22_000, 19_000), 2_000, 22_000),
        (hold("100", *REPLACED, wish=wish("50", replaces="old")),
         (31_000, 20_000), 1_600, 31_000),
        (hold("100", *REPLACED, working("30", SELL, n="s", price="210"),
              wish=wish("50", replaces="old")), (31_000, 13_700), 1_600, 31_000),
        (hold("0", *REPLACED, wish=wish("50", replaces="old")), (11_000, 0), 1_600, 11_000),
        (case(wish("50", replaces="old"), limits=WIDE,
              account=account(positions=(), open_orders=REPLACED)), (11_000, 0), 1_600, 11_000),
        (hold("100", working("5", price="30", symbol="MSFT"), wish=wish()),
         (22_000, 20_000), 2_000, 22_150),
    ],
)  # fmt: skip
def test_what_a_symbol_is_worth_at_both_sides_afterwards(c, after, more, gross):
    assert told(c, "after", "more", "gross") == (after, more, gross)


@pytest.mark.parametrize(
    ("c", "value", "exposure"),
    [
        (option(), "500", "12000"),
        (option(delta=D("-0.6")), "500", "12000"),
        (option(quantity="3"), "1500", "36000"),
        (option(delta=D("0.01")), "500", "500"),
        (option(delta=D("0.02"), underlying_price=D(300)), "500", "600"),
        (option(rate=D("0.5")), "250", "6000"),
        (option(delta=None), "500", "untold"),
        (option(underlying_price=None), "500", "untold"),
        (option(delta=None, underlying_price=None), "500", "untold"),
    ],
)
def test_an_option_counts_with_its_share_of_the_underlying_if_that_is_more(c, value, exposure):
    known, counted = told(c, "value", "after")
    assert known == D(value)
    assert counted == ("untold" if exposure == "untold" else (D(exposure), 0))


@pytest.mark.parametrize("missing", ["bid", "ask"])
def test_a_sell_has_no_price_while_one_side_of_the_book_is_missing(missing):
    c = case(wish(side=SELL), market=sight(**{missing: None}))
    assert told(c, "raising", "price") == (False, "untold")


def counted(**changes):
    with localcontext(ARITHMETIC):
        return Totals(account(**changes))


MSFT = Position("MSFT", D(10), D(1), D(0), D(30), END)


def test_of_a_group_the_largest_counts_on_each_side_and_money_at_its_scale():
    rows = (
        working("3", n="a", group="g", price="100", scale=D(2)),
        working("5", n="b", group="g", price="100"),
        working("7", n="c", price="10", scale=D(3)),
        working("2", SELL, n="d", group="g"),
        working("4", SELL, n="e"),
        working("6", SELL, n="f"),
    )
    sums = counted(open_orders=rows)
    assert sums.tally("IBM") == (12, 12, 810, 2_400)
    assert sums.reserved == 810
    assert sums.sides("IBM") == (20_810, 17_600)
    assert (sums.longest, sums.shortest, sums.gross) == (20_810, 17_600, 20_810)
    assert sums.sides("MSFT") == (0, 0)
    assert sums.tally("MSFT") == (0, 0, 0, 0)


def test_gross_takes_each_symbol_at_its_worst_side():
    rows = (working("200", SELL), working("50", symbol="MSFT", price="30", n="m"))
    sums = counted(open_orders=rows, positions=(*account().positions, MSFT))
    assert (sums.longest, sums.shortest) == (21_800, -19_700)
    assert sums.gross == 20_000 + 1_800
    more = counted(open_orders=(working("300", SELL),))
    assert more.gross == 40_000
    assert counted(positions=(replace(MSFT, quantity=D(-10)),)).gross == 300


def test_the_oldest_mark_is_of_something_held():
    day = timedelta(days=1)
    old = replace(MSFT, marked_at=END - day)
    flat = replace(MSFT, symbol="AAPL", quantity=D(0), marked_at=END - 9 * day)
    assert counted(positions=(*account().positions, old, flat)).oldest == (END - day, "MSFT")
    assert counted(positions=(old, *account().positions)).oldest == (END - day, "MSFT")
    assert counted(positions=(flat,)).oldest is None
    undated = replace(MSFT, marked_at=None)
    assert counted(positions=(*account().positions, undated)).undated == "MSFT"
    assert counted(positions=(replace(undated, quantity=D(0)),)).undated == ""


@pytest.mark.parametrize(
    ("balance", "equity"),
    [
        (Balance("EUR", D(1), None), None),
        (Balance("EUR", D(0), None), 100_000),
        (Balance("EUR", D(1), D(2)), 100_000),
    ],
)
def test_cash_without_a_rate_is_not_counted_as_nothing(balance, equity):
    assert counted(balances=(balance,)).equity == equity


def test_classes_and_sectors_add_up_each_symbol_once():
    coin = replace(MSFT, symbol="BTC", asset_class=AssetClass.CRYPTO)
    rows = (working("1", symbol="BTC", n="b", price="50", asset_class=AssetClass.EQUITY),
            working("2", symbol="ETH", n="e", price="50", asset_class=AssetClass.CRYPTO),
            working("3", symbol="GE", n="g", price="50"))  # fmt: skip
    sums = counted(positions=(*account().positions, MSFT, coin), open_orders=rows)
    assert sums.classes == {None: 20_450, AssetClass.CRYPTO: 450}
    assert dict(sums.sectors(replace(WIDE, sectors=()))) == {"": 20_900}
    named = replace(WIDE, sectors=(("BTC", "coins"), ("ETH", "coins"), ("MSFT", "tech")))
    assert dict(sums.sectors(named)) == {"": 20_150, "coins": 450, "tech": 300}


def test_every_open_order_is_allowed_its_commission():
    limits = replace(WIDE, fee_minimum=D(1), fee_per_share=D("0.5"))
    sums = counted(open_orders=(working("1", n="a"), working("10", n="b"), working("4", SELL)))
    assert sums.fees(limits) == 8


def test_the_same_orders_beside_another_position_are_added_up_again():
    rows = (working("5"),)
    with localcontext(ARITHMETIC):
        assert line_of((None, rows)).sides == (1_000, 0)
        assert line_of((MSFT, rows)).sides == (1_300, 300)
        assert line_of((None, (*rows, working("1", n="p")))).sides == (1_200, 0)


@pytest.mark.parametrize(
    ("changes", "equity"),
    [
        ({}, 100_000),
        ({"positions": (replace(MSFT, mark=None),)}, None),
        ({"positions": account().positions * 2}, 120_000),
        ({"positions": (replace(MSFT, multiplier=D(0)),)}, 80_000),
    ],
)
def test_the_equity_is_the_accounts_own_sum_even_with_odd_rows(changes, equity):
    assert equity_of(account(**changes)) == account(**changes).equity == equity
