"""The oracle itself: it would tell of a lost, doubled or misstated order, so it can fail."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles import order
from tests.faults.invariants import chain, settled
from tests.faults.life import Person, house, venue
from tests.faults.venue import Venue
from tools.domain.errors import BrokerRejected, NotFound
from tools.domain.money import Price
from tools.domain.order import OrderGroup, OrderState, Side, TimeInForce

S = OrderState
RESTS = order("rests", symbol="MSFT", quantity="20", limit="25", tif=TimeInForce.GTC)


@pytest.fixture
def place(tmp_path):
    return house(tmp_path)


@pytest.fixture
def oracle(tmp_path, place):
    return venue(tmp_path, place.clock, unique=True)


@pytest.fixture
def desk(place, oracle, tmp_path):
    desk = place.desk(broker=oracle)
    Person(desk, oracle, tmp_path).order("bought")
    Person(desk, oracle, tmp_path).order("rests", symbol="MSFT", quantity="20", limit="25")
    return desk


def key_of(desk, n):
    return list(desk.journal.read().orders)[n]


def test_an_honest_day_is_settled(desk, oracle, tmp_path):
    assert settled(desk, oracle) + chain(tmp_path) == []


def test_a_second_order_of_the_same_id_is_told(tmp_path, place):
    careless = venue(tmp_path, place.clock, unique=False)
    for _ in range(2):
        careless.submit(RESTS)
    assert careless.doubled() == (RESTS.client_order_id,)


def test_where_ids_are_unique_there_is_never_a_second(oracle):
    assert oracle.submit(RESTS) == oracle.submit(RESTS)
    assert oracle.doubled() == ()
    assert len(oracle.called("submit")) == 2


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda oracle, key: oracle.trade(key, 5), "filled 0"),
        (lambda oracle, key: oracle.trade(key, 25), "filled beyond"),
        (lambda oracle, key: oracle.finish(key), "at the venue expired"),
        (lambda oracle, key: oracle.adjust("IBM", 5), "the desk holds 50 IBM"),
        (lambda oracle, key: oracle.adjust("IBM", 0, "7"), "at the venue 90005"),
        (lambda oracle, key: oracle.submit(order("stray")), "the journal has not"),
    ],
)
def test_every_difference_is_told(desk, oracle, harm, said):
    harm(oracle, key_of(desk, 1))
    assert any(said in line for line in settled(desk, oracle)), settled(desk, oracle)


def test_a_broken_promise_to_the_person_is_told(desk, oracle):
    rests = key_of(desk, 1)
    assert settled(desk, oracle, [("nowhere", S.FILLED)])
    assert settled(desk, oracle, [(rests, S.CANCELED)])


def test_its_ledger_outlives_it(desk, oracle, place):
    again = Venue(oracle.path, place.clock)
    assert again.sent() == oracle.sent()
    assert again.holdings() == oracle.holdings()


def test_a_replacement_counts_what_the_old_one_filled(oracle):
    oracle.submit(RESTS)
    oracle.trade(RESTS.client_order_id, 5)
    more = replace(RESTS, intent_id="more", quantity=30, replaces=RESTS.client_order_id)
    assert oracle.replace(more).state is S.ACCEPTED
    assert oracle.lookup(RESTS.client_order_id).state is S.REPLACED
    assert oracle.left(more.client_order_id) == 25
    oracle.trade(more.client_order_id)
    assert oracle.lookup(more.client_order_id).state is S.FILLED
    assert oracle.holdings()[1] == {"MSFT": 30}


def test_what_has_ended_is_not_replaced(oracle):
    oracle.submit(RESTS)
    oracle.cancel(RESTS.client_order_id)
    with pytest.raises(BrokerRejected):
        oracle.replace(replace(RESTS, intent_id="more", replaces=RESTS.client_order_id))
    with pytest.raises(NotFound):
        oracle.cancel("nowhere")


def test_orders_of_others_are_open_and_told_whole(oracle):
    oracle.external("IBM", Side.SELL, 7, filled=False)
    (told,) = oracle.open_orders()
    assert (told.order.side, told.order.quantity) == (Side.SELL, 7)


def test_the_exits_of_a_bracket_wait_for_the_entry_and_end_each_other(oracle):
    bracket = replace(
        order("entry", quantity="10", limit="190"),
        group=OrderGroup.BRACKET,
        take_profit=Price(Decimal("220")),
        stop_loss=Price(Decimal("180")),
    )
    told = oracle.submit(bracket)
    assert [leg.state for leg in told.legs] == [S.HELD, S.HELD]
    oracle.trade(bracket.client_order_id)
    profit, stop = (leg.client_order_id for leg in told.legs)
    assert oracle.lookup(profit).state is oracle.lookup(stop).state is S.ACCEPTED
    oracle.trade(profit)
    assert oracle.lookup(stop).state is S.CANCELED
    assert oracle.holdings()[1] == {}


def test_exits_end_with_an_entry_that_never_filled(oracle):
    bracket = replace(
        order("entry", quantity="10", limit="190"),
        group=OrderGroup.BRACKET,
        take_profit=Price(Decimal("220")),
        stop_loss=Price(Decimal("180")),
    )
    oracle.submit(bracket)
    told = oracle.cancel(bracket.client_order_id)
    assert {told.state, *(leg.state for leg in told.legs)} == {S.CANCELED}
