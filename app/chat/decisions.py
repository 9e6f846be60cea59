"""A person's word from the page: it goes straight to the desk, past every agent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Literal

from tools.assembly import House
from tools.domain.errors import TradingError

logger = logging.getLogger(__name__)

PERSON = "person:page"
FAILED = "That did not work, and the log of the desk has the details. Look at the order's state."
Verb = Literal["approve", "reject"]


async def _said(act: Callable[[], object]) -> str:
    """Run a blocking act in a thread; empty when it worked, else the sentence why not."""
    try:
        await asyncio.to_thread(act)
    except TradingError as error:
        return str(error)
    except Exception:
        logger.exception("a decision from the page failed")
        return FAILED
    return ""


async def decide(house: House, order_id: str, verb: Verb) -> str:
    """Approve or reject once. Of two who decide at the same time the desk lets one through."""
    approvals = house.desk.approvals
    act = approvals.approve if verb == "approve" else approvals.reject
    return await _said(lambda: act(order_id, PERSON))


async def halt(house: House) -> str:
    """Stop every new order at once."""
    return await _said(lambda: house.desk.approvals.halt(PERSON, "from the page"))


async def resume(house: House) -> str:
    """Lift the halt."""
    return await _said(lambda: house.desk.approvals.resume(PERSON))
