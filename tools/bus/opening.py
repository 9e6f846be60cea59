"""The bus that the settings name."""

from __future__ import annotations

from pathlib import Path

from tools.bus.brokers import BrokerBus, line_of
from tools.bus.dead import DeadLetters
from tools.bus.memory import MemoryBus
from tools.ports import Bus, Clock


def letters_in(state: Path) -> DeadLetters:
    """What nobody could handle, in the state folder."""
    return DeadLetters(state / "dead_letters.db")


def open_bus(url: str | None, name: str, clock: Clock, state: Path) -> Bus:
    """Over the broker at ``url``, else inside this process; not yet started.

    ``name`` is the desk's at the broker. Raises ConfigError for an address of another kind, or
    without its client.
    """
    letters = letters_in(state)
    if url is None:
        return MemoryBus(clock, letters)
    return BrokerBus(line_of(url, name), clock, letters)
