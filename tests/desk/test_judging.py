"""What the desk counts for the gate, and that a verdict can be told again from the journal."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest

from tests.desk.passing import Passing
from tests.doubles import CLOSE, bar, day, order
from tools.desk.counting import day_of
from tools.desk.program import build
from tools.desk.seeing import Views, session
from tools.domain.errors import BrokerRejected, Conflict
from tools.domain.order import OrderState, Side, TimeInForce
from tools.domain.status import Session
from tools.execution.codec import canonical, order_from, to_plain
from tools.portfolio.marks import marks_at
from tools.risk.case_codec import case_from_journal, limits_from
from tools.risk.gate import decide

D, S = Decimal, OrderState


class Refusing(Passing):
    def __init__(self, inner):
        self.inner = inner

    def submit(self, wish, worst_price=None, *, at=None):
        raise BrokerRejected("not today")


def approved(desk, wish):
    return desk.approvals.approve(desk.proposals.propose(wish).id, "ana")


def inputs(house):
    """What the last verdict was given on."""
    return [e for e in house.ledger().events() if e.kind == "verdict"][-1].data["inputs"]


def resting(name, **kw):
    return order(name, **{"quantity": "5", "limit": "180", "tif": TimeInForce.GTC, **kw})


def test_every_verdict_is_decided_again_from_the_journal_byte_for_byte(house, desk):
    approved(desk, order("b"))
    old = approved(desk, resting("r"))
    desk.proposals.replace(old.id, quantity=D(7), principal="agent:x")
    desk.proposals.propose(order("big", quantity="9999"))
    desk.proposals.propose(order("past", quantity="5", as_of=day("2013-02-25") + CLOSE))
    desk.approvals.halt("ana", "x")
    desk.proposals.propose(order("halted"))
    events = house.ledger().events()
    limits = {e.data["hash"]: limits_from(e.data["limits"]) for e in events if e.kind == "limits"}
    orders = {e.order_id: order_from(e.data["order"]) for e in events if e.kind == "proposed"}
    verdicts = [e for e in events if e.kind == "verdict"]
    assert len(verdicts) == 8
    assert len(limits) == 1
    for event in verdicts:
        data = json.loads(canonical(event.data))
        found = limits[data["limits_hash"]]
        assert found.hash == data["limits_hash"]
        verdict = decide(case_from_journal(orders[event.order_id], data["inputs"], found))
        assert canonical(to_plain(verdict.reasons)) == canonical(data["reasons"])
        assert verdict.digest == data["digest"]


def test_messages_executions_and_money_are_counted_and_the_order_itself_is_not(house, desk):
    approved(desk, order("a", quantity="10"))
    record = approved(desk, resting("r", strategy="s"))
    desk.proposals.cancel(record.id, "ana")
    desk.proposals.propose(order("new", quantity="3", strategy="s"))
    seen = inputs(house)["activity"]
    assert (seen["messages_account"], seen["messages_strategy"], seen["messages_symbol"]) == (
        3,
        2,
        3,
    )
    assert (seen["executions"], seen["cancels"], seen["fills"]) == (1, 1, 1)
    assert D(seen["sent_value"]) == 10 * D("210.01") + 5 * 180
    house.clock.real += timedelta(seconds=61)
    desk.proposals.propose(order("later", quantity="3"))
    later = inputs(house)["activity"]
    assert (later["messages_account"], later["executions"]) == (0, 1)
    house.clock.real += timedelta(days=1)
    desk.proposals.propose(order("tomorrow", quantity="3"))
    assert inputs(house)["activity"]["sent_value"] == "0"


def test_equity_at_the_day_s_start_and_its_peak_outlive_the_process(house, desk):
    approved(desk, order("a"))
    for date, close in (("2013-03-04", "204"), ("2013-03-05", "201")):
        house.market.bars["IBM"].append(bar("IBM", date, "198", "206", close, close))
        house.clock.market = day(date) + CLOSE
        wish = order(date, quantity="3", as_of=house.clock.market)
        house.desk().proposals.propose(wish)
    seen = inputs(house)["activity"]
    cash = house.desk().proposals.snapshot().cash
    assert D(seen["equity_peak"]) == cash + 50 * 204
    assert D(seen["equity_open"]) == cash + 50 * 204  # with the close of the day before
    events = [e for e in house.ledger().events() if e.kind == "equity"]
    house.desk().proposals.propose(order("again", quantity="4", as_of=house.clock.market))
    assert [e for e in house.ledger().events() if e.kind == "equity"] == events


def test_a_strategy_that_is_rejected_too_often_stops_until_a_person_enables_it(house):
    house.limits = replace(house.limits, max_rejects=2, duplicate_count=100)
    broker = Refusing(house.venue())
    desk = house.desk(broker=broker)
    for n in range(2):
        record = approved(desk, resting(f"r{n}", strategy="s", quantity=str(5 + n)))
        assert record.state is S.REJECTED
    refused = desk.proposals.propose(order("n", strategy="s"))
    assert "G26" in {r.code for r in refused.reasons if r.hard}
    standing = desk.journal.read().of("paper")
    assert standing.strategies["s"].disabled
    house.clock.real += timedelta(days=7)
    again = house.desk().proposals.propose(order("m", strategy="s"))
    assert "G26" in {r.code for r in again.reasons if r.hard}
    assert desk.proposals.propose(order("other", strategy="t")).verdict == "needs_human"
    desk.approvals.enable("s", "ana")
    assert (
        desk.proposals.propose(order("free", strategy="s", quantity="4")).verdict == "needs_human"
    )
    with pytest.raises(Conflict, match="not stopped"):
        desk.approvals.enable("s", "ana")


def test_losses_in_a_row_are_counted_by_order_and_a_gain_ends_the_row(desk):
    def losses():
        return desk.journal.read().of("paper").strategies["s"].losses

    approved(desk, order("b", strategy="s", quantity="30"))
    for n in range(2):  # bought at the ask and sold at the bid
        approved(desk, order(f"s{n}", strategy="s", side=Side.SELL, quantity=str(10 + n)))
    assert losses() == 2
    approved(desk, order("b2", strategy="s", quantity="8"))
    assert losses() == 2


def test_the_parts_of_a_parent_never_add_up_to_more_than_it(house, desk):
    def part(name, quantity):
        wish = order(name, quantity=quantity)
        return replace(wish, slice_of="parent", slice_total=D(20))

    approved(desk, part("1", "8"))
    approved(desk, part("2", "9"))
    seen = desk.journal.read().of("paper").slices["parent"]
    assert (seen.quantity, seen.count) == (17, 2)
    refused = desk.proposals.propose(part("3", "4"))
    assert "G27" in {r.code for r in refused.reasons if r.hard}
    assert desk.proposals.propose(part("4", "3")).verdict == "needs_human"


def test_the_source_says_who_what_and_where(house, desk):
    desk.proposals.propose(order())
    said = inputs(house)["source"]
    assert said == {
        "principal": "agent:execution",
        "build": build(),
        "venue": "paper",
        "live": False,
        "real_money": False,
    }
    assert len(build()) == 64


def test_a_new_real_day_is_a_new_day_where_the_market_clock_stands_still(house):
    today, wall = house.clock.market.date(), house.clock.real
    assert day_of(today, wall) != day_of(today, wall + timedelta(days=1))
    assert day_of(today, wall) != day_of(today + timedelta(days=1), wall)


def test_a_decision_costs_no_more_when_much_has_happened(house, desk):
    """Nothing goes through all orders: a book of many is judged without looking at any of them."""
    for n in range(3):
        approved(desk, order(str(n), quantity=str(n + 1)))
    book = desk.journal.read()

    class Watched(dict):
        looked = 0

        def __iter__(self):
            type(self).looked += 1
            return super().__iter__()

        def values(self):
            type(self).looked += 1
            return super().values()

        def items(self):
            type(self).looked += 1
            return super().items()

    watched = replace(book, orders=Watched(book.orders))
    wish = order("n", quantity="4")
    sight = desk.judge.look(wish, watched)
    desk.judge.judge(wish, watched, sight, approval=None, stage="proposal")
    assert Watched.looked == 0


@pytest.mark.parametrize(("lent", "halted"), [(True, False), (False, None)])
def test_a_quote_made_from_a_close_says_nothing_of_halts_at_a_real_venue(house, lent, halted):
    now = house.clock.now()
    views, mark = Views(house.market, "USD"), marks_at(house.market, now)
    seen = views.at("IBM", now, mark, lent=lent)
    assert (seen.simulated, seen.halted) == (True, halted)


def test_a_view_is_the_same_object_until_the_market_or_the_moment_is_another(house):
    now = house.clock.now()
    for name in ("instrument", "quote", "history"):  # the very same answers to the same question
        setattr(house.market, name, cache(getattr(house.market, name)))
    views, mark = Views(house.market, "USD"), marks_at(house.market, now)
    seen = views.at("IBM", now, mark, lent=True)
    assert views.at("IBM", now, mark, lent=True) is seen
    assert views.at("IBM", now, mark, lent=False) != seen
    house.market.bars["IBM"].append(bar("IBM", "2013-03-04", "198", "206", "204", "204"))
    later = day("2013-03-04") + CLOSE
    assert views.at("IBM", later, marks_at(house.market, later), lent=True) != seen


@pytest.mark.parametrize(
    ("calendar", "moment", "extended", "expected"),
    [
        ("XNYS", "2013-03-01T14:30:00+00:00", True, Session.OPEN),
        ("XNYS", "2013-03-01T20:59:59+00:00", False, Session.OPEN),
        ("XNYS", "2013-03-01T21:00:00+00:00", False, Session.WAITING),
        ("XNYS", "2013-03-01T21:00:00+00:00", True, Session.EXTENDED),
        ("XNYS", "2013-03-02T01:00:00+00:00", True, Session.WAITING),
        ("XNYS", "2013-03-02T15:00:00+00:00", True, Session.WAITING),  # a Saturday
        ("XNYS", "2013-07-01T13:30:00+00:00", False, Session.OPEN),  # summer time
        ("24/7", "2013-03-02T15:00:00+00:00", False, Session.OPEN),
        ("24/5", "2013-03-02T15:00:00+00:00", False, Session.WAITING),
        ("24/5", "2013-03-03T22:00:00+00:00", False, Session.OPEN),  # five on Sunday, New York
        ("XNYS", "2013-11-29T17:59:00+00:00", True, Session.OPEN),
        ("XNYS", "2013-11-29T18:00:00+00:00", True, Session.EXTENDED),  # closed at one
        ("XNYS", "2013-11-29T18:00:00+00:00", False, Session.WAITING),
        ("XNYS", "2013-11-29T22:00:00+00:00", True, Session.WAITING),  # and for good at five
        ("XNYS", "2012-10-29T15:00:00+00:00", True, Session.WAITING),  # hurricane Sandy
        ("XNYS", "2013-03-29T15:00:00+00:00", True, Session.WAITING),  # Good Friday
        ("XNYS", "2031-01-02T15:00:00+00:00", True, None),  # nobody knows yet
        ("Mars", "2013-03-01T15:00:00+00:00", True, None),
    ],
)
def test_the_session_follows_the_exchange_s_own_clock(house, calendar, moment, extended, expected):
    listed = replace(house.market.instrument("IBM"), calendar=calendar)
    assert session(listed, datetime.fromisoformat(moment), extended=extended) is expected
