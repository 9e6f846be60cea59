"""What runs stand on, where it isn't the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Told = tuple[str, list[str]]


def differences(records: Sequence[Mapping[str, Any]]) -> list[Told]:
    """Each thing that decides a result and differs, with one text for each run; first of all."""
    found = []
    for what, words in WHAT.items():
        values = [words(record) for record in records]
        if len(set(values)) > 1:
            found.append((what, values))
    return found


def _text(*names: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda record: " ".join(str(record.get(name, "–")) for name in names)


def _days(record: Mapping[str, Any]) -> str:
    return f"{str(record.get('start'))[:10]} to {str(record.get('end'))[:10]}"


def _hash(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda record: str(record.get(name, "–"))[:12]


def _pairs(name: str) -> Callable[[Mapping[str, Any]], str]:
    def words(record: Mapping[str, Any]) -> str:
        found = record.get(name)
        if not isinstance(found, Mapping):
            return str(found)
        return ", ".join(f"{key}={value}" for key, value in found.items()) or "none"

    return words


def _symbols(record: Mapping[str, Any]) -> str:
    return " ".join(map(str, record.get("symbols") or ()))


WHAT: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "strategy": _text("strategy"),
    "parameters": _pairs("params"),
    "symbols": _symbols,
    "days": _days,
    "timeframe": _text("timeframe"),
    "prices (hash)": _hash("data"),
    "costs": _pairs("costs"),
    "cash": _text("cash", "currency"),
    "limits": _text("limits"),
    "limits (hash)": _hash("limits_hash"),
    "strategy's file (hash)": _hash("source"),
    "program (hash)": _hash("code"),
    "seed": _text("seed"),
}
