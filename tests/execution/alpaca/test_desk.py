"""The whole desk over Alpaca: from a proposal to its fill, through faults, a halt and a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.desk.houses import House
from tests.doubles import FakeMarket, order, week
from tests.execution.alpaca.faults import limited, unclear, wait_until
from tests.execution.alpaca.market import START
from tests.execution.alpaca.server import KEY, SECRET
from tests.faults.life import WIDE
from tools.alpaca_session import Keys
from tools.domain.errors import OutcomeUnknown
from tools.domain.legs import legs
from tools.domain.money import Price
from tools.domain.order import OrderGroup, OrderState, TimeInForce
from tools.domain.status import Borrow, Session, Status
from tools.execution.brokers.alpaca import AlpacaBroker
from tools.execution.brokers.alpaca_line import Patience
from tools.risk.mode import Mode

D, S = Decimal, OrderState
GTC = TimeInForce.GTC
RESTS = {"limit": "190", "tif": GTC, "quantity": "10"}


class Trading(FakeMarket):
    """A market that says that trading goes on: Alpaca isn't taken at the word of a made price."""

    def status(self, symbol, as_of):
        return Status(False, Session.OPEN, Borrow.EASY, short_restricted=False)


@pytest.fixture
def place(tmp_path, clock):
    return House(tmp_path, market=Trading(week().bars), clock=clock, limits=WIDE)


def test_a_price_made_from_a_close_is_not_enough_for_alpaca_paper_or_not(start, place):
    place.market = week()
    refused = start().proposals.propose(order("a", **RESTS))
    assert "isn't known whether trading in IBM is halted" in refused.sentence


@pytest.fixture
def start(place, venue, clock):
    """Opens the desk as a process of its own would: nothing is shared but files and the venue."""

    def make(server=None, *, unique=False):
        def recall(key):
            record = desk.journal.read().orders.get(key)
            return None if record is None else record.order

        broker = AlpacaBroker(
            Keys(KEY, SECRET),
            clock,
            account="paper",
            url=(server or venue).url,
            recall=recall,
            unique_ids=unique,
            patience=Patience(answer=20),
            sleep=lambda seconds: None,
            jitter=lambda: 0.0,
        )
        desk = place.desk(broker=broker)
        return desk

    return make


def approved(desk, wish):
    return desk.approvals.approve(desk.proposals.propose(wish).id, "ana")


def test_from_a_proposal_through_a_part_to_the_whole_with_books_that_agree(start, venue):
    desk = start()
    sent = approved(desk, order("a", **RESTS))
    assert sent.state is S.ACCEPTED
    venue.market.quote("IBM", "189.5", "189.9", size="4")
    desk.refresh()
    part = desk.proposals.get(sent.id)
    assert (part.state, part.filled) == (S.PARTIAL, 4)
    venue.market.quote("IBM", "189.5", "189.8")
    desk.hear(sent.order.client_order_id)
    whole = desk.proposals.get(sent.id)
    assert (whole.state, whole.filled, whole.average_price) == (S.FILLED, 10, D("189.84"))
    assert desk.proposals.snapshot().cash == venue.market.cash
    assert desk.reconcile().differences == ()


def test_a_market_order_fills_within_its_collar(start, venue):
    record = approved(start(), order("m", quantity="10"))
    assert (record.state, record.average_price) == (S.FILLED, D("200.01"))
    ((_, _, body),) = venue.asked("POST")
    assert (body["type"], body["time_in_force"]) == ("limit", "day")
    assert D("200.01") <= D(body["limit_price"]) <= record.collar


@pytest.mark.parametrize("name", ["504_done", "dropped_after_done", "400_timed_out_done"])
def test_an_answer_lost_after_acceptance_is_unknown_then_found_and_never_doubled(
    start, venue, name
):
    desk = start()
    venue.fault("POST", "/v2/orders", unclear(name))
    lost = approved(desk, order("a", **RESTS))
    assert lost.state is S.UNKNOWN
    assert desk.proposals.snapshot().reserved == 10 * 190
    start().refresh()
    assert desk.proposals.get(lost.id).state is S.ACCEPTED
    assert len(venue.asked("POST")) == 1


def test_an_order_that_never_arrived_is_left_to_a_person_where_ids_may_not_be_unique(
    start, venue, clock
):
    desk = start()
    venue.fault("POST", "/v2/orders", unclear("503"))
    lost = approved(desk, order("a", **RESTS))
    for _ in range(4):
        clock.real += timedelta(seconds=31)
        desk.refresh()
    assert desk.proposals.get(lost.id).state is S.NEEDS_HUMAN
    assert len(venue.asked("POST")) == 1


def test_an_order_that_never_arrived_is_sent_again_under_the_same_id_where_ids_are_unique(
    start, venue
):
    desk = start(unique=True)
    venue.fault("POST", "/v2/orders", unclear("503"))
    lost = approved(desk, order("a", **RESTS))
    assert lost.state is S.UNKNOWN
    start(unique=True).recover()
    assert desk.proposals.get(lost.id).state is S.ACCEPTED
    assert len(venue.market.under(lost.order.client_order_id)) == 1


def test_a_rate_limit_delays_an_order_and_one_that_lasts_rejects_it_unsent(start, venue):
    desk = start()
    venue.fault("POST", "/v2/orders", limited(START.timestamp() + 1))
    assert approved(desk, order("a", **RESTS)).state is S.ACCEPTED
    venue.fault("POST", "/v2/orders", limited(START.timestamp() + 600), times=3)
    held = approved(desk, order("b", **{**RESTS, "limit": "189"}))
    assert held.state is S.REJECTED
    assert "not sent" in held.sentence
    assert venue.market.under(held.order.client_order_id) == []


def test_a_refusal_is_a_rejection_in_the_venues_words(start, venue):
    desk = start()
    venue.market.list("IBM", tradable=False)
    record = approved(desk, order("a", **RESTS))
    assert record.state is S.REJECTED
    assert "not tradable" in record.sentence
    assert venue.market.orders == []


def test_a_replacement_is_approved_sent_and_takes_the_old_ones_place(start, venue):
    desk = start()
    old = approved(desk, order("a", **RESTS))
    venue.market.fill(venue.market.by_client(old.order.client_order_id), 4, "190")
    desk.refresh()
    change = desk.proposals.replace(old.id, principal="agent:execution", limit_price=D(191))
    new = desk.approvals.approve(change.id, "ana")
    assert new.state is S.ACCEPTED
    assert desk.proposals.get(old.id).state is S.REPLACED
    venue.market.quote("IBM", "190.5", "190.9")
    desk.refresh()
    assert venue.market.positions["IBM"] == 10
    assert desk.proposals.snapshot().held("IBM") == 10
    assert desk.proposals.snapshot().cash == venue.market.cash


def test_an_exit_of_a_bracket_fills_under_its_own_record_after_a_restart(start, venue):
    desk = start()
    wish = replace(
        order("b", **RESTS),
        group=OrderGroup.BRACKET,
        take_profit=Price(D(210)),
        stop_loss=Price(D(180)),
    )
    entry = approved(desk, wish)
    assert entry.state is S.ACCEPTED
    venue.market.quote("IBM", "189.5", "189.9")
    venue.market.quote("IBM", "211", "211.02")
    again = start()
    again.refresh()
    profit, loss = (again.journal.read().orders[leg.client_order_id] for leg in legs(wish))
    assert again.proposals.get(entry.id).state is S.FILLED
    assert (profit.state, loss.state) == (S.FILLED, S.CANCELED)
    assert again.proposals.snapshot().held("IBM") == 0
    assert again.proposals.snapshot().cash == venue.market.cash


def test_a_cancel_reaches_the_venue_and_one_that_got_no_answer_is_asked_again(start, venue):
    desk = start()
    record = approved(desk, order("a", **RESTS))
    venue.fault("DELETE", "/v2/orders/.*", unclear("504"))
    with pytest.raises(OutcomeUnknown, match="may still trade"):
        desk.proposals.cancel(record.id, "ana")
    desk.refresh()
    assert desk.proposals.get(record.id).state is S.CANCELED
    assert venue.market.orders[0]["status"] == "canceled"


def test_the_kill_switch_cancels_every_open_order_also_those_of_others(start, venue):
    desk = start()
    mine = [approved(desk, order(str(n), **{**RESTS, "limit": str(180 + n)})) for n in range(3)]
    venue.market.place(
        {"symbol": "MSFT", "qty": "1", "side": "buy", "type": "limit", "limit_price": "20"}
        | {"time_in_force": "gtc"}
    )
    assert desk.approvals.halt("ana", "drill") is Mode.HALTED
    assert {one["status"] for one in venue.market.orders} == {"canceled"}
    assert {desk.proposals.get(one.id).state for one in mine} == {S.CANCELED}
    before = len(venue.asked("POST"))
    desk.proposals.propose(order("more", **RESTS))
    assert len(venue.asked("POST")) == before


def test_what_happened_while_nobody_ran_is_in_the_books_after_a_restart(start, venue):
    filled, resting, canceled = (
        approved(start(), order(str(n), **{**RESTS, "limit": str(185 + n)})) for n in range(3)
    )
    market = venue.market
    market.fill(market.by_client(filled.order.client_order_id), 10, "185")
    market.cancel(market.by_client(canceled.order.client_order_id)["id"])
    desk = start()
    desk.recover()
    desk.refresh()
    states = [desk.proposals.get(one.id).state for one in (filled, resting, canceled)]
    assert states == [S.FILLED, S.ACCEPTED, S.CANCELED]
    assert desk.proposals.snapshot().cash == market.cash
    assert desk.reconcile().differences == ()


def test_an_order_that_somebody_sent_past_the_desk_counts_here(start, venue):
    venue.market.place(
        {"symbol": "IBM", "qty": "7", "side": "buy", "type": "limit", "limit_price": "150"}
        | {"time_in_force": "gtc"}
    )
    desk = start()
    desk.reconcile()
    (record,) = desk.proposals.orders()
    assert (record.state, record.order.quantity) == (S.ACCEPTED, 7)


def test_a_late_fill_after_the_cancel_is_booked(start, venue):
    desk = start()
    record = approved(desk, order("a", **RESTS))
    desk.proposals.cancel(record.id, "ana")
    venue.market.fill(venue.market.by_client(record.order.client_order_id), 3, "190")
    desk.hear(record.order.client_order_id)
    late = desk.proposals.get(record.id)
    assert (late.state, late.filled) == (S.FILLED_LATE, 3)


def test_an_unknown_status_needs_a_person_and_what_the_venue_says_later_still_counts(start, venue):
    desk = start()
    record = approved(desk, order("a", **RESTS))
    resting = venue.market.by_client(record.order.client_order_id)
    resting.told["status"] = "teleported"
    desk.hear(record.order.client_order_id)
    assert desk.proposals.get(record.id).state is S.NEEDS_HUMAN
    resting.told["status"] = "new"
    desk.hear(record.order.client_order_id)
    assert desk.proposals.get(record.id).state is S.ACCEPTED
    venue.wrong = [said for said in venue.wrong if "teleported" not in said]


def test_the_stream_brings_a_fill_into_the_books_without_anybody_asking(start, venue):
    desk = start()
    line = desk.broker.listen(desk.hear)
    record = approved(desk, order("a", **RESTS))
    venue.market.quote("IBM", "189.5", "189.9")
    assert wait_until(lambda: desk.proposals.get(record.id).state is S.FILLED)
    line.close()


def test_a_fill_that_races_a_replacement_whose_answer_is_lost_is_not_bought_twice(start, venue):
    desk = start()
    old = approved(desk, order("a", **RESTS))
    resting = venue.market.by_client(old.order.client_order_id)
    venue.once("DELETE", lambda: venue.market.fill(resting, 6, "190"))
    venue.fault("POST", ".*", unclear("504_done"))
    change = desk.proposals.replace(old.id, principal="agent:execution", limit_price=D(191))
    new = desk.approvals.approve(change.id, "ana")
    assert new.state is S.UNKNOWN
    venue.market.quote("IBM", "190.5", "190.9")
    desk.refresh()
    assert desk.proposals.get(new.id).state is S.FILLED
    assert desk.proposals.get(old.id).state is S.REPLACED
    assert desk.proposals.snapshot().held("IBM") == venue.market.positions["IBM"] == 10
    assert desk.reconcile().differences == ()


def test_a_replacement_that_is_refused_after_the_cancel_says_that_both_are_gone(start, venue):
    desk = start()
    old = approved(desk, order("a", **RESTS))
    venue.once("POST", lambda: venue.market.list("IBM", tradable=False))
    change = desk.proposals.replace(old.id, principal="agent:execution", limit_price=D(191))
    new = desk.approvals.approve(change.id, "ana")
    assert new.state is S.REJECTED
    assert "is gone as well" in new.sentence
    assert desk.proposals.get(old.id).state is S.CANCELED
    assert desk.reconcile().differences == ()


def test_a_late_fill_of_what_was_replaced_ends_the_new_order_before_it_can_overfill(start, venue):
    desk = start()
    line = desk.broker.listen(desk.hear)
    old = approved(desk, order("a", **RESTS))
    change = desk.proposals.replace(old.id, principal="agent:execution", limit_price=D(191))
    new = desk.approvals.approve(change.id, "ana")
    venue.market.fill(venue.market.by_client(old.order.client_order_id), 4, "190")
    assert wait_until(lambda: desk.proposals.get(new.id).state is S.CANCELED)
    line.close()
    assert desk.proposals.snapshot().held("IBM") == venue.market.positions["IBM"] == 4


def test_a_late_fill_after_the_new_order_has_filled_halts_at_once(start, venue):
    desk = start()
    old = approved(desk, order("a", **RESTS))
    change = desk.proposals.replace(old.id, principal="agent:execution", limit_price=D(191))
    desk.approvals.approve(change.id, "ana")
    venue.market.quote("IBM", "190.5", "190.9")
    desk.refresh()
    assert desk.watch.mode_of(desk.journal.read()) is Mode.ACTIVE
    venue.market.fill(venue.market.by_client(old.order.client_order_id), 4, "190")
    desk.hear(old.order.client_order_id)
    assert desk.watch.mode_of(desk.journal.read()) is Mode.HALTED
    assert "filled late" in " ".join(desk.journal.read().trips)
    assert desk.proposals.snapshot().held("IBM") == venue.market.positions["IBM"] == 14
