"""Robinhood's JSON of coins and prices as the house's terms; all moments aware UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import Quote
from tools.domain.money import plain
from tools.market_data.feeds.resilience.failure import Unanswered

M = TypeVar("M")
# What its words say of trading; of a coin that can only be sold it is neither.
HALTED = {"tradable": False, "untradable": True}

Number = Annotated[Decimal, Field(gt=0, lt=10**15, allow_inf_nan=False)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Pair(_Told):
    """A coin and how it trades: ``status`` is tradable, untradable or sellonly."""

    symbol: str
    status: str
    asset_increment: Number
    quote_increment: Number


class Best(_Told):
    """What a seller gets and a buyer pays, Robinhood's spread included."""

    symbol: str
    bid: Number = Field(alias="bid_inclusive_of_sell_spread")
    ask: Number = Field(alias="ask_inclusive_of_buy_spread")
    timestamp: AwareDatetime


PAIRS, BESTS = TypeAdapter(list[Pair]), TypeAdapter(list[Best])


def read(kind: TypeAdapter[M], answer: dict[str, object]) -> M:
    """The results of an answer; Unanswered where they are not as documented."""
    try:
        return kind.validate_python(answer.get("results"))
    except ValidationError:
        raise Unanswered("Robinhood's answer can't be read: it is not as documented.") from None


def words(body: object) -> str:
    """Robinhood's own words in a refusal."""
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    said = first.get("detail") if isinstance(first, dict) else None
    return said if isinstance(said, str) else ""


def instrument_of(symbol: str, told: Pair) -> Instrument:
    """The listing of a coin."""
    coin, _, quoted = symbol.partition("/")
    return Instrument(
        symbol,
        coin,
        "Robinhood",
        AssetClass.CRYPTO,
        quoted,
        tick=Decimal(plain(told.quote_increment)),
        lot=Decimal(plain(told.asset_increment)),
        calendar="24/7",
        tradable=told.status != "untradable",
    )


def quote_of(symbol: str, told: Best, known_at: datetime) -> Quote:
    """Bid and ask without sizes, of the moment that Robinhood names."""
    at = min(told.timestamp.astimezone(UTC), known_at)
    return Quote(symbol, told.bid, told.ask, at, known_at, "robinhood", simulated=False)
