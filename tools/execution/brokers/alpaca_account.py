"""The account at Alpaca, and on what terms and when a symbol can be traded there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from tools.domain.errors import OutcomeUnknown
from tools.domain.venue import MarginRegime, VenueAccount
from tools.execution.brokers.alpaca_line import Line
from tools.execution.brokers.alpaca_words import Number, pair
from tools.ports import Clock


@dataclass(frozen=True, slots=True)
class Listing:
    """How Alpaca lists a symbol; ``tick`` and ``lot`` are None where it doesn't say."""

    symbol: str
    active: bool
    tradable: bool
    shortable: bool
    easy_to_borrow: bool
    fractionable: bool
    tick: Decimal | None
    lot: Decimal | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """The US market's hours as Alpaca tells them at ``at``; all moments aware UTC."""

    at: datetime
    is_open: bool
    next_open: datetime
    next_close: datetime


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Account(_Strict):
    status: str
    currency: str
    cash: Number
    buying_power: Number | None = None
    multiplier: Number = Decimal(1)
    trading_blocked: bool = True
    account_blocked: bool = True
    trade_suspended_by_user: bool = False
    # Of the rule that ended in June 2026; absent since July.
    pattern_day_trader: bool | None = None
    daytrade_count: int | None = None


class _Position(_Strict):
    symbol: str = Field(min_length=1)
    asset_class: str | None = None
    qty: Number
    side: str


class _Asset(_Strict):
    symbol: str
    status: str
    tradable: bool
    shortable: bool = False
    easy_to_borrow: bool | None = None
    borrow_status: str | None = None
    fractionable: bool = False
    price_increment: Number | None = None
    min_trade_increment: Number | None = None
    attributes: tuple[str, ...] = ()


class _Clock(_Strict):
    timestamp: AwareDatetime
    is_open: bool
    next_open: AwareDatetime
    next_close: AwareDatetime


M = TypeVar("M", bound=BaseModel)


class AccountReader:
    """Every call raises OutcomeUnknown when the venue doesn't answer, or not readably."""

    def __init__(self, line: Line, clock: Clock) -> None:
        """``clock`` stamps the answers."""
        self._line = line
        self._clock = clock

    def account(self) -> VenueAccount:
        """Cash, signed positions and the margin regime; blocked unless Alpaca says it isn't."""
        told = _read(_Account, self._line.ask("/account"))
        held = self._line.ask("/positions")
        if not isinstance(held, list):
            raise OutcomeUnknown("Alpaca's positions can't be read")
        positions: dict[str, Decimal] = {}
        for one in (_read(_Position, body) for body in held):
            if one.side not in ("long", "short"):
                raise OutcomeUnknown("Alpaca's positions can't be read")
            signed = abs(one.qty) if one.side == "long" else -abs(one.qty)
            if signed:
                positions[pair(one.symbol, one.asset_class)] = signed
        return VenueAccount(
            at=self._clock.wall(),
            currency=told.currency,
            cash=told.cash,
            positions=positions,
            buying_power=told.buying_power,
            margin=_margin(told),
            day_trades=told.daytrade_count or 0,
            blocked=told.trading_blocked
            or told.account_blocked
            or told.trade_suspended_by_user
            or told.status != "ACTIVE",
        )

    def listing(self, symbol: str) -> Listing | None:
        """The asset, None when there is none of that name."""
        body = self._line.ask(f"/assets/{quote(symbol, safe='')}")
        if body is None:
            return None
        told = _read(_Asset, body)
        easy = told.borrow_status == "easy_to_borrow"
        return Listing(
            symbol=told.symbol,
            active=told.status == "active",
            tradable=told.tradable,
            shortable=told.shortable,
            easy_to_borrow=easy if told.borrow_status is not None else bool(told.easy_to_borrow),
            fractionable=told.fractionable,
            tick=told.price_increment,
            lot=told.min_trade_increment,
            flags=told.attributes,
        )

    def hours(self) -> Hours:
        """Open or not, and the next opening and closing."""
        told = _read(_Clock, self._line.ask("/clock"))
        return Hours(
            told.timestamp.astimezone(UTC),
            told.is_open,
            told.next_open.astimezone(UTC),
            told.next_close.astimezone(UTC),
        )


def _margin(told: _Account) -> MarginRegime:
    if told.multiplier <= 1:
        return MarginRegime.CASH
    old = told.pattern_day_trader is not None or told.daytrade_count is not None
    return MarginRegime.LEGACY_PDT if old else MarginRegime.INTRADAY_MARGIN


def _read(model: type[M], body: Any) -> M:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fields = ", ".join(".".join(str(part) for part in e["loc"]) for e in error.errors()[:3])
        raise OutcomeUnknown(f"Alpaca's answer can't be read ({fields or 'all of it'})") from None
