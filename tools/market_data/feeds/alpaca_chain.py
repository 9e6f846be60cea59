"""Alpaca's option chains: the latest quote, trade and Greeks of each contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from tools.domain.instrument import OptionTerms, Right
from tools.domain.options import OptionQuote
from tools.market_data.feeds.alpaca_words import LatestQuote, LatestTrade, Row, Told, read
from tools.market_data.sessions import trading_day

# The OCC's symbol of a contract: root, expiry, right, and the strike in thousandths.
_OCC = re.compile(r"([A-Z]{1,6})(\d{6})([CP])(\d{8})")
Real = Annotated[float, Field(allow_inf_nan=False)]


class Greeks(Told):
    """Of one share: theta a day, vega and rho a point of one percent."""

    delta: Real | None = None
    gamma: Real | None = None
    theta: Real | None = None
    vega: Real | None = None
    rho: Real | None = None


class ContractQuote(LatestQuote):
    """A contract's condition is one letter."""

    c: Any = None


class Contract(Told):
    """The latest of each; None where there was none."""

    latestQuote: ContractQuote | None = None  # noqa: N815 - Alpaca's name
    latestTrade: LatestTrade | None = None  # noqa: N815
    dailyBar: Row | None = None  # noqa: N815
    greeks: Greeks | None = None
    impliedVolatility: Real | None = None  # noqa: N815

    @property
    def moments(self) -> list[AwareDatetime]:
        """When its quote and its trade were."""
        return [seen.t for seen in (self.latestQuote, self.latestTrade) if seen is not None]


def chain_of(
    underlying: str, told: Mapping[str, Any], source: str, wall: datetime
) -> tuple[OptionQuote, ...]:
    """By expiry, strike and right; DataUnavailable where a contract can't be read.

    Contracts with another root are left out: they are of another size than a hundred shares, as
    splits and mergers leave them. A bid or ask of 0 is none. Open interest isn't told.
    """
    found = []
    for symbol, body in told.items():
        terms = _terms(underlying, symbol)
        if terms is not None:
            found.append(_quote(symbol, terms, read(Contract, body), source, wall))
    return tuple(
        sorted(found, key=lambda one: (one.terms.expiry, one.terms.strike, one.terms.right))
    )


def _terms(underlying: str, symbol: str) -> OptionTerms | None:
    told = _OCC.fullmatch(symbol)
    if told is None or told[1] != re.sub(r"[.\-]", "", underlying):
        return None
    try:
        expiry = date(2000 + int(told[2][:2]), int(told[2][2:4]), int(told[2][4:]))
    except ValueError:
        return None
    strike = Decimal(told[4]).scaleb(-3)
    right = Right.CALL if told[3] == "C" else Right.PUT
    return OptionTerms(underlying, expiry, strike, right) if strike > 0 else None


def _quote(
    symbol: str, terms: OptionTerms, told: Contract, source: str, wall: datetime
) -> OptionQuote:
    quote, trade, day = told.latestQuote, told.latestTrade, told.dailyBar
    greeks = told.greeks or Greeks()
    today = day is not None and trading_day("XNYS", day.t) == trading_day("XNYS", wall)
    return OptionQuote(
        symbol,
        terms,
        min(max(told.moments, default=wall).astimezone(UTC), wall),
        wall,
        source,
        bid=(quote.bp or None) if quote else None,
        ask=(quote.ap or None) if quote else None,
        bid_size=quote.bs if quote else None,
        ask_size=quote.as_ if quote else None,
        last=trade.p if trade else None,
        volume=day.v if day is not None and today else None,
        implied_volatility=told.impliedVolatility,
        delta=greeks.delta,
        gamma=greeks.gamma,
        theta=greeks.theta,
        vega=greeks.vega,
        rho=greeks.rho,
    )
