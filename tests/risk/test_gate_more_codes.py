"""Each of the later codes fires where it should, and not one step before.

Long because it is the table of the rules' edges, both sides of each limit.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.doubles import ACCEPTS, END, WALL, account, case, order, sight, yes
from tests.risk.cases import (
    WIDE,
    L,
    bracket,
    contract,
    hard,
    oco,
    option,
    perpetual,
    stop,
    stop_limit,
    trailing,
    working,
)
from tools.domain.instrument import AssetClass, Right
from tools.domain.order import OrderType, Side, TimeInForce
from tools.domain.portfolio import Activity, Health, Position, RecentOrder
from tools.domain.status import Borrow, Session
from tools.domain.venue import MarginRegime
from tools.domain.verdict import Approved, NeedsHuman, Refused
from tools.risk.case import Source
from tools.risk.gate import decide
from tools.risk.limits import load_limits
from tools.risk.limits_scopes import Scope
from tools.risk.mode import Mode

D = Decimal
SELL = Side.SELL
BUY10 = order(quantity="10", limit="200")
SHORT = order(quantity="110", side=SELL, limit="200")


def seen(**changes):
    return case(BUY10, market=sight(**changes))


def did(wish=BUY10, **changes):
    return case(wish, activity=replace(Activity(D(100_000), D(100_000)), **changes))


def well(wish=BUY10, **changes):
    return case(wish, health=replace(Health(WALL, (), connected=True), **changes))


def limited(wish=BUY10, base=L, **changes):
    return case(wish, limits=replace(base, **changes))


def held(wish, *orders, **changes):
    return case(wish, account=account(open_orders=orders, **changes), limits=WIDE)


def by(principal="agent:execution", build="dev", live=False, venue=True, money=None, **limits):
    source = Source(principal, build, "v", live=live, real_money=money)
    return case(BUY10, source=source, simulated_venue=venue, limits=replace(L, **limits))


def replaced(quantity, **changes):
    wish = replace(order(quantity=quantity, limit="200"), replaces="old")
    return held(wish, working("40", n="old", filled=D(5), **changes))


def short(limits=WIDE, wish=SHORT, **market):
    margin = account(margin=MarginRegime.INTRADAY_MARGIN)
    return case(wish, account=margin, limits=limits, market=sight(**market))


MORE = {
    "G04": (
        [
            well(reconciled_at=None),
            well(reconciled_at=WALL - timedelta(seconds=121)),
            well(reconciled_at=WALL + timedelta(seconds=3)),
            well(differences=("IBM: 100 here, 90 there.",)),
            well(connected=False),
            held(BUY10, working(unknown=True)),
        ],
        [
            well(reconciled_at=WALL - timedelta(seconds=120)),
            well(reconciled_at=WALL + timedelta(seconds=2)),
            held(BUY10, working(symbol="MSFT", unknown=True)),
            well(order(quantity="100", side=SELL), connected=False, reconciled_at=None),
        ],
    ),
    "G05": (
        [
            by(principal="agent:other"),
            by(principals=("person:*",)),
            by(builds=("1f",)),
            by(build=""),
            by(money=True),
            by(venue=False, money=True),
            by(venue=False),  # an old journal doesn't say
            by(venue=False, live=True, build="1f", builds=("1f",)),
            case(replace(BUY10), simulated_venue=False, source=Source("x", "*", "v", live=True)),
        ]
        + [
            case(
                BUY10,
                simulated_venue=False,
                source=Source(BUY10.principal, build, "v", live=armed),
                limits=replace(L, live=True, builds=builds),
            )
            for build, armed, builds in (
                ("1f", True, ("*",)),
                ("1f", False, ("1f",)),
                ("1f*", True, ("1f*",)),
                ("2", True, ("1f",)),
            )
        ],
        [
            by(principals=("agent:*",)),
            by(principals=("agent:execution",)),
            by(venue=False, money=False),  # somebody else's simulation
            case(
                BUY10,
                simulated_venue=False,
                source=Source(BUY10.principal, "1f", "v", live=True),
                limits=replace(L, live=True, builds=("1f",)),
            ),
        ],
    ),
    "G07": (
        [
            case(accepts=ACCEPTS[1:]),
            case(accepts=(replace(ACCEPTS[0], types=frozenset({OrderType.LIMIT})),)),
            case(accepts=(replace(ACCEPTS[0], times=frozenset({TimeInForce.GTC})),)),
            case(bracket(), accepts=(replace(ACCEPTS[0], groups=frozenset()),)),
            case(order(quantity="0.5"), accepts=(replace(ACCEPTS[0], fractional=False),)),
            case(
                replace(BUY10, extended_hours=True),
                accepts=(replace(ACCEPTS[0], extended=False),),
            ),
            case(replace(order(quantity="10"), extended_hours=True)),
            case(
                replace(order(quantity="10", limit="200", tif=TimeInForce.IOC), extended_hours=True)
            ),
            case(replace(bracket(), extended_hours=True)),
            case(market=sight(session=None)),
            case(market=sight(session=Session.EXTENDED)),
            case(market=sight(session=Session.WAITING), simulated_venue=False),
            case(market=sight(session=Session.WAITING, simulated=False)),
            case(order(limit="200", tif=TimeInForce.FOK), market=sight(session=Session.EXTENDED)),
            case(order(limit="200", tif=TimeInForce.IOC), market=sight(session=Session.EXTENDED)),
        ],
        [
            case(),
            case(market=sight(session=Session.WAITING)),
            case(BUY10, market=sight(session=Session.WAITING), simulated_venue=False),
            case(BUY10, market=sight(session=Session.EXTENDED)),
            case(replace(BUY10, extended_hours=True), market=sight(session=Session.EXTENDED)),
            case(order(quantity="10"), accepts=(replace(ACCEPTS[0], fractional=False),)),
        ],
    ),
    "G09": (
        [
            case(stop("200.00")),
            case(stop("200.00", SELL)),
            case(stop_limit("205", "204.99")),
            case(stop_limit("195", "195.01", SELL)),
            case(trailing(trail_price=D(199.99).quantize(D("0.01")))),
            case(trailing(trail_fraction=D(1))),
            case(bracket(profit="200")),
            case(bracket(loss="200")),
            case(bracket(stop_loss_limit=D("190.01"))),
            case(
                replace(bracket(), type=OrderType.TRAILING_STOP, limit_price=None, trail_price=D(1))
            ),
            case(oco(loss="200")),
            case(oco(limit="190", loss="190")),
            case(oco(stop_loss_limit=D("190.01"))),
            case(oco(quantity="101")),
            case(replace(oco(), side=Side.BUY)),
        ],
        [
            case(stop("200.01")),
            case(stop("199.99", SELL)),
            case(stop_limit("205", "205")),
            case(stop_limit("195", "195", SELL)),
            case(trailing(trail_price=D("199.98"))),
            case(trailing(trail_fraction=D("0.99"))),
            case(bracket(profit="200.01", loss="199.99")),
            case(bracket(stop_loss_limit=D("190"))),
            case(oco(limit="190.01", loss="190")),
            case(oco(loss="199.99", stop_loss_limit=D("199.99"), quantity="100")),
        ],
    ),
    "G11": (
        [
            seen(halted=None),
            seen(halted=True),
            seen(band_low=D("200.01"), band_high=D(300)),
            seen(band_low=D(100), band_high=D("199.99")),
            seen(band_high=D("199.99")),
            seen(band_low=D(300), band_high=D(100)),
            seen(band_low=D(0), band_high=D(300)),
        ],
        [
            seen(),
            seen(band_low=D(200), band_high=D(200)),
            seen(band_low=D(200)),
            seen(band_high=D(200)),
        ],
    ),
    "G12": (
        [
            seen(bid=D("200.02")),
            seen(bid=D(0)),
            seen(bid=D("190"), ask=D("200.01")),
            seen(bid_size=D(0)),
            seen(ask_size=D(0)),
            seen(ask_size=None, simulated=False),
            case(BUY10, market=sight(bid_size=None), simulated_venue=False),
        ],
        [
            seen(bid=D("200.01")),
            seen(bid=D(195), ask=D(205)),
            seen(bid_size=None, ask_size=None),
            case(order(quantity="9", side=SELL), market=sight(bid=D(150), bid_size=D(0))),
        ],
    ),
    "G15": (
        [seen(average_volume=None), seen(average_volume=D(499))],
        [
            seen(average_volume=D(500)),
            case(order(quantity="10", side=SELL), market=sight(average_volume=None)),
        ],
    ),
    "G20": (
        [
            case(SHORT, limits=WIDE),
            case(
                BUY10,
                account=account(margin=MarginRegime.LEGACY_PDT, cash=D(1000)),
                limits=WIDE,
                activity=Activity(D(9), D(9), day_trades=3),
            ),
            case(
                BUY10,
                account=account(margin=MarginRegime.INTRADAY_MARGIN),
                limits=replace(WIDE, maintenance_margin=D(4), margin_buffer=D("1.14")),
            ),
        ],
        [
            short(),
            case(
                BUY10,
                account=account(margin=MarginRegime.LEGACY_PDT, cash=D(1000)),
                limits=WIDE,
                activity=Activity(D(9), D(9), day_trades=2),
            ),
            case(
                BUY10,
                account=account(margin=MarginRegime.LEGACY_PDT),
                limits=WIDE,
                activity=Activity(D(9), D(9), day_trades=9),
            ),
            case(
                BUY10,
                account=account(margin=MarginRegime.INTRADAY_MARGIN),
                limits=replace(WIDE, maintenance_margin=D(4), margin_buffer=D("1.13")),
            ),
        ],
    ),
    "G21": (
        [did(equity_open=D("103092.79")), did(equity_open=D(0))],
        [did(equity_open=D("103092.78")), did(order(side=SELL), equity_open=D(0))],
    ),
    "G22": (
        [did(equity_peak=D("111111.12")), did(equity_peak=D(0))],
        [did(equity_peak=D("111111.11")), did(order(side=SELL), equity_peak=D(0))],
    ),
    "G23": (
        [did(sent_value=D("98000.01"))],
        [did(sent_value=D(98_000)), did(order(side=SELL), sent_value=D("1e6"))],
    ),
    "G24": (
        [did(messages_account=60), did(messages_strategy=30), did(messages_symbol=20)],
        [
            did(messages_account=59, messages_strategy=29, messages_symbol=19),
            did(order(side=SELL), messages_account=60),
        ],
    ),
    "G26": (
        [did(disabled=True), did(executions=30), did(losses=6), did(rejects=5)],
        [did(executions=29, losses=5, rejects=4), did(order(side=SELL), disabled=True)],
    ),
    "G27": (
        [
            did(replace(BUY10, slice_of="p", slice_total=D(40)), sliced=D("31")),
            did(replace(BUY10, slice_of="p", slice_total=D(40)), slices=100),
        ],
        [
            did(replace(BUY10, slice_of="p", slice_total=D(40)), sliced=D(30), slices=99),
            did(sliced=D(99), slices=100),
        ],
    ),
    "G30": (
        [
            short(replace(WIDE, short_selling=False)),
            short(borrow=None),
            short(borrow=Borrow.HARD),
            short(borrow=Borrow.NONE, located=D(9)),
            short(short_restricted=None),
            short(short_restricted=True, wish=order(quantity="110", side=SELL)),
            short(short_restricted=True, wish=order(quantity="110", side=SELL, limit="199.99")),
            replace(perpetual(SELL), limits=replace(WIDE, short_selling=False)),
        ],
        [
            short(),
            short(borrow=Borrow.HARD, located=D(10)),
            short(short_restricted=True),
            case(order(quantity="100", side=SELL), market=sight(borrow=None)),
            perpetual(SELL, borrow=None),
        ],
    ),
    "G31": (
        [
            held(BUY10, working(side=SELL, price="200")),
            held(BUY10, working(side=SELL, limit_price=None)),
            held(order(quantity="10"), working(side=SELL, price="900")),
            held(order(quantity="10", side=SELL, limit="199"), working(price="199")),
            held(BUY10, working(side=SELL, unknown=True)),
            held(BUY10, working(side=SELL, group="g")),
        ],
        [
            held(BUY10, working(side=SELL, price="200.01")),
            held(BUY10, working(side=SELL, symbol="MSFT")),
            held(BUY10, working(price="200")),
            held(BUY10, working("0", side=SELL)),
            held(BUY10, working(side=SELL, group=BUY10.client_order_id)),
            held(replace(BUY10, leg_of="up"), working(side=SELL, n="up")),
            held(
                replace(BUY10, replaces="old"),
                working(n="old", group="g"),
                working(side=SELL, group="g", n="exit"),
            ),
        ],
    ),
    "G32": (
        [
            did(cancels=20, fills=1),
            did(cancels=21, fills=2),
            held(
                order(quantity="10"), *(working("1", SELL, price="300", n=str(n)) for n in range(4))
            ),
            held(
                order(quantity="10", limit="200.01"),
                *(working("1", SELL, price="300", n=str(n)) for n in range(4)),
            ),
        ],
        [
            did(cancels=20, fills=2),
            did(cancels=19),
            did(order(side=SELL), cancels=99),
            held(
                order(quantity="10", limit="200"),
                *(working("1", SELL, price="300", n=str(n)) for n in range(4)),
            ),
            held(
                order(quantity="10"), *(working("1", SELL, price="300", n=str(n)) for n in range(3))
            ),
            held(
                order(quantity="10"),
                *(working("1", SELL, price="300", n=str(n), group="g") for n in range(4)),
            ),
        ],
    ),
    "G33": (
        [
            held(replace(BUY10, replaces="old")),
            replaced("40", unknown=True),
            replaced("40", changing=True),
            replaced("4"),
            replaced("40", symbol="MSFT"),
            replaced("40", side=SELL),
        ],
        [replaced("5"), replaced("40")],
    ),
    "G34": (
        [
            option(instrument=contract(option=None)),
            replace(option(), today=date(2013, 3, 16)),
            replace(option(), today=date(2013, 3, 14)),
            option(delta=None),
            option(underlying_price=None),
            option(SELL, "2"),
            perpetual(liquidation_price=None),
            perpetual(liquidation_price=D("160.00")),
            perpetual(SELL, liquidation_price=D("240")),
            replace(
                option(SELL),
                account=account(
                    positions=(
                        *account().positions,
                        Position("X", D(-1), D(1), D(0), D(1), END, multiplier=D(100)),
                    )
                ),
            ),
            replace(option(SELL), account=account(open_orders=(working("1", SELL),))),
        ],
        [
            option(),
            replace(option(), today=date(2013, 3, 13)),
            option(SELL),
            option(
                SELL, "1", instrument=contract(option=replace(contract().option, right=Right.PUT))
            ),
            perpetual(liquidation_price=D("159.99")),
            perpetual(SELL, liquidation_price=D("240.02")),
        ],
    ),
    "G36": (
        [
            limited(replace(BUY10), approvers=("Bob",)),
        ],
        [limited(BUY10, approvers=("Ada", "B*"))],
    ),
}
for n, c in enumerate(MORE["G36"][0]):
    MORE["G36"][0][n] = replace(c, approval=yes(c.order, limits_hash=c.limits.hash))


@pytest.mark.parametrize("code", MORE)
def test_code_fires_and_only_there(code):
    fires, silent = MORE[code]
    for n, c in enumerate(fires):
        assert code in hard(c), (n, decide(c))
    for n, c in enumerate(silent):
        assert code not in hard(c), (n, decide(c))
        assert not hard(c) & {"G00", "G02"}, (n, decide(c))


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64},
        {"limits_hash": "0" * 64},
        {"account": "other"},
        {"used": True},
        {"expires_at": WALL},
        {"given_at": WALL + timedelta(seconds=3)},
        {"given_at": WALL - timedelta(seconds=1)},
        {"approver": "agent:execution"},
        {"approver": "Agent x"},
        {"approver": ""},
        {"approver": "MCP"},
        {"second": "bot 7"},
        {"second": " ada"},
    ],
)
def test_g06_a_yes_that_does_not_hold_refuses(change):
    wish = order(quantity="10")
    assert "G06" in hard(case(wish, approval=yes(wish, **change)))
    assert isinstance(decide(case(wish, approval=yes(wish))), Approved)


def test_g06_the_proposer_does_not_approve():
    wish = replace(order(quantity="10"), principal="ada")
    c = case(wish, approval=yes(wish, approver="Ada"))
    assert "G06" in hard(c)
    assert "proposed this order" in str(decide(c).reasons)


def test_g06_a_large_order_needs_two_different_persons():
    small = replace(L, second_person_value=D("1999.99"))
    wish = BUY10
    one = case(wish, limits=small, approval=yes(wish, limits_hash=small.hash))
    assert isinstance(decide(one), NeedsHuman)
    two = replace(one, approval=replace(one.approval, second="Bob"))
    assert isinstance(decide(two), Approved)
    same = replace(one, approval=replace(one.approval, second="Ada"))
    assert isinstance(decide(same), Refused)
    at = replace(L, second_person_value=D(2000))
    assert isinstance(
        decide(case(wish, limits=at, approval=yes(wish, limits_hash=at.hash))), Approved
    )


@pytest.mark.parametrize(
    ("wish", "fires"),
    [
        (stop("260.01"), True),
        (stop("260"), False),
        (stop_limit("205", "215.26"), True),
        (stop_limit("205", "215.25"), False),
        (stop_limit("195", "185.24", SELL), True),
        (stop_limit("195", "185.25", SELL), False),
        (trailing(trail_price=D("60.01")), True),
        (trailing(trail_price=D(60)), False),
        (bracket(profit="260.01"), True),
        (bracket(loss="139.99"), True),
        (bracket(stop_loss_limit=D("180.49")), True),
        (bracket(stop_loss_limit=D("180.50")), False),
    ],
)
def test_g10_bounds_triggers_trails_and_exits_too(wish, fires):
    assert ("G10" in hard(case(wish))) is fires


def test_g10_the_wider_collar_holds_only_where_both_bands_are_published():
    wish = order(quantity="10", limit="220")
    assert "G10" in hard(case(wish))
    assert "G10" in hard(case(wish, market=sight(band_high=D(300))))
    assert "G10" not in hard(case(wish, market=sight(band_low=D(100), band_high=D(300))))
    over = order(quantity="10", limit="220.02")
    assert "G10" in hard(case(over, market=sight(band_low=D(100), band_high=D(300))))


def test_g17_counts_sectors_and_classes():
    rows = (("IBM", "technology"), ("MSFT", "technology"))
    rest = (*account().positions, Position("MSFT", D(1000), D(30), D(0), D(30), END))
    c = case(
        order(quantity="10", limit="200"),
        account=account(positions=rest, cash=D(50_000)),
        limits=replace(L, max_sector=D("0.51"), sectors=rows),
    )
    assert "sector technology" in str([r.sentence for r in decide(c).reasons if r.code == "G17"])
    fits = replace(c, limits=replace(c.limits, max_sector=D("0.52")))
    assert "G17" not in hard(fits)
    other = replace(c, limits=replace(c.limits, sectors=rows[:1]))
    assert "G17" not in hard(other)
    small = replace(WIDE, max_class=D("0.51"), max_sector=D(9))
    assert "G17" in hard(replace(c, limits=small))
    coins = tuple(replace(p, asset_class=AssetClass.CRYPTO) for p in rest)
    assert "G17" not in hard(replace(c, limits=small, account=account(positions=coins)))


@pytest.mark.parametrize(
    ("power", "margin", "fires"),
    [
        ("2001", MarginRegime.CASH, False),
        ("2000.99", MarginRegime.CASH, True),
        ("9e9", MarginRegime.CASH, True),
        ("2001", MarginRegime.INTRADAY_MARGIN, False),
        ("2000", MarginRegime.INTRADAY_MARGIN, True),
    ],
)
def test_g19_free_is_the_venues_word_too(power, margin, fires):
    cash = D(100) if D(power) > 10**6 or margin is not MarginRegime.CASH else D(80_000)
    held_ = account(buying_power=D(power), margin=margin, cash=cash)
    assert ("G19" in hard(case(BUY10, account=held_, limits=WIDE))) is fires


def test_a_replacement_counts_the_larger_of_old_and_new_and_never_both():
    limits = replace(WIDE, max_long=D(150))
    old = working("40", n="old", filled=D(5))
    grown = replace(order(quantity="55", limit="200"), replaces="old")
    c = case(grown, account=account(open_orders=(old,)), limits=limits)
    assert "G16" not in hard(c)
    assert "G16" in hard(replace(c, order=replace(grown, quantity=D(56))))
    assert "G16" in hard(replace(c, order=order(quantity="11", limit="200")))
    shrunk = replace(order(quantity="6", limit="200"), replaces="old")
    assert "G16" in hard(replace(c, order=shrunk, limits=replace(WIDE, max_long=D(139))))


def test_of_one_group_only_the_largest_counts():
    exits = (
        working("60", SELL, n="a", group="g", price="300"),
        working("60", SELL, n="b", group="g", limit_price=None),
    )
    wish = order(quantity="40", side=SELL, limit="250")
    assert not hard(case(wish, account=account(open_orders=exits)))
    apart = tuple(replace(o, group="") for o in exits)
    assert "G16" in hard(case(wish, account=account(open_orders=apart)))


def test_money_in_another_currency_counts_at_its_rate():
    listed = replace(sight().instrument, currency="EUR")
    wish = replace(order(quantity="10", limit="200"), currency="EUR")
    c = case(wish, market=sight(instrument=listed, rate=D("1.1")), limits=WIDE)
    assert not hard(c)
    tight = replace(WIDE, max_order_value=D(2199))
    assert "2,200.00 USD" in str(decide(replace(c, limits=tight)).reasons)
    for rate in (None, D(0), D(-1)):
        assert "G02" in hard(replace(c, market=replace(c.market, rate=rate)))
    assert "G02" in hard(case(BUY10, market=sight(rate=D("1.1"))))


def test_limits_of_a_symbol_and_an_account_hold_for_their_orders_only():
    scopes = (
        Scope("symbol", "IBM", (("max_order_quantity", D(9)),)),
        Scope("strategy", "slow", (("max_order_quantity", D(5)),)),
    )
    limits = replace(load_limits(), scopes=scopes)
    assert "G13" in hard(case(BUY10, limits=limits))
    assert "G13" not in hard(case(order(quantity="9"), limits=limits))
    assert "G13" in hard(case(order(quantity="6", strategy="slow"), limits=limits))
    assert "G13" not in hard(case(order(quantity="10", symbol="MSFT"), limits=limits))


def test_g25_a_waiting_twin_is_pointed_out_and_no_more():
    twin = RecentOrder("r", "IBM", Side.BUY, D(10), None, "", timedelta(seconds=5), waiting=True)
    c = case(account=account(recent=(twin,)), limits=WIDE)
    assert [(r.code, r.hard) for r in decide(c).reasons] == [("G25", False)]
    sent = replace(c, account=account(recent=(replace(twin, waiting=False),)))
    assert not decide(sent).reasons
    first = replace(c, account=account(recent=()))
    assert "G25" in hard(replace(case(account=account(recent=(twin,))),
                                 limits=replace(WIDE, duplicate_count=1)))  # fmt: skip
    assert not hard(first)


def test_a_replaced_slice_gives_its_place_and_its_part_back():
    wish = replace(
        order(quantity="12", limit="200"), replaces="old", slice_of="p", slice_total=D(40)
    )
    c = held(wish, working("6", n="old", filled=D(4)))
    sent = Activity(D(100_000), D(100_000), sliced=D(38), slices=100)
    assert "G27" not in hard(replace(c, activity=sent))
    assert "G27" in hard(replace(c, activity=replace(sent, sliced=D("38.5"))))
    assert "G27" in hard(replace(c, activity=replace(sent, slices=101)))


def test_g28_does_not_count_what_is_replaced():
    wish = replace(BUY10, replaces="old")
    rows = [working("1", n=f"o{n}") for n in range(4)]
    assert "G28" not in hard(held(wish, working("1", n="old"), *rows))
    assert "G28" in hard(held(wish, working("1", n="old"), *rows, working("1", n="more")))


def test_the_sentence_of_reduce_only_offers_what_is_left():
    c = case(
        order(quantity="91", side=SELL),
        mode=Mode.REDUCE_ONLY,
        account=account(open_orders=(working("10", SELL),)),
    )
    assert "sell at most 90." in str(decide(c).reasons)
    flat = case(order(quantity="1", symbol="MSFT"), mode=Mode.REDUCE_ONLY)
    assert "no quantity of it is possible now" in str(decide(flat).reasons)
