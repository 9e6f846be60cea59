"""Looking for garbage among what a run makes, and not among all that the program had before."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def own_garbage() -> Iterator[None]:
    """Leave the objects of before, whole libraries among them, out of each collection.

    A run makes so many objects that they would be looked through again and again. Of runs in
    several threads the first to end brings them back for all, which costs the others only time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
