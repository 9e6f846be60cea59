"""Each limit of the rules on flow, prices, the book and size: on it passes, one step beyond not."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import END, account, case, order, sight, yes
from tests.risk.cases import WIDE, bracket, hard, oco, stop_limit, trailing, working
from tools.domain.order import OrderGroup, OrderType, Side
from tools.domain.portfolio import Position, RecentOrder
from tools.domain.verdict import Approved, NeedsHuman, Reason, Refused
from tools.risk.gate import decide, weigh

D = Decimal
SELL = Side.SELL
TEN = order(quantity="10", limit="200")
SOFT = Reason("G06", "Ask.", hard=False)


def wide(wish=TEN, market=None, **changes):
    return case(wish, market=market or sight(), limits=replace(WIDE, **changes))


def recent(age=10, **changes):
    one = RecentOrder("r", "IBM", Side.BUY, D(10), D(200), "", timedelta(seconds=age))
    return replace(one, **changes)


def after(*rows, **limits):
    return case(TEN, account=account(recent=rows), limits=replace(WIDE, **limits))


def full(n, wish=TEN):
    rows = (working("1", symbol=f"S{i}", n=str(i), price="1") for i in range(n))
    return case(wish, account=account(open_orders=(*rows, working("1", n="old"))), limits=WIDE)


MARKET_BRACKET = replace(bracket(), type=OrderType.MARKET, limit_price=None)
BOTH_TRAILS = trailing(trail_price=D(1), trail_fraction=D(1))
SOUND = sight(bid=D("199.98"), ask=D(200))

# code: (cases where it fires, the nearest cases where it does not)
EDGES = {
    "G08": (
        [
            wide(order(quantity="0"), min_order_value=D(0)),
            wide(replace(MARKET_BRACKET, take_profit=D("220.001"))),
            wide(replace(MARKET_BRACKET, stop_loss=D("190.001"))),
            wide(replace(TEN, limit_price=D("200.001"))),
        ],
        [wide(order(quantity="1")), wide(MARKET_BRACKET)],
    ),
    "G09": (
        [
            wide(BOTH_TRAILS),
            wide(replace(oco(), type=OrderType.STOP, stop_price=D(190))),
            wide(replace(oco(), limit_price=None)),
            wide(replace(oco(), stop_loss=None)),
            wide(replace(MARKET_BRACKET, take_profit=D("200.01"))),
        ],
        [
            wide(replace(BOTH_TRAILS, trail_fraction=D("0.99"))),
            wide(oco()),
            wide(replace(MARKET_BRACKET, take_profit=D("200.02"))),
        ],
    ),
    "G10": (
        [
            wide(order(quantity="10", limit="210.01"), SOUND),
            wide(replace(MARKET_BRACKET, take_profit=D(261))),
            wide(replace(oco(), stop_loss=D(100))),
        ],
        [wide(order(quantity="10", limit="210"), SOUND), wide(MARKET_BRACKET), wide(oco())],
    ),
    "G11": (
        [
            wide(market=sight(band_low=D(0))),
            wide(market=sight(band_high=D(0))),
            wide(market=sight(band_low=D("200.01"))),
        ],
        [
            wide(market=sight(band_low=D("0.5"))),
            wide(market=sight(band_low=D("0.5"), band_high=D(201))),
            wide(market=sight(band_high=D(201))),
        ],
    ),
    "G12": (
        [
            case(order(quantity="9", side=SELL, limit="200"), market=sight(bid=D(0))),
            wide(market=sight(ask_size=None, simulated=False)),
            wide(market=sight(bid_size=D(0), ask_size=None)),
        ],
        [
            case(order(quantity="9", side=SELL), market=sight(bid=D("0.5"), ask=D("0.5"))),
            wide(market=sight(simulated=False)),
            wide(market=sight(bid_size=D("0.5"), ask_size=D("0.5"))),
        ],
    ),
    "G14": (
        [wide(replace(TEN, limit_price=D("0.5")), max_order_value=D("4.99"))],
        [wide(replace(TEN, limit_price=D("0.5")), max_order_value=D(5))],
    ),
    "G25": (
        [
            after(recent(), recent(60)),
            after(recent(), recent(0)),
            after(recent(symbol="MSFT"), duplicate_count=1),
            after(recent(quantity=D(9)), duplicate_count=1),
            after(duplicate_count=1),
            after(duplicate_count=0),
            after(recent(), duplicate_count=2),
        ],
        [
            after(recent(), recent(60.001)),
            after(recent(symbol="MSFT"), duplicate_count=2),
            after(duplicate_count=2),
            after(recent(), duplicate_count=3),
            after(recent(waiting=True), duplicate_count=2),
        ],
    ),
    "G28": (
        [full(20, replace(TEN, replaces="old")), full(19)],
        [full(19, replace(TEN, replaces="old")), full(18)],
    ),
}


@pytest.mark.parametrize("code", EDGES)
def test_a_limit_holds_to_the_last_digit(code):
    fires, silent = EDGES[code]
    for n, c in enumerate(fires):
        assert code in hard(c), (n, decide(c))
    for n, c in enumerate(silent):
        assert not hard(c) & {code, "G00"}, (n, decide(c))


@pytest.mark.parametrize(
    "c",
    [
        wide(),
        wide(market=sight(band_low=D(199))),
        wide(order(quantity="10", limit="210"), SOUND),
        wide(max_order_value=D(2000)),
        wide(stop_limit("205", "215.25")),
        wide(bracket(stop_loss_limit=D("180.50"))),
        wide(market=sight(bid_size=None, ask_size=None)),
        wide(market=sight(simulated=False)),
    ],
)
def test_exactly_on_a_limit_there_is_nothing_to_say(c):
    assert decide(c).reasons == ()


def says(rule, **changes):
    return weigh(case(TEN, **changes), (rule,))


@pytest.mark.parametrize(
    "said",
    [(1,), (SOFT, 1), [SOFT], SOFT, 0, "", (None,)],
)
def test_a_rule_that_answers_anything_but_reasons_refuses(said):
    verdict = says(lambda _: said)
    assert isinstance(verdict, Refused)
    assert [(r.code, r.hard) for r in verdict.reasons] == [("G00", True)]


@pytest.mark.parametrize(
    ("approval", "wanted"),
    [
        (yes(TEN), Approved),
        (None, NeedsHuman),
        (object(), NeedsHuman),
        (yes(TEN, used=True), NeedsHuman),
        (yes(TEN, digest=""), NeedsHuman),
        (yes(TEN, approver="agent"), NeedsHuman),
        (yes(TEN, approver="Ada", second="Ada"), NeedsHuman),
        (yes(TEN, approver=None), NeedsHuman),
    ],
)
def test_only_a_yes_that_holds_lifts_what_is_soft(approval, wanted):
    assert isinstance(says(lambda _: (SOFT,), approval=approval), wanted)


@pytest.mark.parametrize(
    ("value", "given", "codes"),
    [
        ("1999.99", yes(TEN), ["G06"]),
        ("1999.99", yes(TEN, second="Bob"), []),
        ("1999.99", None, ["G06"]),
        ("2000", yes(TEN), []),
        ("2000", yes(TEN, second="Bob"), []),
        ("2000", None, []),
    ],
)
def test_over_the_value_for_two_a_second_person_is_asked_for_until_there_is_one(
    value, given, codes
):
    limits = replace(WIDE, second_person_value=D(value))
    bound = None if given is None else replace(given, limits_hash=limits.hash)
    verdict = decide(case(TEN, limits=limits, approval=bound))
    assert [(r.code, r.hard) for r in verdict.reasons] == [(code, False) for code in codes]
    assert isinstance(verdict, NeedsHuman if codes else Approved)


def test_a_yes_of_a_stranger_lifts_nothing():
    limits = replace(WIDE, approvers=("Bob",))
    for second, wanted in (("", NeedsHuman), ("Bob", NeedsHuman)):
        given = yes(TEN, limits_hash=limits.hash, second=second)
        assert isinstance(says(lambda _: (SOFT,), approval=given, limits=limits), wanted)
    bob = yes(TEN, limits_hash=limits.hash, approver="Bob")
    assert isinstance(says(lambda _: (SOFT,), approval=bob, limits=limits), Approved)


@pytest.mark.parametrize("wish", [None, replace(TEN, as_of="now"), object()])
def test_what_can_not_be_hashed_is_refused_hard(wish):
    verdict = weigh(replace(case(TEN), order=wish), (lambda _: (),))
    assert isinstance(verdict, Refused)
    assert verdict.digest == ""
    assert [(r.code, r.hard) for r in verdict.reasons] == [("G02", True)]


def test_what_is_no_case_is_refused_hard():
    assert [(r.code, r.hard) for r in decide(None).reasons] == [("G02", True)]


def test_soft_reasons_alone_are_not_hard_and_one_hard_one_refuses():
    both = weigh(case(TEN), (lambda _: (SOFT,), lambda _: (replace(SOFT, hard=True),)))
    assert isinstance(both, Refused)
    assert isinstance(weigh(case(TEN), (lambda _: (),)), Approved)


def many(n, limits=WIDE, **changes):
    """``n`` positions of 100 each, the last of them changed, and 98,000 in cash."""
    rows = [Position(f"S{i}", D(1), D(1), D(0), D(100), END) for i in range(n)]
    rows[-1] = replace(rows[-1], **changes)
    return case(TEN, account=account(positions=tuple(rows), cash=D(98_000)), limits=limits)


@pytest.mark.parametrize("n", [1, 15, 16, 17, 32, 33])
def test_the_last_of_many_positions_counts_like_the_first(n):
    assert not hard(many(n))
    assert "G02" in hard(many(n, quantity=D("NaN")))
    assert "G03" in hard(many(n, marked_at=END - timedelta(days=6)))
    assert "G03" in hard(many(n, marked_at=None))
    assert "G14" in hard(many(n, mark=None))
    part, bit = D(2000 + 100 * n) / (98_000 + 100 * n), D("1e-9")
    assert "G18" not in hard(many(n, replace(WIDE, max_gross=part + bit)))
    assert "G18" in hard(many(n, replace(WIDE, max_gross=part - bit)))
    if n > 1:
        assert "G02" in hard(many(n, symbol="S0"))


def test_a_group_of_its_own_type_is_needed_for_exits():
    assert "G02" in hard(wide(replace(TEN, group=OrderGroup.BRACKET)))
