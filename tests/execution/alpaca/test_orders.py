"""Alpaca: what is sent for each kind of order, and what its states and executions are read as."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles import order
from tests.execution.alpaca.document import DOCUMENT, document, published
from tests.execution.alpaca.faults import Fault, changed
from tests.execution.alpaca.wishes import bracket, oco, stop, told, trailing
from tools.domain.instrument import AssetClass
from tools.domain.money import Price
from tools.domain.order import OrderGroup, OrderState, OrderType, Side, TimeInForce
from tools.execution.brokers.alpaca_words import STATES

D, S = Decimal, OrderState
SELL, GTC, IOC, FOK = Side.SELL, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK


def test_a_market_order_goes_as_a_limit_order_at_the_collar_on_a_step_that_is_no_worse(
    broker, venue
):
    broker.submit(order("a"), D("210.009"))
    broker.submit(order("b", side=SELL, quantity="10"), D("190.001"))
    buy, sell = told(venue)
    assert (buy["type"], buy["limit_price"], buy["time_in_force"]) == ("limit", "210", "day")
    assert (sell["type"], sell["limit_price"]) == ("limit", "190.01")


def test_every_number_is_sent_as_text_and_every_order_with_our_id(broker, venue):
    wish = order("a", quantity="0.123456789")
    broker.submit(wish, D(210))
    (body,) = told(venue)
    assert body["qty"] == "0.123456789"
    assert body["client_order_id"] == wish.client_order_id
    assert not [value for value in body.values() if isinstance(value, float | int)]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (stop(), {"type": "stop", "stop_price": "210"}),
        (
            replace(stop(), type=OrderType.STOP_LIMIT, limit_price=Price(D(211))),
            {"type": "stop_limit", "stop_price": "210", "limit_price": "211"},
        ),
        (trailing(trail_price=Price(D("2.5"))), {"trail_price": "2.5"}),
        (trailing(trail_fraction=D("0.015")), {"trail_percent": "1.5"}),
        (order(limit="150", tif=GTC), {"type": "limit", "time_in_force": "gtc"}),
        (order(limit="150", tif=IOC), {"time_in_force": "ioc"}),
        (order(limit="150", tif=FOK), {"time_in_force": "fok"}),
        (replace(order(limit="150"), extended_hours=True), {"extended_hours": True}),
        (
            bracket(stop_loss_limit=Price(D(179))),
            {
                "order_class": "bracket",
                "limit_price": "190",
                "take_profit": {"limit_price": "220"},
                "stop_loss": {"stop_price": "180", "limit_price": "179"},
            },
        ),
        (
            oco(),
            {
                "order_class": "oco",
                "type": "limit",
                "take_profit": {"limit_price": "220"},
                "stop_loss": {"stop_price": "180"},
            },
        ),
    ],
)
def test_each_kind_is_sent_in_the_words_of_the_document_and_read_back_as_the_same(
    broker, venue, wish, said
):
    answer = broker.submit(wish)
    (body,) = told(venue)
    assert said.items() <= body.items()
    mine = answer.order
    assert (mine.type, mine.group, mine.side) == (wish.type, wish.group, wish.side)
    assert (mine.stop_loss, mine.stop_loss_limit) == (wish.stop_loss, wish.stop_loss_limit)
    assert (mine.take_profit, mine.extended_hours) == (wish.take_profit, wish.extended_hours)
    assert (mine.trail_price, mine.trail_fraction) == (wish.trail_price, wish.trail_fraction)
    assert mine.time_in_force is wish.time_in_force


def test_crypto_trades_parts_until_canceled(broker, venue):
    coin = replace(
        order("c", symbol="BTC/USD", quantity="0.001", tif=GTC), asset_class=AssetClass.CRYPTO
    )
    answer = broker.submit(coin, D("51000.5"))
    assert (answer.state, answer.fills[0].symbol) == (S.FILLED, "BTC/USD")
    assert broker.account().positions == {"BTC/USD": D("0.001")}


def test_a_contract_of_an_option_is_a_hundred_shares(broker, venue):
    wish = replace(
        order("c", symbol="IBM260116C00200000", quantity="1", limit="6"),
        asset_class=AssetClass.OPTION,
    )
    (fill,) = broker.submit(wish).fills
    assert fill.multiplier == 100
    assert venue.market.cash == 100_000 - fill.quantity * fill.price * fill.multiplier


@pytest.mark.parametrize("asset_class", [AssetClass.EQUITY, AssetClass.CRYPTO, AssetClass.OPTION])
def test_what_the_matrix_takes_the_venue_takes(broker, venue, asset_class):
    symbol = {"crypto": "BTC/USD", "option": "IBM260116C00200000"}.get(asset_class, "IBM")
    bid, _ = venue.market.quotes[symbol]
    low = Price((bid / 2).quantize(D("0.01")))
    count = 0
    for row in broker.accepts:
        if row.asset_class is not asset_class:
            continue
        for kind in row.types:
            for tif in row.times:
                for group in row.groups:
                    count += 1
                    grouped = group is not OrderGroup.SIMPLE
                    wish = replace(
                        order(str(count), symbol=symbol, quantity="0.5" if row.fractional else "1"),
                        asset_class=asset_class,
                        type=kind,
                        time_in_force=tif,
                        group=group,
                        side=SELL if group is OrderGroup.OCO else Side.BUY,
                        limit_price=low
                        if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT)
                        else None,
                        stop_price=Price(low * 3)
                        if kind in (OrderType.STOP, OrderType.STOP_LIMIT)
                        else None,
                        trail_price=Price(D(1)) if kind is OrderType.TRAILING_STOP else None,
                        stop_loss=Price(low / 2) if grouped else None,
                        take_profit=Price(low * 4) if group is OrderGroup.BRACKET else None,
                        extended_hours=row.extended,
                    )
                    broker.submit(wish)
    assert count == len(venue.market.orders) - sum(
        1 for one in venue.market.orders if one.parent is not None
    )


# ------------------------------------------------------------------------------- states and fills


def test_every_status_of_the_document_has_a_state_and_an_unknown_one_needs_a_person(
    broker, venue, strict_skip
):
    if published() is None:
        strict_skip(f"{DOCUMENT.name} is not beside the checkout")
    assert set(document()["components"]["schemas"]["OrderStatus"]["enum"]) == set(STATES)
    answer = broker.submit(order("a", limit="150"))
    for status, state in STATES.items():
        venue.fault("GET", ".*by_client.*", changed(status=status))
        assert broker.lookup(answer.client_order_id).state is state
    venue.fault("GET", ".*by_client.*", changed(status="teleported"))
    odd = broker.lookup(answer.client_order_id)
    assert (odd.state, odd.raw) == (S.NEEDS_HUMAN, "teleported")
    assert odd.reason


def test_calculated_is_filled_where_all_of_it_is(broker, venue):
    answer = broker.submit(order("a"), D(210))
    venue.fault("GET", ".*by_client.*", changed(status="calculated"))
    assert broker.lookup(answer.client_order_id).state is S.FILLED


def test_fills_come_with_their_execution_ids_one_by_one(broker, venue):
    wish = order("a", limit="199", tif=GTC)
    broker.submit(wish)
    venue.market.quote("IBM", "198", "198.5", size="20")
    part = broker.lookup(wish.client_order_id)
    assert (part.state, [f.quantity for f in part.fills]) == (S.PARTIAL, [20])
    venue.market.quote("IBM", "198", "198.25", size="100")
    whole = broker.lookup(wish.client_order_id)
    assert (whole.state, [f.price for f in whole.fills]) == (S.FILLED, [D("198.5"), D("198.25")])
    assert whole.fills[0] == part.fills[0]
    assert {f.execution_id for f in whole.fills} == {t["id"] for t in venue.market.trades}
    assert all(f.client_order_id == wish.client_order_id for f in whole.fills)


def test_more_executions_than_a_page_are_all_read(broker, venue):
    other = order("other", limit="150", tif=GTC, quantity="400")
    wish = order("a", limit="151", tif=GTC, quantity="300")
    broker.submit(other)
    broker.submit(wish)
    for _ in range(130):
        for one in (other, wish):
            venue.market.fill(venue.market.by_client(one.client_order_id), 1, "150")
    assert len(broker.lookup(wish.client_order_id).fills) == 130
    assert len(venue.asked("GET", ".*FILL")) == 3


def test_an_order_is_not_over_before_its_executions_are_listed(broker, venue):
    wish = order("a", limit="199", tif=GTC)
    broker.submit(wish)
    resting = venue.market.by_client(wish.client_order_id)
    trade = venue.market.fill(resting, 20, "199")
    venue.market.cancel(resting["id"])
    venue.market.trades.remove(trade)
    early = broker.lookup(wish.client_order_id)
    assert (early.state, early.fills) == (S.ACCEPTED, ())
    assert "20" in early.reason
    venue.market.trades.append(trade)
    late = broker.lookup(wish.client_order_id)
    assert (late.state, len(late.fills)) == (S.CANCELED, 1)


def test_a_late_fill_of_a_canceled_order_is_told(broker, venue):
    wish = order("a", limit="150", tif=GTC)
    broker.submit(wish)
    broker.cancel(wish.client_order_id)
    venue.market.fill(venue.market.by_client(wish.client_order_id), 5, "150")
    late = broker.lookup(wish.client_order_id)
    assert (late.state, [f.quantity for f in late.fills]) == (S.CANCELED, [5])


def test_a_busted_execution_is_gone_and_one_still_listed_needs_a_person(broker, venue):
    wish = order("a", limit="150", tif=GTC)
    broker.submit(wish)
    resting = venue.market.by_client(wish.client_order_id)
    first, second, third = (venue.market.fill(resting, n, "150") for n in (10, 5, 3))
    venue.market.bust(first)
    assert [f.quantity for f in broker.lookup(wish.client_order_id).fills] == [5, 3]
    venue.market.bust(second, still_listed=True)
    told = broker.lookup(wish.client_order_id)
    assert (told.state, told.raw) == (S.NEEDS_HUMAN, "partially_filled")
    assert "bust" in told.reason
    venue.market.trades.remove(second)
    venue.market.bust(third)
    assert broker.lookup(wish.client_order_id).fills == ()


def test_a_corrected_execution_has_a_new_id_and_price(broker, venue):
    wish = order("a", limit="201")
    (was,) = broker.submit(wish).fills
    venue.market.correct(venue.market.trades[0], "199")
    (now,) = broker.lookup(wish.client_order_id).fills
    assert now.price == 199
    assert now.execution_id != was.execution_id


def test_a_fill_between_the_two_questions_of_a_lookup_is_no_contradiction(broker, venue):
    wish = order("a", limit="150", tif=GTC)
    broker.submit(wish)
    resting = venue.market.by_client(wish.client_order_id)
    venue.market.fill(resting, 10, "150")
    stale = dict(resting.told)
    venue.market.fill(resting, 10, "150")
    venue.fault("GET", ".*by_client.*", changed(**stale))
    told = broker.lookup(wish.client_order_id)
    assert (told.state, sum(f.quantity for f in told.fills)) == (S.PARTIAL, 20)


def test_a_number_that_comes_without_quotes_is_as_exact_as_one_with_them(broker, venue):
    def bare(handler, code, body):
        whole = json.dumps(body).replace('"150"', "150.12345678901234567")
        handler.reply(code, whole.encode())

    venue.fault("POST", "/v2/orders", Fault("bare", True, bare))
    told = broker.submit(order("a", limit="150"))
    assert told.order.limit_price == D("150.12345678901234567")
