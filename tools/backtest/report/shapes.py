"""A kept document as it must be to be shown: anybody may have edited the file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from tools.domain.errors import StateError
from tools.market_data.columns import Floats

MOST_ROWS = 5_000_000
LONGEST = 4_000
LEAST_MONEY, MOST_MONEY = 1e-100, 1e100
Text = Annotated[str, Field(max_length=LONGEST)]
Word = Annotated[str, Field(max_length=200)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d([T ][0-9:.+Z-]{5,30})?$")]
Number = Annotated[FiniteFloat, Field(ge=-1e300, le=1e300)]
Amount = Annotated[Decimal, Field(ge=-(10**18), le=10**18, max_digits=40, decimal_places=20)]
Column = Annotated[list[Number | None], Field(max_length=MOST_ROWS)]
Figures = dict[Word, Number | None]
Count = Annotated[int, Field(ge=0, le=10**12)]
Symbols = Annotated[list[Word], Field(max_length=1_000)]
Days = npt.NDArray[np.datetime64]
T = TypeVar("T", bound="Kept")


class Shape(BaseModel):
    """Frozen; what it doesn't name is left out."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True)


class Record(Shape):
    """What decides a run; further fields are kept, to be printed."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow", frozen=True)
    strategy: Text
    symbols: Symbols
    start: Moment
    end: Moment
    cash: Number = 0.0
    currency: Word = ""

    @property
    def title(self) -> str:
        """Its name and its first symbols."""
        first = " ".join(self.symbols[:6])
        more = len(self.symbols) - 6
        return f"{self.strategy} on {first}{f' and {more} more' if more > 0 else ''}"


class Curve(Shape):
    """Columns of one length, before the first bar and at each; a benchmark's by its name."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Column]
    at: Annotated[list[str], Field(min_length=2, max_length=MOST_ROWS)]
    equity: Column

    @model_validator(mode="after")
    def _whole(self) -> Curve:
        lengths = {len(self.at), len(self.equity), *map(len, self.__pydantic_extra__.values())}
        if len(lengths) > 1:
            raise ValueError("its columns differ in length")
        if any(value is None for value in self.equity) or not (self.equity[0] or 0.0) > 0:
            raise ValueError("the equity must be numbers, and begin above zero")
        if not all(map(_meant, (self.equity, *self.__pydantic_extra__.values()))):
            raise ValueError("no money is that small or that large")
        if (np.diff(self.moments) <= np.timedelta64(0)).any():
            raise ValueError("its moments must rise")
        return self

    @cached_property
    def moments(self) -> Days:
        """UTC moments of the bars, shape ``(n,)``: one fewer than the columns have."""
        return moments_of(self.at[1:])

    @property
    def labels(self) -> list[str]:
        """A text for each place, the first one empty."""
        return ["", *(text[:10] for text in self.at[1:])]

    def column(self, name: str) -> Floats | None:
        """NaN where nothing is known; None where there is no such column."""
        found = self.equity if name == "equity" else self.__pydantic_extra__.get(name)
        return None if found is None else np.array(found, dtype=np.float64)


class Fill(Shape):
    """One fill, as it was booked; ``rate`` turns its currency into the account's."""

    at: Moment
    symbol: Word
    side: Word
    quantity: Amount
    price: Amount
    commission: Amount = Decimal(0)
    rate: Amount = Decimal(1)


class Trade(Shape):
    """From flat to flat; ``closed`` is None of what was still open.

    ``profit`` is in the account's currency, ``own_profit`` in the one that it was traded in, where
    the account has several.
    """

    symbol: Word
    opened: Moment
    closed: Moment | None
    quantity: Amount
    profit: Amount
    currency: Word = ""
    own_profit: Amount | None = None


class OneCurrency(Shape):
    """One of the account's currencies: whence its rate, and what there was of it at the end."""

    pairs: Annotated[list[Word], Field(max_length=10)] = Field(default_factory=list)
    first_rate: Number | None = None
    last_rate: Number | None = None
    cash: Number | None = None
    held: Number | None = None
    by_rate: Number | None = None


class Finding(Shape):
    """What to know before believing the figures."""

    sentence: Text


class Beyond(Shape):
    """What is left when a benchmark is hedged away; ``sharpe`` is a year's."""

    name: Word = "the benchmark"
    total_return: Number | None = None
    beta: Number | None = None
    sharpe: Number | None = None
    deflated_sharpe: Number | None = None
    luck: Number | None = None


class Validation(Shape):
    """What the tests of a search say; None is not known."""

    trials: Count | None = None
    deflated_sharpe: Number | None = None
    overfitting: Number | None = None
    luck: Number | None = None
    benchmark: Beyond | None = None
    note: Text = ""
    promoted: bool = False
    red: bool = False
    reasons: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)


class Decider(Shape):
    """Who decided, and what it may have known of the days it decided about."""

    name: Text
    kind: Word = ""
    knowledge_ends: Moment | None = None
    share_before: Annotated[float, Field(ge=0, le=1)] | None = None
    note: Text = ""


class Decision(Shape):
    """One question at one close, and what was said and proposed."""

    at: Moment
    asked: Text = ""
    answer: str = ""
    error: str | None = None
    orders: Annotated[list[dict[Word, Any]], Field(max_length=1_000)] = Field(default_factory=list)


class Kept(Shape):
    """What every kept document has."""

    id: Word
    hash: Word
    findings: Annotated[list[Finding], Field(max_length=100_000)] = Field(default_factory=list)


class Run(Kept):
    """One strategy on the past."""

    record: Record
    bars_a_year: Annotated[float, Field(gt=0, le=1e8)] = 252.0
    figures: Figures
    benchmarks: dict[Word, Figures] = Field(default_factory=dict)
    costs: dict[Word, Amount] = Field(default_factory=dict)
    curve: Curve
    closes: dict[Word, Column] = Field(default_factory=dict)
    trades: Annotated[list[Trade], Field(max_length=MOST_ROWS)] = Field(default_factory=list)
    fills: Annotated[list[Fill], Field(max_length=MOST_ROWS)] = Field(default_factory=list)
    currencies: Annotated[dict[Word, OneCurrency], Field(max_length=100)] = Field(
        default_factory=dict
    )
    validation: Validation | None = None
    reached: Annotated[list[Finding], Field(max_length=1_000)] = Field(default_factory=list)
    decider: Decider | None = None
    decisions: Annotated[list[Decision], Field(max_length=100_000)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> Run:
        bars = len(self.curve.at) - 1
        if any(len(closes) != bars for closes in self.closes.values()):
            raise ValueError("there must be a close for each bar")
        moments_of([fill.at for fill in self.fills])
        return self


def moments_of(texts: Sequence[str]) -> Days:
    """UTC moments; raises ValueError for what is none."""
    found = np.array([_plain(text) for text in texts], dtype="datetime64[us]")
    if np.isnat(found).any():
        raise ValueError("a moment is missing")
    return found


def _meant(column: Sequence[float | None]) -> bool:
    """Whether its numbers can be reckoned with, and divided by one another."""
    sizes = np.abs(np.array(column, dtype=np.float64))
    return not ((sizes > MOST_MONEY) | ((sizes > 0) & (sizes < LEAST_MONEY))).any()


def _plain(text: str) -> str:
    if len(text) > 19 and not text.endswith(("+00:00", "Z")):
        raise ValueError("moments must be in UTC")
    return text.removesuffix("+00:00").removesuffix("Z")


def shaped(kind: type[T], document: dict[str, Any]) -> T:
    """The document as that shape; StateError, with what is wrong first, where it isn't."""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        named = ".".join(str(part)[:40] for part in first["loc"]) or "the document"
        where = named.encode("utf-8", "replace").decode()
        what = first["msg"].removeprefix("Value error, ")
        raise StateError(
            f"the kept document {str(document.get('id'))[:12]!r} can't be shown: {where}: {what}. "
            "It was changed since it was kept: make it again"
        ) from None
