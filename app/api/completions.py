"""The OpenAI-compatible door: any chat client can talk to the desk."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import AsyncIterator
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from app.api.asking import LONGEST, Question, whole_answer
from app.api.floor import OnFloor
from app.composition import Floor
from tools.domain.errors import InputError, TradingError

router = APIRouter(prefix="/v1", tags=["openai"])
logger = logging.getLogger(__name__)
TOLD = ("session", "citations", "figures", "orders", "refused", "mind")


class Message(BaseModel):
    """One message; only the text is used."""

    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None = None

    def text(self) -> str:
        """The message's text parts, joined."""
        if isinstance(self.content, list):
            return " ".join(str(part.get("text", "")) for part in self.content)
        return self.content or ""


class Completion(BaseModel):
    """The part of OpenAI's request that the desk understands; the rest is ignored."""

    model_config = ConfigDict(extra="ignore")
    model: str = "tollgate"
    messages: list[Message]
    stream: bool = False


@router.get("/models")
async def models() -> dict[str, Any]:
    """The one model: the desk."""
    return {"object": "list", "data": [{"id": "tollgate", "object": "model", "owned_by": "you"}]}


@router.post("/chat/completions", response_model=None)
async def complete(asked: Completion, floor: OnFloor) -> dict[str, Any] | StreamingResponse:
    """Answer the last user message. An order is only proposed; a person approves it elsewhere."""
    question = next((m.text() for m in reversed(asked.messages) if m.role == "user"), None)
    if question is None:
        raise InputError("messages holds no user message to answer")
    if len(question) > LONGEST:
        raise InputError(
            f"the question has {len(question)} characters; the desk reads at most {LONGEST}"
        )
    head = {
        "id": f"chatcmpl-{secrets.token_hex(8)}",
        "model": "tollgate",
        "created": int(floor.house.clock.wall().timestamp()),
    }
    if asked.stream:
        return StreamingResponse(_chunks(floor, question, head), media_type="text/event-stream")
    answer = await whole_answer(floor, Question(question=question))
    message = {"role": "assistant", "content": answer["answer"]}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    # Nothing is counted in tokens here: the planner uses none and a model bills its own.
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return head | {
        "object": "chat.completion",
        "choices": [choice],
        "usage": usage,
        "tollgate": {key: answer[key] for key in TOLD},
    }


async def _chunks(floor: Floor, question: str, head: dict[str, Any]) -> AsyncIterator[str]:
    def chunk(delta: dict[str, str], finish: str | None = None) -> str:
        row = {"index": 0, "delta": delta, "finish_reason": finish}
        body = head | {"object": "chat.completion.chunk", "choices": [row]}
        return f"data: {json.dumps(body)}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    try:
        async for event in floor.conversation.ask(question):
            if event["type"] == "text":
                yield chunk({"content": event["text"] + "\n\n"})
    except TradingError as error:
        yield chunk({"content": f"Error: {error}"})
    except Exception:
        # The response has begun: the only way to tell is one more chunk.
        logger.exception("a question failed")
        told = {"message": "something went wrong; see the log", "type": "Unexpected"}
        yield f"data: {json.dumps({'error': told})}\n\n"
        yield "data: [DONE]\n\n"
        return
    yield chunk({}, "stop")
    yield "data: [DONE]\n\n"
