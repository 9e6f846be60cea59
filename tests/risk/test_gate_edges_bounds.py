"""The worst price of each type of order, on each side, with and without the bands of the day."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles import case, order, sight
from tests.risk.cases import WIDE, bracket, oco, stop, stop_limit, trailing
from tools.domain.order import OrderGroup, OrderType, Side
from tools.risk.bounds import Incomplete
from tools.risk.limits_scopes import Scope
from tools.risk.rules_worst import fill_bound, value_price

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
BUYS, SELLS = order(quantity="10"), order(quantity="10", side=SELL)
NONE = {}


def both(low, high):
    return {"band_low": D(low), "band_high": D(high)}


def buy_oco(limit, loss, **changes):
    return replace(oco(limit, loss, **changes), side=BUY)


@pytest.mark.parametrize(
    ("wish", "market", "worst"),
    [
        (BUYS, NONE, "210.01"),
        (SELLS, NONE, "190"),
        (BUYS, both(100, 300), "220.01"),
        (SELLS, both(100, 300), "180"),
        (BUYS, both(195, 205), "205"),
        (SELLS, both(195, 205), "195"),
        (BUYS, {"band_high": D(205)}, "205"),
        (BUYS, {"band_high": D(300)}, "210.01"),
        (BUYS, {"band_low": D(100)}, "210.01"),
        (SELLS, {"band_low": D(195)}, "195"),
        (SELLS, {"band_low": D(100)}, "190"),
        (SELLS, {"band_high": D(300)}, "190"),
        (BUYS, both("194.995", "205.005"), "205"),
        (SELLS, both("194.995", "205.005"), "195"),
        (order(limit="207.5"), both(100, 150), "207.5"),
        (order(limit="193.5", side=SELL), NONE, "193.5"),
        (stop("205"), NONE, "215.25"),
        (stop("205.01"), NONE, "215.27"),
        (stop("205.01"), both(100, 300), "225.52"),
        (stop("195", SELL), NONE, "185.25"),
        (stop("195.01", SELL), NONE, "185.25"),
        (stop("195.01", SELL), both(100, 300), "175.50"),
        (stop_limit("205", "206"), NONE, "206"),
        (stop_limit("195", "194", SELL), NONE, "194"),
        (trailing(BUY, trail_price=D(5)), NONE, "215.27"),
        (trailing(BUY, trail_fraction=D("0.03")), NONE, "216.32"),
        (trailing(SELL, trail_price=D(5)), NONE, "185.24"),
        (trailing(SELL, trail_fraction=D("0.03")), NONE, "184.29"),
        (bracket(), NONE, "200"),
        (replace(bracket(), type=OrderType.MARKET, limit_price=None), NONE, "210.01"),
        (replace(stop("205"), group=OrderGroup.BRACKET), NONE, "215.25"),
        (oco("220", "190"), NONE, "180.5"),
        (oco("220", "190", stop_loss_limit=D(189)), NONE, "189"),
        (oco("188", "190", stop_loss_limit=D(189)), NONE, "188"),
        (buy_oco("180", "210"), NONE, "220.5"),
        (buy_oco("180", "210", stop_loss_limit=D(211)), NONE, "211"),
        (buy_oco("212", "210", stop_loss_limit=D(211)), NONE, "212"),
        (BUYS, {"bid": D("200.01")}, "210.01"),
    ],
)
def test_the_worst_fill_of_each_type_of_order(wish, market, worst):
    assert fill_bound(case(wish, market=sight(**market))) == D(worst)


@pytest.mark.parametrize(
    ("wish", "market"),
    [
        (BUYS, {"bid": None}),
        (BUYS, {"ask": None}),
        (SELLS, {"bid": None}),
        (SELLS, {"ask": None}),
        (BUYS, {"bid": D(0)}),
        (BUYS, {"bid": D("200.02")}),
        (BUYS, {"instrument": None}),
        (trailing(), NONE),
        (replace(oco(), limit_price=None), NONE),
        (replace(oco(), stop_loss=None), NONE),
    ],
)
def test_there_is_no_worst_fill_where_a_price_is_missing_or_makes_no_market(wish, market):
    with pytest.raises(Incomplete):
        fill_bound(case(wish, market=sight(**market)))


def test_there_is_no_worst_fill_without_a_market_or_limits():
    for missing in ("market", "limits"):
        with pytest.raises(Incomplete):
            fill_bound(replace(case(BUYS), **{missing: None}))


def test_the_worst_fill_keeps_to_the_limits_of_the_symbol():
    narrow = replace(WIDE, scopes=(Scope("symbol", "IBM", (("price_collar", D("0.01")),)),))
    assert fill_bound(case(BUYS, limits=narrow)) == D("202.01")


@pytest.mark.parametrize(
    ("wish", "price"),
    [
        (BUYS, "210.01"),
        (order(limit="150"), "150"),
        (SELLS, "199.99"),
        (order(limit="199", quantity="10", side=SELL), "199.99"),
        (order(limit="201", quantity="10", side=SELL), "201"),
        (order(limit="201", quantity="100", side=SELL), "201"),
        (order(quantity="101", side=SELL), "206.0103"),
        (order(limit="206", quantity="101", side=SELL), "206.0103"),
        (order(limit="207", quantity="101", side=SELL), "207"),
    ],
)
def test_a_share_counts_at_the_most_that_it_may_stand_for(wish, price):
    assert value_price(case(wish)) == D(price)
