"""The process's random numbers, lent to one run at a time."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import numpy as np

from tools.backtest.loading import is_file

logger = logging.getLogger(__name__)

_turn = RLock()
"""Again by its own thread: a strategy may play another on its way."""


@contextmanager
def seeded(strategy: str, seed: int) -> Iterator[None]:
    """What the strategy draws follows from the seed; what the program draws later does not.

    ``random`` and ``numpy.random`` have one state for the whole process, so whoever may draw from
    it waits until no other run does. That is a person's own file: what comes with Tollgate draws
    nothing and never waits.
    """
    if not is_file(strategy):
        yield
        return
    if not _turn.acquire(blocking=False):
        logger.warning(
            "a run of %s waits for another to end: in one process a strategy of one's own has the "
            "random numbers to itself",
            strategy,
        )
        _turn.acquire()
    try:
        before, arrays = random.getstate(), np.random.get_state()
        random.seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            random.setstate(before)
            np.random.set_state(arrays)
    finally:
        _turn.release()
