"""One class, unchanged, in a backtest and at a desk that works on paper and asks a person."""

from datetime import date

import pytest

from tests.backtest.past import written
from tools.assembly import assemble, open_backtester
from tools.backtest.now import propose_now
from tools.backtest.request import Request
from tools.clock import SimulatedClock
from tools.domain.errors import InputError
from tools.domain.order import OrderState
from tools.market_data.feeds.sample import SampleFeed
from tools.settings import load_settings

PARAMS = {"fast": 2, "slow": 6, "band": 0.0, "weight": 0.15}
BARS = [bar for bar in SampleFeed().bars("IBM") if bar.session >= date(2012, 3, 1)][:25]


@pytest.fixture
def at():
    return SimulatedClock(BARS[0].known_at)


@pytest.fixture
def house(at):
    return assemble(load_settings(), now=at.now)


def test_the_desk_is_asked_for_the_orders_of_the_backtest_and_a_person_sends_them(house, at):
    desk, approved = house.desk, []
    for bar in BARS:
        at.turn_to(bar.known_at)
        records, refusals = propose_now(desk, "dual_moving_average", ["IBM"], PARAMS)
        assert not refusals
        for record in records:
            assert record.state is OrderState.AWAITING_APPROVAL
            approved.append(desk.approvals.approve(record.id, "ana").order)
    tested = open_backtester(load_settings()).run(
        Request("dual_moving_average", ("IBM",), BARS[0].session, BARS[-1].session, params=PARAMS)
    )
    assert len(approved) >= 2
    desk.refresh()
    paper = [f for record in desk.proposals.orders() for f in record.fills]
    mine = [(f.at, str(f.side), str(f.quantity), str(f.price)) for f in paper]
    theirs = [
        (f["at"], f["side"], f["quantity"], f["price"]) for f in tested.document["fills"]
    ]  # fmt: skip
    assert [(at.isoformat(), *rest) for at, *rest in mine][: len(theirs)] == theirs


def test_looking_at_the_same_bar_again_proposes_nothing_twice(house, at):
    at.turn_to(BARS[10].known_at)
    params = {"fast": 1, "slow": 200, "band": 0.0, "weight": 0.15}
    first, _ = propose_now(house.desk, "dual_moving_average", ["IBM"], params)
    again, refusals = propose_now(house.desk, "dual_moving_average", ["IBM"], params)
    assert [record.id for record in again] == [record.id for record in first]
    assert not refusals
    assert len(house.desk.proposals.orders()) == 1


def test_the_principal_is_a_program_and_can_not_approve_its_own_order(house, at):
    at.turn_to(BARS[10].known_at)
    params = {"fast": 1, "slow": 200, "band": 0.0, "weight": 0.15}
    [record], _ = propose_now(house.desk, "dual_moving_average", ["IBM"], params)
    assert record.order.principal == "strategy:dual_moving_average"
    with pytest.raises(InputError):
        house.desk.approvals.approve(record.id, record.order.principal)


def test_a_strategy_neither_sees_nor_ends_what_others_ordered(house, at, tmp_path):
    at.turn_to(BARS[10].known_at)
    bid = 'context.order("IBM", 1, limit=round(context.close("IBM") * 0.9, 2), time="gtc")'
    [other], _ = propose_now(house.desk, written(tmp_path, bid, "other"), ["IBM"], {})
    house.desk.approvals.approve(other.id, "ana")
    body = f"""
assert not context.orders
context.cancel("{other.id}")
context.change("{other.id}", quantity=2)
"""
    records, refusals = propose_now(house.desk, written(tmp_path, body), ["IBM"], {})
    assert not records
    assert [refusal.reasons[0][1] for refusal in refusals] == [
        f"{other.id} is no order of mine: leave it alone."
    ] * 2
    assert house.desk.proposals.get(other.id).leaves == 1
