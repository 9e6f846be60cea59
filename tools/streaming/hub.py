"""Hands what the chain publishes on to everyone who watches, in this process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from tools.ports import Bus
from tools.streaming.chain import PRICES, STATUS
from tools.streaming.mailbox import Mailbox

UNHEARD_S = 5.0
"""After so long without a word from the chain nobody knows how the line stands."""

MOST_SYMBOLS = 5_000


class Watcher:
    """One who watches some symbols; its ``box`` is filled until it leaves."""

    def __init__(self) -> None:
        self.box = Mailbox()
        self.symbols: set[str] = set()


class Hub:
    """Subscribes to the bus without a group, so that each process sees everything."""

    def __init__(self, bus: Bus) -> None:
        """Before the bus is started."""
        bus.subscribe(PRICES, self._prices)
        bus.subscribe(STATUS, self._told)
        self._watchers: set[Watcher] = set()
        self._latest: dict[str, dict[str, str]] = {}
        self._status: Mapping[str, object] = {}
        self._told_at = -UNHEARD_S
        self.late_s = 0.0

    @property
    def symbols(self) -> tuple[str, ...]:
        """Those that a chain asks for, or that have prices."""
        named = self._status.get("symbols")
        return tuple(sorted({*self._latest, *(named if isinstance(named, list) else ())}))

    @property
    def watching(self) -> int:
        """How many watch."""
        return len(self._watchers)

    def status(self) -> dict[str, Any]:
        """The chain's word; the line is ``none`` without a chain, ``lost`` when it fell silent."""
        if not self._status:
            return {"type": "status", "line": "none", "label": "", "market": None}
        if time.monotonic() - self._told_at > UNHEARD_S:
            return {**self._status, "line": "lost"}
        return dict(self._status)

    def join(self) -> Watcher:
        """Begin to watch; nothing comes before ``watch``."""
        watcher = Watcher()
        self._watchers.add(watcher)
        return watcher

    def watch(self, watcher: Watcher, symbols: Iterable[str]) -> None:
        """Add symbols; the latest that is known of each comes at once."""
        for symbol in symbols:
            if symbol not in watcher.symbols:
                watcher.symbols.add(symbol)
                for kind, text in self._latest.get(symbol, {}).items():
                    watcher.box.put(f"{symbol} {kind}", text)

    def leave(self, watcher: Watcher) -> None:
        """Stop watching."""
        self._watchers.discard(watcher)

    async def _told(self, payload: Mapping[str, object]) -> None:
        self._status, self._told_at = payload, time.monotonic()

    async def _prices(self, payload: Mapping[str, object]) -> None:
        updates, label = payload.get("updates"), payload.get("label")
        for update in updates if isinstance(updates, list) else ():
            symbol = str(update["symbol"])
            kind = f"{update['type']} {update.get('timeframe', '')}".strip()
            # Written once for all who watch.
            text = json.dumps({"label": label, **update}, separators=(",", ":"))
            if symbol not in self._latest and len(self._latest) >= MOST_SYMBOLS:
                continue
            self._latest.setdefault(symbol, {})[kind] = text
            for watcher in self._watchers:
                if symbol in watcher.symbols:
                    watcher.box.put(f"{symbol} {kind}", text)
