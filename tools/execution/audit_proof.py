"""Proofs for somebody who does not hold the journal: that an event is in it, that it only grew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from tools.domain.errors import InputError, NotFound
from tools.execution import audit_tree
from tools.execution.audit_heads import Head
from tools.execution.audit_source import Source


def shown(source: Source, heads: Sequence[Head], seq: int) -> dict[str, Any]:
    """One event as it stands, with the proof that the newest signed head covers it.

    ``proof`` is None for an event after the last head. Else ``path`` leads, as RFC 9162 has it,
    from the event's ``hash`` to the ``root`` that ``head`` was signed over. Raises NotFound for a
    number that no event has.
    """
    leaves: list[bytes] = []
    event: dict[str, Any] | None = None
    cover = next((head for head in reversed(heads) if head.size >= seq), None)
    for row in islice(source.rows(), cover.size if cover else seq):
        leaves.append(audit_tree.leaf(str(row[6])))
        if row[0] == seq:
            event = _event(row)
    if event is None:
        raise NotFound(f"the ledger has no event {seq}")
    proof = None
    if cover is not None and len(leaves) == cover.size:
        path = audit_tree.inclusion(leaves, seq - 1)
        holds = audit_tree.included(leaves[seq - 1], seq - 1, cover.size, path, cover.root)
        proof = {"head": asdict(cover), "index": seq - 1, "path": path, "holds": holds}
    return {"event": event, "proof": proof}


def grown(source: Source, heads: Sequence[Head], since: int) -> dict[str, Any]:
    """The proof that the newest head only added to the head over ``since`` events.

    Raises InputError when no head was signed over that many.
    """
    old = next((head for head in heads if head.size == since), None)
    if old is None:
        near = ", ".join(str(head.size) for head in heads[-5:]) or "none at all"
        raise InputError(f"no head was signed over {since} events; the last ones: {near}")
    new = heads[-1]
    leaves = [audit_tree.leaf(str(row[6])) for row in islice(source.rows(), new.size)]
    path = audit_tree.consistency(leaves, since) if len(leaves) == new.size else []
    holds = audit_tree.consistent(since, new.size, path, old.root, new.root)
    return {"old": asdict(old), "new": asdict(new), "path": path, "holds": holds}


def _event(row: tuple[Any, ...]) -> dict[str, Any]:
    seq, at, kind, order_id, data, previous, own = row
    try:
        read = json.loads(data)
    except (TypeError, ValueError):
        read = data
    return {
        "seq": seq,
        "at": at,
        "kind": kind,
        "order_id": order_id,
        "data": read,
        "previous": previous,
        "hash": own,
    }
