"""The matching core by itself: queues, stops, gaps, trailing, and who gets what of an event."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.doubles import bar, order
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.legs import legs
from tools.domain.market import Quote, Tick
from tools.domain.money import Price
from tools.domain.order import OrderGroup, OrderState, OrderType, Side, TimeInForce
from tools.execution.brokers.paper.arrival import resting_of
from tools.execution.brokers.paper.crowd import Live
from tools.execution.brokers.paper.fees import Commission, MakerTaker, PerContract
from tools.execution.brokers.paper.resting import Progress
from tools.execution.brokers.paper.stream import Tape, run
from tools.execution.brokers.paper.terms import Terms

D = Decimal
S = OrderState
BUY, SELL = Side.BUY, Side.SELL
START = datetime(2013, 2, 5, 15, tzinfo=UTC)
IBM = Instrument("IBM", "IBM", "XNYS", AssetClass.EQUITY, "USD")
FREE = Terms(slippage_bps=D(0), impact=D(0), volume_share=D(1))


def at(second):
    return START + timedelta(seconds=second)


def quote(second, bid, ask, bid_size="100", ask_size="100"):
    moment = at(second)
    sizes = D(bid_size), D(ask_size)
    return Quote("IBM", D(bid), D(ask), moment, moment, "test", False, *sizes)


def tick(second, price, size="100"):
    return Tick("IBM", D(price), D(size), at(second), at(second))


def live(
    intent="x", side=BUY, quantity="100", collar=None, arrival=1, time=TimeInForce.GTC, **fields
):
    prices = {name: Price(D(value)) for name, value in fields.items()}
    kinds = {
        (False, False): OrderType.MARKET,
        (True, False): OrderType.LIMIT,
        (False, True): OrderType.STOP,
        (True, True): OrderType.STOP_LIMIT,
    }
    kind = kinds["limit_price" in prices, "stop_price" in prices]
    if "trail_price" in prices or "trail_fraction" in prices:
        kind = OrderType.TRAILING_STOP
    made = replace(order(intent, side=side, quantity=quantity, tif=time), type=kind, **prices)
    resting = resting_of(
        made,
        None if collar is None else D(collar),
        arrival=arrival,
        since=START,
        impact=D(0),
        listed=IBM,
        whole_sessions=False,
    )
    return Live(resting, Progress(made.quantity), S.ACCEPTED)


def met(lives, *events, terms=FREE):
    return run([lives] if isinstance(lives, Live) else lives, events, Tape(), terms)


def fills(course):
    return [(t.trade.quantity, t.trade.price) for t in course.trades]


# ---------------------------------------------------------------------------------- the queue


def test_a_limit_at_the_touch_waits_until_the_size_before_it_has_traded():
    waiting = live(limit_price="100")
    before = [quote(1, "100", "100.02", bid_size="300"), tick(2, "100", "300")]
    assert fills(met(waiting, *before)) == []
    assert fills(met(waiting, *before, tick(3, "100", "40"))) == [(40, 100)]


def test_one_trade_gives_only_what_is_left_after_the_queue():
    course = met(live(limit_price="100"), quote(1, "100", "100.02", "70"), tick(2, "100", "120"))
    assert fills(course) == [(50, 100)]
    assert course.lives[0].state is S.PARTIAL


def test_a_queue_never_grows_and_ends_when_nobody_shows_the_price():
    longer = [quote(1, "100", "100.02", "100"), quote(2, "100", "100.02", "900")]
    assert fills(met(live(limit_price="100"), *longer, tick(3, "100", "150"))) == [(50, 100)]
    alone = [quote(1, "100", "100.02", "500"), quote(2, "99.98", "100.02", "500")]
    assert fills(met(live(limit_price="100"), *alone, tick(3, "100", "10"))) == [(10, 100)]


def test_an_unknown_queue_fills_only_when_the_market_trades_through():
    waiting = live(limit_price="100")
    assert fills(met(waiting, tick(1, "101"), tick(2, "100", "5000"))) == []
    assert fills(met(waiting, tick(1, "101"), tick(2, "99.99"))) == [(100, 100)]


def test_a_resting_limit_fills_at_its_limit_when_the_quote_comes_through():
    course = met(live(limit_price="100"), quote(1, "100", "100.02"), quote(2, "99.9", "99.95"))
    assert fills(course) == [(100, 100)]


def test_what_is_taken_from_a_quote_stays_taken_while_its_price_stands():
    shown = [quote(n, "99.99", "100", ask_size="60") for n in (1, 2, 3)]
    assert fills(met(live(), *shown)) == [(60, 100)]
    assert fills(met(live(), *shown, quote(4, "99.99", "100.01"))) == [(60, 100), (40, D("100.01"))]


def test_junk_quotes_are_met_by_nobody():
    junk = [
        quote(1, "0", "183"),
        quote(2, "100", "0"),
        quote(3, "100.02", "100"),
        quote(4, "100", "186"),
    ]
    assert fills(met(live(), *junk)) == []
    assert met(live(stop_price="150"), *junk).lives[0].progress.triggered is False


# ---------------------------------------------------------------------------------- sharing


def test_two_orders_share_an_event_the_better_price_first_then_the_earlier():
    lives = [
        live("a", quantity="80", limit_price="100", arrival=1),
        live("b", quantity="80", limit_price="101", arrival=2),
        live("c", quantity="80", limit_price="100", arrival=3),
    ]
    course = met(lives, tick(1, "102"), tick(2, "99", "200"))
    taken = [(t.key, t.trade.quantity) for t in course.trades]
    keys = [one.resting.key for one in lives]
    assert taken == [(keys[1], 80), (keys[0], 80), (keys[2], 40)]


def test_a_bar_gives_no_more_than_its_share_to_buyers_and_sellers_together():
    lives = [live("a", quantity="80"), live("b", SELL, quantity="80", arrival=2)]
    thin = bar("IBM", "2013-02-06", "99", "101", "100", "100", "1000")
    course = met(lives, thin, terms=replace(FREE, volume_share=D("0.1")))
    assert fills(course) == [(80, 100), (20, 100)]


# ---------------------------------------------------------------------------------- stops


@pytest.mark.parametrize(
    ("side", "stop", "opening", "price"),
    [
        (SELL, "98", "100", "98"),
        (SELL, "98", "95", "95"),
        (BUY, "102", "100", "102"),
        (BUY, "102", "104", "104"),
        (SELL, "90", "100", None),
    ],
)
def test_a_stop_fills_at_its_price_or_at_a_worse_open(side, stop, opening, price):
    met_bar = bar("IBM", "2013-02-06", "94", "105", opening, "100")
    assert fills(met(live(side=side, stop_price=stop), met_bar)) == (
        [] if price is None else [(100, D(price))]
    )


def test_a_stop_limit_that_gaps_past_its_limit_waits_for_it():
    stop = live(side=SELL, stop_price="98", limit_price="97")
    down = bar("IBM", "2013-02-06", "90", "94", "94", "93")
    back = bar("IBM", "2013-02-07", "93", "97.01", "94", "96")
    assert fills(met(stop, down)) == []
    assert fills(met(stop, down, back)) == [(100, 97)]


def test_a_stop_reached_by_a_trade_fills_with_what_comes_next():
    stop = live(side=SELL, stop_price="98")
    reached = met(stop, tick(1, "97.5"))
    assert fills(reached) == []
    assert reached.lives[0].progress.triggered
    assert fills(met(stop, tick(1, "97.5"), quote(2, "97", "97.02"))) == [(100, 97)]


@pytest.mark.parametrize("trail", [{"trail_price": "2"}, {"trail_fraction": "0.02"}])
def test_a_trailing_stop_keeps_the_best_price(trail):
    stop = live(side=SELL, **trail)
    rise = [quote(1, "100", "100.02"), quote(2, "110", "110.02"), quote(3, "109", "109.02")]
    assert met(stop, *rise).lives[0].progress.best == 110
    assert fills(met(stop, *rise, quote(4, "107.5", "107.52"))) == [(100, D("107.5"))]


def test_a_trailing_stop_in_a_bar_counts_the_high_only_for_what_comes_after_it():
    stop = live(side=SELL, trail_price="5")
    calm = bar("IBM", "2013-02-06", "96", "110", "100", "108")
    assert met(stop, calm).lives[0].progress.best == 110
    fallen = bar("IBM", "2013-02-06", "96", "110", "100", "104")
    assert fills(met(stop, fallen)) == [(100, 105)]
    gap = bar("IBM", "2013-02-07", "99", "103", "102", "103")
    assert fills(met(stop, calm, gap)) == [(100, 102)]


# ---------------------------------------------------------------------------------- exits


def bracket(**fields):
    """An entry with its two exits, as the core sees them."""
    entry = replace(
        order("b", tif=TimeInForce.GTC),
        group=OrderGroup.BRACKET,
        take_profit=Price(D(110)),
        stop_loss=Price(D(90)),
        **fields,
    )
    found = []
    for number, one in enumerate((entry, *legs(entry))):
        resting = resting_of(
            one,
            None,
            arrival=number,
            since=START,
            impact=D(0),
            listed=IBM,
            whole_sessions=False,
        )
        key = entry.client_order_id
        held = {"state": S.HELD, "entry": key, "pair": key} if number else {"state": S.ACCEPTED}
        found.append(Live(resting, Progress(one.quantity), **held))
    return found


ENTER = bar("IBM", "2013-02-06", "99", "101", "100", "100")


def test_a_bar_that_reaches_both_exits_takes_the_stop():
    both = bar("IBM", "2013-02-07", "85", "115", "100", "100")
    entry, profit, stop = met(bracket(), ENTER, both).lives
    assert (entry.state, profit.state, stop.state) == (S.FILLED, S.CANCELED, S.FILLED)


def test_a_stop_may_be_reached_in_the_bar_of_its_entry_and_a_profit_may_not():
    wide = bar("IBM", "2013-02-06", "85", "115", "100", "100")
    course = met(bracket(), wide)
    assert fills(course) == [(50, 100), (50, 90)]
    high = bar("IBM", "2013-02-06", "99", "115", "100", "100")
    assert [one.state for one in met(bracket(), high).lives] == [S.FILLED, S.ACCEPTED, S.ACCEPTED]


def test_a_part_traded_by_one_exit_is_no_longer_left_for_the_other():
    part = bar("IBM", "2013-02-07", "109", "111", "109", "110", "30")
    _, profit, stop = met(bracket(), ENTER, part).lives
    assert (profit.state, profit.progress.left) == (S.PARTIAL, 20)
    assert (stop.state, stop.progress.left) == (S.ACCEPTED, 20)
    down = bar("IBM", "2013-02-08", "80", "91", "91", "81")
    _, profit, stop = met(bracket(), ENTER, part, down).lives
    assert (profit.state, stop.state, stop.filled) == (S.CANCELED, S.FILLED, 20)


def test_exits_are_sized_to_what_the_entry_traded_when_it_ended():
    lives = bracket(time_in_force=TimeInForce.IOC)
    thin = bar("IBM", "2013-02-06", "99", "101", "100", "100", "30")
    entry, profit, stop = met(lives, thin).lives
    assert (entry.state, entry.filled) == (S.CANCELED, 30)
    assert (profit.state, profit.progress.left, stop.progress.left) == (S.ACCEPTED, 30, 30)


# ---------------------------------------------------------------------------------- prices and fees


def test_every_model_of_slippage_makes_the_price_worse_and_none_passes_the_limit():
    shown = quote(1, "100", "100.10", ask_size="200")
    for terms, price in (
        (replace(FREE, slippage_bps=D(10)), "100.21"),
        (replace(FREE, spread_share=D("0.5")), "100.15"),
        (replace(FREE, volume_slippage=D("0.1")), "102.61"),
    ):
        assert fills(met(live(), shown, terms=terms)) == [(100, D(price))]
        limited = met(live(limit_price="100.12"), shown, terms=terms)
        assert fills(limited) == [(100, D("100.12"))]


def test_a_price_beyond_the_collar_ends_the_order_with_the_reason():
    (one,) = met(live(collar="100"), quote(1, "100", "100.10")).lives
    assert (one.state, one.filled) == (S.EXPIRED, 0)
    assert "collar" in one.reason


def test_fees_by_asset_class():
    shares = Commission()
    assert shares.of(D(100), D(10_000)) == 1
    assert shares.of(D(100), D(10_000), sold=True) == D("1.28")
    assert MakerTaker().of(D(1), D(10_000), made=D(4_000)) == D("21.00")
    assert PerContract().of(D(3), D(900)) == D("1.95")
    terms = Terms()
    assert terms.schedule(AssetClass.FOREX).of(D(1), D(1)) == 0
    assert {terms.schedule(kind) for kind in AssetClass}
