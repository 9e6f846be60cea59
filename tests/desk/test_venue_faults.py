"""What the venue may do to an order: refuse it, lose the answer, answer late, or talk nonsense."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.desk.passing import Passing
from tests.doubles import order
from tools.domain.errors import BrokerRejected, OutcomeUnknown, StateError
from tools.domain.order import OrderState
from tools.domain.venue import VenueOrder
from tools.execution.brokers.paper import PaperVenue
from tools.risk.mode import Mode

S = OrderState


@dataclass
class Faulty(Passing):
    """A venue whose ``submit`` goes wrong before or after the order arrived."""

    inner: PaperVenue
    before: Exception | None = None
    after: Exception | None = None
    deaf: bool = False
    unique_ids: bool = True
    name: str = "faulty"
    real_money: bool = False
    simulated_fills: bool = True
    submits: int = 0

    def submit(self, wish, worst_price=None, *, at=None):
        self.submits += 1
        if self.before:
            raise self.before
        told = self.inner.submit(wish, worst_price, at=at)
        if self.after:
            raise self.after
        return told

    def lookup(self, client_order_id):
        if self.deaf:
            raise OutcomeUnknown("no answer")
        return self.inner.lookup(client_order_id)

    def cancel(self, client_order_id):
        if self.deaf:
            raise OutcomeUnknown("no answer")
        return self.inner.cancel(client_order_id)


@pytest.fixture
def faulty(house):
    return Faulty(house.venue())


@pytest.fixture
def approve(house, faulty):
    desk = house.desk(broker=faulty)
    return lambda: (desk, desk.approvals.approve(desk.proposals.propose(order()).id, "ana"))


def test_a_proved_refusal_ends_the_order(approve, faulty):
    faulty.before = BrokerRejected("no such market")
    desk, record = approve()
    assert record.state is S.REJECTED
    assert "no such market" in record.sentence
    assert desk.proposals.snapshot().reserved == 0


@pytest.mark.parametrize("error", [OutcomeUnknown("time-out"), StateError("odd"), None])
def test_an_answer_lost_after_arrival_is_unknown_counts_and_is_adopted(
    house, approve, faulty, error
):
    faulty.after = error or OutcomeUnknown("x")
    desk, record = approve()
    assert record.state is S.UNKNOWN
    assert desk.proposals.snapshot().reserved > 0
    faulty.after = None
    (settled,) = desk.recover()
    assert (settled.state, settled.filled) == (S.FILLED, 50)
    assert faulty.submits == 1
    assert desk.proposals.snapshot().reserved == 0


def test_an_order_that_never_arrived_is_sent_once_more_under_the_same_id(approve, faulty):
    faulty.before = OutcomeUnknown("line cut")
    desk, record = approve()
    assert record.state is S.UNKNOWN
    faulty.before = None
    (settled,) = desk.recover()
    assert settled.state is S.FILLED
    assert faulty.submits == 2


def test_where_ids_are_not_unique_it_is_never_sent_again(approve, faulty):
    faulty.before = OutcomeUnknown("line cut")
    faulty.unique_ids = False
    desk, record = approve()
    faulty.before = None
    for _ in range(3):
        (settled,) = desk.recover()
        assert settled.state is S.UNKNOWN
    assert faulty.submits == 1
    kept = desk.proposals.cancel(record.id, "ana")
    assert (kept.state, kept.cancel_requested) == (S.UNKNOWN, True)


def test_a_venue_that_does_not_answer_leaves_it_unknown(approve, faulty):
    faulty.after = OutcomeUnknown("time-out")
    faulty.deaf = True
    desk, record = approve()
    assert [r.state for r in desk.recover()] == [S.UNKNOWN]
    assert desk.refresh() == ()
    with pytest.raises(OutcomeUnknown):
        desk.proposals.cancel(record.id, "ana")
    assert desk.proposals.get(record.id).state is S.UNKNOWN


@pytest.mark.parametrize("why", ["late", "limits", "halted"])
def test_a_lost_order_is_not_sent_again_when_it_may_not_go_any_more(house, approve, faulty, why):
    faulty.before = OutcomeUnknown("line cut")
    desk, record = approve()
    faulty.before = None
    if why == "late":
        house.clock.real += timedelta(minutes=16)
    elif why == "limits":
        house.limits = replace(house.limits, max_long=Decimal(77))
    else:
        desk.approvals.halt("ana", "storm")
    again = house.desk(broker=faulty)
    again.recover()
    # "Never seen" once may only mean "not yet".
    assert again.proposals.get(record.id).state is S.UNKNOWN
    assert record.order.client_order_id in again.journal.read().of("paper").open
    for _ in range(2):
        house.clock.real += timedelta(seconds=30)
        again.recover()
    ended = again.proposals.get(record.id)
    assert ended.state is (S.CANCELED if why == "halted" else S.NOT_FOUND)
    assert faulty.submits == 1
    assert house.venue().lookup(record.order.client_order_id) is None


def test_cancel_of_an_unknown_order_asks_the_venue(approve, faulty):
    faulty.before = OutcomeUnknown("line cut")
    desk, record = approve()
    asked = desk.proposals.cancel(record.id, "ana")
    # It may still be on its way there: until the venue was asked often enough it counts as live.
    assert (asked.state, asked.cancel_requested) == (S.UNKNOWN, True)
    assert record.order.client_order_id in desk.journal.read().of("paper").open


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": Decimal(51)},
        {"quantity": Decimal(-1)},
        {"price": Decimal("NaN")},
        {"symbol": "MSFT"},
        {"currency": "EUR"},
        {"client_order_id": "other"},
    ],
)
def test_an_execution_that_cannot_be_halts_all_trading(approve, faulty, change):
    submit = faulty.inner.submit

    def odd(wish, worst_price=None, *, at=None):
        told = submit(wish, worst_price, at=at)
        return replace(told, fills=(replace(told.fills[0], **change),))

    faulty.inner.submit = odd
    desk, _ = approve()
    assert desk.approvals.mode() is Mode.HALTED
    desk.proposals.snapshot()  # the accounts can still be read


def test_old_news_does_not_move_an_order_back(approve, faulty):
    desk, record = approve()
    key = record.order.client_order_id
    for state in (S.ACCEPTED, S.PARTIAL, S.CANCELED, S.FILLED):
        desk.sending.adopt(key, VenueOrder(key, state, record.fills))
        assert desk.proposals.get(record.id) == record
