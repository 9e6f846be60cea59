"""What a tool is, and the words of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field


class Reach(StrEnum):
    """How far a tool reaches. There is no EXECUTE: the strongest tool proposes."""

    READ = "read"
    PROPOSE = "propose"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool: ``purpose`` is what a model reads, ``untrusted_text`` marks news and documents."""

    name: str
    purpose: str
    call: Callable[..., dict[str, Any]]
    reach: Reach = Reach.READ
    untrusted_text: bool = False


SymbolArg = Annotated[str, Field(description="ticker such as IBM", max_length=20)]
AsOfArg = Annotated[
    str | None,
    Field(
        description="date (2012-06-01) or UTC moment; nothing known later is seen; default now",
        max_length=40,
    ),
]
SideArg = Annotated[str, Field(description="buy or sell", max_length=10)]
QuantityArg = Annotated[str, Field(description="number of shares, as text", max_length=40)]
LimitArg = Annotated[
    str | None,
    Field(description="limit price as text; leave out for a market order", max_length=40),
]
StopArg = Annotated[
    str | None, Field(description="stop price as text: the order wakes up there", max_length=40)
]
TrailPriceArg = Annotated[
    str | None,
    Field(description="trailing stop: its distance from the price, in money", max_length=40),
]
TrailPercentArg = Annotated[
    str | None,
    Field(description="trailing stop: its distance from the price, in percent", max_length=40),
]
ProfitArg = Annotated[
    str | None, Field(description="price of the exit that takes the profit", max_length=40)
]
LossArg = Annotated[
    str | None, Field(description="stop price of the exit that ends the loss", max_length=40)
]
LossLimitArg = Annotated[
    str | None,
    Field(description="limit price of the loss exit; leave out for a market exit", max_length=40),
]
GroupArg = Annotated[
    str | None,
    Field(
        description="bracket (an entry with exits) or oco (two exits of what is held)",
        max_length=10,
    ),
]
ForceArg = Annotated[str, Field(description="day, gtc, ioc or fok", max_length=10)]
ExtendedArg = Annotated[bool, Field(description="also before and after the regular session")]
