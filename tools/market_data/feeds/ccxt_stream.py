"""A crypto exchange's live stream over WebSocket through the unmodified ccxt.pro."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ccxt import BaseError, ExchangeError

from tools.domain.errors import InputError
from tools.market_data.feeds.ccxt_source import CcxtSource, judgement, order_of
from tools.market_data.feeds.ccxt_words import moment, quote_of, tick_of
from tools.market_data.feeds.feed import Heard
from tools.market_data.feeds.live_line import LiveLine, Patience
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.symbols import canonical, pair
from tools.ports import Clock

# An exchange may begin with trades of before: older than this are not told.
AGO = timedelta(minutes=1)


class Touched(dict[str, Any]):
    """What ccxt keeps by pair, with a note of each pair that it reached for: only those may differ.

    It reaches for a pair's trades and quotes whenever a message is about it.
    """

    def __init__(self, kept: Mapping[str, Any]) -> None:
        super().__init__(kept)
        self._names: set[str] = set(kept)

    def __getitem__(self, name: str) -> Any:
        self._names.add(name)
        return super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self._names.add(name)
        super().__setitem__(name, value)

    def __contains__(self, name: object) -> bool:
        self._names.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The pair's, noted as well."""
        self._names.add(name)
        return super().get(name, default)

    def since(self) -> list[str]:
        """The pairs noted since this was last asked, in the order of their names."""
        names, self._names = sorted(self._names), set()
        return names

    def seen(self, name: str) -> Any:
        """What is kept of a pair, without a note."""
        return super().get(name)


class CcxtLine(LiveLine):
    """An open stream of spot pairs; ``LiveLine`` says how it is kept open.

    ccxt keeps what came and wakes whoever waits for it, once for many messages. So that nothing is
    late, it is looked at what it has kept of a message's pairs after each, and what it says to who
    waits is only taken for a sign that the connection ended.
    """

    def __init__(
        self,
        source: CcxtSource,
        listed: Callable[[str], Mapping[str, Any] | None],
        symbols: Sequence[str],
        heard: Heard,
        clock: Clock,
        patience: Patience,
    ) -> None:
        """``listed`` is what the exchange says of a pair. Raises InputError for what is none."""
        found = [canonical(symbol) for symbol in symbols]
        wrong = [symbol for symbol in found if pair(symbol) is None]
        if wrong or not found:
            said = f"{', '.join(wrong)} is none" if wrong else "none was named"
            raise InputError(f"{source.name}'s stream is of pairs such as BTC/USD: {said}.")
        self._source, self._listed, self._clock = source, listed, clock
        self._symbols = list(dict.fromkeys(found))
        since = clock.wall() - AGO
        self._newest = {symbol: (since, frozenset[str]()) for symbol in found}
        # What of each pair was looked at last on this connection.
        self._traded: dict[str, object] = {}
        self._quoted: dict[str, object] = {}
        super().__init__(source.name, heard, patience)

    async def once(self) -> None:
        """One connection, until it ends."""
        wanted = await self._there()
        api = self._source.streaming()
        called: dict[str, list[str]] = {}
        for name in wanted:
            for said in {name, _alias(api, name)}:
                called.setdefault(said, []).append(name)
        api.trades, api.bidsasks, api.tickers = (
            Touched(kept) for kept in (api.trades, api.bidsasks, api.tickers)
        )
        loop = asyncio.get_running_loop()
        broken = loop.create_future()

        def faulty(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            # What ccxt raises while it reads ends its reading. What nobody waits for has no handle.
            if "handle" in context and not broken.done():
                broken.set_exception(context.get("exception") or RuntimeError(context["message"]))

        loop.set_exception_handler(faulty)
        self._traded.clear()
        self._quoted.clear()
        read = api.handle_message

        def handle(client: Any, message: Any) -> None:
            if not isinstance(message, dict | list):
                self.odd("no JSON")
            read(client, message)
            self._pass_on(api, called)

        api.handle_message = handle
        tasks = [broken, *(asyncio.ensure_future(job) for job in _watches(api, wanted))]
        try:
            if len(tasks) == 1:
                raise Unanswered(f"{self._name} streams neither trades nor quotes.", again=False)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            ended = done.pop()
            if not ended.cancelled():  # ccxt cancels when it hangs up
                ended.result()
        except ExchangeError as error:
            why = judgement(self._name, error)
            raise why if isinstance(why, Unanswered) else Unanswered(str(why)) from None
        finally:
            for task in tasks:
                task.cancel()
            with contextlib.suppress(BaseError, OSError):
                await api.close()

    async def _there(self) -> list[str]:
        """The pairs that are listed; Unanswered where none is."""
        wanted = self._symbols
        missing = [name for name in wanted if await asyncio.to_thread(self._listed, name) is None]
        said = f"{self._name} has no {', '.join(missing)} to listen to"
        if len(missing) == len(wanted):
            raise Unanswered(f"{said}.", again=False)
        if missing:
            self._warn(f"{said}; the others go on")
        return [name for name in wanted if name not in missing]

    def _pass_on(self, api: Any, called: Mapping[str, Sequence[str]]) -> None:
        """What is new of what ccxt has kept; ``called`` is who wants it, by ccxt's names."""
        known = self._clock.wall().astimezone(UTC)
        for name in _touched(api.trades):
            for symbol in called.get(name, ()):
                trades = _kept(api.trades, name)
                if trades and trades[-1] is not self._traded.get(symbol):
                    for row in self._new(symbol, trades):
                        with self._left_out():
                            self._trade(symbol, row, known)
        quotes = api.bidsasks or api.tickers
        for name in _touched(quotes):
            for symbol in called.get(name, ()):
                quote = _kept(quotes, name)
                if quote is not None and quote is not self._quoted.get(symbol):
                    self._quoted[symbol] = quote
                    with self._left_out():
                        self._quote(symbol, quote, known)

    def _new(self, symbol: str, kept: Any) -> list[Mapping[str, Any]]:
        """The trades that came since the last look, by time."""
        last, new = self._traded.get(symbol), []
        for row in reversed(kept):
            if row is last:
                break
            new.append(row)
        self._traded[symbol] = new[0]
        try:
            return sorted(new, key=order_of)
        except (LookupError, TypeError, ValueError):
            return new[::-1]

    def _trade(self, symbol: str, row: Mapping[str, Any], known: datetime) -> None:
        """Tell it, unless it was told before a break."""
        tick, at, number = tick_of(symbol, row, known), moment(row["timestamp"]), str(row.get("id"))
        newest, numbers = self._newest[symbol]
        if at < newest or (at == newest and number in numbers):
            return
        self._newest[symbol] = at, (numbers if at == newest else frozenset()) | {number}
        self.tell(tick)

    def _quote(self, symbol: str, told: Mapping[str, Any], known: datetime) -> None:
        at = moment(told["timestamp"]) if told.get("timestamp") else known
        found = quote_of(symbol, self._source.id, told, at, known)
        if found is not None:
            self.tell(found)

    @contextlib.contextmanager
    def _left_out(self) -> Iterator[None]:
        try:
            yield
        except (LookupError, TypeError, ValueError, ArithmeticError) as error:
            self.odd(error)


def _touched(kept: Any) -> list[str]:
    """The pairs to look at: all of them where ccxt has put something else in its place."""
    return kept.since() if isinstance(kept, Touched) else list(kept)


def _kept(kept: Any, name: str) -> Any:
    return kept.seen(name) if isinstance(kept, Touched) else kept.get(name)


def _alias(api: Any, symbol: str) -> str:
    """The pair under which what is heard of it comes: Coinbase keeps one book for USD and USDC."""
    info = api.market(symbol).get("info")
    alias = info.get("alias") if isinstance(info, dict) else None
    return str(api.safe_symbol(alias)) if alias else symbol


def _watches(api: Any, symbols: list[str]) -> list[Any]:
    """Subscriptions to trades, and to bids and asks, each kept up until it fails."""
    jobs = []
    if api.has.get("watchTradesForSymbols"):
        jobs.append(_watch(api.watch_trades_for_symbols, symbols))
    elif api.has.get("watchTrades"):
        jobs += [_watch(api.watch_trades, symbol) for symbol in symbols]
    if api.has.get("watchBidsAsks"):
        jobs.append(_watch(api.watch_bids_asks, symbols))
    elif api.has.get("watchTicker"):
        jobs += [_watch(api.watch_ticker, symbol) for symbol in symbols]
    return jobs


async def _watch(ask: Callable[[Any], Any], what: Any) -> None:
    while True:
        await ask(what)
