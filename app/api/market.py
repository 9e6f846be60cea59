"""Prices, indicators and knowledge over HTTP: the same tools that the agents use."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.floor import AsOfQuery, OnFloor
from app.composition import Floor
from mcp_server.knowledge import KnowledgeTool
from tools.catalog.analysis import AnalysisTools
from tools.catalog.prices import PriceTools

router = APIRouter(prefix="/api/v1", tags=["market"])


def _prices(floor: Floor) -> PriceTools:
    return PriceTools(floor.house.market, floor.house.clock)


@router.get("/instruments")
async def instruments(floor: OnFloor) -> dict[str, Any]:
    """Symbols with prices on hand."""
    return await asyncio.to_thread(_prices(floor).list_instruments)


@router.get("/quotes/{symbol}")
async def quote(symbol: str, floor: OnFloor, as_of: AsOfQuery = None) -> dict[str, Any]:
    """Bid, ask and last close."""
    return await asyncio.to_thread(_prices(floor).get_quote, symbol, as_of)


@router.get("/bars/{symbol}")
async def bars(
    symbol: str,
    floor: OnFloor,
    as_of: AsOfQuery = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 60,
    timeframe: Annotated[str, Query(max_length=20)] = "1d",
) -> dict[str, Any]:
    """Bars, oldest first: daily ones, or of a timeframe such as 5m, 1h or 1w."""
    return await asyncio.to_thread(_prices(floor).get_bars, symbol, as_of, limit, timeframe)


@router.get("/indicators/{symbol}")
async def indicators(symbol: str, floor: OnFloor, as_of: AsOfQuery = None) -> dict[str, Any]:
    """Indicator values at the last bar, and the signal."""
    tools = AnalysisTools(floor.house.market, floor.house.clock)
    return await asyncio.to_thread(tools.compute_indicators, symbol, as_of)


@router.get("/knowledge")
async def knowledge(
    floor: OnFloor,
    query: Annotated[str, Query(max_length=500)],
    as_of: AsOfQuery = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> dict[str, Any]:
    """Passages of the knowledge base."""
    tool = KnowledgeTool(floor.index, floor.house.clock)
    return await asyncio.to_thread(tool.search_knowledge, query, as_of, limit)
