"""What came of a run, as plain values that can be kept, shown and compared."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from tools.backtest.actions import KnownActions
from tools.backtest.benchmarks import benchmarks
from tools.backtest.costs import Costs
from tools.backtest.curve import curve_of, marks
from tools.backtest.finding import Finding
from tools.backtest.findings import done
from tools.backtest.metrics import SESSIONS_A_YEAR, Metrics, measure
from tools.backtest.rates import Rates
from tools.backtest.request import Record
from tools.backtest.rows import (
    currency_row,
    curve_columns,
    fill_row,
    into,
    json_number,
    refusal_row,
    trade_row,
)
from tools.backtest.series import OPEN
from tools.backtest.tape import Tape
from tools.backtest.trades import trades_of
from tools.backtest.trading import Refusal
from tools.desk import Desk
from tools.domain.actions import CashEvent, CashKind
from tools.domain.money import plain
from tools.domain.order import Fill, OrderType
from tools.execution.standing import Standing
from tools.market_data.columns import Times, moment_of, nanoseconds

Figures = dict[str, float | int | None]
NOTHING = np.zeros(0)
FORMAT = 1
UNHASHED = ("record", "hash", "reached")
YEAR_NS = 365.25 * 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Result:
    """``document`` is JSON values only; ``hash`` is over all that the record decides.

    Where the strategy's file lies is not in it, nor what it was seen to reach for: a library that
    was loaded before reads no file again.
    """

    record: Record
    document: dict[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 of the result: the same record gives the same."""
        kept = {k: v for k, v in self.document.items() if k not in UNHASHED}
        text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"{self.record.id}{text}".encode()).hexdigest()


def result_of(
    record: Record,
    desk: Desk,
    tape: Tape,
    actions: KnownActions,
    moments: Times,
    refusals: Sequence[Refusal],
    small: Sequence[Refusal],
    odd: Sequence[Finding],
    rates: Rates | None = None,
) -> Result:
    """Everything that the journal and the tape tell of a run that has ended.

    ``small`` are the wishes for less than a lot, and ``odd`` what was found of the prices. All
    money is in the account's currency, each amount at the rate of its moment; ``rates`` are None
    where there is no other.
    """
    book = desk.journal.read()
    standing = book.of(desk.account)
    fills = standing.fills
    curve = curve_of(moments, tape.series, record.cash, fills, standing.entries, rates)
    trades = trades_of(fills, standing.entries)
    ended = moment_of(int(moments[-1]))
    earned = [into(one.profit, one.currency, one.closed or ended, rates) for one in trades]
    closed = np.array(
        [float(p) for p, one in zip(earned, trades, strict=True) if one.closed is not None]
    )
    values = (into(f.quantity * f.price * f.multiplier, f.currency, f.at, rates) for f in fills)
    traded = float(sum(values, Decimal(0)))
    periods = bars_a_year(tape, moments)
    acts = {symbol: actions.of(symbol) for symbol in tape.series}
    beside = benchmarks(moments, tape.series, acts, record.cash, Costs(**record.costs), rates)
    document: dict[str, Any] = {
        "format": FORMAT,
        "id": record.id,
        "record": record.plain(),
        "ledger": book.hash,
        "bars_a_year": periods,
        "figures": figures(measure(curve.equity, closed, traded, curve.invested[1:], periods)),
        "benchmarks": {
            name: figures(measure(equity, NOTHING, 0.0, equity, periods))
            for name, equity in beside.items()
        },
        "costs": _costs(standing, desk, tape, rates),
        "curve": curve_columns(curve, beside),
        "closes": {
            symbol: [json_number(v) for v in marks(one, moments)]
            for symbol, one in tape.series.items()
        },
        "trades": [trade_row(one, p, rates) for one, p in zip(trades, earned, strict=True)],
        "fills": [fill_row(one, rates) for one in fills],
        "orders": dict(Counter(str(record.state) for record in book.orders.values())),
        "refusals": [refusal_row(one) for one in refusals],
        "findings": [asdict(one) for one in (*odd, *done(desk, moments, refusals, small))],
    }
    if rates is not None:
        document["currencies"] = {code: currency_row(rates, curve, code) for code in curve.books}
    made = Result(record, document)
    document["hash"] = made.hash
    return made


def figures(metrics: Metrics) -> Figures:
    """By name; None for what can't be known or has no end."""
    return {name: json_number(value) for name, value in asdict(metrics).items()}


def bars_a_year(tape: Tape, moments: Times) -> float:
    """Bars in a year: 252 sessions, 365 days of what never closes, times the bars of a day.

    Where more days than not are missing in between, those that there were by the calendar.
    """
    calendars = {one.listed.calendar for one in tape.series.values()}
    days = 365 if "24/7" in calendars else 260 if "24/5" in calendars else SESSIONS_A_YEAR
    if not tape.intraday:
        if len(calendars) == 1:
            return float(days)
        # They close at different hours, so that a day has several moments.
        return max(float(days), (len(moments) - 1) * YEAR_NS / float(moments[-1] - moments[0]))
    a_day = Counter(int(at) // 86_400_000_000_000 for at in moments)
    usual = float(days * np.median(list(a_day.values())))
    years = float(moments[-1] - moments[0]) / YEAR_NS
    return min(usual, len(moments) / years) if len(moments) < usual * years / 2 else usual


def _costs(standing: Standing, desk: Desk, tape: Tape, rates: Rates | None) -> dict[str, str]:
    """What was paid, in money: slippage and impact are of market orders, against the bar's open."""
    zero = Decimal(0)
    commission = sum((into(f.commission, f.currency, f.at, rates) for f in standing.fills), zero)
    slipped = sum(
        (into(_slipped(f, desk, tape), f.currency, f.at, rates) for f in standing.fills), zero
    )
    events = [entry for entry in standing.entries if isinstance(entry, CashEvent)]
    kinds = {
        "borrowing": CashKind.BORROW_FEE,
        "dividends": CashKind.DIVIDEND,
        "cash in lieu": CashKind.CASH_IN_LIEU,
    }
    moved = {
        name: sum((into(e.amount, e.currency, e.at, rates) for e in events if e.kind is k), zero)
        for name, k in kinds.items()
    }
    found = {"commission": commission, "slippage and impact": slipped, **moved}
    return {name: plain(round(amount, 2)) for name, amount in found.items()}


def _slipped(fill: Fill, desk: Desk, tape: Tape) -> Decimal:
    order = desk.journal.read().orders[fill.client_order_id].order
    series, ticks = tape.series[fill.symbol], tape.ticks.get(fill.symbol)
    place = int(np.searchsorted(series.opened, nanoseconds(fill.at)))
    if order.type is not OrderType.MARKET or (ticks is None and place >= len(series)):
        return Decimal(0)
    price = series.values[place, OPEN] if ticks is None else ticks.price[ticks.count(fill.at) - 1]
    opened = Decimal(repr(float(price)))
    return fill.side.sign * (fill.price - opened) * fill.quantity * fill.multiplier
