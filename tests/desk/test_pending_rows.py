"""The open orders of an account: the very same objects while nothing about them changed."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from tests.doubles import END, order
from tools.desk.pending import Pending, open_order
from tools.domain.order import OrderGroup, OrderState, OrderType
from tools.execution.book import Book
from tools.execution.record import OrderRecord

D = Decimal


def record(name, state=OrderState.ACCEPTED, **changes):
    wish = replace(order(name, quantity="10", limit="200"), **changes)
    return OrderRecord(wish, state, END, True, "approved", worst_price=D(200))


def books(*records, heirs=None):
    orders = {r.order.client_order_id: r for r in records}
    return orders, Book(orders=MappingProxyType(orders), heirs=MappingProxyType(heirs or {}))


def test_what_did_not_change_is_the_very_same_object():
    pending, one, two = Pending(), record("one"), record("two")
    waiting, book = books(one, two)
    before = pending.orders(waiting, book)
    gone = replace(two, state=OrderState.PENDING_CANCEL)
    waiting, book = books(one, gone)
    after = pending.orders(waiting, book)
    assert after[0] is before[0]
    assert not before[1].changing
    assert after[1].changing
    waiting, book = books(gone)
    assert pending.orders(waiting, book) == (after[1],)


def test_a_change_that_the_judged_order_is_itself_is_none_and_for_others_it_is_one():
    pending = Pending()
    old = replace(record("old", OrderState.PENDING_REPLACE), replaced_by="new")
    waiting, book = books(old)
    assert [o.changing for o in pending.orders(waiting, book, replaced_by="new")] == [False]
    assert [o.changing for o in pending.orders(waiting, book)] == [True]
    assert [o.changing for o in pending.orders(waiting, book, replaced_by="new")] == [False]


def test_an_heir_gives_an_order_its_group():
    pending, old = Pending(), record("old")
    key = old.order.client_order_id
    waiting, book = books(old)
    assert pending.orders(waiting, book)[0].group == ""
    waiting, book = books(old, heirs={key: ("new",)})
    assert pending.orders(waiting, book)[0].group == key


def test_what_a_bracket_bought_frees_its_exit():
    pending = Pending()
    entry = record("entry", group=OrderGroup.BRACKET, take_profit=D(220), stop_loss=D(190))
    key = entry.order.client_order_id
    leg = record("exit", leg_of=key, type=OrderType.LIMIT)
    _, book = books(entry, leg)
    waiting = {leg.order.client_order_id: leg}
    assert pending.orders(waiting, book) == ()
    bought = replace(entry, carried=D(4))
    _, book = books(bought, leg)
    (found,) = pending.orders(waiting, book)
    assert found.leaves == D(4)
    assert found == open_order(leg.order.client_order_id, leg, book)
