"""What an order is asked for only under: a condition on the desk's own signal, as it is now.

Read from the person's words and weighed by host code, like every part of an order. What is to
happen later ("when it falls to 190") is no such condition: that is a stop or a limit order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agents.state import Call, latest_call
from tools.domain.errors import InputError

IF = r"[,;]?\s*\b(?:and\s+|but\s+)?(?:only\s+)?if\s+(?:the\s+|its\s+)?(?:technical\s+)?"
ZERO = r"(zero|[-+]?\d+(?:\.\d+)?)(?![\w.]*\d|\s*(?:%|percent))"
AGREES = re.compile(rf"{IF}signal\s+agrees\b", re.IGNORECASE)
SAYS = re.compile(
    rf"{IF}signal\s+(?:says|is|votes|points\s+to|leans\s+to)\s+(buy|sell)(?:ing)?\b", re.IGNORECASE
)
LEVEL = re.compile(
    rf"{IF}(signal|momentum|rsi)\s+(?:is\s+|stands\s+)?(above|over|below|under)\s+{ZERO}",
    re.IGNORECASE,
)
SIGN = re.compile(rf"{IF}(signal|momentum)\s+is\s+(positive|negative)\b", re.IGNORECASE)
SENSES = {"over": "above", "under": "below", "positive": "above", "negative": "below"}
AGREED = "signal agrees"
# Where compute_indicators tells each, how it is shown, and the levels that can be meant.
MEASURES: Mapping[str, tuple[str, str, float, float]] = {
    "signal": ("signal.score", "+.2f", -1, 1),
    "momentum": ("values.roc_20", "+.1%", 0, 0),
    "rsi": ("values.rsi_14", ".1f", 0, 100),
}


def cut_condition(question: str) -> tuple[str, str | None]:
    """The question without its condition, and that as text (``momentum above 0``), None for none.

    Raises InputError for a level that can't be meant.
    """
    for pattern in (AGREES, SAYS, LEVEL, SIGN):
        if (said := pattern.search(question)) is None:
            continue
        rest = f"{question[: said.start()]} {question[said.end() :]}"
        if pattern is AGREES:
            return rest, AGREED
        if pattern is SAYS:
            return rest, f"signal says {said[1].lower()}"
        measure, sense = said[1].lower(), SENSES.get(said[2].lower(), said[2].lower())
        level = "0" if pattern is SIGN or said[3].lower() == "zero" else said[3].lstrip("+")
        _, _, least, most = MEASURES[measure]
        if not least <= float(level) <= most:
            between = f"from {least:g} to {most:g}" if least < most else "zero, above it or below"
            raise InputError(f"{measure} is compared with a level {between}, was {level}.")
        return rest, f"{measure} {sense} {level}"
    return question, None


def side_said(condition: str | None, side: str) -> str | None:
    """The condition of an order to ``side``: with that a signal agrees."""
    return f"signal says {side}" if condition == AGREED else condition


def unmet(condition: str | None, symbol: str | None, calls: list[Call]) -> str | None:
    """Why the order isn't asked for now, with references for figures; None when it is."""
    if condition is None:
        return None
    measure, sense, level = condition.split()
    asked = f"No order was drafted: it was asked for only if the {measure} {_words(sense, level)}"
    computed = whole_reading(calls, symbol)
    path, form, _, _ = MEASURES[measure]
    path = "signal.direction" if sense == "says" else path
    value = None if computed is None else _at(computed["data"], path)
    if computed is None or value is None:
        return f"{asked}, and what it is can't be told from so few bars."
    if _holds(value, sense, level):
        return None
    shown = f"[[{computed['id']}:{path}{'' if sense == 'says' else f'|{form}'}]]"
    return f"{asked}, and it is {shown}."


def whole_reading(calls: list[Call], symbol: str | None) -> Call | None:
    """The latest look at the standard indicators: one at a few by name doesn't count."""
    return latest_call(calls, "compute_indicators", symbol=symbol, names=None)


def _holds(value: Any, sense: str, level: str) -> bool:
    if sense == "says":
        return bool(value == level)
    return float(value) > float(level) if sense == "above" else float(value) < float(level)


def _words(sense: str, level: str) -> str:
    return f"says {level}" if sense == "says" else f"is {sense} {level}"


def _at(data: Mapping[str, Any], path: str) -> Any:
    found: Any = data
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
