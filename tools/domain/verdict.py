"""What the gate says of an order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One check's word: its code in the gate, a sentence for people, and whether it is final."""

    code: str
    sentence: str
    hard: bool


@dataclass(frozen=True, slots=True)
class Approved:
    """The gate lets the order go; minted by ``tools.risk.gate`` and nobody else."""

    digest: str
    limits_hash: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedsHuman:
    """Within the hard limits, but a person must say yes first."""

    digest: str
    limits_hash: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """At least one hard check failed; nobody can override it."""

    digest: str
    limits_hash: str
    reasons: tuple[Reason, ...]


Verdict = Approved | NeedsHuman | Refused
