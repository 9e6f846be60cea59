"""The account and its orders over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from app.api.approvals import PERSON
from app.api.floor import AsOfQuery, OnFloor
from tools.catalog.account import account_report
from tools.catalog.rendering import order_record
from tools.clock import moment
from tools.execution.audit import verify

router = APIRouter(prefix="/api/v1", tags=["portfolio"])


@router.get("/portfolio")
async def portfolio(floor: OnFloor, as_of: AsOfQuery = None) -> dict[str, Any]:
    """Cash, positions and profit; ``simulated`` says that no real money is meant."""
    house = floor.house
    at = await asyncio.to_thread(moment, as_of, house.clock) if as_of is not None else None
    account = await asyncio.to_thread(account_report, house.desk, at)
    return account | {"simulated": not house.broker.real_money, "venue": house.broker.name}


@router.get("/orders")
async def orders(floor: OnFloor) -> dict[str, Any]:
    """Every order, with its state and history."""
    await asyncio.to_thread(floor.house.desk.refresh)
    rows = await asyncio.to_thread(floor.house.desk.proposals.orders)
    return {"orders": [order_record(row) for row in rows]}


@router.get("/orders/{order_id}")
async def order(order_id: str, floor: OnFloor) -> dict[str, Any]:
    """One order; its id may be shortened."""
    return order_record(await asyncio.to_thread(floor.house.desk.proposals.get, order_id))


@router.post("/orders/{order_id}/cancel")
async def cancel(order_id: str, floor: OnFloor) -> dict[str, Any]:
    """Withdraw a waiting order, or ask the venue to cancel."""
    record = await asyncio.to_thread(floor.house.desk.proposals.cancel, order_id, PERSON)
    return order_record(record)


@router.get("/audit/verify")
async def audit(floor: OnFloor) -> dict[str, Any]:
    """Check the ledger's chain."""
    report = await asyncio.to_thread(verify, floor.house.ledger_path)
    return {
        "ok": report.ok,
        "events": report.events,
        "head": report.head,
        "problems": [{"seq": row.seq, "sentence": row.sentence} for row in report.problems],
    }
