"""Fail closed: drop, spoil or mistype any one input of any kind of order, and the gate refuses."""

import decimal
import math
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.doubles import END, account, case, order
from tools.domain.order import Refused, Side
from tools.domain.portfolio import OpenOrder, RecentOrder
from tools.risk.gate import decide

D = Decimal
ORDERS = {
    "buy at market": order(quantity="10"),
    "buy at a limit": order(quantity="10", limit="200"),
    "sell at market": order(quantity="10", side=Side.SELL),
    "sell at a limit": order(quantity="10", side=Side.SELL, limit="200"),
}
ODD = [
    None, D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity"), D("1e300"), math.nan, math.inf, 1.5,
    "", "x", "buy", object(), [], (), {}, (None,), True, -1, b"1", datetime(2013, 3, 1),  # noqa: DTZ001 - a moment without a zone is the point

    timedelta(days=9),
]  # fmt: skip
# Fields that may be left out, or are words for people: nothing is decided on them.
FREE = {
    "order.session", "order.rationale", "order.strategy", "market.average_volume",
    "market.simulated", "market.note", "market.instrument.name", "market.instrument.venue",
    "market.instrument.calendar", "limits.hash", "limits.name", "case.approved",
}  # fmt: skip


def spoil(thing, name, value):
    """A copy with one field replaced behind the back of every check in its constructor."""
    copy = replace(thing)
    object.__setattr__(copy, name, value)
    return copy


def rich(wish):
    held = account(
        open_orders=(OpenOrder("o", "MSFT", Side.BUY, D(1), D(30)),),
        recent=(RecentOrder("r", "IBM", Side.BUY, D(10), None, "", timedelta(seconds=5)),),
    )
    return case(wish, account=held, approved=True)


def spoiled(c):
    for field in fields(c):
        part = getattr(c, field.name)
        for odd in ODD:
            yield f"case.{field.name}", odd, spoil(c, field.name, odd)
        if is_dataclass(part):
            yield from parts(c, field.name, part)


def parts(c, path, part):
    for field in fields(part):
        value = getattr(part, field.name)
        for odd in ODD:
            yield f"{path}.{field.name}", odd, put(c, path, spoil(part, field.name, odd))
        if is_dataclass(value):
            yield from parts(c, f"{path}.{field.name}", value)
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for row in fields(value[0]):
                for odd in ODD:
                    changed = spoil(value[0], row.name, odd)
                    whole = put(c, path, spoil(part, field.name, (changed,)))
                    yield f"{path}.{field.name}.{row.name}", odd, whole


def put(c, path, part):
    head, _, rest = path.partition(".")
    if rest:
        part = spoil(getattr(c, head), rest, part)
    return spoil(c, head, part)


def harmless(path, odd, wish):
    """The few replacements that leave a sound case, each for a reason."""
    if path in FREE:
        return True
    name = path.rpartition(".")[2]
    one = isinstance(odd, str) and odd in ("x", "buy")
    no = odd is None
    return (
        (name in {"intent_id", "principal", "client_order_id", "strategy"} and isinstance(odd, str))
        or (name == "limit_price" and no and wish.limit_price is None)
        or (path == "account.recent.limit_price" and no)
        or (path in {"account.recent.symbol", "account.open_orders.symbol"} and one)
        or (path == "account.recent.age" and isinstance(odd, timedelta))
        or (path in {"account.positions", "account.open_orders", "account.recent"} and odd == ())
        or (path in {"limits.restricted", "limits.allowed"} and odd == ())
        or (path in {"case.latest", "case.reference"} and no)
        # Only what adds risk asks how old the other prices are.
        or (path == "account.positions.marked_at" and wish.side is Side.SELL)
        or (path == "market.instrument.tradable" and odd is True)
        or (
            path in {"market.known", "account.recent.waiting", "case.dated", "case.simulated_venue"}
            and odd is True
        )
        # Nothing is known against it but that it is not a position in IBM.
        or (path == "account.positions.symbol" and one and wish.side is Side.BUY)
    )


@pytest.mark.parametrize("kind", ORDERS)
def test_every_odd_input_of_every_kind_of_order_is_refused(kind):
    wish = ORDERS[kind]
    assert not isinstance(decide(rich(wish)), Refused), decide(rich(wish))
    tried = 0
    let_through = []
    for path, odd, c in spoiled(rich(wish)):
        verdict = decide(c)
        tried += 1
        if not isinstance(verdict, Refused) and not harmless(path, odd, wish):
            let_through.append((path, odd))
    assert let_through == []
    assert tried > 1500


@pytest.mark.parametrize("thing", [None, 1, "case", object(), {}, [], case().order])
def test_something_that_is_no_case_is_refused(thing):
    verdict = decide(thing)
    assert isinstance(verdict, Refused)
    assert verdict.reasons


def test_an_input_that_fights_back_is_refused():
    class Evil:
        def __getattr__(self, name):
            raise SystemError(name)

        def __eq__(self, other):
            raise ZeroDivisionError

        __hash__ = None

    for name in ("order", "account", "market", "limits", "mode", "now"):
        assert isinstance(decide(spoil(case(approved=True), name, Evil())), Refused)


def test_the_callers_arithmetic_does_not_matter():
    wanted = decide(case(approved=True))
    odd = decide(spoil(case(approved=True), "account", account(cash=D("NaN"))))
    with decimal.localcontext(decimal.Context(prec=2, traps=[])):
        assert decide(case(approved=True)) == wanted
        assert decide(spoil(case(approved=True), "account", account(cash=D("NaN")))) == odd


EIGHT = {
    "stale quote": lambda c: put(c, "market", replace(c.market, at=END - timedelta(days=6))),
    "through the market": lambda c: put(c, "order", order(quantity="10", limit="400")),
    "no account": lambda c: put(c, "account", None),
    "no price": lambda c: put(c, "market", replace(c.market, bid=None, ask=None)),
    "flip through zero": lambda c: spoil(
        put(c, "order", order(quantity="101", side=Side.SELL)), "mode", type(c.mode).REDUCE_ONLY
    ),
    "duplicate": lambda c: put(c, "account.recent", c.account.recent * 3),
    "oversize": lambda c: put(c, "order", order(quantity="1000000")),
    "halted": lambda c: spoil(c, "mode", type(c.mode).HALTED),
}


@pytest.mark.parametrize("name", EIGHT)
def test_eight_bad_orders_are_refused_even_with_a_persons_yes(name):
    assert isinstance(decide(EIGHT[name](rich(order(quantity="10")))), Refused)
