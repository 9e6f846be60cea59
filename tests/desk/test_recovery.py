"""Looking never sends; what was asked to be canceled is never sent again."""

import pytest
from filelock import FileLock

from tests.desk.test_venue_faults import Faulty
from tests.doubles import order
from tools.domain.errors import Conflict, OutcomeUnknown
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
    nowhere = lost(house, faulty, order("nowhere", quantity="7"), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    (fresh,) = desk.refresh()
    assert (fresh.id, fresh.state) == (there.id, S.FILLED)
    assert desk.proposals.get(nowhere.id).state is S.UNKNOWN
    assert faulty.submits == 2


@pytest.mark.parametrize("how", ["recover", "refresh"])
def test_a_cancel_asked_for_while_the_fate_was_unknown_is_kept(house, faulty, how):
    nowhere = lost(house, faulty, order("nowhere"), before=OutcomeUnknown("x"))
    there = lost(house, faulty, order("there", **RESTS), after=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    asked(desk, nowhere)
    asked(desk, there)
    getattr(house.desk(broker=faulty), how)()
    assert desk.proposals.get(nowhere.id).state is S.CANCELED
    assert "never reached" in desk.proposals.get(nowhere.id).sentence
    assert desk.proposals.get(there.id).state is S.CANCELED
    assert house.venue().lookup(there.order.client_order_id).state is S.CANCELED
    assert house.venue().lookup(nowhere.order.client_order_id) is None
    assert faulty.submits == 2


def test_a_cancel_that_met_a_busy_sender_is_done_by_the_next_look(house, faulty, monkeypatch):
    monkeypatch.setattr("tools.desk.proposals.WAIT_S", 0.05)
    record = lost(house, faulty, order(**RESTS), before=OutcomeUnknown("x"))
    desk = house.desk(broker=faulty)
    with FileLock(house.folder / "sender.lock"), pytest.raises(Conflict, match="being sent"):
        desk.proposals.cancel(record.id, "ana")
    desk.recover()
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
