"""A person's decisions over HTTP. These are not tools: no agent and no MCP client reaches them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from app.api.floor import Body, OnFloor
from app.composition import Floor
from tools.catalog.rendering import order_record
from tools.desk import OrderRecord

router = APIRouter(prefix="/api/v1", tags=["approvals"])
logger = logging.getLogger(__name__)
PERSON = "person:http"


class Reason(Body):
    """Why, for the ledger."""

    reason: str = Field("", max_length=500)


async def _told(floor: Floor, record: OrderRecord) -> dict[str, Any]:
    """The record; the conversation that the order came from goes on."""
    if record.order.session:
        try:
            async for _ in floor.conversation.settle(record.order.session, record.order.id):
                pass
        except Exception:
            # The decision stands whatever becomes of the conversation about it.
            logger.exception("the conversation did not go on")
    return order_record(record)


@router.get("/approvals")
async def pending(floor: OnFloor) -> dict[str, Any]:
    """Orders that wait for a person."""
    rows = await asyncio.to_thread(floor.house.desk.approvals.pending)
    return {"approvals": [order_record(row) for row in rows]}


@router.post("/approvals/{order_id}/approve")
async def approve(order_id: str, floor: OnFloor) -> dict[str, Any]:
    """Approve: the gate runs again, then the order is sent. Works once."""
    record = await asyncio.to_thread(floor.house.desk.approvals.approve, order_id, PERSON)
    return await _told(floor, record)


@router.post("/approvals/{order_id}/reject")
async def reject(order_id: str, floor: OnFloor, why: Reason | None = None) -> dict[str, Any]:
    """Decline: the order ends, nothing is sent."""
    said = why.reason if why else ""
    record = await asyncio.to_thread(floor.house.desk.approvals.reject, order_id, PERSON, said)
    return await _told(floor, record)


@router.get("/mode")
async def mode(floor: OnFloor) -> dict[str, str]:
    """ACTIVE, REDUCE_ONLY or HALTED."""
    return {"mode": (await asyncio.to_thread(floor.house.desk.approvals.mode)).name}


@router.post("/halt")
async def halt(floor: OnFloor, why: Reason | None = None) -> dict[str, str]:
    """Stop all new orders at once."""
    said = (why.reason if why else "") or "over HTTP"
    await asyncio.to_thread(floor.house.desk.approvals.halt, PERSON, said)
    return await mode(floor)


@router.post("/resume")
async def resume(floor: OnFloor) -> dict[str, str]:
    """Lift the halt."""
    await asyncio.to_thread(floor.house.desk.approvals.resume, PERSON)
    return await mode(floor)
