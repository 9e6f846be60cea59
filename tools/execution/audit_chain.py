"""The verifier's walk along the chain: each event's hash, its link, and the signed roots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from json.encoder import encode_basestring_ascii as quoted

from tools.execution.audit_source import Row
from tools.execution.audit_tree import GrowingTree

Fault = tuple[int, str]
NOTHING = "0" * 64
_written = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Walk:
    """One pass over the events.

    Afterwards ``count`` is how many there were, ``end`` and ``last`` the last one's number and
    hash, and ``agreed`` the size of the last signed tree whose root is theirs.
    """

    def __init__(self, roots: Mapping[int, str]) -> None:
        """``roots`` are the signed roots by the number of events they are over."""
        self._roots = roots
        # What a root is signed over was sealed by the desk: only the form of the rest is looked at.
        self._sealed = max(roots, default=0)
        self.count = 0
        self.end = 0
        self.last = ""
        self.agreed = 0

    def over(self, rows: Iterable[Row]) -> Iterator[Fault]:
        """Check every event; what is wrong, with the number of the event."""
        tree, sound = GrowingTree(), True
        expected, previous = 1, NOTHING
        for seq, at, kind, order_id, data, link, own in rows:
            faults = []
            if seq != expected:
                faults.append(f"Events {expected} to {seq - 1} are missing.")
            if link != previous:
                faults.append("The link to the event before is broken: one was changed or moved.")
            if own != _hash(seq, at, kind, order_id, data, link):
                faults.append("The event was changed after it was written.")
            elif seq > self._sealed and not _well_formed(at, data):
                faults.append("The event is not written the way the desk writes.")
            if faults:
                sound = False
                yield from ((seq, said) for said in faults)
            self.count += 1
            self.end, expected, previous = seq, seq + 1, own
            if sound:
                tree.add(sha256(b"\x00" + bytes.fromhex(own)).digest())
                signed = self._roots.get(seq)
                if signed is None:
                    continue
                if signed == tree.root():
                    self.agreed = seq
                else:
                    sound = False  # told once, and only of an unbroken chain: a broken one tells
                    said = f"Events {self.agreed + 1} to {seq} are not those that were signed"
                    yield self.agreed + 1, f"{said}: the journal was written anew."
        self.last = str(previous) if self.count else ""

    def counted(self, counted: Row | None) -> Iterator[Fault]:
        """Whether the journal ends where it was counted to end."""
        if counted is None or tuple(counted[:2]) != (self.end, self.last or NOTHING):
            number = counted[0] if counted else "none"
            yield self.end, f"The journal ends at event {self.end}; {number} were counted."


def _hash(seq: int, at: str, kind: str, order_id: str, data: str, link: str) -> str:
    try:
        text = f"[{seq},{quoted(at)},{quoted(kind)},{quoted(order_id)},{data},{quoted(link)}]"
        return sha256(text.encode()).hexdigest()
    except (TypeError, ValueError):
        return ""


def _well_formed(at: str, data: str) -> bool:
    try:
        return datetime.fromisoformat(at).tzinfo is not None and _written(json.loads(data)) == data
    except (TypeError, ValueError):
        return False
