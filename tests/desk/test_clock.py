"""The market clock: it may stand, run on, or fall back to old prices; orders know which."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.desk.passing import Passing
from tests.desk.test_venue_faults import Faulty
from tests.doubles import CLOSE, END, bar, day, order
from tools.domain.errors import Conflict, StateError
from tools.domain.order import OrderState, Side, TimeInForce
from tools.execution.step import step

D = Decimal
S = OrderState
TUESDAY = day("2013-02-26") + CLOSE


def hard(record):
    return {reason.code for reason in record.reasons if reason.hard}


def later(house, price, session="2013-03-04"):
    """One more session of IBM at about this price, and the clock at its end."""
    high = str(D(price) + 1)
    house.market.bars["IBM"].append(bar("IBM", session, price, high, price, price))
    house.clock.market = day(session) + CLOSE


def test_the_same_intent_with_another_wish_is_a_conflict(desk):
    first = desk.proposals.propose(order(limit="200"))
    assert desk.proposals.propose(order(limit="200", as_of=TUESDAY)) == first
    for other in (
        order(limit="200", side=Side.SELL),
        order(limit="200", symbol="MSFT"),
        order(limit="200", quantity="51"),
        order(limit="201"),
        order(),
        order(limit="200", tif=TimeInForce.GTC),
        order(limit="200", strategy="other"),
        order(limit="200", principal="mcp:http"),
    ):
        with pytest.raises(Conflict, match="intent"):
            desk.proposals.propose(other)
    assert desk.proposals.orders() == (first,)


def test_when_the_clock_falls_back_nothing_is_proposed_or_sent_but_all_is_shown(house, desk):
    waiting = desk.proposals.propose(order("w"))
    held = desk.approvals.approve(desk.proposals.propose(order("h", quantity="10")).id, "ana")
    assert held.state is S.FILLED
    house.clock.market = TUESDAY
    again = house.desk()
    assert again.proposals.snapshot().held("IBM") == 10
    refused = again.proposals.propose(order("n", as_of=TUESDAY))
    assert "G03" in hard(refused)
    assert "went back from 2013-03-01 21:00 to 2013-02-26 21:00" in refused.sentence
    assert "TOLLGATE_HOME" in refused.sentence
    denied = again.approvals.approve(waiting.id, "ana")
    assert (denied.state, hard(denied)) == (S.DENIED, {"G03"})
    dated = again.proposals.propose(order("d", as_of=TUESDAY - timedelta(days=1)))
    assert dated.verdict == "needs_human"
    house.clock.market = END
    assert again.proposals.propose(order("back", quantity="5")).verdict == "needs_human"


def test_orders_of_a_journal_without_the_clock_are_tolerated(house, desk):
    record = desk.proposals.propose(order())
    assert record.clock == END
    proposed, verdict = (e for e in house.ledger().events() if e.order_id)
    old = {key: value for key, value in proposed.data.items() if key != "clock"}
    without = step(None, replace(proposed, data=old))
    assert without.clock is None
    bare = {key: value for key, value in verdict.data.items() if key != "inputs"}
    assert step(without, replace(verdict, data=bare)).reference is None
    assert step(without, verdict).reference == D("200.01")
    for odd in ("2013-03-01", "soon", 5, []):
        with pytest.raises(StateError):
            step(None, replace(proposed, data={**old, "clock": odd}))
    with pytest.raises(StateError):
        step(without, replace(verdict, data={**bare, "inputs": "none"}))


def test_a_dated_order_stays_at_its_moment_and_needs_a_simulated_venue(house):
    faulty = Faulty(house.venue())
    faulty.simulated_fills = False
    desk = house.desk(broker=faulty)
    refused = desk.proposals.propose(order("d", as_of=TUESDAY))
    assert "G03" in hard(refused)
    assert "not simulated" in refused.sentence
    assert "G03" not in hard(desk.proposals.propose(order("n")))
    near = END - timedelta(seconds=40)  # making an order takes its time
    assert "G03" not in hard(desk.proposals.propose(order("a", quantity="9", as_of=near)))


def test_a_dated_order_is_sent_at_its_own_moment_whatever_the_market_did_since(house, desk):
    record = desk.proposals.propose(order(as_of=TUESDAY))
    later(house, "300")
    done = desk.approvals.approve(record.id, "ana")
    assert done.fills[0].basis == "open of 2013-02-27"


@pytest.mark.parametrize(("price", "state"), [("203.99", S.FILLED), ("204.03", S.DENIED)])
@pytest.mark.parametrize("limit", [None, "209"])
def test_a_price_that_moved_too_far_since_the_proposal_wants_a_new_yes(
    house, desk, price, state, limit
):
    record = desk.proposals.propose(order(quantity="10", limit=limit))
    later(house, price)
    ended = desk.approvals.approve(record.id, "ana")
    assert ended.state is state
    if state is S.DENIED:
        assert hard(ended) == {"G06"}
        assert "moved from 200.01 USD to 204.04 USD" in ended.sentence


def test_an_undated_order_fills_only_after_it_was_sent(house, desk):
    """The session between the proposal and the sending is over: its open can't be had any more."""
    record = desk.proposals.propose(order(quantity="10"))
    later(house, "201")
    done = desk.approvals.approve(record.id, "ana")
    assert "quote" in done.fills[0].basis
    assert done.fills[0].price > 201
    assert done.fills[0].at == house.clock.market


@dataclass
class Watched(Passing):
    inner: object
    at: object = None

    def submit(self, wish, worst_price=None, *, at=None):
        self.at = at
        return self.inner.submit(wish, worst_price, at=at)


def test_the_venue_is_told_the_moment_of_sending_but_for_dated_orders(house):
    broker = Watched(house.venue())
    desk = house.desk(broker=broker)
    now, dated = (
        desk.proposals.propose(order("n")),
        desk.proposals.propose(order("d", quantity="5", as_of=TUESDAY)),
    )
    later(house, "200")
    desk.approvals.approve(now.id, "ana")
    assert broker.at == house.clock.market
    desk.approvals.approve(dated.id, "ana")
    assert broker.at is None


def test_repeats_are_counted_from_when_they_were_sent(house, desk):
    waiting = [desk.proposals.propose(order(str(n), quantity="5")) for n in range(4)]
    house.clock.real += timedelta(seconds=61)
    ended = [desk.approvals.approve(w.id, "ana").state for w in waiting]
    assert ended == [S.FILLED, S.FILLED, S.DENIED, S.DENIED]


def test_a_view_of_the_past_leaves_out_orders_made_later(house, desk):
    wish = order(limit="180", tif=TimeInForce.GTC)
    desk.approvals.approve(desk.proposals.propose(wish).id, "ana")
    assert desk.proposals.snapshot().reserved == 50 * 180
    past = desk.proposals.snapshot(END - timedelta(seconds=1))
    assert (past.open_orders, past.reserved) == ((), 0)


def test_an_old_price_of_what_is_held_stops_new_risk_only(house, desk):
    buy = order("b", symbol="MSFT", quantity="100")
    assert desk.approvals.approve(desk.proposals.propose(buy).id, "ana").state is S.FILLED
    later(house, "200", "2013-03-07")
    refused = desk.proposals.propose(order("n", quantity="5", as_of=house.clock.market))
    assert hard(refused) == {"G03"}
    assert "MSFT, which you hold" in refused.sentence
