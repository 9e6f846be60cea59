"""How patient we are with a feed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """When a circuit opens and for how long, and how long one question may take.

    After ``failures`` in a row it opens for ``pause``; each failed trial doubles that up to
    ``longest``. A rate limit opens it at once, for ``limited`` where the source names no time; one
    that it names is kept to, up to ``obeyed``.

    One question is asked up to ``attempts`` times, with a random wait below ``first_wait_s`` that
    doubles each time; no attempt begins once ``budget_s`` is over. The wait for each answer is the
    feed's own, so a question takes at most the budget and one such wait. All in seconds.
    """

    failures: int = 3
    pause: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)
    limited: timedelta = timedelta(minutes=1)
    obeyed: timedelta = timedelta(days=1)
    attempts: int = 3
    first_wait_s: float = 0.5
    budget_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How waiting is done: a test gives its own, and seeds ``draw``."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    # Jitter keeps processes apart; it guards no secret.
    draw: random.Random = field(default_factory=random.Random)
