"""Unusual Whales: large option trades, as its flow alerts report them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import OptionTerms, Right
from tools.domain.market import aware_utc
from tools.domain.options import OptionTrade
from tools.market_data.columns import EPOCH
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import Rest
from tools.market_data.symbols import canonical, pair
from tools.ports import Clock

URL = "https://api.unusualwhales.com"
# Alerts a page, which is the most there is, and pages of one question.
PAGE, PAGES = 200, 100
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class _Alert(BaseModel):
    """One alert: trades of one contract within moments; ``end_time`` is in milliseconds."""

    model_config = ConfigDict(frozen=True)

    id: str
    ticker: str
    option_chain: str
    type: Right
    strike: Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
    expiry: date
    price: Amount
    total_size: Amount
    total_premium: Amount
    created_at: AwareDatetime
    end_time: int | None = None
    alert_rule: str = ""
    has_sweep: bool = False
    has_floor: bool = False
    total_ask_side_prem: Amount | None = None
    total_bid_side_prem: Amount | None = None
    underlying_price: Amount | None = None

    @property
    def side(self) -> str:
        """Where more than half of the premium traded."""
        ask, bid = self.total_ask_side_prem, self.total_bid_side_prem
        if ask is None or bid is None:
            return ""
        if ask * 2 > self.total_premium:
            return "ask"
        return "bid" if bid * 2 > self.total_premium else "mid"

    @property
    def kind(self) -> str:
        """A sweep or a trade on the floor, else the rule that the alert is by."""
        return "sweep" if self.has_sweep else "floor" if self.has_floor else self.alert_rule


ALERTS = TypeAdapter(list[_Alert])


class UnusualWhalesFeed:
    """An OptionFlowFeed. ``known_at`` is when an alert was made; the key is never in an error."""

    name = "unusual-whales"

    def __init__(self, key: str, clock: Clock, *, url: str = URL, seconds: float = 8.0) -> None:
        """``seconds`` is the wait for each page."""
        self._clock = clock
        self._rest = Rest(
            "Unusual Whales",
            url,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            setting="UNUSUAL_WHALES_API_KEY",
            seconds=seconds,
            refused=lambda body: str(body.get("error", "")) if isinstance(body, dict) else "",
        )

    def flow(
        self, underlying: str, start: datetime, end: datetime
    ) -> tuple[OptionTrade, ...] | None:
        """Alerts made from ``start`` until before ``end`` (aware), oldest first.

        Empty for a share without any, or that does not exist: Unusual Whales doesn't tell these
        apart. None for a pair. DataUnavailable where there are too many for one question.
        """
        symbol = canonical(underlying)
        if pair(symbol):
            return None
        start, end = aware_utc(start, "start"), aware_utc(end, "end")
        found: dict[str, _Alert] = {}
        before = min(end, self._clock.wall() + timedelta(seconds=1))
        for _ in range(PAGES):
            page = self._page(symbol, start, before)
            found |= {alert.id: alert for alert in page}
            oldest = min((alert.created_at for alert in page), default=start)
            if len(page) < PAGE or oldest < start:
                return _trades(symbol, [a for a in found.values() if start <= a.created_at < end])
            if oldest >= before:
                break
            before = aware_utc(oldest)
        raise DataUnavailable(
            f"There are more alerts of {symbol} than one question can hold: ask for a shorter span."
        )

    def _page(self, symbol: str, start: datetime, before: datetime) -> list[_Alert]:
        """The latest alerts of a span, newest first; the moment ``before`` may be among them."""
        query = {
            "ticker_symbol": symbol.replace("-", "."),
            "newer_than": _written(start - timedelta(microseconds=1)),
            "older_than": _written(before + timedelta(microseconds=1)),
            "limit": str(PAGE),
        }
        answer = self._rest.get("/api/option-trades/flow-alerts", query)
        try:
            return ALERTS.validate_python(answer["data"] if isinstance(answer, dict) else None)
        except (KeyError, ValidationError):
            raise Unanswered(
                "Unusual Whales' answer can't be read: it is not as documented."
            ) from None


def _trades(symbol: str, alerts: list[_Alert]) -> tuple[OptionTrade, ...]:
    ticker = symbol.replace("-", ".")
    mine = sorted((a for a in alerts if a.ticker == ticker), key=lambda a: (a.created_at, a.id))
    return tuple(_trade(symbol, alert) for alert in mine)


def _trade(symbol: str, alert: _Alert) -> OptionTrade:
    known = alert.created_at.astimezone(UTC)
    last = None if alert.end_time is None else EPOCH + timedelta(milliseconds=alert.end_time)
    return OptionTrade(
        alert.option_chain,
        OptionTerms(symbol, alert.expiry, alert.strike, alert.type),
        alert.price,
        alert.total_size,
        alert.total_premium,
        known if last is None else min(last, known),
        known,
        "unusual-whales",
        alert.side,
        alert.kind,
        alert.underlying_price,
    )


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
