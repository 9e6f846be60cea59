"""Apple's split of 28 February 2005, held over at the built-in venue: what the desk shows."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles import order
from tools.assembly import assemble
from tools.clock import moment
from tools.domain.order import OrderState, Side
from tools.settings import Settings

D = Decimal


@pytest.fixture
def house(tmp_path):
    return assemble(Settings(home=tmp_path / "home", feed="sample"))


@pytest.fixture
def trade(house):
    """Propose and approve an order dated in the past."""

    def one(intent, session, quantity, side=Side.BUY):
        made = order(intent, symbol="AAPL", quantity=quantity, side=side)
        made = replace(made, as_of=moment(session, house.clock), principal="person:ada")
        record = house.desk.proposals.propose(made)
        assert record.state is OrderState.AWAITING_APPROVAL, record.reasons
        record = house.desk.approvals.approve(record.order.id, "ada")
        assert record.state is OrderState.FILLED
        return record

    return one


def seen(house, session=None):
    at = None if session is None else moment(session, house.clock)
    found = house.desk.proposals.snapshot(at)
    return found, {p.symbol: (p.quantity, p.average_cost) for p in found.positions}


def test_what_was_bought_before_a_split_is_twice_as_much_after_it_and_shows_no_loss(house, trade):
    trade("buy", "2005-02-01", "100")
    before, held = seen(house, "2005-02-25")
    assert held == {"AAPL": (100, D("77.93"))}
    after, held = seen(house, "2005-03-10")
    assert held == {"AAPL": (200, D("38.965"))}
    now, held = seen(house)
    assert held == {"AAPL": (200, D("38.965"))}
    # 100 at 88.99 were 8,899; 200 at 39.83 are 7,966: the market's own move.
    assert after.equity - before.equity == 200 * D("39.83") - 100 * D("88.99")
    assert now.equity == before.cash + 200 * D("430.47")


def test_a_second_buy_dated_before_a_split_that_was_booked_is_split_as_well(house, trade):
    trade("buy", "2005-02-01", "100")
    trade("more", "2005-02-03", "40")
    assert seen(house, "2005-02-25")[1]["AAPL"][0] == 140
    assert seen(house, "2005-03-10")[1]["AAPL"][0] == 280
    trade("sell", "2005-03-20", "60", Side.SELL)
    assert seen(house)[1]["AAPL"][0] == 220
    assert house.desk.reconcile().differences == ()


def test_what_was_bought_after_a_split_is_left_alone(house, trade):
    trade("buy", "2005-03-20", "100")
    assert seen(house)[1]["AAPL"][0] == 100
    trade("before", "2005-02-01", "10")
    assert seen(house)[1]["AAPL"][0] == 120
    assert house.desk.reconcile().differences == ()
    assert len(house.broker.entries()) == 1
