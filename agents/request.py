"""What the person asked for, read from their own words without a model.

An order's side, quantity and symbol come from here and not from a language model, so that what is
proposed is what was said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from agents.conditions import cut_condition, side_said
from agents.numbers import Numbers
from agents.order_terms import Terms, terms_of
from agents.past_wish import RUN, PastWish, past_wish
from agents.reading import (
    NOT_PLACED,
    SIDES,
    named_after,
    portion_of,
    quantity_of,
    side_of,
    symbols_in,
    value_of,
)
from agents.words import digits_for_words
from tools.domain.errors import InputError
from tools.domain.money import exact


class Kind(StrEnum):
    """What sort of answer is wanted."""

    TRADE = "trade"
    ANALYSE = "analyse"
    PORTFOLIO = "portfolio"
    ORDER = "order"
    KNOWLEDGE = "knowledge"
    BACKTEST = "backtest"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a question; numbers are text.

    ``value`` is an amount of money to spend, ``portion`` the part of a holding, in (0, 1].
    ``change`` says that the order at the venue is to get the quantity and the terms named,
    ``strategy`` what is to be played on the past from the day ``start`` to ``end``, in which
    ``way``, with ``cash`` and ``params``. ``condition`` is what the desk's signal must say now for
    an order to be drafted, as ``agents.conditions`` writes it.
    """

    kind: Kind
    question: str
    symbol: str | None = None
    others: tuple[str, ...] = ()
    side: str | None = None
    quantity: str | None = None
    portion: str | None = None
    value: str | None = None
    terms: Terms = field(default_factory=Terms)
    order_id: str | None = None
    cancel: bool = False
    change: bool = False
    strategy: str | None = None
    way: str = RUN
    start: str | None = None
    end: str | None = None
    cash: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    condition: str | None = None


AS_OF = re.compile(r"[,;]?\s*\bas of (\d{4}-\d\d-\d\d)\b", re.IGNORECASE)
"""A date in the question itself, which counts like ``--as-of``."""

ABOUT_NEWS = re.compile(r"\b(?:news|headlines?|sentiment|mood)\b", re.IGNORECASE)
"""With a symbol and no side, a question about what was written."""

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
            f'"buy 50 shares of IBM".'
        )
    if number > Decimal("1e12"):
        raise InputError(f"{quantity} shares is more than any company has; ask for fewer.")
    return quantity


def parse(question: str, known: Mapping[str, str]) -> Request:
    """Read a question; ``known`` maps symbols to company names.

    Raises InputError for an empty or endless question, an impossible quantity, or an order that
    names two symbols.
    """
    question = " ".join(AS_OF.sub(" ", question).split())
    if not question:
        raise InputError('the question is empty; try: "Should I buy 50 shares of IBM?"')
    if len(question) > LONGEST:
        raise InputError(
            f"the question has {len(question)} characters; the longest is {LONGEST}. Shorten it."
        )
    if (order_id := _order_id(question)) is not None:
        return _about(question, order_id)
    if re.search(r"\bcancel\b.*\border", question, re.IGNORECASE):
        raise InputError(
            "say which order to cancel by its id, for example: cancel order 2sqcrlgd5r. "
            "`tollgate orders` lists them."
        )
    plain, condition = cut_condition(question)
    said = digits_for_words(plain)
    side = side_of(plain)
    symbols = symbols_in(question, known)
    if (wish := past_wish(question, symbols)) is not None:
        return _backtest(question, wish, symbols)
    if side and not symbols and (guess := named_after(said)):
        symbols = [guess]
    _undated(question, symbols)
    both = all(re.search(words, plain, re.IGNORECASE) for words in SIDES.values())
    if both and symbols and Numbers(said).values:
        raise InputError("that says buy and sell; ask for one order at a time.")
    if side and symbols:
        order = _trade(question, Numbers(said), side, symbols)
        return replace(order, condition=side_said(condition, side))
    quantity = quantity_of(Numbers(said), None) if side else None
    if side and quantity is not None:
        _checked(quantity, question)
        raise InputError(
            f'that says {side} {quantity} but not of what; name a symbol, for example: "{side} '
            f'{quantity} shares of IBM"'
        )
    if symbols:
        kind = Kind.NEWS if ABOUT_NEWS.search(question) else Kind.ANALYSE
        return Request(kind, question, symbols[0], others=tuple(symbols[1:3]))
    if re.search(
        r"\bmy (?:portfolio|positions?|holdings?|cash|account|equity|p&l|profit)\b|^portfolio"
        r"|\bcash\b.*\b(?:do i have|is left)\b|\bwhat do i (?:own|hold)\b",
        question,
        re.IGNORECASE,
    ):
        return Request(Kind.PORTFOLIO, question)
    return Request(Kind.KNOWLEDGE, question)


def _undated(question: str, symbols: list[str]) -> None:
    """Refuse a date beside a symbol, with which nothing would be done."""
    if symbols and (day := re.search(r"\b\d{4}-\d\d-\d\d\b", question)):
        raise InputError(
            f'to see the desk as it was then, write "as of {day.group()}", use --as-of in the '
            f"terminal or the as-of field in the page; other dates in a question are not used."
        )


def _trade(question: str, numbers: Numbers, side: str, symbols: list[str]) -> Request:
    """An order; refused when a number in it has no place, so that none is read wrongly."""
    if len(symbols) > 1:
        raise InputError(
            f"that names {' and '.join(symbols)}; ask for one order at a time, so that each is "
            f"approved by itself."
        )
    value = value_of(numbers)
    terms = terms_of(numbers, side)
    if condition := NOT_PLACED.search(numbers.text):
        raise InputError(
            f'"{condition.group()}" can\'t be part of an order here: market, limit, stop and '
            f'trailing orders in shares are placed, without other conditions. For example: "{side} '
            f'50 shares of {symbols[0]} at 200".'
        )
    share = portion_of(numbers, question) if side == "sell" else None
    quantity = quantity_of(numbers, symbols[0])
    if left := numbers.left():
        raise InputError(
            f"that reads as an order to {side} {symbols[0]}, but {' and '.join(left)} has no clear "
            f'place in it. Say it plainly, for example: "{side} 50 shares of {symbols[0]} at 200".'
        )
    return Request(
        Kind.TRADE,
        question,
        symbols[0],
        side=side,
        quantity=_checked(quantity, question),
        portion=share if quantity is None and value is None else None,
        value=value,
        terms=terms,
    )


def _backtest(question: str, wish: PastWish, symbols: list[str]) -> Request:
    """A strategy on the past."""
    return Request(
        Kind.BACKTEST,
        question,
        symbols[0],
        others=tuple(symbols[1:]),
        strategy=wish.strategy,
        way=wish.way,
        start=wish.start,
        end=wish.end,
        cash=wish.cash,
        params=dict(wish.params),
    )


def _about(question: str, order_id: str) -> Request:
    """An order named by its id: to be changed, canceled, or only shown."""
    if re.search(r"\b(?:change|replace|amend|modify|move)\b", question, re.IGNORECASE):
        return _change(question, order_id)
    cancel = bool(re.search(r"\bcancel\b", question, re.IGNORECASE))
    return Request(Kind.ORDER, question, order_id=order_id, cancel=cancel)


def _change(question: str, order_id: str) -> Request:
    """New figures for an order at the venue, each named for what it is."""
    numbers = Numbers(digits_for_words(question.replace(order_id, " ")))
    terms = terms_of(numbers, "buy")
    quantity = quantity_of(numbers, None)
    if quantity is None and terms.limit_price is None and terms.stop_price is None:
        raise InputError(
            f"say what the order is to become: change order {order_id} to 20 shares limit 195."
        )
    if left := numbers.left():
        raise InputError(
            f"{' and '.join(left)} has no clear place in that change; say for example: change "
            f"order {order_id} to 20 shares limit 195."
        )
    return Request(
        Kind.ORDER,
        question,
        order_id=order_id,
        quantity=_checked(quantity, question),
        terms=terms,
        change=True,
    )


def _order_id(question: str) -> str | None:
    """The order that is asked about: its id has a digit, or exactly an id's length."""
    match = re.search(r"\border\s+#?([a-z2-7]{4,26})\b", question)
    if match and (re.search(r"\d", match.group(1)) or len(match.group(1)) in (10, 26)):
        return match.group(1)
    return None
