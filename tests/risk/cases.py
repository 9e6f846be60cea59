"""Orders and cases that the gate's tests share."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

from tests.doubles import END, account, case, order, sight, yes
from tools.domain.instrument import AssetClass, Instrument, OptionTerms, Right
from tools.domain.order import Order, OrderGroup, OrderType, Side, TimeInForce
from tools.domain.portfolio import Balance, OpenOrder, Position, RecentOrder
from tools.risk.case import Case
from tools.risk.gate import decide
from tools.risk.limits import ApprovalPolicy, Limits, load_limits

D = Decimal
L = load_limits()
ACTIVE = load_limits("active")
WIDE = replace(
    L,
    max_order_value=D("1e9"),
    max_order_equity=D(10),
    max_concentration=D(10),
    max_gross=D(10),
    max_net=D(10),
    max_sector=D(10),
    max_class=D(10),
    max_day_value=D("1e9"),
    soft_order_equity=D(10),
    second_person_value=D("1e9"),
    max_short=D(1000),
    short_selling=True,
    asset_classes=tuple(map(str, AssetClass)),
    approval=ApprovalPolicy.ABOVE_SOFT,
)


def hard(c: Case) -> set[str]:
    """The codes that refuse."""
    return {reason.code for reason in decide(c).reasons if reason.hard}


def typed(kind: OrderType, **changes: object) -> Order:
    """10 IBM by an order of this type."""
    return replace(order(quantity="10"), type=kind, **changes)


def stop(price: str = "205", side: Side = Side.BUY, **changes: object) -> Order:
    return typed(OrderType.STOP, side=side, stop_price=D(price), **changes)


def stop_limit(stop: str, limit: str, side: Side = Side.BUY) -> Order:
    return typed(OrderType.STOP_LIMIT, side=side, stop_price=D(stop), limit_price=D(limit))


def trailing(side: Side = Side.SELL, **changes: object) -> Order:
    return typed(OrderType.TRAILING_STOP, side=side, **changes)


def bracket(limit: str = "200", profit: str = "220", loss: str = "190", **changes: object) -> Order:
    return replace(
        order(quantity="10", limit=limit),
        group=OrderGroup.BRACKET,
        take_profit=D(profit),
        stop_loss=D(loss),
        **changes,
    )


def oco(limit: str = "220", loss: str = "190", quantity: str = "10", **changes: object) -> Order:
    return replace(
        order(quantity=quantity, limit=limit, side=Side.SELL),
        group=OrderGroup.OCO,
        stop_loss=D(loss),
        **changes,
    )


def contract(**changes: object) -> Instrument:
    """A call on IBM at 200, 100 shares a contract."""
    terms = OptionTerms("IBM", date(2013, 3, 15), D(200), Right.CALL)
    whole = Instrument(
        "IBM130315C200",
        "call",
        "OPRA",
        AssetClass.OPTION,
        "USD",
        multiplier=D(100),
        option=terms,
    )
    return replace(whole, **changes)


def option(side: Side = Side.BUY, quantity: str = "1", limits: Limits = WIDE, **market) -> Case:
    """An order in that call, at 5 a share, 0.6 of a share's move."""
    wish = replace(
        order(quantity=quantity, limit="5", side=side, symbol="IBM130315C200"),
        asset_class=AssetClass.OPTION,
    )
    seen = {
        "instrument": contract(),
        "bid": D("4.95"),
        "ask": D("5.05"),
        "delta": D("0.6"),
        "underlying_price": D(200),
    } | market
    return case(wish, market=sight(**seen), limits=limits)


def perpetual(side: Side = Side.BUY, **market) -> Case:
    """10 of a perpetual near 200 that would be liquidated at 100, or at 300."""
    listed = Instrument("BTC-PERP", "", "X", AssetClass.PERPETUAL, "USD")
    wish = replace(
        order(quantity="10", limit="200", side=side, symbol="BTC-PERP"),
        asset_class=AssetClass.PERPETUAL,
    )
    far = D(100) if side is Side.BUY else D(300)
    return case(
        wish, market=sight(instrument=listed, **{"liquidation_price": far} | market), limits=WIDE
    )


def working(
    leaves: str = "10",
    side: Side = Side.BUY,
    symbol: str = "IBM",
    price: str = "200",
    n: str = "o",
    **changes: object,
) -> OpenOrder:
    """An order that rests."""
    whole = OpenOrder(n, symbol, side, D(leaves), D(price), D(price))
    return replace(whole, **changes)


def rich(wish: Order, **changes: object) -> Case:
    """A case with something of everything, that a person's yes lets through."""
    held = account(
        positions=(*account().positions, Position("MSFT", D(5), D(30), D(0), D(30), END)),
        open_orders=(
            OpenOrder("o", "MSFT", Side.BUY, D(1), D(30), D(30), group="g"),
            *((working("4", wish.side, n="old"),) if wish.replaces else ()),
        ),
        recent=(RecentOrder("r", "IBM", Side.BUY, D(10), None, "", timedelta(seconds=5)),),
        balances=(Balance("USD", D(80_000)),),
        buying_power=D(80_000),
    )
    seen = sight(wish.symbol, band_low=D(100), band_high=D(300), simulated=False, located=D(1),
                 rate=D(1))  # fmt: skip
    whole = case(wish, account=held, market=seen, approval=yes(wish), reference=D(200), latest=END)
    return replace(whole, **changes)


ORDERS = {
    "buy at market": order(quantity="10"),
    "buy at a limit": order(quantity="10", limit="200"),
    "sell at market": order(quantity="10", side=Side.SELL),
    "sell at a limit": order(quantity="10", side=Side.SELL, limit="200"),
    "buy stop": stop(),
    "sell stop": stop("195", Side.SELL),
    "buy stop-limit": stop_limit("205", "206"),
    "sell stop-limit": stop_limit("195", "194", Side.SELL),
    "trailing sell": trailing(trail_price=D(5)),
    "trailing buy": trailing(Side.BUY, trail_fraction=D("0.03")),
    "bracket": bracket(stop_loss_limit=D("189")),
    "oco": oco(stop_loss_limit=D("189")),
    "replacement": replace(order(quantity="10", limit="200"), replaces="old"),
    "slice": replace(order(quantity="10"), slice_of="parent", slice_total=D(40)),
    "fill or kill": order(quantity="10", limit="200", tif=TimeInForce.FOK),
    "for extended hours": replace(order(quantity="10", limit="200"), extended_hours=True),
}


def field_names(kind: type) -> list[str]:
    """The fields that a constructor takes."""
    return [f.name for f in fields(kind) if f.init]
