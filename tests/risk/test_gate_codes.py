"""Each code fires where it should, and not one step before."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import END, account, case, order, yes
from tests.risk.test_gate_more_codes import MORE
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.order import OrderType, Side
from tools.domain.portfolio import OpenOrder, Position, RecentOrder
from tools.domain.verdict import Approved, NeedsHuman, Refused
from tools.risk.gate import codes, decide, explain, weigh
from tools.risk.limits import ApprovalPolicy, load_limits
from tools.risk.mode import Mode
from tools.risk.rules import RULES

D = Decimal
L = load_limits()
MARKET = case().market
WIDE = replace(
    L,
    max_order_value=D("1e9"),
    max_order_equity=D(10),
    max_concentration=D(10),
    max_gross=D(10),
    max_net=D(10),
    soft_order_equity=D(10),
    approval=ApprovalPolicy.ABOVE_SOFT,
)


def hard(c):
    return {reason.code for reason in decide(c).reasons if reason.hard}


def buys(leaves, symbol="IBM", price=200, n=1):
    return tuple(OpenOrder(f"o{i}", symbol, Side.BUY, D(leaves), D(price)) for i in range(n))


def sells(leaves):
    return (OpenOrder("o", "IBM", Side.SELL, D(leaves), D(200)),)


def recent(n, age=10, **changes):
    one = RecentOrder("r", "IBM", Side.BUY, D(10), None, "", timedelta(seconds=age))
    return tuple(replace(one, **changes) for _ in range(n))


def listed(**changes):
    return replace(MARKET, instrument=replace(MARKET.instrument, **changes))


def limits(**changes):
    return case(limits=replace(L, **changes))


def wide(wish, **changes):
    return case(wish, limits=WIDE, **changes)


SELL = {"side": Side.SELL}

# code: (cases where it fires, the nearest cases where it does not)
TABLE = {
    "G01": (
        [
            case(mode=Mode.HALTED),
            case(mode=None),
            case(mode=2),
            case(mode=Mode.REDUCE_ONLY),
            case(order(quantity="101", **SELL), mode=Mode.REDUCE_ONLY),
            case(order(quantity="10", symbol="MSFT", **SELL), mode=Mode.REDUCE_ONLY),
            case(
                order(quantity="100", **SELL),
                mode=Mode.REDUCE_ONLY,
                account=account(open_orders=sells(1)),
            ),
        ],
        [case(order(quantity="100", **SELL), mode=Mode.REDUCE_ONLY, limits=WIDE), case()],
    ),
    "G02": (
        [
            case(account=None),
            case(market=None),
            case(limits=None),
            case(now=None),
            case(order(limit="0")),
            case(replace(order(quantity="10"), type=OrderType.LIMIT)),
            case(replace(order(limit="200"), type=OrderType.MARKET)),
            case(market=listed(currency="EUR")),
            case(market=listed(asset_class=AssetClass.CRYPTO)),
            case(account=account(currency="EUR")),
            case(account=account(account="other")),
            case(account=account(positions=account().positions * 2)),
            case(order(symbol="I\u202eBM")),
        ],
        [case(), case(order(quantity="10", limit="200"))],
    ),
    "G03": (
        [
            case(market=replace(MARKET, at=END - timedelta(days=5, seconds=1))),
            case(market=replace(MARKET, at=END + timedelta(seconds=3))),
            case(account=account(at=END - timedelta(seconds=301))),
            case(account=account(at=END + timedelta(seconds=3))),
            case(replace(order(quantity="10"), as_of=END + timedelta(seconds=3))),
        ],
        [
            case(market=replace(MARKET, at=END - timedelta(days=5))),
            case(market=replace(MARKET, at=END + timedelta(seconds=2))),
            case(account=account(at=END - timedelta(seconds=300))),
        ],
    ),
    "G08": (
        [
            case(order(quantity="10.5")),
            case(order(quantity="10", limit="200.005")),
            case(
                order(quantity="0.001"),
                market=listed(lot=D("0.001")),
            ),
        ],
        [
            case(order(quantity="10.5"), market=listed(lot=D("0.5"))),
            case(order(quantity="10", limit="200.005"), market=listed(tick=D("0.005"))),
            case(order(quantity="0.005"), market=listed(lot=D("0.001"))),
        ],
    ),
    "G10": (
        [
            case(order(quantity="10", limit="210.02")),
            case(order(quantity="10", limit="189.98", **SELL)),
            case(order(quantity="10", limit="139.99")),
            case(order(quantity="10", limit="400", **SELL)),
        ],
        [
            case(order(quantity="10", limit="210.01")),
            case(order(quantity="10", limit="190", **SELL)),
            case(order(quantity="10", limit="140")),
        ],
    ),
    "G13": (
        [wide(order(quantity="5001"), account=account(cash=D("1e8")))],
        [wide(order(quantity="5000"), account=account(cash=D("1e8")))],
    ),
    "G14": (
        [
            case(order(quantity="101", limit="200")),
            case(order(quantity="126", limit="200"), account=account(cash=D("1e6"))),
            case(account=account(positions=(Position("X", D(1), D(1), D(0), None, None),))),
        ],
        [
            case(order(quantity="100", limit="200")),
            case(order(quantity="125", limit="200"), account=account(cash=D("1e6"))),
            case(account=account(positions=(Position("X", D(0), D(0), D(9), None, None),))),
        ],
    ),
    "G16": (
        [
            limits(max_long=D(109)),
            case(account=account(open_orders=buys(91)), limits=replace(L, max_long=D(200))),
            case(order(quantity="101", **SELL)),
            case(order(quantity="100", **SELL), account=account(open_orders=sells(1))),
            case(order(quantity="1", symbol="MSFT", **SELL)),
        ],
        [
            limits(max_long=D(110)),
            case(account=account(open_orders=buys(90)), limits=replace(L, max_long=D(200))),
            case(order(quantity="100", **SELL)),
            wide(order(quantity="101", **SELL), account=account())
            if WIDE.max_short
            else case(order(quantity="101", **SELL), limits=replace(WIDE, max_short=D(1))),
            # a sell that only shrinks what is too large is let through
            case(order(quantity="50", **SELL), limits=replace(L, max_long=D(10))),
        ],
    ),
    "G17": (
        [
            case(order(quantity="26", limit="200")),
            case(order(quantity="10", limit="200"), account=account(open_orders=buys(16))),
        ],
        [
            case(order(quantity="25", limit="200")),
            case(order(quantity="10", limit="200"), account=account(open_orders=buys(15))),
            case(order(quantity="50", **SELL), limits=replace(L, max_concentration=D("0.1"))),
        ],
    ),
    "G18": (
        [
            limits(max_gross=D("0.21")),
            limits(max_net=D("0.21")),
            case(
                limits=replace(L, max_gross=D("0.3")),
                account=account(open_orders=buys(300, "MSFT", 30)),
            ),
        ],
        [
            case(order(quantity="10", limit="200"), limits=replace(L, max_gross=D("0.22"))),
            case(order(quantity="10", limit="200"), limits=replace(L, max_net=D("0.22"))),
            case(order(quantity="10", **SELL), limits=replace(L, max_gross=D("0.1"))),
        ],
    ),
    "G19": (
        [
            case(order(quantity="10", limit="200"), account=account(cash=D("2000.99"))),
            case(
                order(quantity="10", limit="200"),
                account=account(cash=D(4000), open_orders=buys(10)),
            ),
            case(
                order(quantity="101", limit="200", **SELL),
                limits=replace(WIDE, max_short=D(10)),
                account=account(cash=D(100)),
            ),
        ],
        [
            case(order(quantity="10", limit="200"), account=account(cash=D(2001))),
            case(
                order(quantity="10", limit="200"),
                account=account(cash=D(4002), open_orders=buys(10)),
            ),
            case(order(quantity="100", **SELL), account=account(cash=D(0))),
        ],
    ),
    "G25": (
        [case(account=account(recent=recent(2))), case(account=account(recent=recent(2, age=-5)))],
        [
            case(account=account(recent=recent(1))),
            case(account=account(recent=recent(2, age=61))),
            case(account=account(recent=recent(2, quantity=D(11)))),
            case(account=account(recent=recent(2, side=Side.SELL))),
            case(account=account(recent=recent(2, symbol="MSFT"))),
            case(account=account(recent=recent(2, limit_price=D(200)))),
            case(account=account(recent=recent(2, strategy="other"))),
            case(account=account(recent=recent(9, age=61, waiting=True))),
        ],
    ),
    "G28": (
        [
            case(account=account(open_orders=buys(1, n=5))),
            case(account=account(open_orders=buys(1, "MSFT", 30, n=20))),
        ],
        [
            case(account=account(open_orders=buys(1, n=4))),
            case(account=account(open_orders=buys(1, "MSFT", 30, n=19))),
        ],
    ),
    "G29": (
        [
            case(market=replace(MARKET, known=False)),
            case(market=replace(MARKET, instrument=None)),
            case(market=listed(symbol="IBN")),
            case(market=listed(tradable=False)),
            limits(restricted=("IBM",)),
            limits(allowed=("MSFT",)),
        ],
        [case(), limits(restricted=("MSFT",)), limits(allowed=("IBM",))],
    ),
}


@pytest.mark.parametrize("code", TABLE)
def test_code_fires_and_only_there(code):
    fires, silent = TABLE[code]
    for n, c in enumerate(fires):
        assert code in hard(c), (n, decide(c))
        assert isinstance(decide(c), Refused)
    for n, c in enumerate(silent):
        assert code not in hard(c), (n, decide(c))


def test_every_code_is_explained_and_tested():
    assert set(codes()) == set(TABLE) | {"G00", "G06"} | set(MORE)
    assert all(explain(code.lower()) for code in codes())


def test_policy_and_soft_value_ask_a_person_whose_yes_is_enough():
    asked = decide(case())
    assert isinstance(asked, NeedsHuman)
    assert [r.code for r in asked.reasons] == ["G06"]
    large = decide(
        case(order(quantity="51", limit="200"), limits=replace(WIDE, soft_order_equity=D("0.1")))
    )
    assert [(r.code, r.hard) for r in large.reasons] == [("G14", False)]
    assert isinstance(large, NeedsHuman)
    assert isinstance(decide(case(approval=yes(order(quantity="10")))), Approved)
    assert isinstance(decide(wide(order(quantity="10"))), Approved)


def test_nobody_turns_a_refusal():
    assert isinstance(decide(case(approval=yes(order(quantity="10")), mode=Mode.HALTED)), Refused)


def test_no_rules_a_broken_rule_and_a_rule_that_talks_nonsense_refuse():
    def broken(_):
        raise RuntimeError

    assert isinstance(weigh(case(approval=yes(order(quantity="10"))), ()), Refused)
    for rule in (broken, lambda _: None, lambda _: ["no"]):
        verdict = weigh(case(approval=yes(order(quantity="10"))), (*RULES, rule))
        assert isinstance(verdict, Refused)
        assert {r.code for r in verdict.reasons if r.hard} == {"G00"}
    assert "broken" in weigh(case(), (broken,)).reasons[0].sentence


def test_all_violated_codes_are_named_and_the_sentence_says_what_to_do():
    verdict = decide(case(order(quantity="6000", limit="300"), mode=Mode.HALTED))
    assert {"G01", "G10", "G13", "G14", "G17", "G18", "G19"} <= {r.code for r in verdict.reasons}
    (said,) = [
        r.sentence
        for r in decide(
            case(
                order(quantity="50", limit="204.95"),
                limits=replace(L, max_order_value=D(5000), soft_order_equity=D(1)),
            )
        ).reasons
        if r.code == "G14"
    ]
    assert said == (
        "50 IBM at up to 204.95 USD is 10,247.50 USD, over the 5,000.00 USD allowed for one "
        "order; ask for at most 24."
    )


def test_what_the_sentence_offers_is_let_through_and_one_more_is_not():
    for quantity, fits in (("500", True), ("99999", True)):
        c = case(order(quantity=quantity, limit="200"), limits=replace(L, max_concentration=D(1)))
        assert ("G14" in hard(c)) is fits
    assert "G14" not in hard(case(order(quantity="100", limit="200")))
    assert "ask for at most 100." in str(decide(case(order(quantity="500", limit="200"))).reasons)


def test_verdict_is_bound_to_order_and_limits():
    c = case()
    verdict = decide(c)
    assert verdict.digest == c.order.digest
    assert verdict.limits_hash == L.hash
    assert len(L.hash) == 64


def test_instrument_multiplier_counts():
    listing = Instrument("IBM", "", "XNYS", AssetClass.EQUITY, "USD", multiplier=D(100))
    c = case(order(quantity="2", limit="200"), market=replace(MARKET, instrument=listing))
    assert "G14" in hard(c)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"latest": END}, False),
        ({"latest": END + MINUTE}, False),
        ({"latest": END + MINUTE + timedelta(seconds=1)}, True),
        ({"latest": END + timedelta(days=9), "dated": True}, False),
        ({"simulated_venue": False}, False),
        ({"simulated_venue": False, "dated": True}, True),
    ],
)
def test_g03_the_clock_never_goes_back_and_only_simulations_are_dated(change, refused):
    assert ("G03" in hard(case(**change))) is refused


@pytest.mark.parametrize(("price", "refused"), [("196.09", False), ("196.08", True), (None, False)])
def test_g06_drift_up_to_the_limit_and_not_beyond(price, refused):
    reference = None if price is None else D(price)
    assert ("G06" in hard(case(reference=reference))) is refused
    sell = case(order(quantity="10", side=Side.SELL), reference=D("204.07"))
    assert "G06" not in hard(sell)
    assert "G06" in hard(replace(sell, reference=D("204.08")))


@pytest.mark.parametrize(
    ("side", "quantity", "held", "days", "refused"),
    [
        (Side.BUY, "10", 100, 5, False),
        (Side.BUY, "10", 100, 6, True),
        (Side.BUY, "10", 0, 6, False),
        (Side.SELL, "100", 100, 6, False),
        (Side.SELL, "101", 100, 6, True),
        (Side.BUY, "10", -10, 6, False),
        (Side.BUY, "11", -10, 6, True),
    ],
)
def test_g03_a_stale_mark_stops_what_raises_exposure(side, quantity, held, days, refused):
    old = Position("IBM", D(held), D(150), D(0), D(200), END - timedelta(days=days))
    c = case(order(quantity=quantity, side=side), account=account(positions=(old,)))
    assert ("G03" in hard(c)) is refused


def test_g03_a_mark_without_a_moment_is_no_mark():
    odd = Position("MSFT", D(1), D(30), D(0), D(30), None)
    assert "G03" in hard(case(account=account(positions=(odd,))))
