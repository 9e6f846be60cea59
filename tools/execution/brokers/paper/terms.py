"""The paper venue's settings, each with the reason for its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from tools.domain.instrument import AssetClass
from tools.execution.brokers.paper.fees import (
    Commission,
    MakerTaker,
    PerContract,
    Schedule,
    SpreadOnly,
)

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Lending:
    """What it costs to be short, as a share of the market value a year, and what can't be borrowed.

    ``rate`` is that of shares that are easy to borrow (a convention: 0.3 %), ``rates`` those of
    single symbols. An order that would open a short in a symbol of ``hard`` is refused. A year
    has 360 days, as lenders count.
    """

    rate: Decimal = Decimal("0.003")
    rates: tuple[tuple[str, Decimal], ...] = ()
    hard: frozenset[str] = frozenset()

    def of(self, symbol: str) -> Decimal:
        """The yearly rate of a symbol."""
        return dict(self.rates).get(symbol, self.rate)


@dataclass(frozen=True, slots=True)
class Terms:
    """How the venue fills and what it charges. Fractions are of one.

    Who takes what is on offer pays, on top of the price: ``slippage_bps`` basis points;
    ``spread_share`` of the spread where there is a quote; ``volume_slippage`` times the square of
    the fill's share of the event's volume; and ``impact`` times the daily volatility times the
    square root of the order's share of a day's volume (of 20 days; studies find a factor near one).
    The first is 2, the convention for large companies; the second and third are off.

    A bar or a trade gives at most ``volume_share`` of its volume and a quote ``depth_share`` of its
    size, to all orders together. A bar that only touches a limit proves nothing: it must pass it by
    ``through_ticks``. An order meets only what happens ``latency`` or more after it was sent.
    Quotes with a spread above ``widest_spread`` (of the mid) are junk and met by nobody.
    ``splits_end_orders`` is for who doesn't follow what a venue makes of an order: it ends instead.
    """

    slippage_bps: Decimal = Decimal(2)
    volume_share: Decimal = Decimal("0.10")
    commission: Schedule = field(default_factory=Commission)
    spread_share: Decimal = ZERO
    volume_slippage: Decimal = ZERO
    impact: Decimal = Decimal(1)
    depth_share: Decimal = Decimal(1)
    through_ticks: int = 1
    latency: timedelta = timedelta(0)
    widest_spread: Decimal = Decimal("0.10")
    crypto: Schedule = field(default_factory=MakerTaker)
    option: Schedule = field(default_factory=PerContract)
    forex: Schedule = field(default_factory=SpreadOnly)
    perpetual: Schedule = field(default_factory=lambda: MakerTaker(Decimal(2), Decimal(5)))
    lending: Lending = field(default_factory=Lending)
    splits_end_orders: bool = False

    def schedule(self, asset_class: AssetClass) -> Schedule:
        """The price list of an asset class."""
        named: dict[AssetClass, Schedule] = {
            AssetClass.EQUITY: self.commission,
            AssetClass.CRYPTO: self.crypto,
            AssetClass.OPTION: self.option,
            AssetClass.FOREX: self.forex,
            AssetClass.PERPETUAL: self.perpetual,
        }
        return named[asset_class]
