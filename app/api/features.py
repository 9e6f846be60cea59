"""Features over HTTP: the same tool that the agents use."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.floor import AsOfQuery, OnFloor
from app.composition import Floor
from tools.assembly import open_features, open_tone
from tools.catalog.build import news_of
from tools.catalog.features import STANDARD, FeatureTools, known_features

router = APIRouter(prefix="/api/v1/features", tags=["market"])
NamesQuery = Annotated[
    list[str] | None, Query(description="such as log_move_5 or rsi_14@1w", max_length=100)
]
MarketQuery = Annotated[str | None, Query(description="ticker for beta", max_length=20)]


def _tools(floor: Floor) -> FeatureTools:
    house = floor.house
    news = news_of(open_tone(house.settings))
    return FeatureTools(house.market, house.clock, open_features(house.settings), news)


@router.get("")
async def known(
    family: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:  # fmt: skip
    """Every feature with its inputs, unit and source."""
    return await asyncio.to_thread(known_features, family)


@router.get("/{symbol}")
async def compute(
    symbol: str,
    floor: OnFloor,
    names: NamesQuery = None,
    last: Annotated[int, Query(ge=1, le=1000)] = 1,
    timeframe: Annotated[str | None, Query(max_length=10)] = None,
    market: MarketQuery = None,
    as_of: AsOfQuery = None,
) -> dict[str, Any]:
    """Features of the last bars, oldest first."""
    return await asyncio.to_thread(
        _tools(floor).rows,
        symbol,
        names or STANDARD,
        last,
        as_of=as_of,
        timeframe=timeframe,
        market=market,
    )


@router.get("/{symbol}/importance")
async def importance(
    symbol: str,
    floor: OnFloor,
    names: NamesQuery = None,
    ahead: Annotated[int, Query(ge=1, le=250)] = 5,
    market: MarketQuery = None,
    as_of: AsOfQuery = None,
) -> dict[str, Any]:
    """How much each feature told of the next return, moment by moment."""
    return await asyncio.to_thread(
        _tools(floor).importance, symbol, names or STANDARD, ahead=ahead, market=market, as_of=as_of
    )
