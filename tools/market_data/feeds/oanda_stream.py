"""OANDA's live prices: one long answer over HTTP, a line of JSON for each price or heartbeat."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote as quoted

from pydantic import ValidationError

from tools.domain.errors import InputError
from tools.market_data.feeds.feed import Heard
from tools.market_data.feeds.live_line import LiveLine, Patience
from tools.market_data.feeds.oanda_source import NO_ACCOUNT, SETTING, headers, words
from tools.market_data.feeds.oanda_words import Price, oanda_name, quote_of
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import Refusal, judged
from tools.market_data.symbols import canonical
from tools.ports import Clock

if TYPE_CHECKING:
    import httpx

# A heartbeat comes every five seconds; OANDA advises to open the line anew after ten without.
PATIENCE = Patience(silence_s=10.0)
# Longer is no line, and more is no refusal.
LONGEST, REFUSAL = 2**20, 2**16


class OandaLine(LiveLine):
    """An open stream of quotes; ``LiveLine`` says how it is kept open.

    OANDA sends each instrument's latest price when it opens, and then at most four a second.
    Heartbeats keep it connected while a market is closed. Prices at which OANDA doesn't deal are
    left out: they are those of the close.
    """

    def __init__(
        self,
        key: str,
        account: str,
        symbols: Sequence[str],
        heard: Heard,
        clock: Clock,
        *,
        url: str,
        patience: Patience = PATIENCE,
    ) -> None:
        """``url`` is where it listens, without /v3. Raises InputError for what is no pair."""
        named = {found: oanda_name(found) for found in map(canonical, symbols)}
        wrong = [symbol for symbol, name in named.items() if name is None]
        if wrong or not named:
            said = f"{', '.join(wrong)} is none" if wrong else "none was named"
            raise InputError(f"OANDA's stream is of pairs such as EUR/USD or XAU/USD: {said}.")
        self._names = {name: symbol for symbol, name in named.items() if name is not None}
        self._key, self._clock = key, clock
        self._url = f"{url.rstrip('/')}/v3/accounts/{quoted(account, safe='')}/pricing/stream"
        super().__init__("OANDA", heard, patience)

    async def once(self) -> None:
        """One connection, until it ends."""
        import httpx

        asked = {"instruments": ",".join(self._names), "snapshot": "true"}
        # Silence is the line's own affair: a read may take as long as it takes.
        wait = httpx.Timeout(self._patience.silence_s, read=None)
        async with (
            httpx.AsyncClient(timeout=wait, headers=headers(self._key)) as client,
            client.stream("GET", self._url, params=asked) as answer,
        ):
            if answer.status_code != 200:
                await _refuse(answer)
            async for line in _lines(answer):
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            told = json.loads(line, parse_float=Decimal)
            kind = told["type"]
            if kind == "HEARTBEAT":
                self.alive()
                return
            if kind != "PRICE":
                self.odd("an unknown kind of message")
                return
            price = Price.model_validate(told)
        except (ValueError, TypeError, LookupError, RecursionError, ValidationError) as error:
            self.odd(error)
            return
        self.alive()
        symbol = self._names.get(price.instrument)
        if symbol is None or not price.tradeable:
            return
        quote = quote_of(symbol, price, self._clock.wall())
        if quote is not None:
            self.tell(quote)


async def _lines(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The lines that are not empty; raises ValueError for one that has no end."""
    rest = b""
    async for part in answer.aiter_bytes():
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
        if len(rest) > LONGEST:
            raise ValueError("a line without an end")


async def _refuse(answer: httpx.Response) -> None:
    """Raise what an answer other than 200 means."""
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > REFUSAL:
            break
    try:
        judged("OANDA", SETTING, answer.status_code, answer.headers, body, words)
    except Refusal as error:
        raise Unanswered(str(error), again=False) from None
    raise Unanswered(NO_ACCOUNT, again=False)
