"""Cash dividends and splits of US shares, from Alpaca's announcements of corporate actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import Field

from tools.domain.actions import Dividend, StockSplit
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument
from tools.market_data.feeds.alpaca_source import AlpacaSource, Api
from tools.market_data.feeds.alpaca_words import Number, Told, read
from tools.market_data.feeds.corporate import dividend, split

FIRST = date(2016, 1, 1)
"""Alpaca's prices begin here."""

AHEAD = timedelta(days=366)
"""They are listed by when Alpaca processes them: of a dividend when it is paid, weeks later."""

TYPES = "cash_dividend,forward_split,reverse_split,stock_dividend"
ACTIONS = "corporate_actions"
Rate = Annotated[Number, Field(gt=0)]


class OfOneDay(Told):
    """What each has: whose it is, and the first day without the dividend or with the new shares."""

    symbol: str
    ex_date: date


R = TypeVar("R", bound=OfOneDay)


class CashDividend(OfOneDay):
    """An empty currency is US dollars, as of nearly all."""

    rate: Rate
    payable_date: date | None = None
    currency: str = ""


class Ratio(OfOneDay):
    """A split: ``new_rate`` shares for ``old_rate``."""

    new_rate: Rate
    old_rate: Rate


class StockDividend(OfOneDay):
    """``rate`` new shares for each."""

    rate: Rate


class AlpacaCompanies:
    """Of one symbol all at once; DataUnavailable for what isn't answered, or not readably."""

    def __init__(self, source: AlpacaSource) -> None:
        """Nothing is asked when made."""
        self._source = source

    def told(
        self, listed: Instrument, wall: datetime
    ) -> tuple[tuple[Dividend, ...], tuple[StockSplit, ...]]:
        """Dividends and splits since 2016, announced ones among them; a coin has none."""
        if listed.asset_class is not AssetClass.EQUITY:
            return (), ()
        query = {
            "symbols": listed.symbol,
            "types": TYPES,
            "start": f"{FIRST}",
            "end": f"{wall.date() + AHEAD}",
            "limit": "1000",
        }
        paid: list[Dividend] = []
        splits: list[StockSplit] = []
        for page in self._source.pages(Api.COMPANIES, "/corporate-actions", query, ACTIONS):
            paid += [
                dividend(listed, row.ex_date, row.rate, row.currency, row.payable_date)
                for row in _rows(page, CashDividend, "cash_dividends", listed)
            ]
            splits += [
                split(listed, row.ex_date, row.new_rate / row.old_rate)
                for name in ("forward_splits", "reverse_splits")
                for row in _rows(page, Ratio, name, listed)
            ]
            splits += [
                split(listed, row.ex_date, 1 + row.rate)
                for row in _rows(page, StockDividend, "stock_dividends", listed)
            ]
        return (
            tuple(sorted(paid, key=lambda one: one.ex)),
            tuple(sorted(splits, key=lambda one: one.ex)),
        )


def _rows(page: dict[str, Any], model: type[R], name: str, listed: Instrument) -> list[R]:
    rows = page.get(name) or []
    if not isinstance(rows, list):
        raise DataUnavailable(f"Alpaca's corporate actions of {listed.symbol} can't be read.")
    found = (read(model, body) for body in rows)
    return [row for row in found if row.symbol == listed.symbol]
