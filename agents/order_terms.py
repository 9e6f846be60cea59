"""How an order is to be worked, in a person's words: limits, stops, trailing stops and exits.

Each phrase that is understood is cut out of the sentence with its numbers; what is left is for the
other patterns, and a number that nobody takes refuses the order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.numbers import MARK, Numbers
from tools.domain.errors import InputError

TO = r"(?:\s+(?:price|order|of|at|is|to|by))*\s*"
STOP_LOSS = rf"\bstop[- ]?loss{TO}{MARK}(?:\s*(?:with\s+(?:a\s+)?)?limit{TO}{MARK})?"
TAKE_PROFIT = rf"\b(?:take[- ]?profit|profit[- ]target|target){TO}{MARK}"
TRAILING = r"\btrailing(?:[- ]stop)?" + TO
STOP_LIMIT = rf"\bstop{TO}{MARK}\s*(?:,|and|with)?\s*(?:a\s+)?limit{TO}{MARK}"
STOP = rf"\bstop{TO}{MARK}"
LIMIT = r"(?:limit(?:\s+(?:price|of|at))*|@|\bat(?:\s+(?:most|least|no more than))?)\s*" + MARK
FORCES = {
    "gtc": r"\bgtc\b|\bgood[- ]till?[- ]cancel+ed\b",
    "ioc": r"\bioc\b|\bimmediate[- ]or[- ]cancel\b",
    "fok": r"\bfok\b|\bfill[- ]or[- ]kill\b",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Prices as text, None where nothing was said; ``trail_percent`` is in percent."""

    limit_price: str | None = None
    stop_price: str | None = None
    trail_price: str | None = None
    trail_percent: str | None = None
    take_profit: str | None = None
    stop_loss: str | None = None
    stop_loss_limit: str | None = None
    time_in_force: str = "day"
    extended_hours: bool = False
    group: str | None = None

    def arguments(self) -> dict[str, object]:
        """What was said, as a tool call's arguments; nothing for what was left out."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value not in (None, False)}


def terms_of(numbers: Numbers, side: str) -> Terms:
    """The terms of an order to ``side``; raises InputError for words that could mean two things."""
    loss, loss_limit = numbers.cut(STOP_LOSS, 2)
    (profit,) = numbers.cut(TAKE_PROFIT, 1)
    trail = numbers.cut_percent(TRAILING)
    (trail_price,) = numbers.cut(TRAILING + MARK, 1) if trail is None else (None,)
    stop, limit = numbers.cut(STOP_LIMIT, 2)
    if stop is None:
        (stop,) = numbers.cut(STOP, 1)
    if limit is None:
        (limit,) = numbers.cut(LIMIT, 1)
        if limit is not None and stop is not None:
            raise InputError(
                f'"stop {stop}" and "at {limit}" could be one stop-limit order or an entry with an '
                f'exit: say "stop {stop} limit {limit}", or "at {limit}, stop loss {stop}".'
            )
    if (trail or trail_price) and (stop or limit):
        raise InputError("a trailing stop follows the price: it has no stop or limit price.")
    force = _force(numbers)
    extended = numbers.cut_words(r"\b(?:in\s+|during\s+)?extended[- ]hours\b")
    group = _group(numbers, side, exits=bool(loss or profit), limit=limit)
    if group == "oco" and (stop is not None or limit is not None or not (loss and profit)):
        raise InputError(
            "two exits of what you hold (oco) are a take profit and a stop loss and no other "
            'price, for example: "sell 50 IBM oco, take profit 220, stop loss 190".'
        )
    return Terms(limit, stop, trail_price, trail, profit, loss, loss_limit, force, extended, group)


def _force(numbers: Numbers) -> str:
    said = [name for name, words in FORCES.items() if numbers.cut_words(words)]
    if len(said) > 1:
        raise InputError(f"that says {' and '.join(said)}; an order is only one of them.")
    numbers.cut_words(r"\bday\s+order\b|\bfor\s+the\s+day\b")
    return said[0] if said else "day"


def _group(numbers: Numbers, side: str, *, exits: bool, limit: str | None) -> str | None:
    bracket = numbers.cut_words(r"\bbracket\b(?:\s+order)?")
    oco = numbers.cut_words(r"\b(?:oco|one[- ]cancels[- ](?:the[- ])?other)\b(?:\s+order)?")
    if bracket and oco:
        raise InputError("an order is a bracket or oco, not both.")
    if not exits:
        if bracket or oco:
            raise InputError(
                "a bracket or oco order needs its exits: name a take profit and a stop loss."
            )
        return None
    if bracket or oco:
        return "bracket" if bracket else "oco"
    if side == "buy":
        return "bracket"
    if re.search(r"\bshort\b", numbers.text, re.IGNORECASE):
        return "bracket"
    if limit is None:
        return "oco"
    raise InputError(
        'say whether that is "oco" (two exits of what you hold) or a "bracket" (a short entry '
        "with its exits)."
    )
