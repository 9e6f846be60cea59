"""What the person asked for, read from their own words without a model.

An order's side, quantity and symbol come from here and not from a language model, so that what is
proposed is what was said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from agents.reading import NUMBER, amounts, limit, named_after, side_of, symbols_in
from agents.words import digits_for_words, portion
from tools.domain.errors import InputError
from tools.domain.money import exact


class Kind(StrEnum):
    """What sort of answer is wanted."""

    TRADE = "trade"
    ANALYSE = "analyse"
    PORTFOLIO = "portfolio"
    ORDER = "order"
    KNOWLEDGE = "knowledge"


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a question; numbers are text.

    ``value`` is an amount of money to spend, ``portion`` the part of a holding, in (0, 1].
    """

    kind: Kind
    question: str
    symbol: str | None = None
    others: tuple[str, ...] = ()
    side: str | None = None
    quantity: str | None = None
    portion: str | None = None
    value: str | None = None
    limit_price: str | None = None
    time_in_force: str = "day"
    order_id: str | None = None
    cancel: bool = False


LONGEST = 2000
"""Characters of a question."""


def _checked(quantity: str | None, question: str) -> str | None:
    """Refuse what can't be an order before any work is done; the gate judges the rest."""
    if quantity is None:
        return None
    number = exact(quantity, "the quantity")
    if number <= 0:
        raise InputError(
            f"the quantity must be above zero, was {quantity}. Say how many shares, for example: "
            f"{re.sub(NUMBER, '50', question, count=1).strip()[:80]}"
        )
    if number > Decimal("1e12"):
        raise InputError(f"{quantity} shares is more than any company has; ask for fewer.")
    return quantity


def parse(question: str, known: Mapping[str, str]) -> Request:
    """Read a question; ``known`` maps symbols to company names.

    Raises InputError for an empty or endless question, an impossible quantity, or an order that
    names two symbols.
    """
    question = " ".join(question.split())
    if not question:
        raise InputError('the question is empty; try: "Should I buy 50 shares of IBM?"')
    if len(question) > LONGEST:
        raise InputError(
            f"the question has {len(question)} characters; the longest is {LONGEST}. Shorten it."
        )
    order_id = re.search(r"\border\s+#?([a-z2-7]{4,26})\b", question)
    if order_id and re.search(r"\d|[a-z2-7]{8,}", order_id.group(1)):
        return Request(
            Kind.ORDER,
            question,
            order_id=order_id.group(1),
            cancel=bool(re.search(r"\bcancel\b", question, re.IGNORECASE)),
        )
    said = digits_for_words(question)
    side = side_of(question)
    symbols = symbols_in(question, known)
    quantity, value = amounts(said, symbols[0] if symbols else None)
    part = portion(question) if quantity is None and value is None else None
    if side and not symbols and (guess := named_after(said)):
        symbols = [guess]
    if side and symbols:
        if len(symbols) > 1:
            raise InputError(
                f"that names {' and '.join(symbols)}; ask for one order at a time, so that each is "
                f"approved by itself."
            )
        force = "gtc" if re.search(r"\bgtc\b|good.till", question, re.IGNORECASE) else "day"
        return Request(
            Kind.TRADE,
            question,
            symbols[0],
            side=side,
            quantity=_checked(quantity, question),
            portion=str(part) if part is not None and side == "sell" else None,
            value=value,
            limit_price=limit(said),
            time_in_force=force,
        )
    if side and quantity is not None:
        _checked(quantity, question)
        raise InputError(
            f'that says {side} {quantity} but not of what; name a symbol, for example: "{side} '
            f'{quantity} shares of IBM"'
        )
    if symbols:
        return Request(Kind.ANALYSE, question, symbols[0], others=tuple(symbols[1:3]))
    if re.search(
        r"\bmy (?:portfolio|positions?|holdings?|cash|account|equity|p&l|profit)\b|^portfolio",
        question,
        re.IGNORECASE,
    ):
        return Request(Kind.PORTFOLIO, question)
    return Request(Kind.KNOWLEDGE, question)
