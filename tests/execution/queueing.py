"""Writers that all wait for one turn, so that they share one commit."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

from tests.contracts.ledger import run_together
from tools.domain.errors import StateError


def queue_behind_one(turns, works, begin=lambda group: group.append(0)):
    """Run the works, all of them queued while a first turn (which writes 0) is still held."""
    waiting = threading.Semaphore(0)
    take = turns._take

    def counted():
        waiting.release()
        return take()

    def first():
        with suppress(StateError), turns.turn() as group:  # the works tell whether it failed
            turns._take = counted
            started.set()
            for _ in works:
                waiting.acquire()
            while len(turns._queue) < len(works):
                os.sched_yield()
            begin(group)

    def after_the_first(work):
        started.wait()
        work()

    started = threading.Event()
    run_together([first, *(lambda w=w: after_the_first(w) for w in works)])
