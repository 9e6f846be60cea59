"""What every Broker must do; an adapter's test class inherits this and gives the fixtures.

Long because it is one exam: every adapter takes all of it, and each test is one promise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from tests.doubles import END, order
from tools.domain.errors import BrokerRejected, NotFound
from tools.domain.legs import legs
from tools.domain.money import Price
from tools.domain.order import Order, OrderGroup, OrderState, OrderType, Side, TimeInForce
from tools.ports import Broker

D = Decimal
S = OrderState
BUY, SELL = Side.BUY, Side.SELL
DAY, GTC, IOC, FOK = TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
ENDS = {S.FILLED, S.EXPIRED, S.CANCELED, S.REJECTED}
GONE = {S.CANCELED, S.EXPIRED}
WORKING = {S.ACCEPTED, S.SENT}
PRICES = {
    "limit_price",
    "stop_price",
    "trail_price",
    "trail_fraction",
    "take_profit",
    "stop_loss",
    "stop_loss_limit",
}


def priced(value: str | None) -> Price | None:
    return None if value is None else Price(D(value))


class BrokerContract:
    """The market is open, IBM stands at 199.99 to 200.01, and ``NOPE`` is unknown."""

    @pytest.fixture
    def opened(self) -> Callable[[], Broker]:
        """Each call connects to the same venue anew, as another process would."""
        raise NotImplementedError

    @pytest.fixture
    def move(self) -> Callable[..., None]:
        """``move(bid, ask, size=None)``: IBM's market goes there a moment later.

        Of what rests, whatever the market has gone past trades; of ``size`` shares there are no
        more on offer at either price (plenty for None).
        """
        raise NotImplementedError

    @pytest.fixture
    def moment(self) -> Callable[[], datetime]:
        """The market moment that an order is made for."""
        return lambda: END

    @pytest.fixture
    def wish(self, moment) -> Callable[..., Order]:
        """An order of IBM for now; prices and quantities as text."""

        def make(intent: str = "wish", side: Side = BUY, quantity: str = "50", **fields) -> Order:
            told = {
                name: priced(value) if name in PRICES else value for name, value in fields.items()
            }
            made = order(intent, side=side, quantity=quantity, as_of=moment())
            kind = OrderType.MARKET if told.get("limit_price") is None else OrderType.LIMIT
            return replace(made, **{"type": kind, **told})

        return make

    # ------------------------------------------------------------------ what it is

    def test_it_says_what_it_is_and_what_it_takes(self, opened):
        broker = opened()
        assert broker.name
        assert isinstance(broker.real_money, bool)
        assert isinstance(broker.simulated_fills, bool)
        assert isinstance(broker.unique_ids, bool)
        assert broker.accepts
        assert all(row.types and row.times and row.groups for row in broker.accepts)

    def test_an_unknown_id_is_none_and_cannot_be_canceled(self, opened):
        assert opened().lookup("never") is None
        with pytest.raises(NotFound):
            opened().cancel("never")

    # ------------------------------------------------------------------ submit

    def test_a_second_submit_of_the_same_id_is_the_first_order(self, opened, wish):
        first = opened().submit(wish("a"))
        assert opened().submit(wish("a")) == first
        assert opened().submit(wish("a", quantity="7")) == first
        assert opened().lookup(first.client_order_id) == first

    def test_a_second_submit_of_one_that_ended_does_not_start_it_again(self, opened, wish):
        wanted = wish("a", limit_price="100", time_in_force=GTC)
        opened().submit(wanted)
        opened().cancel(wanted.client_order_id)
        assert opened().submit(wanted).state is S.CANCELED
        assert opened().open_orders() == ()

    def test_the_moment_of_sending_may_be_said(self, opened, wish, moment):
        first = opened().submit(wish("g"), D("210"), at=moment())
        assert opened().submit(wish("g"), D("210"), at=None) == first
        assert opened().lookup(first.client_order_id) == first

    def test_the_answer_adds_up(self, opened, wish):
        wanted = wish("b", quantity="30")
        told = opened().submit(wanted, D("210"))
        assert told.client_order_id == wanted.client_order_id
        filled = sum(f.quantity for f in told.fills)
        assert filled <= 30
        assert (told.state is S.FILLED) == (filled == 30)
        assert len({f.execution_id for f in told.fills}) == len(told.fills)
        for fill in told.fills:
            assert (fill.symbol, fill.side, fill.currency) == ("IBM", BUY, "USD")
            assert fill.price <= 210
            assert fill.commission >= 0
            assert fill.basis
            assert fill.at.utcoffset() is not None

    def test_no_fill_is_worse_than_the_collar_or_the_limit(self, opened, wish):
        told = opened().submit(wish("c"), D("100"))
        assert told.fills == ()
        assert told.state in WORKING or (told.state in ENDS and told.reason)
        resting = opened().submit(wish("d", limit_price="100", time_in_force=GTC), D("100"))
        assert (resting.state, resting.fills) == (S.ACCEPTED, ())

    def test_what_is_unknown_is_rejected_every_time(self, opened):
        for _ in range(2):
            with pytest.raises(BrokerRejected):
                opened().submit(order("f", symbol="NOPE"))
        seen = opened().lookup(order("f").client_order_id)
        assert seen is None or seen.state is S.REJECTED

    # ------------------------------------------------------------------ what rests

    def test_a_resting_limit_fills_when_the_market_goes_past_it(self, opened, wish, move):
        told = opened().submit(wish("a", limit_price="195", time_in_force=GTC))
        assert told.state in WORKING
        move("194.5", "194.9")
        after = opened().lookup(told.client_order_id)
        assert after.state is S.FILLED
        assert all(fill.price <= 195 for fill in after.fills)

    def test_a_stop_waits_for_its_price(self, opened, wish, move):
        told = opened().submit(
            wish("a", SELL, type=OrderType.STOP, stop_price="195", time_in_force=GTC)
        )
        assert told.state in WORKING
        move("196", "196.02")
        assert opened().lookup(told.client_order_id).state in WORKING
        move("194.5", "194.52")
        move("194.5", "194.52")
        assert opened().lookup(told.client_order_id).state is S.FILLED

    def test_a_stop_limit_that_the_market_jumped_over_rests_at_its_limit(self, opened, wish, move):
        wanted = wish(
            "a",
            SELL,
            type=OrderType.STOP_LIMIT,
            stop_price="195",
            limit_price="194",
            time_in_force=GTC,
        )
        opened().submit(wanted)
        move("190", "190.02")
        assert opened().lookup(wanted.client_order_id).fills == ()
        move("194.5", "194.52")
        told = opened().lookup(wanted.client_order_id)
        assert told.state is S.FILLED
        assert all(fill.price >= 194 for fill in told.fills)

    @pytest.mark.parametrize("trail", [{"trail_price": "5"}, {"trail_fraction": "0.025"}])
    def test_a_trailing_stop_follows_the_market_up_and_not_down(self, opened, wish, move, trail):
        wanted = wish("a", SELL, type=OrderType.TRAILING_STOP, time_in_force=GTC, **trail)
        opened().submit(wanted)
        move("210", "210.02")
        move("206", "206.02")
        assert opened().lookup(wanted.client_order_id).state in WORKING
        move("204.5", "204.52")
        move("204.5", "204.52")
        assert opened().lookup(wanted.client_order_id).state is S.FILLED

    def test_immediate_or_cancel_takes_what_is_there_and_ends(self, opened, wish, move):
        move("199.99", "200.01", size=100)
        told = opened().submit(wish("a", quantity="300", limit_price="200.05", time_in_force=IOC))
        told = opened().lookup(told.client_order_id)
        assert told.state in GONE
        assert sum(fill.quantity for fill in told.fills) == 100

    def test_fill_or_kill_takes_all_or_nothing(self, opened, wish, move):
        move("199.99", "200.01", size=100)
        short = opened().submit(wish("a", quantity="300", limit_price="200.05", time_in_force=FOK))
        short = opened().lookup(short.client_order_id)
        assert (short.state in GONE, short.fills) == (True, ())
        move("199.98", "200.02", size=500)
        whole = opened().submit(wish("b", quantity="300", limit_price="200.05", time_in_force=FOK))
        assert opened().lookup(whole.client_order_id).state is S.FILLED

    # ------------------------------------------------------------------ cancel

    def test_cancel_ends_what_rests_and_a_second_cancel_changes_nothing(self, opened, wish):
        told = opened().submit(wish("e", limit_price="100", time_in_force=GTC))
        assert opened().cancel(told.client_order_id).state in {S.CANCELED, S.PENDING_CANCEL}
        ended = opened().lookup(told.client_order_id)
        assert ended.state is S.CANCELED
        assert opened().cancel(told.client_order_id) == ended
        assert opened().lookup(told.client_order_id) == ended

    def test_a_cancel_that_comes_after_the_fill_tells_the_fill(self, opened, wish):
        told = opened().submit(wish("a"))
        assert told.state is S.FILLED
        assert opened().cancel(told.client_order_id) == told

    def test_a_cancel_keeps_what_was_traded_before_it(self, opened, wish, move):
        move("199.99", "200.01", size=100)
        told = opened().submit(wish("a", quantity="300", limit_price="200.05", time_in_force=GTC))
        assert told.state is S.PARTIAL
        opened().cancel(told.client_order_id)
        ended = opened().lookup(told.client_order_id)
        assert (ended.state, sum(f.quantity for f in ended.fills)) == (S.CANCELED, 100)
        move("199.99", "200.01", size=500)
        assert opened().lookup(told.client_order_id) == ended

    def test_cancel_all_ends_every_open_order(self, opened, wish):
        wanted = [
            wish("a", limit_price="100", time_in_force=GTC),
            wish("b", limit_price="150", time_in_force=DAY),
            wish("c", SELL, limit_price="300", time_in_force=GTC),
        ]
        for one in wanted:
            opened().submit(one)
        opened().cancel_all()
        assert opened().open_orders() == ()
        states = {opened().lookup(one.client_order_id).state for one in wanted}
        assert states == {S.CANCELED}
        opened().cancel_all()

    # ------------------------------------------------------------------ replace

    def test_a_replacement_takes_the_place_of_the_old_one_once(self, opened, wish):
        old = wish("old", limit_price="100", time_in_force=GTC)
        opened().submit(old)
        new = wish(
            "new",
            quantity="60",
            limit_price="150",
            time_in_force=GTC,
            replaces=old.client_order_id,
        )
        told = opened().replace(new)
        assert told.client_order_id == new.client_order_id
        assert told.state in WORKING
        assert opened().lookup(old.client_order_id).state in {S.REPLACED, S.CANCELED}
        again = opened().replace(new)
        assert (again.client_order_id, again.state) == (told.client_order_id, told.state)
        assert [o.client_order_id for o in opened().open_orders()] == [new.client_order_id]

    def test_what_the_old_one_traded_counts_towards_the_new_total(self, opened, wish, move):
        move("199.99", "200.01", size=100)
        old = wish("old", quantity="300", limit_price="200.05", time_in_force=GTC)
        assert opened().submit(old).state is S.PARTIAL
        new = wish(
            "new",
            quantity="250",
            limit_price="150",
            time_in_force=GTC,
            replaces=old.client_order_id,
        )
        opened().replace(new)
        replaced = opened().lookup(old.client_order_id)
        assert replaced.state in {S.REPLACED, S.CANCELED}
        assert sum(f.quantity for f in replaced.fills) == 100
        move("149", "149.02", size=1000)
        told = opened().lookup(new.client_order_id)
        assert told.state is S.FILLED
        assert sum(f.quantity for f in told.fills) == 150

    def test_a_total_that_is_traded_already_is_refused_and_the_old_one_stays(
        self, opened, wish, move
    ):
        move("199.99", "200.01", size=100)
        old = wish("old", quantity="300", limit_price="200.05", time_in_force=GTC)
        opened().submit(old)
        small = wish(
            "new", quantity="90", limit_price="150", time_in_force=GTC, replaces=old.client_order_id
        )
        for _ in range(2):
            with pytest.raises(BrokerRejected):
                opened().replace(small)
        assert opened().lookup(old.client_order_id).state is S.PARTIAL
        seen = opened().lookup(small.client_order_id)
        assert seen is None or seen.state is S.REJECTED

    def test_what_has_ended_or_was_never_there_cannot_be_replaced(self, opened, wish):
        old = wish("old")
        assert opened().submit(old).state is S.FILLED
        for name, gone in (("x", old.client_order_id), ("y", "never")):
            with pytest.raises(BrokerRejected):
                opened().replace(wish(name, quantity="90", limit_price="150", replaces=gone))
        assert opened().lookup(old.client_order_id).state is S.FILLED

    # ------------------------------------------------------------------ exits

    def bracket(self, wish, **fields) -> Order:
        return wish(
            "bracket",
            group=OrderGroup.BRACKET,
            take_profit="210",
            stop_loss="190",
            time_in_force=GTC,
            **fields,
        )

    def test_exits_wait_for_the_entry_and_are_found_by_their_own_ids(self, opened, wish, move):
        entry = self.bracket(wish, limit_price="195")
        told = opened().submit(entry)
        keys = [leg.client_order_id for leg in legs(entry)]
        assert [leg.client_order_id for leg in told.legs] == keys
        assert {leg.state for leg in told.legs} == {S.HELD}
        assert [opened().lookup(key).state for key in keys] == [S.HELD, S.HELD]
        move("194.5", "194.9")
        assert opened().lookup(entry.client_order_id).state is S.FILLED
        assert {opened().lookup(key).state for key in keys} <= WORKING
        assert set(keys) <= {o.client_order_id for o in opened().open_orders()}

    @pytest.mark.parametrize(("at", "won"), [("211", 0), ("189", 1)])
    def test_the_fill_of_one_exit_ends_the_other(self, opened, wish, move, at, won):
        entry = self.bracket(wish)
        assert opened().submit(entry).state is S.FILLED
        for _ in range(2):
            move(at, str(D(at) + D("0.02")))
        exits = [opened().lookup(leg.client_order_id) for leg in legs(entry)]
        assert exits[won].state is S.FILLED
        assert sum(f.quantity for f in exits[won].fills) == 50
        assert (exits[1 - won].state, exits[1 - won].fills) == (S.CANCELED, ())
        assert opened().account().positions.get("IBM", 0) == 0

    def test_the_end_of_an_entry_without_a_trade_ends_its_exits(self, opened, wish):
        entry = self.bracket(wish, limit_price="100")
        opened().submit(entry)
        opened().cancel(entry.client_order_id)
        for one in (entry, *legs(entry)):
            assert opened().lookup(one.client_order_id).state is S.CANCELED
        assert opened().open_orders() == ()

    def test_the_exits_of_what_is_held_are_one_order(self, opened, wish, move):
        opened().submit(wish("held"))
        pair = wish(
            "pair",
            SELL,
            group=OrderGroup.OCO,
            limit_price="210",
            stop_loss="190",
            time_in_force=GTC,
        )
        opened().submit(pair)
        (stop,) = legs(pair)
        assert opened().lookup(stop.client_order_id).state in WORKING | {S.HELD}
        for _ in range(2):
            move("189", "189.02")
        assert opened().lookup(stop.client_order_id).state is S.FILLED
        assert opened().lookup(pair.client_order_id).state is S.CANCELED
        assert opened().account().positions.get("IBM", 0) == 0

    # ------------------------------------------------------------------ the account

    def test_open_orders_tells_them_as_they_were_sent(self, opened, wish):
        wanted = {
            one.client_order_id: one
            for one in (
                wish("a", limit_price="100", time_in_force=GTC),
                wish("b", SELL, type=OrderType.STOP, stop_price="150", time_in_force=GTC),
            )
        }
        for one in wanted.values():
            opened().submit(one)
        opened().submit(wish("gone"))
        found = {told.client_order_id: told for told in opened().open_orders()}
        assert found.keys() == wanted.keys()
        for key, told in found.items():
            mine, theirs = wanted[key], told.order
            assert told.state in WORKING
            assert theirs is not None
            for name in ("symbol", "side", "quantity", "type", "limit_price", "stop_price"):
                assert getattr(theirs, name) == getattr(mine, name)
            assert theirs.time_in_force is mine.time_in_force

    def test_cash_and_positions_are_what_the_fills_say(self, opened, wish, move):
        before = opened().account()
        told = [opened().submit(wish("a")), opened().submit(wish("b", SELL, quantity="20"))]
        resting = opened().submit(wish("c", quantity="40", limit_price="195", time_in_force=GTC))
        move("194.5", "194.9")
        told.append(opened().lookup(resting.client_order_id))
        after = opened().account()
        fills = [fill for one in told for fill in one.fills]
        assert len(fills) >= 3
        moved = sum(f.side.sign * f.quantity for f in fills)
        paid = sum(f.side.sign * f.quantity * f.price + f.commission for f in fills)
        held = before.positions.get("IBM", D(0))
        assert after.positions.get("IBM", D(0)) == held + moved
        assert after.cash == before.cash - paid
        assert after.currency == before.currency == "USD"
        assert after.at.utcoffset() is not None

    def test_entries_are_told_the_same_way_twice(self, opened, wish):
        opened().submit(wish("a"))
        told = opened().entries()
        assert opened().entries() == told
        assert len({entry.id for entry in told}) == len(told)
        if told:
            assert opened().entries(told[-1].id) == ()

    def test_a_line_is_up_until_it_is_closed_and_hints_are_ids(self, opened, wish):
        broker = opened()
        heard: list[str] = []
        line = broker.listen(heard.append)
        assert line.connected()
        broker.submit(wish("a"))
        line.close()
        line.close()
        assert not line.connected()
        assert all(isinstance(hint, str) for hint in heard)
