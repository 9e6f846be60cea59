"""Symbols, sides, amounts and limits, found in a sentence by plain patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from agents.numbers import MARK, Numbers
from agents.words import portion
from tools.domain.errors import InputError

NUMBER = r"[-+]?\$?\d[\d,_]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
# Not a wish: a warning, or a question about what others did.
NO_WISH = re.compile(
    r"\b(?:don'?t|do not|never|not to|avoid|instead of|rather than)\b(?!\s+I\b)"
    r"|\bnot\s+(?:buy|sell|short|add|purchase)\b"
    r"|^(?:why|who|whose|when|where|did|does|has|have|was|were|what happened|how did)\b",
    re.IGNORECASE,
)
SIDES = {
    "buy": r"\b(?:buy|buying|purchase|acquire|go long|add)\b",
    "sell": r"\b(?:sell|selling|dump|liquidate|exit|short)\b",
}
# Orders that this version can't place, and conditions that would be lost if they were ignored.
NOT_PLACED = re.compile(
    r"\b(?:stop|stops|stop-loss|trailing|bracket|oco|below|under|above|over|when|once|unless|until"
    r"|calls?|puts?|options?|futures?|contracts?|warrants?|leverage[d]?)\b"
    r"|\bif\b(?!\s+(?:i|we)\s+(?:should|can|could|may))",
    re.IGNORECASE,
)
# What may be played on the past: the tool's name for it, and how people say it.
STRATEGIES = {
    "dual_moving_average": r"\b(?:dual |double )?moving[- ]averages?\b|\bgolden cross\b"
    r"|\b(?:ma|sma|ema) cross(?:es|over)?\b",
    "mean_reversion": r"\bmean[- ]rever(?:sion|ting)\b",
    "volatility_target": r"\bvol(?:atility)?[- ]target(?:ing)?\b",
    "breakout": r"\bbreak-?outs?\b|\bdonchian\b",
    "pairs": r"\bpairs?\b",
    "momentum": r"\bmomentum\b",
}
# Capital words of the trade that are no tickers.
NOT_SYMBOLS = frozenset(
    """
    A I AM PM AN AND OR OF THE TO IS IT IN ON AT BY FOR MY ME DO BUY SELL HOLD LONG SHORT RSI
    MACD SMA EMA ATR ADX OBV ROC VAR ETF USD EUR GBP PE EPS IPO CEO CFO SEC FED GDP CPI DAY GTC
    IOC FOK ADV VWAP PNL US UK EU AI ML LLM API MCP OHLC OHLCV NYSE OK WHY HOW WHAT WHEN SHOULD
    DI TWAP EWMA ARIMA GARCH LSTM CAPM OCO OTC NAV ROE ROI EBITDA FX
    LIMIT MARKET STOP ORDER CASH ALL NOT NO YES IF
    """.split()
)
# Words that stand after "buy" or "shares of" and name nothing.
NO_NAMES = frozenset(
    """
    share shares some more the a an and it or my this that them stock stocks unit units in on at
    when all half
    """.split()
)
# First words of company names that are ordinary words too.
GENERIC = frozenset(
    """
    international general american united national first the
    """.split()
)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9.\-/]*")
TICKER = re.compile(r"^[A-Z]{2,6}(?:[.\-/][A-Z]{1,4})?$")


def symbols_in(question: str, known: Mapping[str, str]) -> list[str]:
    """Known tickers and company names in any case, then anything written like a ticker."""
    found: list[str] = []
    names = {name.split()[0].lower().strip(",."): symbol for symbol, name in known.items() if name}
    for symbol, name in known.items():
        whole = re.sub(r"[,.]?\s*(?:inc|corp|corporation|ltd|plc|co)\.?$", "", name, flags=re.I)
        if len(whole) > 3 and whole.lower() in question.lower():
            found.append(symbol)
            question = re.sub(re.escape(whole), " ", question, flags=re.IGNORECASE)
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


def named_after(question: str) -> str | None:
    """The word that stands where a symbol would, so that an unknown one is told and not ignored."""
    for pattern in (
        r"(?:shares?|units?|stocks?)\s+(?:of|in)\s+([A-Za-z][\w.\-]*)",
        rf"\b(?:buy|sell)\s+(?:{NUMBER}\s+)?([A-Za-z][\w.\-]*)",
    ):
        match = re.search(pattern, question, re.IGNORECASE)
        if match and match.group(1).lower() not in NO_NAMES:
            return match.group(1).upper()
    return None


def side_of(question: str) -> str | None:
    """buy, sell, or None when neither or both are said, or when it is no wish to trade."""
    if NO_WISH.search(question):
        return None
    said = [side for side, words in SIDES.items() if re.search(words, question, re.IGNORECASE)]
    # "buy or sell?" asks for a view, not for an order.
    return said[0] if len(said) == 1 else None


def strategy_named(question: str) -> str | None:
    """The strategy that a sentence names, None where it names none."""
    said = question.replace("_", " ")
    found = (n for n, words in STRATEGIES.items() if re.search(words, said, re.IGNORECASE))
    return next(found, None)


def portion_of(numbers: Numbers, question: str) -> str | None:
    """The part of a holding that is meant, in (0, 1], as text; None when none is named."""
    percent = numbers.take_percent(r"PERCENT\s+of\s+(?:my|the)\b")
    if percent is not None:
        share = Decimal(percent) / 100
        if not 0 < share <= 1:
            raise InputError(f"{percent} % is no part of a holding; say 1 to 100 %.")
        return str(share)
    share_said = portion(question)
    return None if share_said is None else str(share_said)


def value_of(numbers: Numbers) -> str | None:
    """An amount of money to spend, None when none is named."""
    worth = r"\s+(?:worth\s+)?(?:of|in)\b"
    found = numbers.take(rf"{MARK}\s*(?:usd|dollars?){worth}")
    if found is None:
        dollars = [str(i) for i, value in enumerate(numbers.values) if "$" in value]
        if dollars:
            found = numbers.take(rf"‹({'|'.join(dollars)})›{worth}")
    return None if found is None else found.replace("$", "")


def quantity_of(numbers: Numbers, symbol: str | None) -> str | None:
    """A number of shares, as said; None when none is named."""
    if odd := re.search(
        r"\b[-+]?(nan|inf(?:inity)?)\s+(?:shares?|units?)", numbers.text, re.IGNORECASE
    ):
        raise InputError(f"the quantity must be a number, was {odd.group(1)!r}")
    after_symbol = rf"\b{re.escape(symbol)}\s*[x,:]?\s*{MARK}" if symbol else r"(?!)"
    for pattern in (
        rf"{MARK}\s*(?:more\s+)?(?:shares?|units?|stocks?)\b",
        rf"\b(?:buy|buying|sell|selling|short|purchase|acquire|add)\s+(?:my\s+)?{MARK}",
        after_symbol,
    ):
        if (found := numbers.take(pattern)) is not None:
            return found
    return None
