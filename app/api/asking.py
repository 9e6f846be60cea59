"""Questions over HTTP: whole answers as JSON, or events as they happen (server-sent events)."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from app.api.errors import told
from app.api.floor import Body, OnFloor
from app.composition import Floor
from tools.domain.errors import TradingError

router = APIRouter(prefix="/api/v1", tags=["questions"])
logger = logging.getLogger(__name__)
LONGEST = 2000


class Question(Body):
    """A question, optionally in an earlier session and as of a moment."""

    question: str = Field(max_length=LONGEST, examples=["Should I buy 50 shares of IBM?"])
    session: str | None = Field(default=None, max_length=64)
    as_of: str | None = Field(default=None, max_length=40, examples=["2012-06-01"])


async def whole_answer(floor: Floor, asked: Question) -> dict[str, Any]:
    """Run the agents to the end and return the answer document."""
    answer: dict[str, Any] = {}
    async for event in floor.conversation.ask(
        asked.question, session=asked.session, as_of=asked.as_of
    ):
        if event["type"] == "answer":
            answer = event
    return {key: value for key, value in answer.items() if key != "type"}


@router.post("/ask", response_model=None)
async def ask(
    asked: Question, floor: OnFloor, request: Request
) -> dict[str, Any] | StreamingResponse:
    """Ask; with ``Accept: text/event-stream`` every step is sent as it happens."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return StreamingResponse(_events(floor, asked), media_type="text/event-stream")
    return await whole_answer(floor, asked)


async def _events(floor: Floor, asked: Question) -> AsyncIterator[str]:
    try:
        async for event in floor.conversation.ask(
            asked.question, session=asked.session, as_of=asked.as_of
        ):
            yield _line(event)
    except TradingError as error:
        yield _line({"type": "error", **told(error)})
    except Exception:
        # The response has begun: the only way to tell is one more event.
        logger.exception("a question failed")
        yield _line(
            {"type": "error", "error": "Unexpected", "message": "something went wrong; see the log"}
        )


def _line(event: dict[str, Any]) -> str:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"


@router.get("/sessions/{session}")
async def session(session: str, floor: OnFloor) -> dict[str, Any]:
    """The latest answer of a session."""
    return await floor.conversation.answer(session)
