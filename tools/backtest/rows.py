"""Rows of a run's document: its curve, currencies, trades, fills and refusals as JSON values."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.backtest.curve import Curve
from tools.backtest.rates import Rates
from tools.backtest.trades import Trade
from tools.backtest.trading import Refusal
from tools.domain.money import plain
from tools.domain.order import Fill
from tools.market_data.columns import Floats, moment_of


def into(amount: Decimal, currency: str, at: datetime, rates: Rates | None) -> Decimal:
    """An amount of a moment (aware UTC) in the account's currency, at the rate known then."""
    return amount if rates is None else amount * rates.exact(currency, at)


def curve_columns(curve: Curve, beside: dict[str, Floats]) -> dict[str, Any]:
    """Lists of one length; the first place is before the first bar."""
    return {
        "at": ["", *(moment_of(int(at)).isoformat() for at in curve.moments)],
        "equity": [json_number(v) for v in curve.equity],
        "invested": [json_number(v) for v in curve.invested],
        "net": [json_number(v) for v in curve.net],
        **{name: [json_number(v) for v in values] for name, values in beside.items()},
        **{
            f"{what} {code}": [json_number(v) for v in values]
            for code, book in curve.books.items()
            for what, values in (("cash", book.cash), ("held", book.net), ("rate", book.rate))
        },
    }


def currency_row(rates: Rates, curve: Curve, code: str) -> dict[str, Any]:
    """Where its rate is from, what there is of it at the end, and what its rate alone did."""
    book = curve.books[code]
    return {
        "pairs": list(rates.pairs.get(code, ())),
        "first_rate": json_number(book.rate[1]),
        "last_rate": json_number(book.rate[-1]),
        "cash": json_number(round(float(book.cash[-1]), 2)),
        "held": json_number(round(float(book.net[-1]), 2)),
        "by_rate": json_number(round(book.by_rate, 2)),
    }


def trade_row(one: Trade, profit: Decimal, rates: Rates | None) -> dict[str, Any]:
    """A trade and its ``profit`` in the account's currency; with several also as it was made."""
    own = {"currency": one.currency, "own_profit": plain(round(one.profit, 2))}
    return {
        "symbol": one.symbol,
        "opened": one.opened.isoformat(),
        "closed": None if one.closed is None else one.closed.isoformat(),
        "quantity": plain(one.quantity),
        "profit": plain(round(profit, 2)),
        "fills": one.fills,
        **({} if rates is None else own),
    }


def fill_row(one: Fill, rates: Rates | None) -> dict[str, Any]:
    """A fill as it was booked; where there are several currencies, its own and the rate then."""
    own = {} if rates is None else {
        "currency": one.currency, "rate": plain(rates.exact(one.currency, one.at))
    }  # fmt: skip
    return {
        "at": one.at.isoformat(),
        "symbol": one.symbol,
        "side": str(one.side),
        "quantity": plain(one.quantity),
        "price": plain(one.price),
        "commission": plain(one.commission),
        **own,
    }


def refusal_row(one: Refusal) -> dict[str, Any]:
    """An order or a wish that came to nothing, and why."""
    return {
        "at": one.at.isoformat(),
        "symbol": one.symbol,
        "order": one.order,
        "reasons": [list(reason) for reason in one.reasons],
    }


def json_number(value: float) -> float | int | None:
    """JSON has no NaN and no infinity."""
    if isinstance(value, int):
        return value
    return float(value) if math.isfinite(value) else None
