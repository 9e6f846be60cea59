"""Alpaca: exits under our ids, replacements that never buy twice, and cancels."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles import order
from tests.execution.alpaca.faults import changed
from tests.execution.alpaca.market import START
from tests.execution.alpaca.wishes import bracket, in_place_of, oco
from tools.domain.errors import BrokerRejected, NotFound, OutcomeUnknown
from tools.domain.legs import legs
from tools.domain.money import Price
from tools.domain.order import OrderState, Side, TimeInForce
from tools.execution.brokers import alpaca_reports

D, S = Decimal, OrderState
SELL, GTC, IOC, FOK = Side.SELL, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK


def test_the_exits_of_a_bracket_have_our_ids_from_the_first_answer_to_the_last(
    broker, venue, connect
):
    wish = bracket()
    profit, loss = legs(wish)
    sent = broker.submit(wish)
    assert [(leg.client_order_id, leg.state) for leg in sent.legs] == [
        (profit.client_order_id, S.HELD),
        (loss.client_order_id, S.HELD),
    ]
    venue.market.quote("IBM", "189", "189.5")
    again = connect(venue)  # another process, which has only the ledger
    whole = again.lookup(wish.client_order_id)
    assert (whole.state, [leg.state for leg in whole.legs]) == (S.FILLED, [S.ACCEPTED] * 2)
    venue.market.quote("IBM", "221", "222")
    assert again.lookup(profit.client_order_id).state is S.FILLED
    assert again.lookup(profit.client_order_id).fills[0].client_order_id == profit.client_order_id
    assert again.lookup(loss.client_order_id).state is S.CANCELED


def test_an_open_exit_is_listed_under_our_id_after_its_entry_has_filled(broker, venue, connect):
    wish = bracket()
    broker.submit(wish)
    venue.market.quote("IBM", "189", "189.5")
    ids = {leg.client_order_id for leg in legs(wish)}
    assert {told.client_order_id for told in connect(venue).open_orders()} == ids


def test_an_exit_is_canceled_under_our_id(broker, venue, connect):
    wish = oco()
    broker.submit(wish)
    (loss,) = legs(wish)
    assert connect(venue).cancel(loss.client_order_id).state is S.CANCELED
    assert broker.lookup(wish.client_order_id).state is S.ACCEPTED


def test_without_the_ledger_an_exit_keeps_the_venues_own_id(connect, venue, ledger):
    wish = bracket()
    connect(venue).submit(wish)
    ledger.clear()
    (told,) = connect(venue).open_orders()
    assert {leg.client_order_id for leg in told.legs} == {
        leg["client_order_id"] for leg in venue.market.orders[0].legs
    }


# -------------------------------------------------------------------------------------- replacing


def test_a_replacement_takes_the_place_of_the_old_one_under_its_own_id(venue, both, connect):
    broker = connect(venue, unique_ids=both)
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    new = in_place_of(old, quantity="60")
    answer = broker.replace(new)
    assert (answer.client_order_id, answer.state) == (new.client_order_id, S.ACCEPTED)
    assert (answer.order.quantity, answer.order.limit_price) == (60, 195)
    assert broker.lookup(old.client_order_id).state is S.CANCELED
    assert broker.replace(new) == answer
    assert len(venue.market.under(new.client_order_id)) == 1


@pytest.mark.parametrize("counts_filled", [False, True])
def test_what_the_old_order_filled_is_never_bought_again(serve, connect, counts_filled):
    venue = serve(counts_filled=counts_filled)
    broker = connect(venue)
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    venue.market.fill(venue.market.by_client(old.client_order_id), 20, "150")
    new = in_place_of(old, limit="201", quantity="50")
    answer = broker.replace(new)
    assert venue.market.positions["IBM"] <= 50
    assert answer.state is S.FILLED
    assert sum(f.quantity for f in answer.fills) == venue.market.positions["IBM"] - 20
    assert broker.lookup(old.client_order_id).fills[0].quantity == 20


def test_a_chain_of_replacements_counts_every_link(broker, venue):
    first = order("one", limit="150", tif=GTC)
    broker.submit(first)
    venue.market.fill(venue.market.by_client(first.client_order_id), 20, "150")
    second = in_place_of(first, "two", limit="151")
    broker.replace(second)
    venue.market.fill(venue.market.by_client(second.client_order_id), 10, "151")
    third = in_place_of(second, "three", limit="201")
    assert broker.replace(third).state is S.FILLED
    assert venue.market.positions["IBM"] == 50


def test_what_fills_while_the_order_is_replaced_counts_towards_the_total(broker, venue):
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    resting = venue.market.by_client(old.client_order_id)
    venue.once("DELETE", lambda: venue.market.fill(resting, 30, "150"))
    assert broker.replace(in_place_of(old, limit="201")).state is S.FILLED
    assert venue.market.positions["IBM"] == 50


def test_an_order_that_filled_before_its_replacement_arrived_stays_filled(broker, venue):
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    resting = venue.market.by_client(old.client_order_id)
    venue.once("DELETE", lambda: venue.market.fill(resting, 50, "150"))
    with pytest.raises(BrokerRejected, match="its end first"):
        broker.replace(in_place_of(old))
    assert broker.lookup(old.client_order_id).state is S.FILLED
    with pytest.raises(BrokerRejected, match="ended"):
        broker.replace(in_place_of(old, "again"))


def test_a_change_that_the_venue_has_no_words_for_is_refused_unsent(broker, venue):
    old = order("old", limit="150", tif=GTC)
    broker.submit(old)
    venue.market.fill(venue.market.by_client(old.client_order_id), 20, "150")
    for new in (
        replace(in_place_of(old), side=SELL),
        in_place_of(old, quantity="20"),
        replace(in_place_of(old, quantity="50.5"), time_in_force=GTC),
        replace(in_place_of(old), symbol="MSFT"),
        replace(in_place_of(old), replaces="never"),
    ):
        with pytest.raises(BrokerRejected, match="not sent"):
            broker.replace(new)
    assert venue.asked("PATCH") == venue.asked("DELETE") == []


def test_an_exit_is_replaced_and_found_under_its_new_id(broker, venue, connect):
    wish = bracket()
    broker.submit(wish)
    venue.market.quote("IBM", "189", "189.5")
    profit, _ = legs(wish)
    new = replace(profit, intent_id="closer", replaces=profit.client_order_id, leg_of="")
    new = replace(new, limit_price=Price(D(200)))
    assert broker.replace(new).state is S.ACCEPTED
    venue.market.quote("IBM", "201", "202")
    assert connect(venue).lookup(new.client_order_id).state is S.FILLED


# ------------------------------------------------------------------------------- the whole account


def test_cancel_ends_what_rests_and_tells_a_fill_that_came_first(broker, venue):
    rests, filled = order("r", limit="150", tif=GTC), order("f")
    for one in (rests, filled):
        broker.submit(one, D(210))
    assert broker.cancel(rests.client_order_id).state is S.CANCELED
    assert broker.cancel(filled.client_order_id).state is S.FILLED
    with pytest.raises(NotFound):
        broker.cancel("never")


def test_a_cancel_under_way_is_pending(serve, connect):
    venue = serve(eager=False)
    broker = connect(venue)
    wish = order("r", limit="150", tif=GTC)
    broker.submit(wish)
    venue.market.settle()
    assert broker.cancel(wish.client_order_id).state is S.PENDING_CANCEL


def test_cancel_all_reaches_every_open_order_and_tells_of_those_it_could_not(broker, venue):
    for n in range(3):
        broker.submit(order(str(n), limit="150", tif=GTC))
    broker.cancel_all()
    assert broker.open_orders() == ()
    venue.fault("DELETE", "/v2/orders", changed(status=500))
    broker.submit(order("more", limit="150", tif=GTC))
    with pytest.raises(OutcomeUnknown, match="1 of the open orders"):
        broker.cancel_all()


def test_open_orders_are_read_to_the_last_page_with_what_others_sent(broker, venue, monkeypatch):
    monkeypatch.setattr(alpaca_reports, "PAGE", 10)
    body = {"symbol": "IBM", "qty": "1", "side": "buy", "type": "limit", "limit_price": "100"}
    for _ in range(25):
        venue.market.place(body | {"time_in_force": "gtc"})
    found = broker.open_orders()
    assert len({told.client_order_id for told in found}) == 25
    assert found[0].order.limit_price == 100
    assert found[0].order.as_of > START
    assert len(venue.asked("GET", "/v2/orders")) == 3


def test_an_order_by_amount_that_somebody_else_sent_is_told_without_a_guess(broker, venue):
    venue.market.place(
        {"symbol": "IBM", "qty": "1", "side": "buy", "type": "limit", "limit_price": "100"}
        | {"time_in_force": "gtc"}
    )
    venue.fault("GET", "/v2/orders", changed(qty=None, notional="500"))
    (told,) = broker.open_orders()
    assert (told.state, told.order) == (S.ACCEPTED, None)
