"""Looking never sends; what was asked to be canceled is never sent again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.desk.test_venue_faults import Faulty
from tests.doubles import order
from tools.desk.recovery import LOOKUPS, PAUSE
from tools.domain.errors import Conflict, InputError, OutcomeUnknown
from tools.domain.order import OrderState, TimeInForce

S = OrderState
RESTS = {"limit": "180", "tif": TimeInForce.GTC}


@pytest.fixture
def faulty(house):
    return Faulty(house.venue())


def approved(house, faulty, wish):
    """An order that was approved by a process that died before sending it."""
    desk = house.desk(broker=faulty)
    record = desk.proposals.propose(wish)
    with desk.journal.writing() as page:
        page.write("approved", record.order.client_order_id, {"approver": "ana"})
    return record


def lost(house, faulty, wish, **faults):
    """An order whose answer was lost on the way to the venue, or back."""
    for name, error in faults.items():
        setattr(faulty, name, error)
    desk = house.desk(broker=faulty)
    record = desk.approvals.approve(desk.proposals.propose(wish).id, "ana")
    assert record.state is S.UNKNOWN
    faulty.before = faulty.after = None
    return record


def asked(desk, record):
    """A cancel that came while another process held the sender's lock."""
    with desk.journal.writing() as page:
        page.write("cancel_requested", record.order.client_order_id, {"by": "ana"})
    assert desk.proposals.get(record.id).cancel_requested


def test_opening_halting_looking_and_canceling_send_nothing(house, faulty):
    record = approved(house, faulty, order())
    desk = house.desk(broker=faulty)
    before = len(house.ledger().events())
    desk.approvals.halt("ana", "storm")
    assert [e.kind for e in house.ledger().events()[before:]] == ["mode"]
    assert desk.refresh() == ()
    desk.approvals.resume("ana")
    desk.proposals.snapshot()
    assert desk.proposals.get(record.id).state is S.APPROVED
    assert desk.proposals.cancel(record.id, "ana").state is S.CANCELED
    assert desk.recover() == ()
    assert faulty.submits == 0


def test_recover_sends_what_was_approved(house, faulty):
    record = approved(house, faulty, order())
    (done,) = house.desk(broker=faulty).recover()
    assert (done.id, done.state, faulty.submits) == (record.id, S.FILLED, 1)


def test_an_approved_order_says_that_it_was_not_sent_yet(house, faulty):
    record = approved(house, faulty, order())
    said = house.desk(broker=faulty).proposals.get(record.id).sentence
    assert "approved but not sent yet" in said
    assert "ask, approve, serve" in said


def test_refresh_adopts_what_the_venue_has_and_sends_nothing(house, faulty):
    there = lost(house, faulty, order("there"), after=OutcomeUnknown("x"))
    nowhere = lost(house, faulty, order("nowhere", "MSFT"), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    (fresh,) = desk.refresh()
    assert (fresh.id, fresh.state) == (there.id, S.FILLED)
    assert desk.proposals.get(nowhere.id).state is S.UNKNOWN
    assert faulty.submits == 2


@pytest.mark.parametrize("how", ["recover", "refresh"])
def test_a_cancel_asked_for_while_the_fate_was_unknown_is_kept(house, faulty, how):
    nowhere = lost(house, faulty, order("nowhere", "MSFT"), before=OutcomeUnknown("x"))
    there = lost(house, faulty, order("there", **RESTS), after=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    asked(desk, nowhere)
    asked(desk, there)
    getattr(house.desk(broker=faulty), how)()
    assert desk.proposals.get(nowhere.id).state is S.UNKNOWN  # never seen may mean not yet
    for _ in range(2):
        house.clock.real += PAUSE
        getattr(house.desk(broker=faulty), how)()
    assert desk.proposals.get(nowhere.id).state is S.CANCELED
    assert "never reached" in desk.proposals.get(nowhere.id).sentence
    assert desk.proposals.get(there.id).state is S.CANCELED
    assert house.venue().lookup(there.order.client_order_id).state is S.CANCELED
    assert house.venue().lookup(nowhere.order.client_order_id) is None
    assert faulty.submits == 2


def test_a_cancel_that_met_a_busy_sender_is_done_by_the_next_look(house, faulty):
    record = lost(house, faulty, order(**RESTS), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    with house.ledger().lease("another process", 60):
        waits = desk.proposals.cancel(record.id, "ana")
        assert (waits.state, waits.cancel_requested) == (S.UNKNOWN, True)
    for _ in range(LOOKUPS):
        desk.recover()
        house.clock.real += PAUSE
    assert desk.proposals.get(record.id).state is S.CANCELED
    assert faulty.submits == 1


def test_a_cancel_that_the_venue_did_not_answer_is_asked_again(house, faulty):
    desk = house.desk(broker=faulty)
    record = desk.approvals.approve(desk.proposals.propose(order(**RESTS)).id, "ana")
    faulty.deaf = True
    with pytest.raises(OutcomeUnknown):
        desk.proposals.cancel(record.id, "ana")
    faulty.deaf = False
    (fresh,) = desk.refresh()
    assert fresh.state is S.CANCELED


def test_a_cancel_asked_for_in_the_middle_of_sending_is_passed_on(house, faulty):
    desk = house.desk(broker=faulty)
    record = desk.proposals.propose(order(**RESTS))
    submit = faulty.submit

    def slow(wish, worst_price=None, *, at=None):
        asked(desk, record)
        return submit(wish, worst_price, at=at)

    faulty.submit = slow
    assert desk.approvals.approve(record.id, "ana").state is S.CANCELED


def test_an_approved_order_with_a_cancel_request_is_never_sent(house, faulty):
    record = approved(house, faulty, order())
    desk = house.desk(broker=faulty)
    asked(desk, record)
    desk.recover()
    assert desk.proposals.get(record.id).state is S.CANCELED
    assert faulty.submits == 0


def test_an_order_accepted_late_is_found_by_a_later_lookup_and_is_never_two(house, faulty):
    faulty.unique_ids = False
    record = lost(house, faulty, order(**RESTS), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    desk.recover()
    assert desk.proposals.get(record.id).state is S.UNKNOWN
    house.clock.real += timedelta(seconds=8)
    faulty.inner.submit(record.order, record.collar)  # the first attempt arrives after all
    desk.recover()
    assert desk.proposals.get(record.id).state is S.ACCEPTED
    assert faulty.submits == 1


def test_an_order_accepted_after_it_was_given_up_comes_back_and_counts(house, faulty):
    record = lost(house, faulty, order(**RESTS), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    asked(desk, record)
    for _ in range(LOOKUPS):
        desk.recover()
        house.clock.real += PAUSE
    assert desk.proposals.get(record.id).state is S.CANCELED
    faulty.inner.submit(record.order, record.collar)
    desk.refresh()
    assert faulty.inner.open_orders() == ()  # the cancel that was asked for is passed on
    assert desk.proposals.get(record.id).state is S.CANCELED


def test_never_seen_is_asked_for_three_times_over_a_minute_and_journalled_no_oftener(house, faulty):
    faulty.unique_ids = False
    record = lost(house, faulty, order(), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    for _ in range(29):
        desk.refresh()
        house.clock.real += timedelta(seconds=2)
    found = desk.proposals.get(record.id)
    assert (found.state, len(found.not_seen)) == (S.UNKNOWN, 2)
    house.clock.real += timedelta(seconds=2)
    desk.refresh()
    assert desk.proposals.get(record.id).state is S.NEEDS_HUMAN
    assert len(desk.proposals.snapshot().open_orders) == 1


def test_a_person_settles_only_what_needs_a_person(house, faulty):
    faulty.unique_ids = False
    record = lost(house, faulty, order(), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    with pytest.raises(Conflict, match="nobody's word"):
        desk.approvals.settle(record.id, "ana", "rejected")
    for _ in range(LOOKUPS):
        desk.refresh()
        house.clock.real += PAUSE
    for state in ("filled", "approved", ""):
        with pytest.raises(InputError):
            desk.approvals.settle(record.id, "ana", state)
    with pytest.raises(InputError):
        desk.approvals.settle(record.id, "agent:risk", "rejected")
    ended = desk.approvals.settle(record.id, "ana", "Rejected")
    assert ended.state is S.REJECTED
    assert "ana looked" in ended.sentence
    assert desk.proposals.snapshot().open_orders == ()


def test_config_changed_while_an_order_was_lost_it_is_not_sent_again(house, faulty):
    record = lost(house, faulty, order(), before=OutcomeUnknown("x"))
    house.limits = replace(house.limits, max_long=house.limits.max_long + 1)
    desk = house.desk(broker=faulty)
    desk.recover()
    assert faulty.submits == 1
    assert desk.proposals.get(record.id).state is S.UNKNOWN


def test_an_order_filled_after_it_was_given_up_is_found_when_the_figures_differ(house, faulty):
    record = lost(house, faulty, order(quantity="10"), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    asked(desk, record)
    for _ in range(LOOKUPS):
        desk.recover()
        house.clock.real += PAUSE
    assert desk.proposals.get(record.id).state is S.CANCELED
    faulty.inner.submit(record.order, record.collar)
    assert desk.reconcile().differences == ()
    found = desk.proposals.get(record.id)
    assert (found.filled, [r for r in desk.proposals.orders() if r.order.external]) == (10, [])
