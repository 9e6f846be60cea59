"""Whether the desk works: for a person, a script or a load balancer."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from app.api.floor import OnFloor
from tools.monitoring.words import strictest_of
from tools.ports import FeedsHealth

router = APIRouter(tags=["status"])


@router.get("/health")
async def health(floor: OnFloor) -> dict[str, Any]:
    """The mode and who says so, the mind, the clock, the feeds, and how far the venue agrees."""
    house, market = floor.house, floor.house.market
    words = await asyncio.to_thread(house.desk.approvals.standing)
    health = await asyncio.to_thread(house.desk.agree)
    # A feed may ask the network for its last moment.
    now = await asyncio.to_thread(house.clock.now)
    return {
        "status": "ok",
        "mode": strictest_of(words).name,
        "sources": [
            {"source": w.source, "mode": w.mode.name, "sentence": w.sentence} for w in words
        ],
        "reconciled_at": None if health.reconciled_at is None else health.reconciled_at.isoformat(),
        "differences": health.differences,
        "connected": health.connected,
        "mind": floor.conversation.mind.label,
        "market_clock": now.isoformat(),
        "venue": house.broker.name,
        "simulated": not house.broker.real_money,
        "feeds": [asdict(feed) for feed in market.feeds()]
        if isinstance(market, FeedsHealth)
        else [],
    }
