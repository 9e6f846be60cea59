"""Polygon's live stream over WebSocket through its client: trades, quotes and minute bars."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from massive import WebSocketClient
from massive.exceptions import AuthError

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.market import Quote, Tick
from tools.market_data.columns import EPOCH
from tools.market_data.feeds.polygon_source import number
from tools.market_data.feeds.polygon_words import SOURCE
from tools.market_data.symbols import INDIAN, canonical, pair
from tools.ports import Clock

HOST = "socket.massive.com"
Heard = Callable[[Tick | Quote], None]


class PolygonLine:
    """An open stream of shares. It is opened again by itself, with back-off, until closed.

    It counts as down from its end, and when nothing was heard for ``silence_s`` seconds: a line
    can die without a word, and outside a session there is nothing to hear either, so that prices
    are then said to stand still, which they do. A silent line is opened anew as well.
    """

    def __init__(
        self,
        key: str,
        symbols: Sequence[str],
        heard: Heard,
        clock: Clock,
        *,
        host: str = HOST,
        secure: bool = True,
        silence_s: float = 60.0,
        first_wait_s: float = 0.5,
        longest_wait_s: float = 60.0,
    ) -> None:
        """``heard`` is called from the line's own thread. Raises InputError for what is no share.

        ``first_wait_s`` and ``longest_wait_s`` bound the random wait before it is opened again.
        """
        found = [canonical(symbol) for symbol in symbols]
        wrong = [s for s in found if pair(s) or s.endswith(tuple(INDIAN)) or s.startswith("^")]
        if wrong or not found:
            said = f"{', '.join(wrong)} is none" if wrong else "none was named"
            raise InputError(f"Polygon's stream here is of US shares: {said}.")
        self._names = {symbol.replace("-", "."): symbol for symbol in found}
        self._key, self._heard, self._clock = key, heard, clock
        self._host, self._secure, self._silence_s = host, secure, silence_s
        self._first_wait_s, self._longest_wait_s = first_wait_s, longest_wait_s
        self._last: float | None = None
        self._count = 0
        self._ended = threading.Event()
        self._refused = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="polygon stream", daemon=True)
        self._thread.start()

    def connected(self) -> bool:
        """Whether something was heard of late."""
        last = self._last
        return last is not None and time.monotonic() - last < self._silence_s

    def problem(self) -> str:
        """Why it was given up for good, such as a key that is not accepted; else empty."""
        return self._refused

    def close(self) -> None:
        """Hang up; nothing is heard after it returns."""
        self._ended.set()
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: None)
        if threading.current_thread() is not self._thread:
            self._thread.join(5)
        self._last = None

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._keep_open())
        finally:
            self._last = None
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _keep_open(self) -> None:
        failures = 0
        while not self._ended.is_set():
            before = self._count
            # Whatever ended it but a wrong key, it is opened again.
            with contextlib.suppress(Exception):
                await self._once()
            if self._refused:
                return
            self._last = None
            failures = 0 if self._count > before else failures + 1
            bound = min(self._longest_wait_s, self._first_wait_s * 2 ** min(failures, 10))
            pause = random.uniform(0, bound)  # noqa: S311 - it keeps processes apart
            await asyncio.to_thread(self._ended.wait, pause)

    async def _once(self) -> None:
        """One connection, until it ends, falls silent or is closed."""
        kinds = [f"{kind}.{name}" for name in self._names for kind in ("T", "Q")]
        client = WebSocketClient(
            self._key,
            feed=self._host,
            secure=self._secure,
            subscriptions=kinds,
            max_reconnects=0,
        )
        open_ = asyncio.ensure_future(client.connect(self._take, open_timeout=self._silence_s))
        began = time.monotonic()
        try:
            while not open_.done() and not self._ended.is_set():
                await asyncio.wait([open_], timeout=0.05)
                if time.monotonic() - (self._last or began) > self._silence_s:
                    break
            if open_.done():
                open_.result()
        except AuthError:
            self._refused = "Polygon doesn't accept the key for its stream; set POLYGON_API_KEY"
        finally:
            if client.websocket is not None:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(client.close(), timeout=2)
            open_.cancel()
            await asyncio.wait([open_], timeout=2)

    async def _take(self, messages: list[Any]) -> None:
        self._last, self._count = time.monotonic(), self._count + 1
        for message in messages:
            with contextlib.suppress(DataUnavailable, TypeError, ValueError, ArithmeticError):
                found = self._read(message)
                if found is not None and not self._ended.is_set():
                    self._heard(found)

    def _read(self, message: Any) -> Tick | Quote | None:
        """The datum, known when it came; None for what is none, or of another share."""
        symbol = self._names.get(str(getattr(message, "symbol", "")))
        known = self._clock.wall().astimezone(UTC)
        if symbol is None or message.timestamp is None:
            return None
        at: datetime = min(EPOCH + timedelta(milliseconds=int(message.timestamp)), known)
        if message.event_type == "T":
            price, size = _amount(message.price), _amount(message.size)
            return None if not price or size is None else Tick(symbol, price, size, at, known)
        bid, ask = _amount(message.bid_price), _amount(message.ask_price)
        if not bid or not ask:
            return None
        return Quote(symbol, bid, ask, at, known, SOURCE, simulated=False)


def _amount(value: object) -> Decimal | None:
    """The stream's numbers are floats: the shortest decimal that each stands for."""
    exact = number(Decimal(repr(value)) if isinstance(value, float) else value)
    return exact if exact is not None and exact >= 0 else None
