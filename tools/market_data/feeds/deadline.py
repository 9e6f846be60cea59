"""An end to a wait that a library leaves open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, job: Callable[[], T], name: str) -> T:
    """What ``job`` gives or raises on a thread of its own; TimeoutError when it takes longer.

    The thread is then left to itself: what it still finds is thrown away.
    """
    given: list[T] = []
    raised: list[Exception] = []

    def work() -> None:
        try:
            given.append(job())
        except Exception as error:  # noqa: BLE001 - raised again below, on the caller's thread
            raised.append(error)

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not given:
        raise TimeoutError(f"no answer in {seconds:g} s")
    return given[0]
