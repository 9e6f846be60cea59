"""A desk with 500 positions and 100 open orders, for ``evals.gate``: one judgement after a fill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from evals.gate_market import HEALTHY, LISTED, NOW, OPEN, POSITIONS, SYMBOLS, TODAY, quote, wish
from tools.desk.judge import Judge
from tools.desk.judgement import Judgement
from tools.desk.seeing import Sight
from tools.domain.instrument import Instrument
from tools.domain.order import Fill, Order, OrderState, Side
from tools.execution.book import Book
from tools.execution.record import OrderRecord
from tools.execution.standing import Standing
from tools.portfolio.accounting import Account
from tools.risk.limits import Limits
from tools.risk.mode import Mode

D = Decimal
PRICE = (D(100), NOW)


class _House:
    """The clock, the venue and the watch of a desk where all is well."""

    real_money = False
    simulated_fills = True
    name = "paper"
    venue = None
    health = HEALTHY

    def __init__(self, accepts: Any) -> None:
        self.accepts = accepts

    def now(self) -> datetime:
        return NOW

    wall = now

    def mode_of(self, book: Book) -> Mode:
        return Mode.ACTIVE

    def instrument(self, symbol: str) -> Instrument:
        return LISTED[symbol]


def judgements(
    limits: Limits, accepts: Any, *, positions: int = POSITIONS, waiting: int = OPEN
) -> Iterator[Judgement]:
    """Endless: before each judgement one more fill came, so its account is another one."""
    house: Any = _House(accepts)
    start = Account("USD", D(10_000_000))
    judge = Judge(house, house, limits, "bench", start, broker=house, watch=house)
    fills = tuple(_fill(n, n) for n in range(positions))
    orders = {o.client_order_id: o for o in (wish(f"w{n}", SYMBOLS[n], 10) for n in range(waiting))}
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
        order = wish(f"n{n}", SYMBOLS[n % positions], 10)
        yield judge.judge(order, book, _sight(order), approval=None, stage="proposal")


def _fill(n: int, symbol: int) -> Fill:
    return Fill(
        f"e{n}", f"o{n}", SYMBOLS[symbol], Side.BUY, D(10), D(100), D(0), "USD", NOW, "bench"
    )


def _sight(order: Order) -> Sight:
    return Sight(quote(order.symbol), _mark, _mark, NOW, NOW, False, TODAY)


def _mark(_symbol: str) -> tuple[Decimal, datetime]:
    return PRICE
