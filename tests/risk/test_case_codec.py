"""A case goes to plain values and back without losing a digit, and so does its verdict."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles import case, order
from tests.risk.cases import ACTIVE, ORDERS, option, rich
from tools.domain.errors import InputError
from tools.domain.order import Order
from tools.execution.codec import to_plain as journalled
from tools.risk.case_codec import (
    PARTS,
    case_from_journal,
    inputs_of,
    limits_from,
    read,
    to_plain,
)
from tools.risk.gate import decide
from tools.risk.limits import load_limits
from tools.risk.limits_scopes import Scope


def through_json(value):
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("kind", ORDERS)
def test_every_kind_of_case_comes_back_and_is_decided_alike(kind):
    c = rich(ORDERS[kind])
    back = case_from_journal(
        read(Order, through_json(to_plain(c.order)), "order"), through_json(inputs_of(c)), c.limits
    )
    assert back == c
    assert decide(back) == decide(c)


@pytest.mark.parametrize("kind", ORDERS)
def test_what_the_desk_journals_comes_back(kind):
    c = rich(ORDERS[kind])
    inputs = {name: through_json(journalled(getattr(c, name))) for name in PARTS}
    assert decide(case_from_journal(c.order, inputs, c.limits)) == decide(c)


def test_an_options_contract_comes_back():
    c = option()
    assert case_from_journal(c.order, through_json(inputs_of(c)), c.limits) == c


@pytest.mark.parametrize("name", PARTS)
def test_an_input_that_the_journal_lacks_is_named(name):
    inputs = inputs_of(case())
    del inputs[name]
    with pytest.raises(InputError, match=name):
        case_from_journal(order(), inputs, load_limits())


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("account", "cash"), 80000, "account.cash must be a number in quotes"),
        (("account", "cash"), "lots", "account.cash must be a number in quotes"),
        (("account", "positions"), {}, "account.positions must be a list"),
        (("account", "extra"), 1, "account.extra is not a field"),
        (("mode",), "ASLEEP", "mode must be one of HALTED, REDUCE_ONLY, ACTIVE"),
        (("now",), "yesterday", "now must be a moment"),
        (("today",), "soon", "today must be a date"),
        (("dated",), "no", "dated must be true or false"),
        (("activity", "fills"), "1", "activity.fills must be a whole number"),
        (("source", "venue"), None, "source.venue must be text"),
        (("market",), [], "market must be an object"),
    ],
)
def test_each_mistake_names_its_field(path, value, says):
    inputs = inputs_of(case())
    where = inputs
    for name in path[:-1]:
        where = where[name]
    where[path[-1]] = value
    with pytest.raises(InputError) as caught:
        case_from_journal(order(), inputs, load_limits())
    assert says in str(caught.value)


def test_limits_come_back_from_their_canonical_form_with_the_same_hash():
    scoped = replace(
        ACTIVE,
        scopes=(*ACTIVE.scopes, Scope("account", "a", (("live", False), ("max_long", Decimal(5))))),
        sectors=(("IBM", "technology"),),
    )
    for limits in (load_limits(), ACTIVE, scoped):
        back = limits_from(limits.canonical())
        assert back.hash == limits.hash
        assert back == limits
    with pytest.raises(InputError):
        limits_from("{}")
    with pytest.raises(InputError):
        limits_from("[")
