"""What a person should know of a run before believing its figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence; ``at`` is the bar it is about, as text, empty where it is about the run."""

    kind: str
    at: str
    symbol: str
    sentence: str
