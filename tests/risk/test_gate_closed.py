"""Fail closed: drop, spoil or mistype any one input of any kind of order, and the gate refuses.

A part of the table of ``closedness``; all of it: ``python -m tests.risk.closedness``.
"""

import decimal
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import END, account, case, order, yes
from tests.risk.cases import ORDERS, rich
from tests.risk.closedness import let_through, put, sampled, spoil, spoilt
from tools.domain.order import Side
from tools.domain.verdict import Refused
from tools.risk.gate import decide

D = Decimal
EVERY = 3
"""Each kind of order tries every third odd value of a field, other ones than the next kind."""


@pytest.mark.parametrize("kind", ORDERS)
def test_an_odd_input_of_every_field_of_every_kind_of_order_is_refused(kind):
    wish = ORDERS[kind]
    assert not isinstance(decide(rich(wish)), Refused), decide(rich(wish))
    rows = list(sampled(kind, EVERY))
    assert list(let_through(rows, wish)) == []
    tried = Counter(path for path, _, _ in rows)
    assert set(tried) == {path for path, _, _ in spoilt(rich(wish))}
    assert min(tried.values()) >= 3
    assert len(rows) > 1000


def test_kinds_of_orders_next_to_each_other_try_every_odd_value_together():
    kinds = ("buy at market", "buy at a limit", "sell at market")
    tried = Counter((path, repr(odd)) for k in kinds for path, odd, _ in sampled(k, EVERY))
    assert set(tried) == {(path, repr(odd)) for path, odd, _ in spoilt(rich(ORDERS[kinds[0]]))}


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
        assert isinstance(
            decide(spoil(case(approval=yes(order(quantity="10"))), name, Evil())), Refused
        )


def test_the_callers_arithmetic_does_not_matter():
    wanted = decide(case(approval=yes(order(quantity="10"))))
    odd = decide(spoil(case(approval=yes(order(quantity="10"))), "account", account(cash=D("NaN"))))
    with decimal.localcontext(decimal.Context(prec=2, traps=[])):
        assert decide(case(approval=yes(order(quantity="10")))) == wanted
        assert (
            decide(
                spoil(case(approval=yes(order(quantity="10"))), "account", account(cash=D("NaN")))
            )
            == odd
        )


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
