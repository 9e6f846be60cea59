"""The chain: a source's data in, checked, made into bars and features, and out on the bus."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime

from tools.domain.errors import DataUnavailable, TradingError
from tools.domain.market import Tick
from tools.ports import Bus
from tools.streaming.counts import Counts
from tools.streaming.inbox import Inbox
from tools.streaming.refreshing import Refreshing
from tools.streaming.source import Datum, Labelled, Line, Source
from tools.streaming.told import Update
from tools.streaming.track import Track

logger = logging.getLogger(__name__)

PRICES = "market.prices"
STATUS = "market.status"
BATCH = 256
MOST = 250
"""Updates in one message: with their features well below what a broker takes."""
TOGETHER = 10
"""Symbols whose bars are ended before others may work."""
STATUS_S = 1.0


class Chain:
    """Reads one source for some symbols and publishes; for one event loop.

    Messages on PRICES are ``{"label", "updates"}``, where an update may have a label of its own;
    what came while the last one was on its way goes into the next, so that a slow bus gets larger
    messages and not a longer queue. Features of bars under way come after the prices that moved
    them, when there is time. STATUS says every second how the line stands. A live source must not
    wait, so that more than DEPTH data behind lets the oldest go; a ``patient`` one (a replay) waits
    for the chain.
    """

    def __init__(
        self,
        bus: Bus,
        source: Source,
        *,
        label: str,
        track: Callable[[str, Counts], Track],
        patient: bool = False,
        state: Callable[[], str] | None = None,
        tee: Callable[[Datum], None] | None = None,
    ) -> None:
        """``label`` stands wherever a price shows; ``state`` is the source's own word, if
        any; ``tee`` hears everything first, in the source's thread (a recorder).
        """
        self._bus, self._source, self.label = bus, source, label
        self._track, self._patient, self._state, self._tee = track, patient, state, tee
        self.counts = Counts()
        self._tracks: dict[str, Track] = {}
        self._refused: dict[str, str] = {}
        self._line: Line | None = None
        self._opening, self._order = asyncio.Lock(), asyncio.Lock()
        self._refreshing = Refreshing(self._refresh)
        self._inbox: Inbox | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._now: datetime | None = None
        self._heard_at = time.monotonic()

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is asked of the source."""
        return tuple(self._tracks)

    @property
    def moment(self) -> datetime | None:
        """The latest moment at which anything became known, None before the first."""
        return self._now

    async def start(self, symbols: Sequence[str]) -> None:
        """Open the line and begin, without symbols only once some are followed.

        Raises what the source raises.
        """
        inbox = self._inbox = Inbox(asyncio.get_running_loop())
        # In a thread: the first indicators are compiled when they are made, which takes seconds.
        self._tracks = await asyncio.to_thread(self._made, symbols)
        work = (self._work(inbox), self._tell(), self._refreshing.run())
        self._tasks = [asyncio.create_task(one) for one in work]
        try:
            if self._tracks:
                self._line = await asyncio.to_thread(self._open)
        except BaseException:
            await self.stop()
            raise

    async def follow(self, symbols: Sequence[str]) -> None:
        """Ask for these too: the line is opened anew with all of them.

        One that can't be followed is told in ``problems``, and the others go on.
        """
        async with self._opening:
            new = [symbol for symbol in symbols if symbol not in self._tracks]
            for symbol in new:
                self._refused.pop(symbol, None)
            if not new or await self._added(new):
                return
            for symbol in new if len(new) > 1 else ():
                await self._added([symbol])
            if self._line is None and self._tracks:
                self._line = await asyncio.to_thread(self._open)

    async def _added(self, symbols: Sequence[str]) -> bool:
        """Whether the line could be opened with these as well; without them where not."""
        try:
            made = await asyncio.to_thread(self._made, symbols)
            line, self._line = self._line, None
            if line is not None:
                await asyncio.to_thread(line.close)
            self._line = await asyncio.to_thread(self._open, [*self._tracks, *made])
        except TradingError as error:
            logger.warning("%s can't be followed: %s", ", ".join(symbols), error)
            self._refused |= dict.fromkeys(symbols, str(error))
            return False
        self._tracks |= made
        for symbol in symbols:
            self._refused.pop(symbol, None)
        return True

    def problems(self) -> dict[str, str]:
        """Why nothing comes of a symbol, as a sentence, for those of which that is known."""
        told = self._source.problems() if isinstance(self._source, Labelled) else {}
        return {**self._refused, **told}

    @property
    def idle(self) -> bool:
        """Whether everything that was heard is published."""
        inbox = self._inbox
        return inbox is None or (not inbox.pending and self._refreshing.idle)

    async def stop(self) -> None:
        """Hang up and end."""
        if self._inbox is not None:
            self._inbox.close()
        if self._line is not None:
            await asyncio.to_thread(self._line.close)
            self._line = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def status(self) -> Update:
        """How the line stands: ``up``, ``down`` and why, or the replay's paused or ended."""
        line = self._line
        told = self._state() if self._state is not None else "up"
        if told in {"playing", "up"}:
            told = "up" if line is not None and line.connected() else "down"
        return {
            "type": "status",
            "label": self.label,
            "line": told,
            "problem": "" if line is None else line.problem(),
            "quiet_s": round(time.monotonic() - self._heard_at, 1),
            "market": None if self._now is None else self._now.isoformat(),
            "symbols": list(self._tracks),
            "feeds": self._feeds(),
            "problems": self.problems(),
            "counts": asdict(self.counts),
        }

    def _made(self, symbols: Sequence[str]) -> dict[str, Track]:
        return {symbol: self._track(symbol, self.counts) for symbol in symbols}

    def _feeds(self) -> dict[str, list[str]]:
        """The symbols of each feed."""
        found: dict[str, list[str]] = {}
        for symbol in self._tracks:
            found.setdefault(self._label(symbol), []).append(symbol)
        return found

    def _label(self, symbol: str) -> str:
        named = self._source.label(symbol) if isinstance(self._source, Labelled) else ""
        return named or self.label

    def _open(self, symbols: Sequence[str] = ()) -> Line:
        inbox = self._inbox
        if inbox is None:
            raise DataUnavailable("The chain is not started.")
        put = inbox.put_waiting if self._patient else inbox.put

        tee, counts = self._tee, self.counts

        def heard(datum: Datum) -> None:
            if tee is not None:
                try:
                    tee(datum)
                except TradingError as error:
                    # A full disk must not stop the prices.
                    if not counts.unrecorded:
                        logger.error("not recorded: %s", error)
                    counts.unrecorded += 1
            put(datum, time.monotonic())

        return self._source.stream(list(symbols or self._tracks), heard)

    async def _work(self, inbox: Inbox) -> None:
        while data := await inbox.take(BATCH):
            async with self._order:
                updates: list[Update] = []
                for datum, _ in data:
                    if self._put(datum, updates):
                        await self._advance(datum.known_at, updates)
                self._heard_at = data[-1][1]
                self.counts.dropped = inbox.dropped
                await self._publish(updates)
            inbox.done(len(data))
            # A source that never pauses must not keep everyone else from working.
            await asyncio.sleep(0)

    async def _refresh(self, symbol: str) -> float:
        async with self._order:
            began = time.perf_counter()
            updates = self._tracks[symbol].features_so_far()
            spent = time.perf_counter() - began
            await self._publish(updates)
        return spent

    async def _publish(self, updates: list[Update]) -> None:
        if isinstance(self._source, Labelled):
            updates = [{**one, "label": self._label(str(one["symbol"]))} for one in updates]
        for first in range(0, len(updates), MOST):
            part = updates[first : first + MOST]
            try:
                await self._bus.publish(PRICES, {"label": self.label, "updates": part})
            except DataUnavailable as error:
                self.counts.unpublished += len(part)
                logger.warning("prices not published: %s", error)

    async def _advance(self, known: datetime, updates: list[Update]) -> None:
        """Bars of all symbols may end in one moment; others work between them."""
        for number, track in enumerate(list(self._tracks.values()), 1):
            updates += track.advance(known)
            if number % TOGETHER == 0:
                await asyncio.sleep(0)

    def _put(self, datum: Datum, updates: list[Update]) -> bool:
        """Whether with it another minute began."""
        self.counts.heard += 1
        track = self._tracks.get(datum.symbol)
        if track is None:
            self.counts.unasked += 1
            return False
        try:
            updates += track.put(datum)
        except Exception:
            # One datum that nobody foresaw must not end the stream.
            self.counts.bad += 1
            logger.exception("a datum of %s could not be read", datum.symbol)
            return False
        if track.featured and isinstance(datum, Tick):
            self._refreshing.moved(datum.symbol)
        before, known = self._now, datum.known_at
        if before is not None and known <= before:
            return False
        self._now = known
        return before is not None and known.replace(second=0, microsecond=0) > before

    async def _tell(self) -> None:
        while True:
            with suppress(DataUnavailable):
                await self._bus.publish(STATUS, self.status())
            await asyncio.sleep(STATUS_S)
