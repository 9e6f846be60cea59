"""What a live line does that no vendor's server can be made to do; the rest is in the exam."""

from __future__ import annotations

import asyncio
import gc
import threading
from queue import SimpleQueue

from tests.contracts.stream import SOON, LineTime, Longest
from tools.market_data.feeds.live_line import LiveLine, Patience
from tools.market_data.feeds.resilience.failure import Unanswered


class Scripted(LiveLine):
    """Each connection does the next of ``acts``, the last one again and again.

    ``fault`` is what goes wrong when it hangs up.
    """

    fault = None

    def __init__(self, time, *acts, heard=print):
        self.acts, self.hung_up, self.opened = list(acts), SimpleQueue(), SimpleQueue()
        super().__init__(
            "Somebody", heard, Patience(60, 1, 8, 0.01, time.monotonic, time.wait, Longest())
        )

    async def once(self):
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        if isinstance(act, BaseException):
            raise act
        self.opened.put(True)
        try:
            for datum in act:
                self.tell(datum)
            await asyncio.Event().wait()
        finally:
            self.hung_up.put(True)
            if self.fault is not None:
                raise self.fault


def test_the_time_that_the_source_asks_to_be_left_alone_is_kept_to():
    time = LineTime()
    line = Scripted(time, Unanswered("Too many lines.", retry_after_s=30), ())
    assert time.waits.get(timeout=SOON) == 30
    line.close()


def test_closing_waits_for_a_listener_that_is_being_told():
    inside, leave, left = threading.Event(), threading.Event(), threading.Event()

    def heard(_):
        inside.set()
        leave.wait(SOON)
        left.set()

    line = Scripted(LineTime(), ["one", "two"], heard=heard)
    inside.wait(SOON)
    closing = threading.Thread(target=line.close)
    closing.start()
    leave.set()
    closing.join(SOON)
    assert left.is_set()
    assert line.hung_up.get(timeout=SOON)


def test_the_same_complaint_is_logged_once_a_connection(caplog):
    time = LineTime()
    heard = SimpleQueue()

    def listener(datum):
        heard.put(datum)
        raise RuntimeError("broken")

    line = Scripted(time, ["one", "two", "three"], heard=listener)
    assert [heard.get(timeout=SOON) for _ in range(3)] == ["one", "two", "three"]
    line.close()
    assert caplog.text.count("was not taken") == 1


def test_silence_is_waiting_enough_and_told_once(caplog):
    time = LineTime()
    line = Scripted(time, ())
    for _ in range(4):
        line.opened.get(timeout=SOON)
        time.now += 60
        assert time.waits.get(timeout=SOON) == 1
    line.close()
    assert caplog.text.count("Nothing was heard on Somebody's stream for 60 seconds") == 1


def test_a_connection_that_ends_by_itself_is_opened_again():
    time = LineTime()
    time.held = True
    line = Scripted(time, ConnectionResetError("10.0.0.1 with a secret"), ())
    time.waits.get(timeout=SOON)
    assert (
        line.problem() == "Somebody's stream broke off (ConnectionResetError); it is opened again."
    )
    line.close()


def test_a_connection_that_was_cancelled_from_within_is_opened_again():
    time = LineTime()
    line = Scripted(time, asyncio.CancelledError(), ())
    assert line.opened.get(timeout=SOON)
    assert line.problem() == "Somebody's stream ended; it is opened again."
    line.close()


def test_a_connection_that_is_slow_to_hang_up_is_not_heard_beside_the_next(monkeypatch):
    monkeypatch.setattr("tools.market_data.feeds.live_line.HANGING_UP", 0.01)
    time, heard, let_go = LineTime(), SimpleQueue(), threading.Event()

    class Slow(Scripted):
        async def once(self):
            self.opened.put(True)
            mine = len(self.acts)
            self.acts.append(())
            self.tell(f"first of {mine}")
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                while not let_go.is_set():  # noqa: ASYNC110 - as a library that takes its time
                    await asyncio.sleep(0.005)
                self.alive()
                self.tell(f"late word of {mine}")
                self.hung_up.put(mine)
                raise

    line = Slow(time, heard=heard.put)
    for number in range(2):
        line.opened.get(timeout=SOON)
        assert heard.get(timeout=SOON) == f"first of {number}"
        time.now += 60 * (1 - number)
    time.now += 59
    let_go.set()
    assert line.hung_up.get(timeout=SOON) == 0
    assert heard.empty()
    time.now += 0.5
    assert line.connected()
    time.now += 0.5
    assert not line.connected()
    line.close()
    assert heard.empty()


def test_what_goes_wrong_while_hanging_up_is_not_written_down_with_what_it_holds(caplog):
    line = Scripted(LineTime(), ())
    line.fault = ConnectionResetError("10.0.0.1 with a secret")
    assert line.opened.get(timeout=SOON)
    line.close()
    del line
    gc.collect()
    assert "secret" not in caplog.text
