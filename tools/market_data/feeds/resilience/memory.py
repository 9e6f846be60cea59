"""What is remembered of a feed from one process to the next, in a small file."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.domain.feed_health import CircuitState, FeedHealth


def recall(memory: Path | None, name: str) -> FeedHealth | None:
    """The last health of ``name`` that was kept; None for a file that is missing or odd."""
    if memory is None:
        return None
    try:
        kept = json.loads(memory.read_text(encoding="utf-8"))
        known: dict[str, Any] = {
            row.name: _read(row.name, kept[row.name])
            for row in fields(FeedHealth)
            if row.name in kept
        }
        if not isinstance(known["failures"], int) or not isinstance(known["error"], str):
            return None
        health = FeedHealth(**known)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return health if health.name == name else None


def keep(memory: Path | None, health: FeedHealth) -> None:
    """Write it whole or not at all; a folder that can't be written to does no harm."""
    if memory is None:
        return
    said = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(health).items()
    }
    with contextlib.suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        whole = memory.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        whole.write_text(json.dumps(said), encoding="utf-8")
        whole.replace(memory)


def _read(name: str, value: object) -> object:
    if name == "state":
        return CircuitState(str(value))
    if value is None or not (name.endswith("_at") or name == "newest"):
        return value
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(name)
    return moment
