"""What stands beside the ledger and holds for every process over it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.monitoring.agreement import Agreements, MemoryAgreements
from tools.monitoring.switch import MemorySwitch, Switch


@dataclass(frozen=True, slots=True)
class Beside:
    """The halt switch, and the last comparison with the venue."""

    switch: Switch
    agreements: Agreements


def in_folder(folder: Path) -> Beside:
    """Files in the state folder, which every process of the same ledger shares."""
    return Beside(Switch(folder), Agreements(folder))


def in_memory() -> Beside:
    """For one desk alone, whose ledger is in memory as well."""
    return Beside(MemorySwitch(), MemoryAgreements())
