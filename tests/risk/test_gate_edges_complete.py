"""G02 at its edges: what is just well formed passes, one step beyond it is refused."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from tests.doubles import ACCEPTS, END, WALL, account, case, order, sight
from tests.risk.cases import bracket, hard, oco, trailing
from tests.risk.closedness import put
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.order import OrderType, Side
from tools.domain.portfolio import Balance, Health, OpenOrder, Position, RecentOrder

D = Decimal
TEN = order(quantity="10", limit="200")
NAIVE = datetime(2013, 3, 1)  # noqa: DTZ001 - a moment without a zone is the point
EAST = timezone(timedelta(hours=9))
LISTED = sight().instrument
ROW = ACCEPTS[0]


def wish(**changes):
    """The order with fields put in behind its constructor's back, and figures of its account."""
    c = case(TEN)
    for name, value in changes.items():
        c = put(c, f"order.{name}", value)
    if "account" in changes:
        c = put(c, "account.account", changes["account"])
    return c


def view(**changes):
    return case(TEN, market=sight(**changes))


def listing(**changes):
    return view(instrument=replace(LISTED, **changes))


def euros(rate):
    one = replace(TEN, currency="EUR")
    return case(one, market=sight(instrument=replace(LISTED, currency="EUR"), rate=rate))


def takes(*rows):
    return case(TEN, accepts=rows)


NAMED = [
    wish(**{name: text})
    for name in ("intent_id", "account", "principal", "strategy")
    for text in ("x", "x" * 200)
]
MISNAMED = [
    wish(**{name: text})
    for name in ("intent_id", "account", "principal", "strategy")
    for text in ("x" * 201, "a\nb")
] + [wish(**{name: ""}) for name in ("intent_id", "account", "principal")]
OTHERS = ("leg_of", "replaces", "slice_of")


@pytest.mark.parametrize(
    "c",
    [
        *NAMED,
        wish(strategy=""),
        *(wish(**{name: "x" * 200, **({"slice_total": D(9)} if name == "slice_of" else {})})
          for name in OTHERS),
        wish(slice_of="p", slice_total=D("0.5")),
        case(TEN, latest=END, reference=D("0.5")),
        case(TEN, now=END.astimezone(EAST), wall=WALL.astimezone(EAST), latest=None),
        view(rate=D(1)),
        view(rate=None),
        euros(D("0.5")),
        euros(D(1)),
        listing(tick=D("0.5")),
        listing(lot=D("0.5")),
        listing(multiplier=D("0.5")),
        listing(flags=("otc",)),
        view(bid=D("0.5"), ask=D("0.5")),
        case(replace(TEN, quantity=D("0.5"))),
        case(replace(TEN, limit_price=D("0.5"))),
        case(bracket(stop_loss_limit=D("0.5"))),
        case(trailing(trail_price=D("0.5"))),
        case(trailing(trail_fraction=D("0.5"))),
        case(oco()),
        takes(ROW),
        takes(*ACCEPTS),
        takes(replace(ROW, types=frozenset({OrderType.LIMIT}))),
        case(TEN, health=Health(WALL, ("IBM differs.",), connected=True)),
    ],
)  # fmt: skip
def test_what_is_just_well_formed_is_complete(c):
    assert "G02" not in hard(c)


@pytest.mark.parametrize(
    "c",
    [
        *MISNAMED,
        *(wish(**{name: text, **({"slice_total": D(9)} if name == "slice_of" else {})})
          for name in OTHERS for text in ("x" * 201, "a\nb")),
        wish(intent_id="", account="", principal=""),
        wish(slice_of="p"),
        wish(slice_total=D(9)),
        wish(slice_of="p", slice_total=D(0)),
        wish(symbol="I BM"),
        wish(symbol="x" * 33),
        wish(currency="usd"),
        case(TEN, latest=NAIVE),
        case(TEN, now=NAIVE),
        case(TEN, wall=NAIVE),
        case(TEN, today=END),
        case(TEN, today=None),
        case(TEN, reference=D(0)),
        case(TEN, reference=D(-1)),
        case(TEN, reference=D("NaN")),
        case(TEN, reference=200),
        case(TEN, reference="200"),
        view(rate=D("1.01")),
        view(rate=D(0)),
        euros(D(0)),
        euros(None),
        view(bid=None),
        view(ask=None),
        view(at=None),
        view(instrument=None),
        listing(tick=D(0)),
        listing(lot=D(0)),
        listing(multiplier=D(0)),
        listing(flags=("otc", 1)),
        listing(flags=(1,)),
        listing(currency="EUR"),
        listing(asset_class=AssetClass.CRYPTO),
        case(replace(TEN, quantity=D(0))),
        case(replace(TEN, limit_price=D(0))),
        case(replace(TEN, limit_price=None)),
        case(replace(TEN, stop_price=D(200))),
        case(replace(TEN, take_profit=D(220))),
        case(bracket(stop_loss_limit=D(0))),
        case(replace(TEN, stop_loss_limit=D(190))),
        case(trailing()),
        case(trailing(trail_price=D(1), trail_fraction=D("0.1"))),
        takes(),
        takes(ROW, None),
        takes(replace(ROW, types=frozenset({OrderType.LIMIT, "touch"}))),
        takes(replace(ROW, times=frozenset({TEN.time_in_force, "week"}))),
        takes(replace(ROW, groups=frozenset({TEN.group, "pair"}))),
        takes(ROW, replace(ROW, types=["limit"])),
        case(TEN, accepts=[ROW]),
        case(TEN, health=Health(WALL, (1,), connected=True)),
        case(TEN, health=Health(WALL, ("x", 1), connected=True)),
        case(TEN, dated=1),
        case(TEN, simulated_venue=1),
        case(TEN, account=account(account="other")),
        case(TEN, account=account(currency="usd"), market=sight(rate=D(1))),
    ],
)  # fmt: skip
def test_one_step_beyond_it_is_refused(c):
    assert "G02" in hard(c)


HELD = Position("MSFT", D(1), D(1), D(0), D(30), END)
OPEN = OpenOrder("o", "MSFT", Side.BUY, D(1), D(30), D(30))
RECENT = RecentOrder("r", "MSFT", Side.BUY, D(1), None, "", END - END)
ROWS = {"positions": (*account().positions, HELD), "open_orders": (OPEN,), "recent": (RECENT,),
        "balances": (Balance("USD", D(1)),)}  # fmt: skip


def rows(name, **changes):
    """The account with its last position, order or the like changed."""
    sound = ROWS[name]
    return case(TEN, account=account(**{name: (*sound[:-1], replace(sound[-1], **changes))}))


@pytest.mark.parametrize(
    "c",
    [
        rows("positions", mark=D(0)),
        rows("positions", mark=D("0.5")),
        rows("positions", mark=None),
        rows("positions", rate=D("0.5")),
        rows("positions", rate=None),
        rows("positions", multiplier=D("0.5")),
        rows("positions", quantity=D(-1)),
        rows("open_orders", leaves=D(0)),
        rows("open_orders", leaves=D("0.5")),
        rows("open_orders", worst_price=D(0)),
        rows("open_orders", worst_price=D("0.5")),
        rows("open_orders", filled=D("0.5")),
        rows("open_orders", scale=D("0.5")),
        rows("open_orders", limit_price=D(0)),
        rows("open_orders", limit_price=D("0.5")),
        rows("open_orders", limit_price=None),
        rows("recent"),
        rows("balances"),
    ],
)
def test_rows_of_an_account_may_be_as_small_as_this(c):
    assert "G02" not in hard(c)


@pytest.mark.parametrize(
    "c",
    [
        rows("positions", mark=D("-0.01")),
        rows("positions", rate=D(0)),
        rows("positions", multiplier=D(0)),
        rows("positions", symbol=""),
        rows("positions", symbol="IBM"),
        rows("positions", quantity=D("NaN")),
        rows("open_orders", leaves=D("-0.01")),
        rows("open_orders", worst_price=D("-0.01")),
        rows("open_orders", filled=D("-0.01")),
        rows("open_orders", scale=D(0)),
        rows("open_orders", limit_price=D("-0.01")),
        rows("open_orders", symbol=""),
        rows("open_orders", leaves=1),
        rows("recent", symbol=""),
        rows("recent", quantity=D("Infinity")),
        rows("balances", cash=D("NaN")),
        case(TEN, account=account(open_orders=(OPEN, OPEN))),
        case(TEN, account=account(positions=[HELD])),
        case(TEN, account=account(balances=[Balance("USD", D(1))])),
    ],
)
def test_an_odd_row_of_an_account_stops_everything(c):
    assert "G02" in hard(c)


def test_a_listing_of_another_kind_is_no_listing():
    class Other(Instrument):
        __slots__ = ()

    odd = Other("IBM", "", "X", AssetClass.EQUITY, "USD")
    assert "G02" in hard(view(instrument=odd))
