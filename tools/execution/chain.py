"""The links of the journal: how an event is hashed over the one before it, and read back."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from json.encoder import encode_basestring_ascii as quoted

from tools.domain.errors import StateError
from tools.ports import Event

GENESIS = "0" * 64

# seq, at, kind, order_id, data, previous, hash: the columns of a journal, in their order.
Row = tuple[int, str, str, str, str, str, str]


def event_hash(seq: int, at: str, kind: str, order_id: str, data: str, previous: str) -> str:
    """SHA-256 of the canonical JSON list of the six; ``data`` is canonical JSON already."""
    front = f"[{seq:d},{quoted(at)},{quoted(kind)},{quoted(order_id)}"
    return hashlib.sha256(f"{front},{data},{quoted(previous)}]".encode()).hexdigest()


def event_of(row: Row, where: str) -> Event:
    """The event in a row of the journal at ``where``; StateError when its hash does not fit."""
    seq, at, kind, order_id, data, previous, own = row
    try:
        if event_hash(seq, at, kind, order_id, data, previous) != own:
            raise ValueError("its hash does not fit")
        moment = datetime.fromisoformat(at)
        return Event(seq, moment, kind, order_id, json.loads(data), previous, own)
    except (TypeError, ValueError) as error:
        raise StateError(
            f"event {seq} of {where} was changed after it was written ({error}); nothing is sent. "
            "Run `tollgate audit verify` and put a sound copy back"
        ) from error
