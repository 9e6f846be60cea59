"""Alpaca's trade updates as hints: alpaca-py's stream, made to lose none of them in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, RLock, Thread, current_thread
from typing import Any
from urllib.parse import urlsplit

import websockets
from alpaca.trading.stream import TradingStream

from tools.alpaca_session import Keys

# The library under alpaca-py writes every frame to its log at DEBUG, the secret included.
QUIET = logging.getLogger("tollgate.alpaca.stream")
QUIET.setLevel(logging.WARNING)
# alpaca-py logs each failed dial with its traceback; that isn't for the terminal.
logging.getLogger("alpaca").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """Seconds: for the first dial to be confirmed, between pings, for a pong, between dials."""

    first: float = 3.0
    ping: float = 5.0
    pong: float = 5.0
    least_pause: float = 1.0
    most_pause: float = 30.0


class HintStream(TradingStream):
    """alpaca-py's stream in which nothing that arrives can raise, and the line's state is known.

    It says the empty id when the venue confirms that we listen (again), because nothing is
    replayed, and for a message that can't be read.
    """

    def __init__(
        self, keys: Keys, url: str, told: Callable[[str, str], None], times: StreamTimes
    ) -> None:
        """``told`` gets the venue's id and the client order id of an update."""
        super().__init__(
            keys.key_id,
            keys.secret,
            url_override=url,
            raw_data=True,
            websocket_params={
                "ping_interval": times.ping,
                "ping_timeout": times.pong,
                "open_timeout": times.ping + times.pong,
                "close_timeout": 1,
                "max_queue": 1024,
                "logger": QUIET,
            },
        )
        self._reconnect_min_backoff = times.least_pause
        self._reconnect_max_backoff = times.most_pause
        self._told = told
        self._listening = False
        self.confirmed = Event()
        self.subscribe_trade_updates(self._pass_on)

    @property
    def listening(self) -> bool:
        """Whether the venue has confirmed that it tells us, on a line that is still open."""
        socket: Any = self._ws
        return self._listening and socket is not None and bool(socket.open)

    async def hang_up(self) -> None:
        """Stop for good."""
        await self.stop_ws()
        socket: Any = self._ws
        if socket is not None:
            await socket.close()

    async def _start_ws(self) -> None:
        self._listening = False
        await super()._start_ws()  # type: ignore[no-untyped-call]

    async def _consume(self) -> None:
        try:
            await super()._consume()  # type: ignore[no-untyped-call]
        except websockets.WebSocketException:
            self._listening = False
            raise
        except Exception as error:  # what can't be read may have been anything
            self._told("", "")
            socket: Any = self._ws
            if socket is None or not socket.open:
                raise websockets.WebSocketException("the line is down") from error

    async def _dispatch(self, msg: Any) -> None:
        kind = msg.get("stream") if isinstance(msg, dict) else None
        if kind == "listening":
            self._listening = "trade_updates" in str(msg.get("data"))
            self.confirmed.set()
            self._told("", "")
        elif kind == "trade_updates":
            await self._pass_on(msg)
        else:
            self._told("", "")

    async def _pass_on(self, message: Any) -> None:
        data = message.get("data")
        order = data.get("order") if isinstance(data, dict) else None
        words = order if isinstance(order, dict) else {}
        self._told(str(words.get("id") or ""), str(words.get("client_order_id") or ""))


class TradeUpdates:
    """An open line, kept open by a thread of its own; implements ``tools.ports.News``.

    Making one waits a little for the venue to confirm it, and goes on dialling where it doesn't.
    """

    def __init__(
        self,
        keys: Keys,
        url: str,
        named: Callable[[str, str], str],
        heard: Callable[[str], None],
        times: StreamTimes,
    ) -> None:
        """``named`` turns the venue's id and its client order id into ours."""
        self._named = named
        self._heard = heard
        self._telling = RLock()
        self._closed = False
        parts = urlsplit(url)
        address = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/stream"
        self._stream = HintStream(keys, address, self._tell, times)
        self._thread = Thread(target=self._run, name="alpaca-stream", daemon=True)
        self._thread.start()
        self._stream.confirmed.wait(times.first)

    def connected(self) -> bool:
        """Whether trade updates arrive: confirmed, open, and answering pings."""
        return not self._closed and self._stream.listening

    def close(self) -> None:
        """Hang up; nothing is heard after it returns."""
        # Whoever closes may hold what a listener waits for: wait for the listener, not for ever.
        waited = self._telling.acquire(timeout=2)
        self._closed = True
        if waited:
            self._telling.release()
        loop: Any = self._stream._loop
        if loop is not None and loop.is_running():
            asyncio.run_coroutine_threadsafe(self._stream.hang_up(), loop)
        if current_thread() is not self._thread:
            self._thread.join(timeout=2)  # a daemon that hears nothing any more if it takes longer

    def _run(self) -> None:
        if not self._closed:
            self._stream.run()

    def _tell(self, venue_id: str, client_order_id: str) -> None:
        with self._telling:
            if self._closed:
                return
            try:
                self._heard(self._named(venue_id, client_order_id))
            except Exception as error:  # noqa: BLE001 - alpaca-py would drop the update
                QUIET.warning("a listener to trade updates failed: %s", type(error).__name__)
