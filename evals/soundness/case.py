"""A world and a wish as the gate's own types: the only place where gate and oracle meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from evals.soundness.world import ONE, Rules, Wish, Working, World
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.money import Price, Quantity
from tools.domain.order import Order, OrderGroup, OrderType, Side, TimeInForce
from tools.domain.portfolio import Activity, Health, OpenOrder, Position, RecentOrder, Snapshot
from tools.domain.status import Borrow, Session
from tools.domain.venue import Accepts, MarginRegime
from tools.risk.case import Approval, Case, MarketView, Source
from tools.risk.limits import ApprovalPolicy, Limits, load_limits
from tools.risk.mode import Mode

NOW = datetime(2013, 3, 1, 20, tzinfo=UTC)
WALL = datetime(2026, 1, 5, 12, tzinfo=UTC)
ACCEPTS = (
    Accepts(AssetClass.EQUITY, frozenset(OrderType), frozenset(TimeInForce), frozenset(OrderGroup)),
)
SOURCE = Source("person:eval", "build", "paper", live=False)
MODES = {"active": Mode.ACTIVE, "reduce_only": Mode.REDUCE_ONLY, "halted": Mode.HALTED}


def limits_of(rules: Rules) -> Limits:
    """The limits as the gate takes them; make them once for many orders."""
    return replace(
        load_limits(),
        price_collar=_part(rules.collar),
        banded_collar=_part(rules.banded_collar),
        passive_collar=_part(rules.passive),
        max_spread=_part(rules.spread),
        max_order_quantity=Decimal(rules.max_shares),
        max_order_value=_money(rules.max_value),
        max_order_equity=_part(rules.order_equity),
        min_order_value=Decimal(0),
        max_volume_share=_part(rules.volume_share),
        max_long=Decimal(rules.max_long),
        max_short=Decimal(rules.max_short),
        max_concentration=_part(rules.concentration),
        max_sector=_part(rules.sector),
        max_gross=_part(rules.gross),
        max_net=_part(rules.net),
        max_day_loss=_part(rules.day_loss),
        max_drawdown=_part(rules.drawdown),
        max_day_value=_money(rules.day_value),
        fee_minimum=_money(rules.fee_minimum),
        fee_per_share=Decimal(0),
        max_open_per_symbol=rules.per_symbol,
        max_open_per_account=rules.per_account,
        messages_per_account=rules.messages_account,
        messages_per_symbol=rules.messages_symbol,
        messages_per_strategy=1_000,
        max_executions=rules.executions,
        stale_market_days=rules.stale_days,
        stale_reconciliation_seconds=rules.stale_reconciliation,
        short_selling=rules.short_selling,
        restricted=rules.restricted,
        sectors=tuple(sorted(rules.sectors.items())),
        maintenance_margin=Decimal(0),
        max_layers=1_000,
        second_person_value=Decimal(10**12),
        approval=ApprovalPolicy.ABOVE_SOFT,
    )


def case_of(world: World, wish: Wish, limits: Limits) -> Case:
    """Everything that the gate is told of ``wish`` in ``world``."""
    order = order_of(wish)
    return Case(
        order=order,
        account=_account(world, order),
        market=_market(world),
        limits=limits,
        mode=MODES[world.mode],
        now=NOW,
        approval=_yes(order, limits) if world.approved else None,
        wall=WALL,
        today=date(2013, 3, 1),
        accepts=ACCEPTS,
        source=SOURCE,
        health=Health(
            WALL - timedelta(seconds=world.reconciled_s),
            ("cash differs",) if world.differences else (),
            world.connected,
        ),
        activity=Activity(
            equity_open=_money(world.equity_open),
            equity_peak=_money(world.equity_peak),
            sent_value=_money(world.sent_today),
            messages_account=world.messages_account,
            messages_symbol=world.messages_symbol,
            executions=world.executions,
            disabled=world.disabled,
        ),
    )


def order_of(wish: Wish) -> Order:
    """The wish as an order of the desk."""
    return Order(
        intent_id=wish.key,
        account="paper",
        strategy="eval",
        principal="person:eval",
        symbol=wish.symbol,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        side=Side.BUY if wish.buys else Side.SELL,
        quantity=Quantity(Decimal(wish.shares)),
        type=OrderType(wish.kind),
        limit_price=Price(_money(wish.limit)) if wish.limit else None,
        time_in_force=TimeInForce.DAY,
        as_of=NOW,
        stop_price=Price(_money(wish.stop)) if wish.stop else None,
        replaces=wish.replaces,
    )


def _account(world: World, order: Order) -> Snapshot:
    return Snapshot(
        account="paper",
        at=NOW,
        currency="USD",
        cash=_money(world.cash),
        fees=Decimal(0),
        positions=tuple(
            Position(
                symbol,
                Decimal(held.shares),
                _money(held.mark),
                Decimal(0),
                _money(held.mark),
                NOW - timedelta(days=held.mark_days),
            )
            for symbol, held in world.held.items()
        ),
        open_orders=tuple(_open(order) for order in world.working),
        recent=tuple(_twin(order, n) for n in range(world.twins)),
        margin=MarginRegime.INTRADAY_MARGIN,
    )


def _twin(order: Order, number: int) -> RecentOrder:
    """The same order, sent a moment ago under another id."""
    return RecentOrder(
        f"twin-{number}",
        order.symbol,
        order.side,
        order.quantity,
        order.limit_price,
        order.strategy,
        timedelta(seconds=5),
    )


def _open(order: Working) -> OpenOrder:
    return OpenOrder(
        order.key,
        order.symbol,
        Side.BUY if order.buys else Side.SELL,
        Decimal(order.left),
        _money(order.worst),
        limit_price=_money(order.limit) if order.limit else None,
        unknown=order.unknown,
        type=OrderType.LIMIT if order.limit else OrderType.MARKET,
        changing=order.changing,
        filled=Decimal(order.filled),
    )


def _market(world: World) -> MarketView:
    return MarketView(
        instrument=Instrument(
            world.symbol, world.symbol, "XNYS", AssetClass.EQUITY, "USD", tradable=world.tradable
        ),
        bid=_money(world.bid),
        ask=_money(world.ask),
        at=NOW - timedelta(days=world.price_days),
        average_volume=Decimal(world.volume),
        known=True,
        bid_size=Decimal(1_000),
        ask_size=Decimal(1_000),
        band_low=_money(world.low_band) if world.low_band else None,
        band_high=_money(world.high_band) if world.high_band else None,
        halted=world.halted,
        session=Session.OPEN,
        borrow=Borrow(world.borrow),
        short_restricted=world.short_restricted,
        rate=Decimal(1),
    )


def _yes(order: Order, limits: Limits) -> Approval:
    return Approval(
        order.digest, limits.hash, order.account, "Ada", WALL, WALL + timedelta(minutes=15)
    )


def _money(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _part(points: int) -> Decimal:
    return Decimal(points) / ONE
