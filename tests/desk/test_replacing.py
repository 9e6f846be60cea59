"""An order in another's place, and the exits of a bracket: one approval, nothing doubled."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from tests.desk.passing import Passing
from tests.doubles import order
from tests.faults.venue import Venue
from tools.domain.errors import BrokerRejected, Conflict, InputError, OutcomeUnknown
from tools.domain.legs import legs
from tools.domain.order import OrderGroup, OrderState, OrderType, TimeInForce

D, S = Decimal, OrderState


@dataclass
class Rough(Passing):
    """A venue whose ``replace`` goes wrong before or after it was done."""

    inner: object
    before: Exception | None = None
    after: Exception | None = None
    deaf: bool = False

    def replace(self, wish, worst_price=None, *, at=None):
        if self.before:
            raise self.before
        told = self.inner.replace(wish, worst_price, at=at)
        if self.after:
            raise self.after
        return told

    def lookup(self, key):
        if self.deaf:
            raise OutcomeUnknown("no answer")
        return self.inner.lookup(key)


@pytest.fixture
def venue(house):
    return Venue(house.folder / "oracle.db", house.clock)


@pytest.fixture
def rough(venue):
    return Rough(venue)


@pytest.fixture
def desk(house, rough):
    return house.desk(broker=rough)


def approved(desk, wish):
    return desk.approvals.approve(desk.proposals.propose(wish).id, "ana")


def resting(desk, quantity="20", name="old"):
    record = approved(desk, order(name, quantity=quantity, limit="190", tif=TimeInForce.GTC))
    assert record.state is S.ACCEPTED
    return record


def changed(desk, old, **change):
    change = change or {"quantity": D(30)}
    return desk.proposals.replace(old.id, principal="agent:x", **change)


def kinds(desk, record):
    return [entry.kind for entry in desk.proposals.get(record.id).history]


def test_a_replacement_is_gated_approved_and_journalled_before_the_venue_is_told(desk, venue):
    old = resting(desk)
    venue.trade(old.order.client_order_id, 5, D(190))
    desk.refresh()
    new = changed(desk, old)
    assert (new.state, new.carried, new.leaves) == (S.AWAITING_APPROVAL, 5, 25)
    assert desk.proposals.get(old.id).state is S.PARTIAL
    new = desk.approvals.approve(new.id, "ana")
    assert (new.state, new.carried, new.leaves) == (S.ACCEPTED, 5, 25)
    assert desk.proposals.get(old.id).state is S.REPLACED
    events = [(e.kind, e.order_id) for e in desk.journal._ledger.events()]
    asked = events.index(("pending_replace", old.order.client_order_id))
    assert events[asked + 1] == ("send_intent", new.order.client_order_id)
    venue.trade(new.order.client_order_id, price=D(190))
    desk.refresh()
    assert desk.proposals.get(new.id).state is S.FILLED
    assert desk.proposals.snapshot().held("IBM") == 30


def test_both_count_once_and_the_larger_of_the_two(desk):
    old = resting(desk)
    new = changed(desk, old)
    with desk.journal.writing() as page:
        page.write("approved", new.order.client_order_id, {"approver": "ana"})
    seen = desk.proposals.snapshot()
    assert {o.group for o in seen.open_orders} == {old.order.client_order_id}
    assert seen.reserved == 30 * 190


def test_the_same_change_twice_is_one_order_and_what_changes_nothing_is_refused(desk):
    old = resting(desk)
    assert changed(desk, old).id == changed(desk, old).id
    with pytest.raises(Conflict, match="intent"):
        changed(desk, old, quantity=D(31))
    with pytest.raises(InputError, match="what is to change"):
        desk.proposals.replace(old.id, principal="agent:x")
    with pytest.raises(InputError, match="no stop price"):
        changed(desk, old, stop_price=D(1))


def test_less_than_was_filled_is_no_change(desk, venue):
    old = resting(desk)
    venue.trade(old.order.client_order_id, 5, D(190))
    desk.refresh()
    with pytest.raises(InputError, match="filled 5 already"):
        changed(desk, old, quantity=D(5))


def test_a_refused_replacement_leaves_the_old_order_as_the_venue_has_it(desk, rough):
    old = resting(desk)
    rough.before = BrokerRejected("too late to change")
    new = desk.approvals.approve(changed(desk, old).id, "ana")
    assert new.state is S.REJECTED
    assert desk.proposals.get(old.id).state is S.ACCEPTED
    rough.before = None
    again = desk.approvals.approve(changed(desk, old).id, "ana")
    assert again.state is S.ACCEPTED
    assert desk.proposals.get(old.id).state is S.REPLACED


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_unanswered_replacement_leaves_both_open_until_the_venue_says(desk, rough, when):
    old = resting(desk)
    setattr(rough, when, OutcomeUnknown("cut"))
    new = desk.approvals.approve(changed(desk, old).id, "ana")
    assert new.state is S.UNKNOWN
    assert desk.proposals.get(old.id).state is S.PENDING_REPLACE
    assert desk.proposals.snapshot().reserved == 30 * 190
    rough.before = rough.after = None
    desk.refresh()  # only looks: what never arrived stays as it is
    desk.recover()
    assert desk.proposals.get(new.id).state is S.ACCEPTED
    assert desk.proposals.get(old.id).state is S.REPLACED
    assert len(rough.inner.open_orders()) == 1


def test_a_replacement_that_the_fill_beat_ends_and_sends_nothing(desk, venue):
    old = resting(desk)
    new = changed(desk, old)
    venue.trade(old.order.client_order_id, price=D(190))
    desk.refresh()
    ended = desk.approvals.approve(new.id, "ana")
    assert ended.state in (S.DENIED, S.CANCELED)
    assert "send_intent" not in kinds(desk, ended)
    assert desk.proposals.snapshot().held("IBM") == 20


def test_a_fill_in_the_very_moment_of_replacing_is_counted_once(desk, venue, rough):
    old = resting(desk)
    new = changed(desk, old)
    done = venue.replace

    def race(wish, worst_price=None, *, at=None):
        venue.trade(old.order.client_order_id, 5, D(190))
        return done(wish, worst_price, at=at)

    venue.replace = race
    new = desk.approvals.approve(new.id, "ana")
    assert (new.state, desk.proposals.get(new.id).leaves) == (S.ACCEPTED, 25)
    assert desk.proposals.snapshot().held("IBM") == 5


def test_one_change_at_a_time(desk, rough):
    old = resting(desk)
    first = changed(desk, old)
    second = desk.proposals.replace(
        old.id, principal="agent:x", intent_id="second", limit_price=D(185)
    )
    rough.after = OutcomeUnknown("cut")
    rough.deaf = True
    assert desk.approvals.approve(first.id, "ana").state is S.UNKNOWN
    rough.deaf = False
    ended = desk.approvals.approve(second.id, "ana")
    assert ended.state in (S.DENIED, S.CANCELED)
    assert "send_intent" not in kinds(desk, ended)


def test_canceling_an_order_that_is_being_replaced_cancels_both(desk, rough):
    old = resting(desk)
    rough.after = OutcomeUnknown("cut")
    rough.deaf = True
    new = desk.approvals.approve(changed(desk, old).id, "ana")
    rough.after = None
    rough.deaf = False
    desk.proposals.cancel(old.id, "ana")
    desk.recover()
    desk.refresh()
    assert desk.proposals.get(new.id).state is S.CANCELED
    assert rough.inner.open_orders() == ()


# ---------------------------------------------------------------------------------- a bracket


def bracket(name="b"):
    return replace(
        order(name, quantity="10"), group=OrderGroup.BRACKET, take_profit=D(220), stop_loss=D(180)
    )


def test_a_bracket_is_one_approval_and_three_orders(house):
    desk = house.desk()
    done = approved(desk, bracket())
    assert done.state is S.FILLED
    exits = [desk.proposals.get(leg.client_order_id) for leg in legs(bracket())]
    assert [e.state for e in exits] == [S.ACCEPTED, S.ACCEPTED]
    assert {e.approver for e in exits} == {"ana"}
    groups = {(o.group, o.side) for o in desk.proposals.snapshot().open_orders}
    assert groups == {(done.order.client_order_id, "sell")}
    ended = desk.proposals.cancel(exits[0].id, "ana")
    assert ended.state is S.CANCELED
    desk.refresh()
    again = house.desk().proposals
    assert [r.history for r in again.orders()] == [r.history for r in desk.proposals.orders()]


def test_exits_that_wait_for_their_entry_do_not_count(house):
    desk = house.desk()
    wish = replace(
        bracket(), type=OrderType.LIMIT, limit_price=D(185), time_in_force=TimeInForce.GTC
    )
    record = approved(desk, wish)
    assert record.state is S.ACCEPTED
    exits = [desk.proposals.get(leg.client_order_id) for leg in legs(wish)]
    assert [e.state for e in exits] == [S.HELD, S.HELD]
    assert [o.client_order_id for o in desk.proposals.snapshot().open_orders] == [
        record.order.client_order_id
    ]
