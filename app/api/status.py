"""Whether the desk works: for a person, a script or a load balancer."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from app.api.floor import OnFloor

router = APIRouter(tags=["status"])


@router.get("/health")
async def health(floor: OnFloor) -> dict[str, Any]:
    """The mode, the mind, the market clock and the venue."""
    house = floor.house
    mode = await asyncio.to_thread(house.desk.approvals.mode)
    # A feed may ask the network for its last moment.
    now = await asyncio.to_thread(house.clock.now)
    return {
        "status": "ok",
        "mode": mode.name,
        "mind": floor.conversation.mind.label,
        "market_clock": now.isoformat(),
        "venue": house.broker.name,
        "simulated": house.broker.simulated,
    }
