"""A tiny market and a clock that tests move by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import AsOf, Bar, Quote
from tools.domain.money import Price, Quantity
from tools.domain.order import Order, OrderGroup, OrderType, Side, TimeInForce
from tools.domain.portfolio import Activity, Health, Position, Snapshot
from tools.domain.status import Borrow, Session
from tools.domain.venue import Accepts
from tools.risk.case import Approval, Case, MarketView, Source
from tools.risk.limits import load_limits
from tools.risk.mode import Mode

D = Decimal
OPEN, CLOSE = timedelta(hours=14, minutes=30), timedelta(hours=21)


def day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


def bar(
    symbol: str,
    session: str,
    low: str,
    high: str,
    opening: str | None = None,
    close: str | None = None,
    volume: str = "1000000",
) -> Bar:
    start = day(session)
    return Bar(
        symbol,
        start.date(),
        start + OPEN,
        start + CLOSE,
        D(opening or low),
        D(high),
        D(low),
        D(close or high),
        D(volume),
    )


@dataclass
class FakeMarket:
    """Bars by symbol; the quote is the last close, one cent each side."""

    bars: dict[str, list[Bar]]
    end: datetime | None = None

    def instruments(self) -> tuple[Instrument, ...]:
        return tuple(self.instrument(symbol) for symbol in sorted(self.bars))

    def instrument(self, symbol: str) -> Instrument:
        if symbol not in self.bars:
            raise DataUnavailable(f"No feed has prices of {symbol}. Did you mean IBM?")
        return Instrument(symbol, symbol, "XNYS", AssetClass.EQUITY, "USD")

    def history(self, symbol: str, as_of: datetime) -> AsOf:
        self.instrument(symbol)
        known = AsOf.cut(symbol, self.bars[symbol], as_of, "fake")
        if not known.bars:
            raise DataUnavailable(f"There are no prices of {symbol} yet.")
        return known

    def quote(self, symbol: str, as_of: datetime) -> Quote:
        last = self.history(symbol, as_of).bars[-1]
        cent = D("0.01")
        return Quote(
            symbol,
            last.close - cent,
            last.close + cent,
            last.known_at,
            last.known_at,
            "fake",
            simulated=True,
        )

    def bars_after(self, symbol: str, moment: datetime, until: datetime) -> Sequence[Bar]:
        self.instrument(symbol)
        return [b for b in self.bars[symbol] if b.event_time >= moment and b.known_at <= until]

    def latest(self) -> datetime:
        return self.end or max(b.known_at for bars in self.bars.values() for b in bars)


@dataclass
class FakeClock:
    """Both times stand still until a test moves them."""

    market: datetime
    real: datetime = field(default_factory=lambda: datetime(2026, 1, 5, 12, tzinfo=UTC))

    def now(self) -> datetime:
        return self.market

    def wall(self) -> datetime:
        return self.real


def week() -> FakeMarket:
    """Monday to Friday, IBM near 200 and MSFT near 30."""
    sessions = [f"2013-02-{n}" for n in range(25, 29)] + ["2013-03-01"]
    return FakeMarket(
        {
            "IBM": [bar("IBM", s, "198", "202", "199", "200") for s in sessions],
            "MSFT": [bar("MSFT", s, "29", "31", "29.5", "30") for s in sessions],
        }
    )


END = day("2013-03-01") + CLOSE


def order(
    intent: str = "wish",
    symbol: str = "IBM",
    side: Side = Side.BUY,
    quantity: str = "50",
    limit: str | None = None,
    tif: TimeInForce = TimeInForce.DAY,
    as_of: datetime = END,
    principal: str = "agent:execution",
    strategy: str = "",
) -> Order:
    return Order(
        intent_id=intent,
        account="paper",
        strategy=strategy,
        principal=principal,
        symbol=symbol,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        side=side,
        quantity=Quantity(D(quantity)),
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit_price=None if limit is None else Price(D(limit)),
        time_in_force=tif,
        as_of=as_of,
    )


WALL = datetime(2026, 1, 5, 12, tzinfo=UTC)


def yes(wish: Order, **changes: object) -> Approval:
    """A person's yes to an order under the cautious limits, good for a quarter of an hour."""
    given = Approval(
        wish.digest, load_limits().hash, wish.account, "Ada", WALL, WALL + timedelta(minutes=15)
    )
    return replace(given, **changes)


def account(**changes: object) -> Snapshot:
    """100,000 USD in all: 100 IBM at 200 and the rest in cash."""
    held = Position("IBM", D(100), D(150), D(0), D(200), END)
    whole = Snapshot("paper", END, "USD", D(80_000), D(0), (held,))
    return replace(whole, **changes)


ACCEPTS = tuple(
    Accepts(kind, frozenset(OrderType), frozenset(TimeInForce), frozenset(OrderGroup), True, True)
    for kind in AssetClass
)


def sight(symbol: str = "IBM", **changes: object) -> MarketView:
    """IBM near 200, a cent each side, with everything known about it and nothing wrong."""
    listed = Instrument(symbol, symbol, "XNYS", AssetClass.EQUITY, "USD")
    whole = MarketView(
        listed,
        D("199.99"),
        D("200.01"),
        END,
        D(1_000_000),
        known=True,
        bid_size=D(500),
        ask_size=D(500),
        halted=False,
        session=Session.OPEN,
        borrow=Borrow.EASY,
        short_restricted=False,
    )
    return replace(whole, **changes)


def case(wish: Order | None = None, **changes: object) -> Case:
    """A case that needs a person only because the policy wants one."""
    wish = wish or order(quantity="10")
    whole = Case(
        wish,
        account(),
        sight(wish.symbol),
        load_limits(),
        Mode.ACTIVE,
        END,
        wall=WALL,
        today=END.date(),
        accepts=ACCEPTS,
        source=Source(wish.principal, "dev", "paper", live=False),
        health=Health(WALL, (), connected=True),
        activity=Activity(D(100_000), D(100_000)),
    )
    return replace(whole, **changes)
