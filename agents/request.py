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
NUMBER = r"[-+]?\$?\d[\d,_]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
SIDES = {
    "buy": r"\b(?:buy|buying|purchase|acquire|go long|add)\b",
    "sell": r"\b(?:sell|selling|dump|liquidate|exit|short)\b",
}
# Capital words of the trade that are no tickers.
NOT_SYMBOLS = frozenset(
    [
        "A",
        "I",
        "AM",
        "PM",
        "AN",
        "AND",
        "OR",
        "OF",
        "THE",
        "TO",
        "IS",
        "IT",
        "IN",
        "ON",
        "AT",
        "BY",
        "FOR",
        "MY",
        "ME",
        "DO",
        "BUY",
        "SELL",
        "HOLD",
        "LONG",
        "SHORT",
        "RSI",
        "MACD",
        "SMA",
        "EMA",
        "ATR",
        "ADX",
        "OBV",
        "ROC",
        "VAR",
        "ETF",
        "USD",
        "EUR",
        "GBP",
        "PE",
        "EPS",
        "IPO",
        "CEO",
        "CFO",
        "SEC",
        "FED",
        "GDP",
        "CPI",
        "DAY",
        "GTC",
        "IOC",
        "FOK",
        "ADV",
        "VWAP",
        "PNL",
        "US",
        "UK",
        "EU",
        "AI",
        "ML",
        "LLM",
        "API",
        "MCP",
        "OHLC",
        "OHLCV",
        "NYSE",
        "OK",
        "WHY",
        "HOW",
        "WHAT",
        "WHEN",
        "SHOULD",
        "LIMIT",
        "MARKET",
        "STOP",
        "ORDER",
        "CASH",
        "ALL",
        "NOT",
        "NO",
        "YES",
        "IF",
    ]
)
# Words that stand after "buy" or "shares of" and name nothing.
NO_NAMES = frozenset(
    [
        "share",
        "shares",
        "some",
        "more",
        "the",
        "a",
        "an",
        "and",
        "it",
        "or",
        "my",
        "this",
        "that",
        "them",
        "stock",
        "stocks",
        "unit",
        "units",
        "in",
        "on",
        "at",
        "when",
        "all",
        "half",
    ]
)
# First words of company names that are ordinary words too.
GENERIC = frozenset(["international", "general", "american", "united", "national", "first", "the"])
WORD = re.compile(r"[A-Za-z][A-Za-z0-9.\-/]*")
TICKER = re.compile(r"^[A-Z]{2,6}(?:[.\-/][A-Z]{1,4})?$")


def _number(text: str) -> str:
    return text.replace(",", "").replace("_", "").replace("$", "")


def _symbols(question: str, known: Mapping[str, str]) -> list[str]:
    """Known tickers and company names in any case, then anything written like a ticker."""
    found: list[str] = []
    names = {name.split()[0].lower().strip(",."): symbol for symbol, name in known.items() if name}
    for written in WORD.findall(question):
        word = written.rstrip(".-/").removesuffix("'s")
        upper = word.upper()
        is_known = upper in known and (word.isupper() or len(word) > 2 or word == upper)
        if is_known and upper not in NOT_SYMBOLS:
            found.append(upper)
        elif word.lower() in names and len(word) > 3 and word.lower() not in GENERIC:
            found.append(names[word.lower()])
        elif TICKER.match(word) and upper not in NOT_SYMBOLS:
            found.append(upper)
    return list(dict.fromkeys(found))


def _named_after(question: str) -> str | None:
    """The word that stands where a symbol would, so that an unknown one is told and not ignored."""
    for pattern in (
        r"(?:shares?|units?|stocks?)\s+(?:of|in)\s+([A-Za-z][\w.\-]*)",
        rf"\b(?:buy|sell)\s+(?:{NUMBER}\s+)?([A-Za-z][\w.\-]*)",
    ):
        match = re.search(pattern, question, re.IGNORECASE)
        if match and match.group(1).lower() not in NO_NAMES:
            return match.group(1).upper()
    return None


def _side(question: str) -> str | None:
    said = [side for side, words in SIDES.items() if re.search(words, question, re.IGNORECASE)]
    # "buy or sell?" asks for a view, not for an order.
    return said[0] if len(said) == 1 else None


def _limit(question: str) -> str | None:
    before = r"limit(?:\s+(?:price|of|at))*|@|\bat(?:\s+(?:most|least|no more than))?"
    # Not "at 3 % risk".
    match = re.search(rf"(?:{before})\s*({NUMBER})(?!\s*%|\d)", question, re.IGNORECASE)
    return _number(match.group(1)) if match else None


def _amounts(question: str, symbol: str | None) -> tuple[str | None, str | None]:
    """A quantity and a money value, either or neither."""
    if odd := re.search(
        r"\b[-+]?(nan|inf(?:inity)?)\s+(?:shares?|units?)", question, re.IGNORECASE
    ):
        raise InputError(f"the quantity must be a number, was {odd.group(1)!r}")
    money = re.search(
        rf"(\$\s?\d[\d,]*(?:\.\d+)?)\s+(?:worth\s+)?(?:of|in)\b"
        rf"|({NUMBER})\s*(?:usd|dollars?)\s+(?:worth\s+)?(?:of|in)\b",
        question,
        re.IGNORECASE,
    )
    if money:
        return None, _number((money.group(1) or money.group(2)).replace(" ", ""))
    after_symbol = rf"\b{re.escape(symbol)}\s*[x,:]?\s*({NUMBER})(?!\s*%|\d)" if symbol else r"(?!)"
    for pattern in (
        rf"({NUMBER})\s*(?:more\s+)?(?:shares?|units?|stocks?)\b",
        rf"\b(?:buy|sell|short|purchase|acquire|add)\s+({NUMBER})(?!\s*%|\d)",
        after_symbol,
    ):
        if match := re.search(pattern, question, re.IGNORECASE):
            return _number(match.group(1)), None
    return None, None


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
    side = _side(question)
    symbols = _symbols(question, known)
    quantity, value = _amounts(said, symbols[0] if symbols else None)
    part = portion(question) if quantity is None and value is None else None
    if side and not symbols and (guess := _named_after(said)):
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
            limit_price=_limit(said),
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
