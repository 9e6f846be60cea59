"""The lease of the one sender, with a fencing token.

A clock can jump and a process can be paused for longer than its lease lasts, so the lease alone
proves nothing. The token does: it grows with every new holder, and a transaction opened under an
older one is refused by the database that it would write to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType

from tools.domain.errors import Conflict, StateError
from tools.execution.group import Group
from tools.execution.store import LeaseRow, Presence, Store
from tools.ports import Clock

# How often a lease that another holds is looked at.
POLL_S = 0.02


def live(row: LeaseRow, now: datetime) -> bool:
    """Whether the lease runs at wall time ``now``.

    One that ends later than it can have been given for ends at once: the clock was set back.
    """
    if not row.until:
        return False
    left = datetime.fromisoformat(row.until) - now
    return timedelta(0) < left <= timedelta(seconds=row.seconds)


def check_fence(group: Group, fence: int, now: datetime) -> None:
    """Refuse a writer whose token is not the newest; renew the lease of one whose token is.

    Raises Conflict.
    """
    row = group.lease()
    if row.token != fence:
        raise Conflict(
            f"another process took over as the sender (its token is {row.token}, this one's "
            f"{fence}); nothing was written and nothing is sent. It goes on with the orders"
        )
    if not row.until:
        raise Conflict(f"the sender's lease {fence} was given back; nothing is written under it")
    lasts = timedelta(seconds=row.seconds)
    if datetime.fromisoformat(row.until) - now < lasts / 2 or not live(row, now):
        group.change_lease(replace(row, until=_text(now + lasts)))


class Lease:
    """Implements ``tools.ports.Lease``; made by ``Ledger.lease``."""

    def __init__(
        self,
        turn: Callable[[], AbstractContextManager[Group]],
        store: Store,
        clock: Clock,
        holder: str,
        seconds: float,
        wait_s: float,
    ) -> None:
        """Nothing is taken yet."""
        if not seconds > 0:
            raise StateError(f"a lease lasts longer than {seconds:g} s")
        self._turn, self._store, self._clock = turn, store, clock
        self._holder, self._seconds, self._wait_s = holder, seconds, wait_s
        self._presence: Presence | None = None
        self._token = 0

    def acquire(self, wait_s: float = 0.0) -> int:
        """Become the sender; the token to write under.

        Waits up to ``wait_s`` seconds for another holder to give back, die or let its lease run
        out, then raises Conflict with the holder's name.
        """
        if self._token:
            raise StateError("this lease is held already")
        end = time.monotonic() + wait_s
        while True:
            seen = self._store.lease_now()
            if not self._taken(seen) and self._take():
                return self._token
            if time.monotonic() >= end:
                raise Conflict(
                    f"{seen.holder or 'another process'} is the sender just now (token "
                    f"{seen.token}); it goes on with the orders, or stop it and try again"
                )
            threading.Event().wait(POLL_S)

    def renew(self) -> None:
        """Make it last its full time from now; Conflict when another has taken it over."""
        with self._turn() as group:
            check_fence(group, self._token, self._clock.wall())
            until = _text(self._clock.wall() + timedelta(seconds=self._seconds))
            group.change_lease(replace(group.lease(), until=until))

    def release(self) -> None:
        """Give it back; nothing happens to one that was taken over, or never taken."""
        token, self._token = self._token, 0
        if not token:
            return
        try:
            with self._turn() as group:
                if group.lease().token == token:
                    group.change_lease(replace(group.lease(), until=""))
        finally:
            self._end_presence()

    def __enter__(self) -> int:
        return self.acquire(self._wait_s)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _taken(self, row: LeaseRow) -> bool:
        """Whether somebody alive holds the lease."""
        if not live(row, self._clock.wall()):
            return False
        left = self._store.presence(row.token)
        if left is None:
            return True
        left.end()
        return False

    def _take(self) -> bool:
        try:
            with self._turn() as group:
                row = group.lease()
                if self._taken(row):
                    return False
                token = row.token + 1
                self._presence = self._store.presence(token)
                if self._presence is None:
                    raise StateError(f"the lock of the sender's token {token} is held by another")
                until = _text(self._clock.wall() + timedelta(seconds=self._seconds))
                group.change_lease(LeaseRow(token, self._holder, until, self._seconds))
        except BaseException:
            self._end_presence()
            raise
        self._token = token
        return True

    def _end_presence(self) -> None:
        if self._presence is not None:
            self._presence.end()
            self._presence = None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
