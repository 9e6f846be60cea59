"""The market that ``evals.gate`` and ``evals.gate_desk`` judge orders in: 500 listed shares at 100.

Nothing of it is real. Each quote is another object, as it is for a desk that asks anew.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from tools.domain.instrument import AssetClass, Instrument
from tools.domain.order import Order, OrderType, Side, TimeInForce
from tools.domain.portfolio import Health
from tools.domain.status import Session
from tools.risk.case import MarketView

D = Decimal
NOW = datetime(2013, 3, 1, 21, tzinfo=UTC)
TODAY = date(2013, 3, 1)
POSITIONS = 500
OPEN = 100
HEALTHY = Health(NOW, (), connected=True)
SYMBOLS = tuple(f"S{n:03}" for n in range(POSITIONS))
LISTED = {name: Instrument(name, name, "XNYS", AssetClass.EQUITY, "USD") for name in SYMBOLS}


def quote(symbol: str) -> MarketView:
    """A market that every order of these benchmarks may trade in."""
    return MarketView(
        LISTED[symbol],
        D("99.99"),
        D("100.01"),
        NOW,
        D(1_000_000),
        known=True,
        bid_size=D(500),
        ask_size=D(500),
        halted=False,
        session=Session.OPEN,
    )


def wish(name: str, symbol: str, quantity: int, *, limited: bool = True) -> Order:
    """To buy so many shares, at a limit of 100 or at market."""
    return Order(
        intent_id=f"bench/{name}",
        account="bench",
        strategy="",
        principal="agent:execution",
        symbol=symbol,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        side=Side.BUY,
        quantity=D(quantity),  # type: ignore[arg-type]
        type=OrderType.LIMIT if limited else OrderType.MARKET,
        limit_price=D(100) if limited else None,  # type: ignore[arg-type]
        time_in_force=TimeInForce.DAY,
        as_of=NOW,
    )
