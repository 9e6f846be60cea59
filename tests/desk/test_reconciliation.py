"""Our figures against the venue's: what was lost is found, what came past the desk counts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import order
from tests.faults.venue import Venue
from tools.desk.news import Listening
from tools.domain.errors import Conflict, OutcomeUnknown
from tools.domain.order import OrderState, Side, TimeInForce
from tools.execution.kinds import Kind
from tools.risk.mode import Mode

D, S = Decimal, OrderState
RESTS = {"limit": "190", "tif": TimeInForce.GTC}
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def venue(house):
    return Venue(house.folder / "double.db", house.clock)


@pytest.fixture
def desk(house, venue):
    return house.desk(broker=venue)


def bought(desk, intent="wish", **terms):
    return desk.approvals.approve(desk.proposals.propose(order(intent, **terms)).id, "ana")


def codes(record):
    return {reason.code for reason in record.reasons if reason.hard}


def kinds(house):
    return [event.kind for event in house.ledger().events()]


def test_figures_that_agree_write_nothing_however_often_they_are_compared(house, desk):
    bought(desk, quantity="10")
    before = len(kinds(house))
    for _ in range(5):
        house.clock.real += HALF_A_MINUTE
        health = desk.reconcile()
        assert (health.differences, health.connected) == ((), True)
        assert health.reconciled_at == house.clock.real
    assert len(kinds(house)) == before


def test_a_fill_that_nobody_told_is_found_by_the_next_comparison(house, venue, desk):
    record = bought(desk, quantity="10", **RESTS)
    venue.trade(record.order.client_order_id, 4)
    assert desk.proposals.get(record.id).filled == 0
    assert desk.reconcile().differences == ()
    assert desk.proposals.get(record.id).filled == 4
    assert desk.approvals.mode() is Mode.ACTIVE


def test_another_process_trusts_a_comparison_for_half_a_minute(house, venue, desk):
    first = desk.reconcile().reconciled_at
    other = house.desk(broker=venue)
    house.clock.real += timedelta(seconds=29)
    assert other.agree().reconciled_at == first
    house.clock.real += timedelta(seconds=1)
    assert other.agree().reconciled_at == house.clock.real


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": "soon"}', '{"at": 5}'])
def test_a_memory_that_cannot_be_read_is_compared_anew(house, desk, text):
    desk.reconcile()
    (house.folder / "reconciled.json").write_text(text)
    house.clock.real += timedelta(seconds=1)
    assert desk.agree().reconciled_at == house.clock.real


def test_an_external_manual_order_is_adopted_counts_and_is_canceled_with_the_rest(
    house, venue, desk
):
    bought(desk, quantity="10")
    venue.external("MSFT", Side.BUY, 100, filled=False)
    desk.reconcile()
    (stranger,) = [r for r in desk.proposals.orders() if r.order.external]
    assert stranger.state is S.ACCEPTED
    assert desk.proposals.snapshot().reserved >= 3000
    assert desk.approvals.mode() is Mode.ACTIVE
    desk.approvals.halt("ana", "storm")
    assert desk.proposals.get(stranger.order.client_order_id).state is S.CANCELED


def test_an_external_manual_order_that_fills_moves_our_position_too(house, venue, desk):
    venue.external("MSFT", Side.BUY, 100, filled=False)
    desk.reconcile()
    venue.trade("manual-1", 100)
    assert desk.reconcile().differences == ()
    seen = desk.proposals.snapshot()
    cash, positions = venue.holdings()
    assert (seen.held("MSFT"), seen.cash, positions) == (100, cash, {"MSFT": 100})


def test_an_external_position_is_told_first_and_then_taken_over_and_halts(house, venue, desk):
    bought(desk, quantity="10")
    venue.adjust("IBM", 5)
    health = desk.reconcile()
    assert health.differences == ("The venue holds 15 IBM, this ledger 10.",)
    assert desk.approvals.mode() is Mode.REDUCE_ONLY
    assert codes(desk.proposals.propose(order("more", quantity="1"))) & {"G01", "G04"}
    desk.reconcile()
    assert desk.approvals.mode() is Mode.HALTED
    assert desk.proposals.snapshot().held("IBM") == 15
    assert desk.proposals.snapshot().cash == venue.holdings()[0]
    house.clock.real += HALF_A_MINUTE
    assert desk.reconcile().differences == ()
    assert house.desk(broker=venue).approvals.mode() is Mode.HALTED
    desk.approvals.resume("ana")
    assert desk.approvals.mode() is Mode.ACTIVE


def test_a_position_that_vanished_at_the_venue_halts_too(house, venue, desk):
    bought(desk, quantity="10")
    venue.adjust("IBM", -10)
    desk.reconcile()
    desk.reconcile()
    assert desk.approvals.mode() is Mode.HALTED
    assert desk.proposals.snapshot().held("IBM") == 0


def test_fees_and_interest_are_booked_without_a_halt_and_a_big_sum_halts(house, venue, desk):
    bought(desk, quantity="10")
    for cash, mode in (("-3.21", Mode.ACTIVE), ("-500", Mode.HALTED)):
        venue.adjust("IBM", 0, cash)
        desk.reconcile()
        desk.reconcile()
        desk.reconcile()
        assert desk.approvals.mode() is mode
        assert desk.proposals.snapshot().cash == venue.holdings()[0]


def test_a_dividend_that_the_statement_tells_is_booked_once(house, venue, desk):
    bought(desk, quantity="10")
    venue.pay("IBM", "12.50")
    for _ in range(3):
        assert desk.reconcile().differences == ()
    assert kinds(house).count(Kind.ENTRY) == 1
    assert desk.proposals.snapshot().cash == venue.holdings()[0]


def test_a_deleted_ledger_is_noticed_while_the_venue_remembers(house, venue, desk):
    bought(desk, quantity="10")
    bought(desk, "rests", quantity="20", **RESTS)
    for file in house.folder.glob("ledger.db*"):
        file.unlink()
    for file in (house.folder / "reconciled.json", *house.folder.glob("heads/*")):
        file.unlink(missing_ok=True)
    fresh = house.desk(broker=venue)
    refused = fresh.proposals.propose(order("new", quantity="1"))
    assert codes(refused) & {"G01", "G04"}
    assert fresh.approvals.mode() is Mode.HALTED
    seen = fresh.proposals.snapshot()
    assert (seen.held("IBM"), seen.cash) == (10, venue.holdings()[0])
    (word,) = [w for w in fresh.approvals.standing() if w.source == "monitoring"]
    assert "open order" in word.sentence
    assert "holds 10 IBM, this ledger 0" in word.sentence


def test_a_venue_that_forgot_everything_is_noticed(house, venue, desk):
    bought(desk, quantity="10")
    empty = house.desk(broker=Venue(house.folder / "another.db", house.clock))
    empty.reconcile()
    assert empty.approvals.mode() is not Mode.ACTIVE
    empty.reconcile()
    assert empty.approvals.mode() is Mode.HALTED


def test_an_unanswering_venue_lets_nothing_be_added_and_says_so(house, venue, desk):
    bought(desk, quantity="10")
    house.clock.real += timedelta(minutes=1)
    account = venue.account
    venue.account = lost
    refused = desk.proposals.propose(order("more", quantity="1"))
    assert codes(refused) & {"G01", "G04"}
    (word,) = [w for w in desk.approvals.standing() if w.source == "broker"]
    assert word.mode is Mode.REDUCE_ONLY
    with pytest.raises(Conflict, match="does not answer"):
        desk.approvals.resume("ana")
    venue.account = account
    assert desk.proposals.propose(order("again", quantity="1")).verdict == "needs_human"


def test_a_desk_that_never_heard_the_venue_is_halted(house, venue):
    venue.account = lost
    assert house.desk(broker=venue).approvals.mode() is Mode.HALTED


def test_a_malformed_account_stops_the_desk_and_not_the_process(house, venue, desk):
    venue.account = lambda: None
    assert desk.reconcile().connected is False
    assert desk.approvals.mode() is Mode.HALTED


def test_an_order_on_its_way_explains_a_gap_and_is_waited_for(house, venue, desk):
    bought(desk, quantity="10")
    submit, lookup = venue.submit, venue.lookup

    def late(wish, worst_price=None, *, at=None):
        submit(wish, worst_price, at=at)
        raise OutcomeUnknown("no answer in time")

    venue.submit, venue.lookup = late, lost
    record = bought(desk, "lost", quantity="5")
    assert record.state is S.UNKNOWN
    for _ in range(3):
        assert desk.reconcile().differences == ()
    venue.lookup = lookup
    desk.reconcile()
    assert desk.proposals.get(record.id).state is S.FILLED
    assert desk.approvals.mode() is Mode.ACTIVE
    assert desk.proposals.snapshot().held("IBM") == 15


def test_news_of_the_venue_are_taken_and_a_dropped_stream_shows(house, venue, desk):
    record = bought(desk, quantity="10", **RESTS)
    desk.reconcile()
    listen, lines = venue.listen, []
    venue.listen = lambda heard: lines.append(listen(heard)) or lines[0]
    listening = Listening(desk)
    venue.trade(record.order.client_order_id, 4)
    venue.heard[0](record.order.client_order_id)
    lines[0].up = False
    (word,) = [w for w in desk.approvals.standing() if w.source == "broker"]
    assert word.mode is Mode.REDUCE_ONLY
    listening.close()
    assert desk.proposals.get(record.id).filled == 4
    assert desk.approvals.mode() is Mode.ACTIVE


def test_a_hint_that_makes_the_desk_stumble_does_not_make_it_deaf(house, venue, desk):
    record = bought(desk, quantity="10", **RESTS)
    listening = Listening(desk)
    venue.heard[0]("no such order")
    venue.trade(record.order.client_order_id, 4)
    venue.heard[0](record.order.client_order_id)
    listening.close()
    assert desk.proposals.get(record.id).filled == 4


def lost(*_, **__):
    raise OutcomeUnknown("no answer")
