"""Named fail points: a process kills itself when it crosses the n-th of a name.

No hook stands in the product: the ledger, the broker and the locks are wrapped from outside. A name
says what was about to happen, or just had, when the process died.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from contextlib import contextmanager
from functools import wraps

CALLS = ("submit", "replace", "lookup", "cancel", "cancel_all", "open_orders", "account")


class Fuse:
    """Dies at the ``count``-th crossing of ``name``; an empty name never dies, but counts."""

    def __init__(self, name="", count=1):
        self.name, self.count, self.crossed = name, count, Counter()

    def cross(self, name):
        self.crossed[name] += 1
        if name == self.name and self.crossed[name] == self.count:
            os.kill(os.getpid(), signal.SIGKILL)


class Fused:
    """A ledger with a point around each append and each commit, named after the kind of event."""

    def __init__(self, inner, fuse):
        self.inner, self.fuse = inner, fuse

    def __getattr__(self, name):
        return getattr(self.inner, name)

    @contextmanager
    def transaction(self, *args, **named):
        kinds = []
        with self.inner.transaction(*args, **named) as transaction:
            yield FusedTransaction(transaction, self.fuse, kinds)
            for kind in dict.fromkeys(kinds):
                self.fuse.cross(f"before commit of {kind}")
        for kind in dict.fromkeys(kinds):
            self.fuse.cross(f"after commit of {kind}")


class FusedTransaction:
    """One writer's turn; dies before or after an event is added to it."""

    def __init__(self, inner, fuse, kinds):
        self.inner, self.fuse, self.kinds = inner, fuse, kinds

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def append(self, kind, order_id, data):
        self.fuse.cross(f"before {kind}")
        event = self.inner.append(kind, order_id, data)
        self.kinds.append(str(kind))
        return event


class FusedVenue:
    """A broker with a point before each call and one between the venue's act and its answer."""

    def __init__(self, inner, fuse):
        self.inner, self.fuse = inner, fuse
        for name in CALLS:
            setattr(self, name, self._watched(name))

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def _watched(self, name):
        call = getattr(self.inner, name)

        @wraps(call)
        def watched(*args, **named):
            self.fuse.cross(f"before {name}")
            try:
                return call(*args, **named)
            finally:
                self.fuse.cross(f"after {name}")

        return watched


def fuse_inside(fuse):
    """Points in what lies below the ports: the sender's lock, the disk, the heads of the audit."""
    import filelock

    from tools.execution.heads import Heads
    from tools.execution.lease import Lease
    from tools.execution.sqlite_store import SqliteStore

    _around(filelock.BaseFileLock, "acquire", "lock", fuse)
    _around(filelock.BaseFileLock, "release", "unlock", fuse)
    _around(Lease, "acquire", "lease", fuse)
    _around(Lease, "release", "end of lease", fuse)
    _around(SqliteStore, "commit", "disk", fuse)
    _around(Heads, "_append", "head", fuse)


def _around(owner, name, what, fuse):
    call = getattr(owner, name)

    @wraps(call)
    def watched(*args, **named):
        fuse.cross(f"before {what}")
        given = call(*args, **named)
        fuse.cross(f"after {what}")
        return given

    setattr(owner, name, watched)
