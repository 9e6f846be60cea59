"""An order's whole life through the single door."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import CLOSE, END, day, order
from tools.domain.errors import Conflict, InputError, NotFound, StateError
from tools.domain.order import OrderState, Side, TimeInForce
from tools.domain.verdict import NeedsHuman, Refused
from tools.execution.audit import verify
from tools.risk.limits import ApprovalPolicy
from tools.risk.mode import Mode

D = Decimal
S = OrderState


def test_propose_approve_fill_and_the_account_shows_it(house, desk):
    record = desk.proposals.propose(order())
    assert record.state is S.AWAITING_APPROVAL
    assert record.verdict == "needs_human"
    assert {r.code for r in record.reasons} == {"G06", "G14"}
    assert "waiting" in record.sentence
    assert desk.approvals.pending() == (record,)
    assert desk.proposals.snapshot().positions == ()
    done = desk.approvals.approve(record.id, "ana")
    assert (done.state, done.filled, done.average_price) == (S.FILLED, 50, D("200.06"))
    assert done.approver == "ana"
    assert "simulated" in done.sentence
    assert desk.approvals.pending() == ()
    seen = desk.proposals.snapshot()
    assert seen.cash == 100_000 - 50 * D("200.06") - 1
    assert seen.held("IBM") == 50
    assert seen.equity == seen.cash + 50 * 200
    assert [e.kind for e in done.history] == [
        "proposed", "verdict", "approved", "verdict", "send_intent", "fill", "venue",
    ]  # fmt: skip
    assert verify(house.folder / "ledger.db").ok
    assert house.desk().proposals.get(record.id).history == done.history


def test_the_same_intent_is_the_same_order_from_any_process(house, desk):
    first = desk.proposals.propose(order())
    assert house.desk().proposals.propose(order()) == first
    assert house.desk().proposals.propose(order(as_of=END - timedelta(days=1))) == first
    assert len(desk.proposals.orders()) == 1


def test_preview_judges_and_writes_nothing(house, desk):
    assert isinstance(desk.proposals.preview(order()), NeedsHuman)
    assert isinstance(desk.proposals.preview(order(quantity="9999")), Refused)
    assert house.ledger().events() == ()


def test_a_refusal_is_a_record_with_every_reason_and_cannot_be_approved(desk):
    record = desk.proposals.propose(order(quantity="9999"))
    assert record.state is S.DENIED
    assert {"G13", "G14", "G17", "G19"} <= {r.code for r in record.reasons}
    with pytest.raises(Conflict, match="denied"):
        desk.approvals.approve(record.id, "ana")


def test_an_unknown_symbol_is_refused_with_the_feeds_own_words(desk):
    record = desk.proposals.propose(order(symbol="IBMM"))
    assert record.state is S.DENIED
    assert "Did you mean IBM?" in record.sentence


@pytest.mark.parametrize(
    "wish",
    [
        order(as_of=END + timedelta(seconds=3)),
        replace(order(), account="live"),
        replace(order(), as_of=END.replace(tzinfo=None)),
        replace(order(), quantity=None),
        replace(order(), quantity=1.5),
        replace(order(), side="hold"),
        replace(order(), symbol=None, quantity="many"),
    ],
)
def test_what_makes_no_order_is_an_input_error_and_leaves_nothing(house, desk, wish):
    with pytest.raises(InputError):
        desk.proposals.propose(wish)
    assert house.ledger().events() == ()


def test_ids_take_a_unique_start(desk):
    record = desk.proposals.propose(order())
    assert desk.proposals.get(record.id[:4]).id == record.id
    assert desk.proposals.get(record.order.client_order_id.upper()).id == record.id
    with pytest.raises(InputError):
        desk.proposals.get(record.id[:3])
    with pytest.raises(NotFound):
        desk.proposals.get("zzzzzz")


@pytest.mark.parametrize(
    "who", ["", "  ", "agent", "Agent:risk", "MCP client", "x\x1b[2J", "execution"]
)
def test_only_a_person_decides(desk, who):
    record = desk.proposals.propose(order(principal="agent:execution"))
    for decide in (desk.approvals.approve, desk.approvals.reject):
        with pytest.raises(InputError):
            decide(record.id, who)
    assert desk.proposals.get(record.id).state is S.AWAITING_APPROVAL


def test_reject_is_final_and_says_who(desk):
    record = desk.proposals.propose(order())
    assert desk.approvals.reject(record.id, "ana", "too dear").state is S.DECLINED
    with pytest.raises(Conflict, match="declined"):
        desk.approvals.approve(record.id, "bo")
    assert "too dear" in desk.proposals.get(record.id).history[-1].sentence


def test_an_approval_expires_by_the_wall_clock(house, desk):
    record = desk.proposals.propose(order())
    house.clock.real += timedelta(minutes=15)
    assert desk.proposals.get(record.id).state is S.APPROVAL_EXPIRED
    assert desk.approvals.pending() == ()
    with pytest.raises(Conflict, match="Propose it again"):
        desk.approvals.approve(record.id, "ana")
    assert house.ledger().events()[-1].kind == "approval_expired"
    assert house.venue().lookup(record.order.client_order_id) is None


def test_other_limits_void_the_approval(house, desk):
    record = desk.proposals.propose(order())
    house.limits = replace(house.limits, max_order_value=D(20_000))
    with pytest.raises(Conflict, match="limits changed"):
        house.desk().approvals.approve(record.id, "ana")
    assert desk.proposals.get(record.id).state is S.APPROVAL_EXPIRED


def test_it_is_gated_again_when_approved_and_open_orders_count(desk):
    """Two that each pass alone but not together: the second is refused after its approval."""
    first = desk.proposals.propose(order("a", quantity="95"))
    second = desk.proposals.propose(order("b", quantity="94"))
    assert first.verdict == second.verdict == "needs_human"
    assert desk.approvals.approve(first.id, "ana").state is S.FILLED
    denied = desk.approvals.approve(second.id, "ana")
    assert denied.state is S.DENIED
    assert "G17" in {r.code for r in denied.reasons}


def test_going_back_in_time_does_not_spend_the_same_room_twice(desk):
    """An order dated before a fill still finds that fill's shares and cash gone."""
    monday = day("2013-02-25") + CLOSE
    desk.approvals.approve(desk.proposals.propose(order("a", quantity="95")).id, "ana")
    earlier = desk.proposals.propose(order("b", quantity="94", as_of=monday))
    assert "G17" in {r.code for r in earlier.reasons}
    assert desk.proposals.snapshot(monday).positions == ()


def test_an_order_dated_in_the_past_fills_at_the_next_open_then(desk):
    wish = order(as_of=day("2013-02-25") + CLOSE)
    done = desk.approvals.approve(desk.proposals.propose(wish).id, "ana")
    assert done.fills[0].basis == "open of 2013-02-26"
    assert desk.proposals.snapshot(day("2013-02-26") + CLOSE).held("IBM") == 50
    assert desk.proposals.snapshot(day("2013-02-26")).held("IBM") == 0
    with pytest.raises(InputError):
        desk.proposals.snapshot(END + timedelta(seconds=1))


def test_small_orders_go_by_themselves_where_the_policy_says_so(house):
    house.limits = replace(house.limits, approval=ApprovalPolicy.ABOVE_SOFT)
    desk = house.desk()
    assert desk.proposals.propose(order("s", quantity="10")).state is S.FILLED
    assert desk.proposals.propose(order("l", quantity="60")).state is S.AWAITING_APPROVAL


def test_the_third_of_the_same_order_within_a_minute_is_refused(house, desk):
    wishes = [order(str(n), quantity="5") for n in range(4)]
    for wish in wishes[:2]:
        desk.approvals.approve(desk.proposals.propose(wish).id, "person:test")
    third = desk.proposals.propose(wishes[2])
    assert (third.verdict, [r.code for r in third.reasons if r.hard]) == ("refused", ["G25"])
    house.clock.real += timedelta(seconds=61)
    assert desk.proposals.propose(wishes[3]).verdict == "needs_human"


def test_an_order_that_was_declined_is_no_duplicate(desk):
    for n in range(4):
        record = desk.proposals.propose(order(str(n), quantity="5"))
        assert "G25" not in {r.code for r in record.reasons}
        desk.approvals.reject(record.id, "person:test")


def test_the_same_order_waiting_twice_is_pointed_out_and_only_two_of_it_are_sent(desk):
    waiting = [desk.proposals.propose(order(str(n), quantity="5")) for n in range(4)]
    assert "G25" not in {r.code for r in waiting[0].reasons}
    assert all("G25" in {r.code for r in w.reasons if not r.hard} for w in waiting[1:])
    ended = [desk.approvals.approve(w.id, "person:test").state for w in waiting]
    assert ended == [S.FILLED, S.FILLED, S.DENIED, S.DENIED]


def resting(intent="r", quantity="50"):
    return order(intent, quantity=quantity, limit="180", tif=TimeInForce.GTC)


def test_a_resting_order_reserves_and_is_refreshed_and_canceled(house, desk):
    record = desk.approvals.approve(desk.proposals.propose(resting()).id, "ana")
    assert record.state is S.ACCEPTED
    assert desk.proposals.snapshot().reserved == 50 * 180
    assert desk.refresh() == (record,)
    ended = desk.proposals.cancel(record.id, "agent:execution")
    assert ended.state is S.CANCELED
    assert desk.proposals.snapshot().reserved == 0
    with pytest.raises(Conflict):
        desk.proposals.cancel(record.id, "ana")
    assert house.venue().lookup(record.order.client_order_id).state is S.CANCELED


def test_refresh_finds_what_the_venue_filled_since(house, desk):
    record = desk.approvals.approve(desk.proposals.propose(resting()).id, "ana")
    dip = replace(house.market.bars["IBM"][-1], low=D(170), session=day("2013-03-04").date(),
                  event_time=day("2013-03-04"), known_at=day("2013-03-04") + CLOSE)  # fmt: skip
    house.market.bars["IBM"].append(dip)
    house.clock.market = dip.known_at
    (fresh,) = desk.refresh()
    assert (fresh.state, fresh.filled, fresh.average_price) == (S.FILLED, 50, 180)
    assert desk.refresh() == ()
    assert desk.proposals.get(record.id) == fresh


def test_cancel_before_the_venue_and_while_halted(desk):
    record = desk.proposals.propose(order())
    desk.approvals.halt("ana", "test")
    assert desk.proposals.cancel(record.id, "agent:x").state is S.CANCELED
    with pytest.raises(Conflict):
        desk.approvals.approve(record.id, "ana")


def test_halt_stops_new_orders_and_those_being_approved_and_survives_a_restart(house, desk):
    waiting = desk.proposals.propose(order("w"))
    assert desk.approvals.halt("ana", "storm") is Mode.HALTED
    again = house.desk()
    assert again.approvals.mode() is Mode.HALTED
    refused = again.proposals.propose(order("n"))
    assert [r.code for r in refused.reasons if r.hard] == ["G01"]
    events = len(house.ledger().events())
    with pytest.raises(Conflict, match="goes on waiting, for trading is halted"):
        again.approvals.approve(waiting.id, "ana")
    assert len(house.ledger().events()) == events
    assert house.venue().lookup(waiting.order.client_order_id) is None
    assert desk.approvals.resume("ana") is Mode.ACTIVE
    assert again.approvals.approve(waiting.id, "ana").state is S.FILLED
    assert house.desk().proposals.propose(order("m")).verdict == "needs_human"
    for odd in ("agent:x", "mcp"):
        with pytest.raises(InputError):
            desk.approvals.resume(odd)


def test_selling_what_is_not_held_is_refused_and_what_is_held_is_sold(desk):
    assert desk.proposals.propose(order("x", side=Side.SELL)).state is S.DENIED
    bought = desk.approvals.approve(desk.proposals.propose(order("b")).id, "ana")
    sold = desk.approvals.approve(desk.proposals.propose(order("s", side=Side.SELL)).id, "ana")
    assert sold.state is S.FILLED
    seen = desk.proposals.snapshot()
    assert seen.held("IBM") == 0
    fees = bought.commission + sold.commission
    assert fees >= 2
    assert seen.equity == seen.cash == 100_000 + 50 * (D("199.95") - D("200.06")) - fees


def test_a_ledger_that_cannot_be_read_is_halted_and_sends_nothing(house, desk):
    record = desk.proposals.propose(order())
    other = house.desk()
    path = house.folder / "ledger.db"
    spoilt = b"\x00" * path.stat().st_size
    path.unlink()
    path.write_bytes(spoilt)
    assert other.approvals.mode() is Mode.HALTED
    with pytest.raises(StateError):
        other.approvals.approve(record.id, "ana")
    with pytest.raises(StateError):
        house.desk()
    assert house.venue().lookup(record.order.client_order_id) is None
    assert path.read_bytes() == spoilt


def test_desks_of_two_accounts_on_one_ledger_leave_each_other_alone(house, desk):
    house.account = "second"
    other = house.desk()
    mine = desk.proposals.propose(order())
    theirs = other.proposals.propose(replace(order(), account="second"))
    assert mine.id != theirs.id
    desk.approvals.approve(mine.id, "ana")
    assert other.proposals.snapshot().positions == ()
    with pytest.raises(InputError, match="another account"):
        desk.approvals.approve(theirs.id, "ana")
    assert other.approvals.approve(theirs.id, "ana").state is S.FILLED
    assert desk.proposals.snapshot().held("IBM") == 50


def test_what_others_wrote_cannot_draw_on_the_screen(desk):
    evil = replace(order(), symbol="IBM\u202e\x1b[2J", principal="x\x07", strategy="\n")
    record = desk.proposals.propose(evil)
    assert record.state is S.DENIED
    assert record.sentence.isprintable()
    assert all(entry.sentence.isprintable() for entry in record.history)
    assert all(reason.sentence.isprintable() for reason in record.reasons)
