"""Yahoo's option chains, one expiry after another."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tools.domain.instrument import OptionTerms, Right
from tools.domain.options import OptionQuote
from tools.market_data.feeds.rest import documented

# More expiries than this no share has.
EXPIRIES = 60


def download(ticker: Any) -> list[tuple[date, Right, dict[str, Any]]]:
    """Every row of every expiry, as yfinance gives it; empty for a symbol without options."""
    rows = []
    for expiry in ticker.options[:EXPIRIES]:
        chain = ticker.option_chain(expiry)
        for right, frame in ((Right.CALL, chain.calls), (Right.PUT, chain.puts)):
            if frame is not None:
                day = date.fromisoformat(expiry)
                rows += [(day, right, row) for row in frame.to_dict("records")]
    return rows


def chain_of(
    underlying: str, rows: list[tuple[date, Right, dict[str, Any]]], wall: datetime
) -> tuple[OptionQuote, ...]:
    """By expiry, strike and right. Contracts of another size than a hundred shares are left out.

    ``event_time`` is the last trade's, Yahoo having no moment for a bid and ask: these are from
    within the last quarter of an hour of ``known_at``, or from the close. Yahoo writes 0 for a bid
    or ask that there isn't, and it has no Greeks.
    """
    found: dict[tuple[date, Decimal, Right], OptionQuote] = {}
    with documented("Yahoo"):
        for expiry, right, row in rows:
            strike = _exact(row["strike"])
            if strike is None or strike <= 0 or row.get("contractSize") not in ("REGULAR", None):
                continue
            found[expiry, strike, right] = OptionQuote(
                str(row["contractSymbol"]),
                OptionTerms(underlying, expiry, strike, right),
                _moment(row.get("lastTradeDate"), wall),
                wall,
                "yahoo",
                bid=_exact(row.get("bid")) or None,
                ask=_exact(row.get("ask")) or None,
                last=_exact(row.get("lastPrice")),
                volume=_exact(row.get("volume")),
                open_interest=_exact(row.get("openInterest")),
                implied_volatility=_float(row.get("impliedVolatility")),
            )
    return tuple(found[key] for key in sorted(found))


def _moment(value: Any, wall: datetime) -> datetime:
    import pandas as pd

    if pd.isna(value):
        return wall
    moment: datetime = value.to_pydatetime().astimezone(UTC)
    return min(moment, wall)


def _float(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _exact(value: Any) -> Decimal | None:
    number = _float(value)
    return None if number is None or number < 0 else Decimal(repr(round(number, 6)))
