"""A desk with 500 positions and 100 open orders, for ``evals.gate``: one judgement after a fill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tools.desk.judge import Judge, Judgement
from tools.desk.seeing import Sight
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.order import Fill, Order, OrderState, OrderType, Side, TimeInForce
from tools.domain.portfolio import Health
from tools.domain.status import Session
from tools.execution.book import Book
from tools.execution.record import OrderRecord
from tools.execution.standing import Standing
from tools.portfolio.accounting import Account
from tools.risk.case import MarketView
from tools.risk.limits import Limits
from tools.risk.mode import Mode

NOW = datetime(2013, 3, 1, 21, tzinfo=UTC)
D = Decimal
PRICE = (D(100), NOW)


class _House:
    """The clock, the venue and the watch of a desk where all is well."""

    simulated = True
    name = "paper"
    venue = None
    health = Health(NOW, (), connected=True)

    def __init__(self, accepts: Any) -> None:
        self.accepts = accepts

    def now(self) -> datetime:
        return NOW

    wall = now

    def mode_of(self, book: Book) -> Mode:
        return Mode.ACTIVE

    def instrument(self, symbol: str) -> Instrument:
        return Instrument(symbol, symbol, "XNYS", AssetClass.EQUITY, "USD")


def judgements(
    limits: Limits, accepts: Any, *, positions: int = 500, waiting: int = 100
) -> Iterator[Judgement]:
    """Endless: before each judgement one more fill came, so its account is another one."""
    house: Any = _House(accepts)
    start = Account("USD", D(10_000_000))
    judge = Judge(house, house, limits, "bench", start, broker=house, watch=house)
    fills = tuple(_fill(n, n) for n in range(positions))
    orders = {o.client_order_id: o for o in (_order(f"w{n}", n) for n in range(waiting))}
    records = {
        key: OrderRecord(order, OrderState.ACCEPTED, NOW, True, "approved", worst_price=D(100))
        for key, order in orders.items()
    }
    n = 0
    while True:
        n += 1
        fills += (_fill(positions + n, n % positions),)
        standing = Standing(
            open=MappingProxyType(dict(records)),
            fills=fills,
            day="2013-03-01/2013-03-01",
            equity_open=D(10_000_000),
            equity_peak=D(10_000_000),
        )
        book = Book(orders=MappingProxyType(records), standings={"bench": standing})
        order = _order(f"n{n}", n % positions)
        yield judge.judge(order, book, _sight(order, house), approval=None, stage="proposal")


def _order(name: str, n: int) -> Order:
    quantity, price = D(10), D(100)
    return Order(
        f"bench/{name}", "bench", "", "agent:execution", f"S{n:03}", AssetClass.EQUITY, "USD",
        Side.BUY, quantity, OrderType.LIMIT, price, TimeInForce.DAY, NOW,  # type: ignore[arg-type]
    )  # fmt: skip


def _fill(n: int, symbol: int) -> Fill:
    return Fill(
        f"e{n}", f"o{n}", f"S{symbol:03}", Side.BUY, D(10), D(100), D(0), "USD", NOW, "bench"
    )


def _sight(order: Order, house: _House) -> Sight:
    market = MarketView(
        house.instrument(order.symbol),
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
    return Sight(market, _mark, _mark, NOW, NOW, False, date(2013, 3, 1))


def _mark(_symbol: str) -> tuple[Decimal, datetime]:
    return PRICE
