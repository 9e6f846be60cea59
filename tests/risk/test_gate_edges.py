"""What stands exactly on a limit passes; one step beyond it doesn't."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import WALL, account, case, order, sight, yes
from tests.risk.cases import WIDE, hard, trailing, working
from tools.domain.order import Side
from tools.domain.portfolio import Activity, Position
from tools.domain.venue import MarginRegime
from tools.domain.verdict import Approved, NeedsHuman
from tools.risk.gate import decide

D = Decimal
SELL = Side.SELL
TEN = order(quantity="10", limit="200")


def on(**changes):
    return case(TEN, limits=replace(WIDE, **changes))


@pytest.mark.parametrize(
    ("limit", "at", "beyond", "code"),
    [
        ("max_order_value", "2000", "1999.99", "G14"),
        ("max_order_equity", "0.02", "0.0199", "G14"),
        ("min_order_value", "2000", "2000.01", "G08"),
        ("max_long", "110", "109", "G16"),
        ("max_concentration", "0.22", "0.2199", "G17"),
        ("max_sector", "0.22", "0.2199", "G17"),
        ("max_class", "0.22", "0.2199", "G17"),
        ("max_gross", "0.22", "0.2199", "G18"),
        ("max_net", "0.22", "0.2199", "G18"),
        ("max_day_value", "2000", "1999.99", "G23"),
        ("max_order_quantity", "10", "9", "G13"),
        ("max_volume_share", "0.00001", "0.000009", "G15"),
        ("max_spread", "0.0001", "0.00009", "G12"),
    ],
)
def test_exactly_at_the_limit_passes(limit, at, beyond, code):
    assert not hard(on(**{limit: D(at)}))
    assert code in hard(on(**{limit: D(beyond)}))


def test_a_short_sale_needs_cash_for_all_that_would_be_short_with_its_fee():
    wish = order(quantity="110", side=SELL, limit="210")
    rich = account(margin=MarginRegime.INTRADAY_MARGIN, cash=D("2101"))
    c = case(wish, account=rich, limits=WIDE)
    assert "G19" not in hard(c)
    assert "G19" in hard(replace(c, account=replace(rich, cash=D("2100.99"))))
    # Twenty more on their way would be short too: open sells reserve nothing themselves.
    busy = replace(rich, open_orders=(working("20", SELL, price="210"),), cash=D("6302"))
    assert "G19" not in hard(replace(c, account=busy))
    assert "G19" in hard(replace(c, account=replace(busy, cash=D("6301.99"))))


def test_the_cash_of_the_replaced_order_is_free_again():
    old = working("10", n="old")
    wish = replace(order(quantity="10", limit="200"), replaces="old")
    poor = account(open_orders=(old,), cash=D(2001))
    assert "G19" not in hard(case(wish, account=poor, limits=WIDE))
    assert "G19" in hard(case(wish, account=replace(poor, cash=D("2000.99")), limits=WIDE))


def test_net_short_counts_every_symbol():
    others = (*account().positions, Position("MSFT", D(-500), D(30), D(0), D(30), WALL))
    held = account(positions=(others[0], replace(others[1], marked_at=account().at)),
                   margin=MarginRegime.INTRADAY_MARGIN)  # fmt: skip
    wish = order(quantity="200", side=SELL, limit="210")
    # 100 short of IBM at mark 200 less what was sold above it, and 15,000 of MSFT.
    c = case(wish, account=held, limits=replace(WIDE, max_net=D("0.43529411764706")))
    assert "G18" not in hard(c)
    assert "G18" in hard(replace(c, limits=replace(WIDE, max_net=D("0.435294117647"))))


def test_the_margin_is_counted_with_the_fee():
    held = account(margin=MarginRegime.INTRADAY_MARGIN)
    c = case(TEN, account=held, limits=replace(WIDE, maintenance_margin=D("4.5454"),
                                               margin_buffer=D(1)))  # fmt: skip
    assert "G20" not in hard(c)
    # 22,000 in the market; 99,999 stays after the fee.
    exact = replace(c.limits, maintenance_margin=D(99_999), margin_buffer=D(1) / D(22_000) * 1)
    assert "G20" in hard(replace(c, limits=replace(exact, fee_minimum=D(2))))


@pytest.mark.parametrize(("cash", "fires"), [("5000", False), ("4999.99", True)])
def test_the_old_day_trader_rule_is_for_less_than_25000(cash, fires):
    held = account(margin=MarginRegime.LEGACY_PDT, cash=D(cash))
    c = case(TEN, account=held, limits=WIDE, activity=Activity(D(1), D(1), day_trades=3))
    assert ("G20" in hard(c)) is fires


def test_an_approval_holds_from_its_first_moment_and_a_large_value_asks_for_two():
    wish = order(quantity="10")
    early = yes(wish, given_at=WALL + timedelta(seconds=2), expires_at=WALL + timedelta(minutes=1))
    assert isinstance(decide(case(wish, approval=early)), Approved)
    asked = decide(case(TEN, limits=replace(WIDE, second_person_value=D("1999.99"))))
    assert isinstance(asked, NeedsHuman)
    assert [r.code for r in asked.reasons] == ["G06"]
    assert not decide(case(TEN, limits=replace(WIDE, second_person_value=D(2000)))).reasons


def test_drift_exactly_at_the_limit_passes():
    c = case(TEN, reference=D(200), market=sight(bid=D(203), ask=D(204)))
    assert "G06" not in hard(c)
    assert "G06" in hard(replace(c, market=sight(bid=D(203), ask=D("204.01"))))


def test_a_whole_price_is_no_trail():
    assert "G09" in hard(case(trailing(trail_fraction=D(1))))
    assert "G09" in hard(case(trailing(trail_price=D("199.99"))))


def test_soft_value_exactly_at_the_limit_asks_nobody():
    assert not decide(on(soft_order_equity=D("0.02"))).reasons
    assert isinstance(decide(on(soft_order_equity=D("0.0199"))), NeedsHuman)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (order(quantity="10", limit="220"), "Buying at 220.00 USD is more than 5 % above the ask"),
        (order(quantity="10", limit="180", side=SELL), "Selling at 180.00 USD is more than 5 % be"),
    ],
)
def test_the_sentence_says_which_way(wish, says):
    assert says in str(decide(case(wish)).reasons)
