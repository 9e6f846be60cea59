"""A circuit breaker: a feed that keeps failing is left alone for a while, then tried once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tools.domain.feed_health import CircuitState, FeedHealth
from tools.market_data.feeds.resilience.memory import keep, recall
from tools.market_data.feeds.resilience.policy import Policy
from tools.ports import Clock

# A trial that never came back no longer keeps others from trying.
TRIAL = timedelta(minutes=1)
# A good answer is written down this often; a change of state always.
WRITTEN = timedelta(minutes=1)


class Circuit:
    """Safe to share between threads; times are of ``clock.wall()``.

    Ask ``admit`` before each request and tell what came of it. The ``memory`` file lets the next
    process know; processes that run side by side each find out for themselves.
    """

    def __init__(
        self, name: str, clock: Clock, policy: Policy | None = None, memory: Path | None = None
    ) -> None:
        self._clock, self._policy, self._memory = clock, policy or Policy(), memory
        self._lock = threading.Lock()
        self._health = recall(memory, name) or FeedHealth(name, CircuitState.CLOSED)
        self._trial: datetime | None = None
        self._written: datetime | None = None

    def admit(self) -> bool:
        """Whether to ask now; of an open one, after its pause, True for one caller at a time."""
        with self._lock:
            if self._health.state is CircuitState.CLOSED:
                return True
            now = self._clock.wall()
            if self._closed_to(now):
                return False
            if self._trial is not None and timedelta(0) <= now - self._trial < TRIAL:
                return False
            self._trial = now
            self._health = replace(self._health, state=CircuitState.HALF_OPEN)
            return True

    def succeeded(self, newest: datetime | None = None) -> None:
        """It answered, with data up to ``newest`` where that is known."""
        with self._lock:
            now, was = self._clock.wall(), self._health
            newest = max(filter(None, (was.newest, newest)), default=None)
            self._health = FeedHealth(was.name, CircuitState.CLOSED, 0, was.error, was.failed_at)
            self._health = replace(self._health, answered_at=now, newest=newest)
            self._trial = None
            due = self._written is None or not timedelta(0) <= now - self._written < WRITTEN
            if due or was.failures:
                self._write(now)

    def untried(self) -> None:
        """The caller that was admitted learnt nothing of the feed: another may try."""
        with self._lock:
            self._trial = None

    def failed(
        self, said: str, retry_after: timedelta | None = None, *, limited: bool = False
    ) -> None:
        """It did not answer; ``said`` is why, ``retry_after`` how long it wants to be left."""
        with self._lock:
            now, policy = self._clock.wall(), self._policy
            failures = self._health.failures + 1
            pause = timedelta(0)
            if failures >= policy.failures or self._health.state is not CircuitState.CLOSED:
                doubled = min(max(0, failures - policy.failures), 20)
                pause = min(policy.longest, policy.pause * 2**doubled)
            if limited:
                pause = max(pause, retry_after or policy.limited)
            if retry_after is not None:
                pause = max(pause, retry_after)
            pause = min(pause, policy.obeyed)
            self._health = replace(
                self._health,
                state=CircuitState.OPEN if pause else CircuitState.CLOSED,
                failures=failures,
                error=said,
                failed_at=now,
                retry_at=now + pause if pause else None,
            )
            self._trial = None
            self._write(now)

    def health(self) -> FeedHealth:
        """As it stands now: one whose pause is over is half-open."""
        with self._lock:
            over = self._health.state is CircuitState.OPEN and not self._closed_to(
                self._clock.wall()
            )
            return replace(self._health, state=CircuitState.HALF_OPEN) if over else self._health

    def _closed_to(self, now: datetime) -> bool:
        """Whether the pause goes on; a wall clock set back by more than it ends it."""
        until = self._health.retry_at
        return until is not None and now < until <= now + self._policy.obeyed

    def _write(self, now: datetime) -> None:
        self._written = now
        keep(self._memory, self._health)
