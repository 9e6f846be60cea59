"""``/ws/market``: moving prices for whoever subscribes; Host and Origin are checked by the guard.

The client sends JSON objects: ``{"action": "subscribe", "symbols": ["IBM"]}``, ``unsubscribe`` or
``ping``. It gets objects with a ``type``: ``hello``, ``subscribed``, ``price``, ``quote``, ``bar``,
``features`` (of a bar that is ``finished`` or under way), ``status`` (the heartbeat), ``skipped``,
``pong``, ``error``, ``unavailable`` (symbols of which nothing will come, each with why) and
``taken_back`` (a trade that is none any more). Each that moves has a ``label``: the name of the
feed that its symbol is from, or ``replay``.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.live import Live
from tools.domain.errors import InputError
from tools.market_data.symbols import canonical
from tools.streaming.hub import Hub, Watcher

router = APIRouter()

HEARTBEAT_S = 2.0
UNREAD_S = 20.0
"""A client that takes nothing for so long is hung up on."""
MOST_WATCHERS = 500
MOST_SYMBOLS = 100
MOST_MISTAKES = 20
LARGEST = 16_384
WORDS = {1008: "too many messages that can't be read", 1013: "too many watch already"}


class Asked(BaseModel):
    """What a client may say."""

    model_config = ConfigDict(extra="forbid")
    action: Literal["subscribe", "unsubscribe", "ping"]
    symbols: list[str] = Field(default=[], max_length=MOST_SYMBOLS)


@router.websocket("/ws/market")
async def market(socket: WebSocket) -> None:
    """One client, until it leaves."""
    live: Live = socket.app.state.live
    hub = live.hub
    await socket.accept()
    if hub.watching >= MOST_WATCHERS:
        await socket.close(1013, WORDS[1013])
        return
    watcher = hub.join()
    sending = asyncio.create_task(_send(socket, hub, watcher))
    listening = asyncio.create_task(_listen(socket, live, watcher))
    try:
        done, _ = await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
        code = next(iter(done)).result()
    finally:
        hub.leave(watcher)
        for task in (sending, listening):
            task.cancel()
        await asyncio.wait({sending, listening})
    if code:
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(1):
                await socket.close(code, WORDS.get(code, ""))


async def _send(socket: WebSocket, hub: Hub, watcher: Watcher) -> int:
    """Send what waits; a heartbeat when nothing does. The close code when the client is stuck."""
    loop = asyncio.get_running_loop()
    beat = 0.0
    hello = {"type": "hello", "heartbeat_s": HEARTBEAT_S, "symbols": list(hub.symbols)[:1000]}
    watcher.box.put("hello", json.dumps(hello))
    try:
        while True:
            texts = await watcher.box.take(max(beat - loop.time(), 0.0))
            if skipped := watcher.box.skipped_since():
                texts.append(json.dumps({"type": "skipped", "count": skipped}))
            if loop.time() >= beat:
                texts.append(json.dumps(hub.status() | {"heartbeat_s": HEARTBEAT_S}))
                beat = loop.time() + HEARTBEAT_S
            for text in texts:
                async with asyncio.timeout(UNREAD_S):
                    await socket.send_text(text)
    except (WebSocketDisconnect, RuntimeError):
        return 0
    except TimeoutError:
        return 1011


async def _listen(socket: WebSocket, live: Live, watcher: Watcher) -> int:
    """Do what the client asks. The close code when it makes too many mistakes."""
    mistakes = 0
    try:
        while mistakes < MOST_MISTAKES:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return 0
            try:
                answer = _answer(message.get("text"), live.hub, watcher)
            except InputError as error:
                mistakes += 1
                answer = {"type": "error", "message": str(error)}
            watcher.box.put("answer", json.dumps(answer))
            if wanted := answer.get("symbols"):
                # After the answer: what is known of them already comes at once.
                live.hub.watch(watcher, wanted)
                if problems := await live.follow(wanted):
                    told = {"type": "unavailable", "symbols": problems}
                    watcher.box.put("unavailable", json.dumps(told))
    except (WebSocketDisconnect, RuntimeError):
        return 0
    return 1008


def _answer(text: str | None, hub: Hub, watcher: Watcher) -> dict[str, Any]:
    if text is None or len(text) > LARGEST:
        raise InputError(f"Send a JSON object as text of at most {LARGEST} characters.")
    try:
        asked = Asked.model_validate_json(text)
    except ValidationError:
        raise InputError(
            'This can\'t be read; send {"action": "subscribe", "symbols": ["IBM"]}, unsubscribe '
            f"or ping, with at most {MOST_SYMBOLS} symbols."
        ) from None
    if asked.action == "ping":
        return {"type": "pong"}
    symbols = [canonical(symbol) for symbol in asked.symbols]
    if asked.action == "unsubscribe":
        watcher.symbols.difference_update(symbols)
        return {"type": "subscribed", "symbols": sorted(watcher.symbols)}
    if len(watcher.symbols | set(symbols)) > MOST_SYMBOLS:
        raise InputError(f"One socket watches at most {MOST_SYMBOLS} symbols: unsubscribe some.")
    wanted = watcher.symbols | set(symbols)
    # A symbol that nobody streams yet may be streamed later: it is told, and kept.
    silent = sorted(wanted - set(hub.symbols))
    return {"type": "subscribed", "symbols": sorted(wanted), "silent": silent}
