"""Whether the desk works: for a person, a script or a load balancer."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from app.api.floor import OnFloor
from tools.monitoring.words import strictest_of

router = APIRouter(tags=["status"])


@router.get("/health")
async def health(floor: OnFloor) -> dict[str, Any]:
    """The mode and who says so, the mind, the market clock, and how far the venue agrees."""
    house = floor.house
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
        "simulated": house.broker.simulated,
    }
