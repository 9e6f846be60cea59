"""The exam of a feed of live prices; subclass it and give it a server and a feed on it.

Long because a line can fail in so many ways. Time is the test's own: nothing waits for a clock.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from queue import SimpleQueue
from typing import Protocol

import pytest

from tools.domain.market import Bar, Quote, TakenBack, Tick
from tools.market_data.feeds.feed import Datum, StreamingFeed
from tools.market_data.feeds.live_line import Patience
from tools.market_data.symbols import canonical

SILENCE_S, FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 1.0, 8.0
SOON = 60  # for what comes from another thread, in seconds; a test that passes waits for none of it


class StreamServer(Protocol):
    """What the exam does to the double; ``tests/market_data/stream_double.py`` is one."""

    subscribed: SimpleQueue[object]  # what each subscription named, in one form, when it is whole
    gone: SimpleQueue[object]  # one entry for each connection that ended
    greeting: Sequence[object]  # frames for each connection as soon as it has subscribed
    drops: bool  # whether each connection is cut as soon as it has subscribed

    def send(self, *frames: object) -> None:
        """To everybody who subscribed, as bytes, text, or whatever the vendor's form is made of."""

    def cut(self) -> None:
        """End every connection without a word."""

    def go_silent(self) -> None:
        """Say nothing more, not even that the line lives, and keep the connections."""


class LineTime:
    """Time that a test moves, and waits that end at once, or while ``held`` when it says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: SimpleQueue[float] = SimpleQueue()
        self.held = False
        self._gates: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def monotonic(self) -> float:
        return self.now

    async def wait(self, ended: asyncio.Event, seconds: float) -> None:
        gate = asyncio.Event()
        self._gates.append((asyncio.get_running_loop(), gate))
        if not self.held:
            gate.set()
        self.waits.put(seconds)
        tasks = [asyncio.ensure_future(each.wait()) for each in (ended, gate)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    def release(self) -> None:
        self.held = False
        for loop, gate in self._gates:
            if not loop.is_closed():
                loop.call_soon_threadsafe(gate.set)


class Longest(random.Random):
    """Draws the bound, so that a wait can be told beforehand."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


class StreamContract:
    """Fixtures of the subclass: ``server``, ``feed`` and ``stranger``, ``symbols``, ``said``,
    ``unasked`` and ``garbage``.

    ``feed`` listens to ``server`` with ``patience``; ``stranger`` is the same with a wrong key, and
    ``secret`` that key. ``said`` are pairs of a frame and the datum that is to be heard, at least
    one of each kind that the feed has, of ``symbols``; ``unasked`` a frame of another symbol;
    ``garbage`` frames that nobody can read. ``setting`` is where a person sets the key.
    """

    @pytest.fixture
    def time(self) -> LineTime:
        return LineTime()

    @pytest.fixture
    def patience(self, time: LineTime) -> Patience:
        return Patience(
            SILENCE_S, FIRST_WAIT_S, LONGEST_WAIT_S, 0.01, time.monotonic, time.wait, Longest()
        )

    @pytest.fixture
    def log(self):
        """What lines write to the log; other feeds of the process may write to theirs meanwhile."""
        kept: SimpleQueue[str] = SimpleQueue()
        handler = logging.Handler()
        handler.emit = lambda record: kept.put(record.getMessage())  # type: ignore[method-assign]
        logger = logging.getLogger("tools.market_data.feeds.live_line")
        logger.addHandler(handler)
        yield kept
        logger.removeHandler(handler)

    @pytest.fixture
    def heard(self) -> SimpleQueue[Datum]:
        return SimpleQueue()

    @pytest.fixture
    def listen(self, server, time):
        """Opens a line of a feed and waits until the server has its subscription."""
        lines = []

        def listen(feed, symbols, heard):
            line = feed.stream(symbols, heard)
            lines.append(line)
            return line, server.subscribed.get(timeout=SOON)

        yield listen
        time.release()
        for line in lines:
            line.close()

    @pytest.fixture
    def opened(self, listen, feed, symbols, heard):
        return listen(feed, symbols, heard.put)

    @pytest.fixture
    def line(self, opened):
        return opened[0]

    def test_offers_the_protocol(self, feed) -> None:
        assert isinstance(feed, StreamingFeed)
        assert feed.name

    def test_all_is_heard_once_in_order_and_exact(self, line, server, said, heard) -> None:
        server.send(*(frame for frame, _ in said))
        found = [heard.get(timeout=SOON) for _ in said]
        assert found == [datum for _, datum in said]
        assert heard.empty()
        assert line.connected()
        assert line.problem() == ""

    def test_what_is_heard_is_typed_canonical_and_utc(self, line, server, said, heard) -> None:
        server.send(*(frame for frame, _ in said))
        for _ in said:
            datum = heard.get(timeout=SOON)
            assert isinstance(datum, Tick | Quote | Bar | TakenBack)
            assert canonical(datum.symbol) == datum.symbol
            assert datum.event_time.tzinfo is UTC
            assert datum.known_at.tzinfo is UTC
            assert datum.event_time <= datum.known_at
            fields = [getattr(datum, name) for name in ("price", "size", "bid", "ask", "close")
                      if hasattr(datum, name)]  # fmt: skip
            assert fields
            assert all(type(value) is Decimal and value.is_finite() for value in fields)
            assert not getattr(datum, "simulated", False)

    def test_a_symbol_that_was_not_asked_for_is_not_heard(
        self, line, server, said, unasked, heard
    ) -> None:
        server.send(unasked, said[0][0])
        assert heard.get(timeout=SOON) == said[0][1]
        assert heard.empty()

    def test_it_is_not_connected_before_anything_came(self, line, server) -> None:
        assert not line.connected()

    def test_a_line_that_is_cut_is_down_until_something_comes_again(
        self, line, server, said, heard, time
    ) -> None:
        server.send(said[0][0])
        heard.get(timeout=SOON)
        assert line.connected()
        time.held = True
        server.cut()
        time.waits.get(timeout=SOON)
        assert not line.connected()
        assert line.problem()
        time.release()
        server.subscribed.get(timeout=SOON)
        assert not line.connected()
        server.send(said[0][0])
        heard.get(timeout=SOON)
        assert line.connected()
        assert line.problem() == ""

    def test_a_silent_line_is_down_at_once_and_opened_anew(
        self, line, server, said, heard, time
    ) -> None:
        server.send(said[0][0])
        heard.get(timeout=SOON)
        server.go_silent()
        time.now += SILENCE_S - 0.001
        assert line.connected()
        time.now += 0.001
        assert not line.connected()
        server.gone.get(timeout=SOON)
        server.subscribed.get(timeout=SOON)

    def test_what_was_subscribed_is_subscribed_again(
        self, opened, server, said, heard, symbols
    ) -> None:
        _, first = opened
        for _ in range(3):
            server.cut()
            assert server.subscribed.get(timeout=SOON) == first
        server.send(said[0][0])
        assert heard.get(timeout=SOON) == said[0][1]

    def test_each_failure_in_a_row_is_waited_longer_for_up_to_a_limit(
        self, line, server, said, heard, time
    ) -> None:
        server.send(said[0][0])
        heard.get(timeout=SOON)
        server.drops = True
        server.cut()
        waits = [time.waits.get(timeout=SOON) for _ in range(6)]
        assert waits == [1, 2, 4, 8, 8, 8]
        server.greeting, server.drops = [said[0][0]], False
        heard.get(timeout=SOON)
        while not time.waits.empty():
            time.waits.get()
        server.cut()
        assert time.waits.get(timeout=SOON) == FIRST_WAIT_S

    def test_nothing_is_heard_after_closing_and_twice_is_fine(
        self, line, server, said, heard
    ) -> None:
        server.send(said[0][0])
        heard.get(timeout=SOON)
        line.close()
        assert not line.connected()
        server.gone.get(timeout=SOON)
        server.send(said[0][0])
        line.close()
        assert heard.empty()
        assert server.subscribed.empty()

    def test_a_listener_may_close_the_line(self, listen, feed, server, symbols, said) -> None:
        heard: SimpleQueue[Datum] = SimpleQueue()
        open_ = threading.Event()
        lines = []

        def close(datum):
            heard.put(datum)
            open_.wait(SOON)
            lines[0].close()

        lines.append(listen(feed, symbols, close)[0])
        open_.set()
        server.send(said[0][0], said[0][0], said[0][0])
        server.gone.get(timeout=SOON)
        lines[0].close()
        assert heard.qsize() == 1

    def test_a_line_that_waits_to_be_opened_again_can_be_closed(self, line, server, time) -> None:
        time.held = True
        server.cut()
        time.waits.get(timeout=SOON)
        line.close()
        assert server.subscribed.empty()

    def test_a_wrong_key_is_told_without_the_key_and_not_tried_again(
        self, stranger, secret, setting, server, symbols, heard, log
    ) -> None:
        line = stranger.stream(symbols, heard.put)
        try:
            said = log.get(timeout=SOON)
            assert setting in said
            assert secret not in said
            assert line.problem() == said
            assert not line.connected()
        finally:
            line.close()
        assert log.empty()
        assert server.subscribed.empty()

    def test_a_listener_that_raises_does_not_end_the_line(
        self, listen, feed, server, symbols, said, log
    ) -> None:
        heard: SimpleQueue[Datum] = SimpleQueue()

        def listener(datum):
            heard.put(datum)
            raise RuntimeError("the listener is broken")

        listen(feed, symbols, listener)
        server.send(said[0][0])
        server.send(said[0][0])
        assert [heard.get(timeout=SOON) for _ in range(2)] == [said[0][1]] * 2
        assert "RuntimeError" in log.get(timeout=SOON)
        assert server.gone.empty()

    def test_garbage_is_survived_and_told_in_the_log(
        self, listen, feed, server, symbols, garbage, said, log
    ) -> None:
        for frame in garbage:
            heard: SimpleQueue[Datum] = SimpleQueue()
            server.greeting = []
            line, _ = listen(feed, symbols, heard.put)
            # Whether it is still the same connection afterwards is the vendor's client's affair.
            server.greeting = [said[0][0]]
            server.send(frame, said[0][0])
            assert heard.get(timeout=SOON) == said[0][1], frame
            assert log.get(timeout=SOON), frame
            line.close()
            for queue in (server.subscribed, log):
                while not queue.empty():
                    queue.get()
