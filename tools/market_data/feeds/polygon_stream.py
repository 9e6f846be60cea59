"""Polygon's live stream over WebSocket through its client: trades and quotes of US shares."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from massive import WebSocketClient
from massive.exceptions import AuthError

from tools.domain.errors import InputError
from tools.domain.market import Quote, Tick
from tools.market_data.columns import EPOCH
from tools.market_data.feeds.feed import Heard
from tools.market_data.feeds.live_line import QUIET, LiveLine, Patience
from tools.market_data.feeds.polygon_source import STREAM_URL, number
from tools.market_data.feeds.polygon_words import SOURCE
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.symbols import INDIAN, canonical, pair
from tools.ports import Clock


class PolygonLine(LiveLine):
    """An open stream of shares; ``LiveLine`` says how it is kept open."""

    def __init__(
        self,
        key: str,
        symbols: Sequence[str],
        heard: Heard,
        clock: Clock,
        *,
        url: str = STREAM_URL,
        patience: Patience | None = None,
    ) -> None:
        """``heard`` is called from the line's own thread. InputError for what is no share."""
        found = [canonical(symbol) for symbol in symbols]
        wrong = [symbol for symbol in found if not streamed(symbol)]
        if wrong or not found:
            said = f"{', '.join(wrong)} is none" if wrong else "none was named"
            raise InputError(f"Polygon's stream here is of US shares: {said}.")
        self._names = {symbol.replace("-", "."): symbol for symbol in found}
        self._key, self._clock, self._url = key, clock, urlsplit(url)
        super().__init__("Polygon", heard, patience or Patience())

    async def once(self) -> None:
        """One connection, until it ends."""
        client = WebSocketClient(
            self._key,
            feed=self._url.netloc,
            secure=self._url.scheme == "wss",
            subscriptions=[f"{kind}.{name}" for name in self._names for kind in ("T", "Q")],
            max_reconnects=0,
        )
        try:
            await client.connect(self._take, open_timeout=self._patience.silence_s, logger=QUIET)
        except AuthError:
            raise Unanswered(
                "Polygon doesn't accept the key for its stream; set POLYGON_API_KEY.", again=False
            ) from None
        finally:
            if client.websocket is not None:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(client.close(), timeout=2)

    async def _take(self, messages: list[Any]) -> None:
        for message in messages:
            try:
                found = self._read(message)
            except (AttributeError, TypeError, ValueError, ArithmeticError) as e:
                self.odd(e)
                continue
            if found is not None:
                self.tell(found)

    def _read(self, message: Any) -> Tick | Quote | None:
        """The datum, known when it came; None for another share, or a quote of one side only.

        Raises ValueError for what is no price, size or time.
        """
        symbol = self._names.get(str(getattr(message, "symbol", "")))
        if symbol is None:
            return None
        known = self._clock.wall().astimezone(UTC)
        at = min(EPOCH + timedelta(milliseconds=int(message.timestamp)), known)
        if message.event_type == "T":
            price, size = _amount(message.price), _amount(message.size)
            if not price:
                raise ValueError("a trade has a price")
            return Tick(symbol, price, size, at, known)
        bid, ask = _amount(message.bid_price), _amount(message.ask_price)
        if not bid or not ask:
            return None
        return Quote(symbol, bid, ask, at, known, SOURCE, simulated=False)


def streamed(symbol: str) -> bool:
    """Whether it is a US share."""
    return not (pair(symbol) or symbol.endswith(tuple(INDIAN)) or symbol.startswith("^"))


def _amount(value: object) -> Decimal:
    """The stream's numbers are floats: the shortest decimal that each stands for."""
    exact = number(Decimal(repr(value)) if isinstance(value, float) else value)
    if exact is None or exact < 0:
        raise ValueError("an amount is a number from zero up")
    return exact
