"""Accounts told by what changed: every one can be read back, and only after the right one."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import END, account
from tools.domain.errors import StateError
from tools.domain.order import Side
from tools.domain.portfolio import OpenOrder, Position
from tools.execution import told
from tools.execution.codec import canonical
from tools.risk.plainly import to_plain

D = Decimal
quantities = st.integers(0, 3).map(D)
positions = st.dictionaries(st.sampled_from("ABCDEFGH"), quantities, max_size=8)
orders = st.lists(st.tuples(st.sampled_from("abcdef"), quantities), unique_by=lambda o: o[0])


def plain(held, waiting):
    snapshot = account(
        positions=tuple(Position(s, q, D(90), D(0), D(100), END) for s, q in held.items()),
        open_orders=tuple(OpenOrder(k, "A", Side.BUY, q, D(100)) for k, q in waiting),
    )
    return to_plain(snapshot)


def through_json(value):
    return json.loads(canonical(value))


def many(count=50):
    return plain({f"S{n:03}": D(n) for n in range(count)}, [])


def heard(account, event="e1"):
    return told.heard(through_json(account), None, event)


@given(st.lists(st.builds(plain, positions, orders), min_size=1, max_size=6))
def test_every_account_of_a_row_is_read_back_to_the_byte(accounts):
    before = read = None
    few, told.FEW = told.FEW, 1
    try:
        for n, now in enumerate(accounts):
            said = through_json(told.briefly(now, before))
            read = told.whole(said, before)
            assert canonical(read) == canonical(now)
            before = told.heard(said, before, f"e{n}")
    finally:
        told.FEW = few


def test_a_fill_and_a_new_order_cost_a_fraction_of_the_account():
    whole = many(500)
    now = {**whole, "positions": [dict(row) for row in whole["positions"]]}
    now["positions"][7]["quantity"] = "8.5"
    now["positions"].insert(9, {**now["positions"][8], "symbol": "S008a"})
    brief = told.briefly(now, heard(whole))
    assert brief["positions"] == [
        [0, 7],
        [7, {"quantity": "8.5"}],
        [8, 9],
        now["positions"][9],
        [9, 500],
    ]
    assert len(canonical(brief)) < len(canonical(now)) / 50


def test_the_first_account_and_a_small_one_are_told_whole():
    few = many(told.FEW - 1)
    assert told.briefly(many(), None) == many()
    assert told.briefly(few, heard(few)) == few
    assert told.briefly(many(), heard(many(), event="")) == many()  # nothing to refer to
    assert told.briefly(None, heard(many())) is None


def test_an_account_is_told_whole_again_when_its_rows_have_changed_so_often():
    before, wholes = heard(many(50)), 0
    for n in range(50):
        now = many(50)
        for row in now["positions"]:
            row["mark"] = str(n)
        said = through_json(told.briefly(now, before))
        wholes += told.SINCE not in said
        before = told.heard(said, before, f"e{n}")
    assert wholes == 50 // (told.TIMES)


@pytest.mark.parametrize("other", [None, replace(heard(many()), event="e2")])
def test_a_change_of_a_missing_or_another_account_is_damage(other):
    change = told.briefly(many(), heard(many()))
    assert change["since"] == "e1"
    with pytest.raises(StateError, match="missing or another: the journal is damaged"):
        told.whole(change, other)


@pytest.mark.parametrize(
    "parts",
    [
        None,
        7,
        [7],
        [[1]],
        [[0, 51]],
        [[-1, 3]],
        [[0, "3"]],
        [[3, 3]],
        [[True, 2]],
        [[50, {}]],
        [["0", {}]],
        ["ab"],
        [[0, 1, 2]],
        [{}],
    ],
)
def test_parts_that_cannot_be_read_are_damage_and_never_another_account(parts):
    before = heard(many())
    said = {**told.briefly(many(), before), "positions": parts}
    with pytest.raises(StateError, match=r"change of the account's positions can't be read"):
        told.whole(said, before)
    with pytest.raises(StateError):
        told.heard(said, before, "e2")


@pytest.mark.parametrize("odd", [None, 7, "x", {"positions": 7}, {"positions": [{}]}, []])
def test_nothing_is_told_as_a_change_of_an_odd_account(odd):
    assert told.heard(odd, None, "e1") is None
    assert told.heard({"open_orders": [], "positions": odd}, None, "e1") is None or odd == []
