"""Each limit on exposure, losses, shorts, contracts: what is on it passes, one step beyond not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.doubles import END, account, case, order, sight
from tests.risk.cases import (
    WIDE,
    bracket,
    contract,
    hard,
    option,
    perpetual,
    stop,
    stop_limit,
    working,
)
from tools.domain.instrument import Right
from tools.domain.order import Side
from tools.domain.portfolio import Activity, Position
from tools.domain.venue import MarginRegime
from tools.risk.gate import decide
from tools.risk.rules_words import at_most, percent, shares, shown

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
MARGIN = MarginRegime.INTRADAY_MARGIN
TEN = order(quantity="10", limit="200")


def limit(quantity, price="200", side=BUY, **changes):
    return replace(order(quantity=quantity, limit=price, side=side), **changes)


def held(quantity, wish=TEN, *orders, cash="80000", margin=MARGIN, limits=(), **market):
    """This much IBM at 200, these open orders, and an order judged on them."""
    row = Position("IBM", D(quantity), D(150), D(0), D(200), END)
    mine = account(positions=(row,), open_orders=orders, cash=D(cash), margin=margin)
    seen = sight(**market)
    return case(wish, account=mine, limits=replace(WIDE, **dict(limits)), market=seen)


def did(wish=TEN, cash="80000", **changes):
    done = replace(Activity(D(100_000), D(100_000)), **changes)
    return case(wish, account=account(cash=D(cash)), limits=WIDE, activity=done)


# A sell that turns 100 long into 100 short at the same price makes nothing larger.
LOW = {"bid": D(99), "ask": D(100)}
FLIP, FLIP_MORE = limit("200", "200", SELL), limit("200", "200.0025", SELL)
TIGHT = {"max_gross": D("0.1"), "max_sector": D("0.1"), "max_class": D("0.1"),
         "passive_collar": D(9)}  # fmt: skip
# Ten short and an equity below zero; a bracket that would buy them back.
OWED = {"cash": "-9000", "limits": {"max_concentration": D(1), "max_net": D(1)}}
SHORT = limit("110", "210", SELL)
LAYERS = tuple(working("1", SELL, price="300", n=str(n)) for n in range(4))
BIDS = tuple(working("1", BUY, price="100", n=str(n)) for n in range(4))
OTHERS = Position("X", D(-1), D(1), D(0), D(1), END, multiplier=D(100))
PUT = contract(option=replace(contract().option, right=Right.PUT))
AT_EXPIRY = date(2013, 3, 15)


def write(*positions, orders=(), cash="80000", side=SELL, instrument=None):
    """A contract written (or bought) with these positions beside 100 IBM."""
    rows = (*account().positions, *positions)
    mine = account(positions=rows, open_orders=orders, cash=D(cash))
    return replace(option(side, instrument=instrument or contract()), account=mine)


def owner(**changes):
    """A sell that closes one contract on the day that it expires."""
    row = Position("IBM130315C200", D(1), D(1), D(0), D(5), END, multiplier=D(100))
    return replace(option(SELL), account=account(positions=(row,)), **changes)


# code: (cases where it fires, the nearest cases where it does not)
EDGES = {
    "G17": (
        [
            held(100, FLIP_MORE, limits=TIGHT | {"max_class": D(9)}, **LOW),
            held(100, FLIP_MORE, limits=TIGHT | {"max_sector": D(9)}, **LOW),
            held(0, limit("10", "210", SELL), limits={"max_concentration": D("0.026")}),
            held(-10, bracket("200.05"), **OWED),
        ],
        [
            held(100, FLIP, limits=TIGHT, **LOW),
            held(0, limit("10", "210", SELL), limits={"max_concentration": D("0.02625")}),
            held(-10, bracket("200"), **OWED),
        ],
    ),
    "G18": (
        [
            held(100, FLIP_MORE, limits=TIGHT, **LOW),
            held(-10, bracket("200.05"), **OWED),
            held(100, TEN, working("5"), working("50", SELL, n="s"),
                 limits={"max_net": D("0.2299")}),
            held(-100, limit("10", "210", SELL), working("5", SELL), working("50", n="s"),
                 cash="120000", limits={"max_net": D("0.2309")}),
        ],
        [
            held(100, FLIP, limits=TIGHT, **LOW),
            held(-10, bracket("200"), **OWED),
            held(100, TEN, working("5"), working("50", SELL, n="s"), limits={"max_net": D("0.23")}),
            held(-100, limit("10", "210", SELL), working("5", SELL), working("50", n="s"),
                 cash="120000", limits={"max_net": D("0.231")}),
        ],
    ),
    "G19": (
        [
            held(0, limit("10", replaces="o"), working("10", price="150"), working("5", n="b"),
                 working("5", SELL, n="s", price="300"), cash="3002.99"),
            held(100, limit("110", "210", SELL), cash="2100.99"),
        ],
        [
            held(0, limit("10", replaces="o"), working("10", price="150"), working("5", n="b"),
                 working("5", SELL, n="s", price="300"), cash="3003"),
            held(100, limit("110", "210", SELL), cash="2101"),
            held(100, replace(bracket("200", "180", "220"), side=SELL), cash="0"),
        ],
    ),
    "G20": (
        [
            held("0.5", limit("1", "210", SELL), margin=MarginRegime.CASH),
            held(100, cash="2000.99", limits={"maintenance_margin": D(1), "margin_buffer": D(1)}),
        ],
        [
            held("0.5", limit("0.5", "210", SELL), margin=MarginRegime.CASH),
            held(100, cash="2001", limits={"maintenance_margin": D(1), "margin_buffer": D(1)}),
        ],
    ),
    "G21": (
        [did(cash="76999.99"), did(equity_open=D(0)), did(equity_open=D(-1))],
        [did(cash="77000"), did(equity_open=D("0.5"))],
    ),
    "G22": (
        [did(cash="69999.99"), did(equity_peak=D(0)), did(equity_peak=D(-1))],
        [did(cash="70000"), did(equity_peak=D("0.5"))],
    ),
    "G30": (
        [held("0.5", limit("1", "210", SELL), limits={"short_selling": False})],
        [held("0.5", limit("0.5", "210", SELL), limits={"short_selling": False})],
    ),
    "G31": (
        [held(0, TEN, working("0.5", SELL))],
        [
            held(0, TEN, working("0", SELL)),
            held(0, TEN, working("0", SELL), working("5", SELL, n="far", price="300")),
        ],
    ),
    "G32": (
        [
            held(0, order(quantity="10"), *LAYERS),
            held(100, limit("10", "199.99", SELL), *BIDS),
            held(100, limit("10", "199", SELL), *BIDS),
        ],
        [
            held(0, stop_limit("205", "206"), *LAYERS),
            held(0, stop("205"), *LAYERS),
            held(100, limit("10", "200", SELL), *BIDS),
        ],
    ),
    "G34": (
        [
            owner(today=AT_EXPIRY + timedelta(days=1)),
            write(replace(OTHERS, multiplier=D(2))),
            write(replace(OTHERS, quantity=D("-0.5"))),
            write(orders=(working("0.5", SELL),)),
            write(orders=(working("1", SELL, symbol="IBM130315C210"),)),
            write(cash="19999.99", instrument=PUT),
            write(cash="20999.99", instrument=PUT, orders=(working("5"),)),
            replace(perpetual(liquidation_price=D("160.01")),
                    market=replace(perpetual(liquidation_price=D("160.01")).market, bid=D(200))),
            perpetual(liquidation_price=D("-0.01")),
        ],
        [
            owner(today=AT_EXPIRY),
            write(replace(OTHERS, multiplier=D(1))),
            write(replace(OTHERS, quantity=D(0))),
            write(replace(OTHERS, quantity=D("0.5"))),
            write(OTHERS, side=BUY),
            write(orders=(working("1", SELL, symbol="MSFT"),)),
            write(orders=(working("1"),)),
            write(orders=(working("0", SELL),)),
            write(cash="20000", instrument=PUT),
            write(cash="21000", instrument=PUT, orders=(working("5"),)),
            replace(perpetual(liquidation_price=D(160)),
                    market=replace(perpetual(liquidation_price=D(160)).market, bid=D(200))),
            perpetual(liquidation_price=D(0)),
            perpetual(liquidation_price=D("0.5")),
        ],
    ),
    "G29": (
        [case(TEN, limits=WIDE, market=sight(instrument=replace(sight().instrument, flags=flags)))
         for flags in (("otc",), ("new", "penny"))],
        [case(TEN, limits=WIDE, market=sight(instrument=replace(sight().instrument, flags=flags)))
         for flags in ((), ("new",))]
        + [case(limit("10", "200", SELL), limits=WIDE,
                market=sight(instrument=replace(sight().instrument, flags=("otc",))))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", EDGES)
def test_a_limit_holds_to_the_last_digit(code):
    fires, silent = EDGES[code]
    for n, c in enumerate(fires):
        assert code in hard(c), (n, decide(c))
    for n, c in enumerate(silent):
        assert not hard(c) & {code, "G00"}, (n, decide(c))


def seconds(n):
    return END + timedelta(seconds=n)


@pytest.mark.parametrize(
    ("as_of", "price", "figures", "wrong"),
    [
        (2, 2, 2, 0),
        (2, 2, -300, 0),
        (3, 2, 2, 1),
        (3, 2, -300, 1),
        (3, -432_000, 0, 1),
        (2, 3, 2, 1),
        (2, -432_001, -300, 1),
        (2, 2, 3, 1),
        (2, 2, -301, 1),
        (3, 3, 3, 3),
        (3, -432_001, -301, 3),
        (2, 3, 3, 2),
    ],
)
def test_of_order_price_and_figures_only_those_too_old_or_too_early_are_named(
    as_of, price, figures, wrong
):
    c = case(
        replace(TEN, as_of=seconds(as_of)),
        market=sight(at=seconds(price)),
        account=account(at=seconds(figures)),
        limits=WIDE,
    )
    assert [r.code for r in decide(c).reasons] == ["G03"] * wrong


@pytest.mark.parametrize(
    ("write", "given", "words"),
    [
        (shares, [D("1234.50")], "1,234.5"),
        (shares, [D(-1234)], "-1,234"),
        (shares, [D("0.5")], "0.5"),
        (shares, [D("-0.5")], "-0.5"),
        (percent, [D("0.05")], "5 %"),
        (percent, [D("0.12345")], "12.34 %"),
        (at_most, [D(10), D(3)], "ask for at most 9"),
        (at_most, [D("0.9"), D("0.25"), "sell"], "sell at most 0.75"),
        (at_most, [D("0.5"), D("0.5")], "ask for at most 0.5"),
        (at_most, [D(2), D(3)], "no quantity of it is possible now"),
        (at_most, [D(-5), D(1)], "no quantity of it is possible now"),
        (at_most, [D(5), D(0)], "no quantity of it is possible now"),
        (shown, ["x" * 41], "x" * 40),
        (shown, ["x" * 41, 41], "x" * 41),
        (shown, ["a\u202eb\né"], "a?b??"),
        (shown, [None], "None"),
    ],
)
def test_figures_are_said_as_people_write_them(write, given, words):
    assert write(*given) == words
