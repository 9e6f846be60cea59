"""What is seen of options: a contract's quote in a chain, and large trades as they are reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tools.domain.instrument import OptionTerms


@dataclass(frozen=True, slots=True)
class OptionQuote:
    """One contract of a chain at ``event_time`` (aware UTC); prices are those of a share.

    None where the feed does not say. ``implied_volatility`` is a fraction a year and, like the
    Greeks, the feed's own: of one share, theta a day, vega and rho a point of one percent.
    """

    symbol: str
    terms: OptionTerms
    event_time: datetime
    known_at: datetime
    source: str
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    volume: Decimal | None = None
    open_interest: Decimal | None = None
    implied_volatility: float | None = None
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    rho: float | None = None


@dataclass(frozen=True, slots=True)
class OptionTrade:
    """A reported trade of ``size`` contracts at ``price`` a share; ``premium`` is what was paid.

    ``side`` is "ask", "bid" or "mid" by where it traded, empty where the feed does not say;
    ``kind`` is the feed's word for it, such as sweep or block.
    """

    symbol: str
    terms: OptionTerms
    price: Decimal
    size: Decimal
    premium: Decimal
    event_time: datetime
    known_at: datetime
    source: str
    side: str = ""
    kind: str = ""
    underlying_price: Decimal | None = None
