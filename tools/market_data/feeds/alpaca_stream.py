"""Alpaca's live streams through alpaca-py: trades, quotes and minute bars of shares and coins."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from alpaca.data.live import CryptoDataStream, StockDataStream
from alpaca.data.live.websocket import DataStream

from tools.alpaca_session import Keys
from tools.domain.market import Bar, Quote, TakenBack, Tick
from tools.market_data.columns import moment_of
from tools.market_data.feeds.alpaca_refusals import Refusals
from tools.market_data.feeds.feed import Datum, Heard
from tools.market_data.feeds.live_line import QUIET, LiveLine, Patience
from tools.market_data.sessions import trading_day
from tools.market_data.symbols import pair
from tools.ports import Clock

# alpaca-py logs each fault with its traceback; that isn't for the terminal.
logging.getLogger("alpaca").addHandler(logging.NullHandler())
MINUTE = timedelta(minutes=1)
COINS = "us"
MOST_TRADES = 100_000
"""So many of the last trades are remembered by their numbers, for when one is taken back."""
WIRE: dict[str, Any] = {
    "ping_interval": 10,
    "ping_timeout": 20,
    "open_timeout": 10,
    "close_timeout": 1,
    "max_queue": 1024,
    "logger": QUIET,
}


class _Telling(DataStream):
    """alpaca-py's stream, which would only log what Alpaca refuses."""

    refusals: Refusals

    async def _dispatch(self, msg: Any) -> None:
        self.refusals.heard(msg)
        await super()._dispatch(msg)


class _Shares(_Telling, StockDataStream):
    """The stream of shares."""


class _Coins(_Telling, CryptoDataStream):
    """The stream of coins."""


class AlpacaLine(LiveLine):
    """An open stream of shares or of coins; ``LiveLine`` says how it is kept open.

    Quotes are passed on as they come, without a bid or with one above the ask as well. Minute bars
    are, too, and again when late trades change them: they say which trades count, and of coins
    Alpaca makes them from quotes when nobody trades. A trade that is taken back is named by its
    number, so one that was not heard on this line, or long ago, is left as it is, and the log says
    so. Alpaca takes back no trades of coins.
    """

    def __init__(
        self,
        keys: Keys,
        symbols: Sequence[str],
        heard: Heard,
        clock: Clock,
        source: str,
        url: str,
        patience: Patience | None,
    ) -> None:
        """``source`` is iex or sip, or us for coins; ``symbols`` are canonical."""
        self._keys, self._clock, self._source, self._url = keys, clock, source, url
        self._refusals = Refusals(symbols, "coins" if source == COINS else "shares")
        self._trades: dict[tuple[str, object, object], tuple[datetime, Decimal, Decimal]] = {}
        super().__init__(f"Alpaca {source}", heard, patience or Patience())

    async def once(self) -> None:
        """One connection, until it ends: alpaca-py would hide why, and dial again by itself."""
        kind = _Coins if self._source == COINS else _Shares
        client = kind(
            self._keys.key_id,
            self._keys.secret,
            raw_data=True,
            url_override=self._url,
            websocket_params=WIRE,
        )
        client.refusals = self._refusals
        for subscribe in (client.subscribe_trades, client.subscribe_quotes, client.subscribe_bars):
            subscribe(self._take, *self._refusals.symbols)
        client.subscribe_updated_bars(self._take, *self._refusals.symbols)
        if isinstance(client, StockDataStream):
            client.register_trade_corrections(self._take)
            client.register_trade_cancels(self._take)
        try:
            with self._refusals.told():
                await client._start_ws()
            await client._send_subscribe_msg()
            await client._consume()
        finally:
            with contextlib.suppress(Exception):
                await client.close()

    async def _take(self, message: Any) -> None:
        try:
            found = self._read(message)
        except (KeyError, AttributeError, TypeError, ValueError, ArithmeticError) as error:
            self.odd(error)
            return
        if found is not None:
            self.tell(found)

    def _read(self, told: dict[str, Any]) -> Datum | None:
        """The datum, known when it came; None for a trade taken back that nobody remembers."""
        symbol, known = str(told["S"]), self._clock.wall().astimezone(UTC)
        nanoseconds = int(told["t"].to_unix_nano())
        at = min(moment_of(nanoseconds), known)
        if told["T"] == "t":
            price, size = _traded(told["p"], told["s"])
            self._remember((symbol, told.get("x"), told.get("i")), (at, price, size))
            return Tick(symbol, price, size, at, known)
        if told["T"] in ("c", "x"):
            return self._taken_back(symbol, told, known)
        if told["T"] == "q":
            bid, ask, bid_size, ask_size = (
                _amount(told[name]) for name in ("bp", "ap", "bs", "as")
            )
            source = f"alpaca {self._source}"
            return Quote(symbol, bid, ask, at, known, source, False, bid_size, ask_size)
        opens, high, low, close, volume = (_amount(told[name]) for name in "ohlcv")
        day = trading_day("24/7" if pair(symbol) else "XNYS", at)
        ends = at + MINUTE
        source = f"alpaca {self._source}"
        return Bar(
            symbol, day, at, max(known, ends), opens, high, low, close, volume,
            ends=ends, source=source,
        )  # fmt: skip

    def _taken_back(self, symbol: str, told: dict[str, Any], known: datetime) -> TakenBack | None:
        corrects = told["T"] == "c"
        number, place = told["oi"] if corrects else told["i"], told["x"]
        right = _traded(told["cp"], told["cs"]) if corrects else None
        before = self._trades.pop((symbol, place, number), None)
        if before is None:
            self.odd("a trade taken back that was not heard here")
            return None
        at, price, size = before
        if right is None:
            return TakenBack(symbol, price, size, at, known)
        self._remember((symbol, place, told.get("ci")), (at, *right))
        return TakenBack(symbol, price, size, at, known, *right)

    def _remember(
        self, number: tuple[str, object, object], trade: tuple[datetime, Decimal, Decimal]
    ) -> None:
        if number[2] is None:
            return
        self._trades[number] = trade
        if len(self._trades) > MOST_TRADES:
            del self._trades[next(iter(self._trades))]


def _traded(price: object, size: object) -> tuple[Decimal, Decimal]:
    """Price and size of a trade; ValueError without a price."""
    found = _amount(price), _amount(size)
    if not found[0]:
        raise ValueError("a trade has a price")
    return found


def _amount(value: object) -> Decimal:
    """The stream's numbers are floats: the shortest decimal that each stands for."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("an amount is a number")
    exact = Decimal(repr(value))
    if not exact.is_finite() or exact < 0:
        raise ValueError("an amount is a number from zero up")
    return exact
