"""What is to be played on the past, read from a person's sentence without a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from agents.reading import strategy_named
from tools.domain.errors import InputError

RUN, SWEEP, WALK, LOTS = "run", "sweep", "walk", "monte carlo"
WAYS = {
    WALK: r"\bwalk(?:ed|ing)?\b.*\bforward\b|\bwalk-forward\b|\bout[- ]of[- ]sample\b",
    SWEEP: r"\bsweep(?:s|ing)?\b|\bgrid[- ]search\b|\boptimi[sz](?:e|ing)\b|\bbest (?:window|para"
    r"meters?|lookback|settings?)\b",
    LOTS: r"\bmonte[- ]carlo\b|\bbootstrap(?:ped)?\b",
}
ASKED = re.compile(r"\bback-?test(?:s|ed|ing)?\b|\bsimulate\b", re.IGNORECASE)
"""Words of a wish, beside a strategy and symbols."""
WOULD = re.compile(
    r"\b(?:would|could)\b.*\b(?:have|'ve)\b.*\b(?:done|earned|made|returned|lost|performed|fared|"
    r"worked|gained)\b|^(?:(?:please|can you|could you|now)\s+)*test\b",
    re.IGNORECASE,
)
# "after the breakout test" is no wish to play anything: only a sentence that begins so.
BEGINS = re.compile(r"^(?:(?:please|can you|could you|now)\s+)*(?:back-?test|simulate)\b", re.I)
DAY = r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?"
SPANS = (
    rf"\b(?:from|between)\s+({DAY})\s+(?:to|until|till|through|and)\s+({DAY})\b",
    rf"\b({DAY})\s*(?:to|until|–|—)\s*({DAY})\b",
    r"\b((?:19|20)\d\d)-((?:19|20)\d\d)\b",
)
SINCE = rf"\b(?:from|since|after|starting)\s+({DAY})\b"
UNTIL = rf"\b(?:to|until|till|through|before)\s+({DAY})\b"
WITHIN = rf"\b(?:in|during|over)\s+({DAY})\b"
AGO = re.compile(r"\b(?:last|past)\s+(?:[\w-]+\s+)?(?:years?|months?|weeks?|decades?)\b", re.I)
MONEY = (
    r"\$\s*(\d[\d,]*(?:\.\d+)?)\s*([km]|thousand|million)?\b",
    r"\b(\d[\d,]*(?:\.\d+)?)\s*([km]|thousand|million)?\s*(?:usd|dollars?)\b",
)
SCALE = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
NAMED = r"\b([a-z_]+)\s*=\s*(\d[\d.]*(?:[:,]\d[\d.]*)*)"
STEPS = r"\b(\d+)\s*(?:to|-|–)\s*(\d+)(?:\s*(?:by|in steps of|step)\s*(\d+))?\b"
BARS = r"\b(\d+)[\s-]*(?:days?|bars?|sessions?|d)\b"
MONTHS = r"\b(\d+)[\s-]*months?\b"
TWO = r"\b(\d+)\s*(?:/|and|x|over|,)\s*(\d+)(?:[\s-]*(?:days?|d))?\b"
FIRST = {
    "breakout": "entry", "dual_moving_average": "slow", "mean_reversion": "window",
    "momentum": "lookback", "pairs": "window", "volatility_target": "window",
}  # fmt: skip
PAIRED = {"breakout": ("entry", "exit"), "dual_moving_average": ("fast", "slow")}
GRIDS = {
    "breakout": {"entry": "10:100:10"},
    "dual_moving_average": {"fast": "10,20,50", "slow": "100,150,200"},
    "mean_reversion": {"window": "10:60:10"},
    "momentum": {"lookback": "63,126,189,252"},
    "pairs": {"window": "100:400:100"},
    "volatility_target": {"window": "10,21,42,63"},
}
"""What is tried where a person names no values."""
MONTH = 21
SAY = 'say for example: "backtest momentum on IBM from 2005 to 2010"'


@dataclass(frozen=True, slots=True)
class PastWish:
    """``way`` is how it is played; ``params`` has a value for each parameter, of a grid several."""

    strategy: str
    way: str = RUN
    start: str | None = None
    end: str | None = None
    cash: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)


def past_wish(question: str, symbols: list[str]) -> PastWish | None:
    """What is to be played, None where nothing is.

    Raises InputError for a wish that names no strategy or no symbol, or a number without a place.
    """
    way = next((n for n, words in WAYS.items() if re.search(words, question, re.I)), RUN)
    strategy = strategy_named(question)
    asked = bool(ASKED.search(question)) or way != RUN
    begins = bool(BEGINS.search(question))
    if not (asked or WOULD.search(question)):
        return None
    if strategy is None or not symbols:
        return _unfinished(question, strategy, symbols, begins=begins)
    return _read(question, strategy, way, symbols)


def _unfinished(
    question: str, strategy: str | None, symbols: list[str], *, begins: bool
) -> PastWish | None:
    """A wish that lacks something is told so, where it can be nothing else."""
    earned = re.search(r"\bwould\b.*\bhave\b", question, re.I) is not None
    moved = re.search(r"^(?:please\s+)?(?:walk|sweep|optimi[sz]e|test)\b", question, re.I)
    if strategy is not None and not symbols and (begins or earned or moved):
        raise InputError(
            f"that asks for {strategy.replace('_', ' ')} on the past, but on no symbol that is "
            f"known here: name each one; {SAY}."
        )
    if strategy is None and begins:
        raise InputError(
            "that names no strategy to play: breakout, moving average, mean reversion, momentum, "
            f"pairs or volatility target; {SAY}. One of your own is a file: `tollgate backtest run "
            "FILE --symbol IBM`. What the agents would have done: `tollgate backtest agents`."
        )
    return None


def _read(question: str, strategy: str, way: str, symbols: list[str]) -> PastWish:
    if AGO.search(question):
        raise InputError("say the years instead: since 2008, or from 2005 to 2010.")
    text = question
    for symbol in symbols:
        text = re.sub(rf"\b{re.escape(symbol)}\b", " ", text)
    text, start, end = _days(text)
    text, cash = _money(text)
    text, params = _params(text, strategy, way)
    if left := re.findall(r"-?\d[\d.,:/%-]*", text):
        raise InputError(
            f"{' and '.join(left[:3])} has no clear place in that backtest. Parameters are said as "
            f"name=value, days as from 2005-01-03 to 2010-12-31, money as $50,000; {SAY}."
        )
    if way in (SWEEP, WALK) and not any(c in one for one in params.values() for c in ",:"):
        params = {k: v for k, v in GRIDS[strategy].items() if k not in params} | params
    elif way in (RUN, LOTS) and any(c in one for one in params.values() for c in ",:"):
        raise InputError('one run has one value of each parameter; several: "sweep breakout …".')
    return PastWish(strategy, way, start, end, cash, params)


def _days(text: str) -> tuple[str, str | None, str | None]:
    for pattern in SPANS:
        if found := re.search(pattern, text, re.I):
            return _cut(text, found), _first(found[1]), _last(found[2])
    if found := re.search(WITHIN, text, re.I):
        return _cut(text, found), _first(found[1]), _last(found[1])
    start = end = None
    if found := re.search(SINCE, text, re.I):
        text, start = _cut(text, found), _first(found[1])
    if found := re.search(UNTIL, text, re.I):
        text, end = _cut(text, found), _last(found[1])
    return text, start, end


def _money(text: str) -> tuple[str, str | None]:
    for pattern in MONEY:
        if found := re.search(pattern, text, re.I):
            scale = SCALE.get((found[2] or "").lower(), 1)
            amount = Decimal(found[1].replace(",", "")) * scale
            return _cut(text, found), format(amount.normalize(), "f")
    return text, None


def _params(text: str, strategy: str, way: str) -> tuple[str, dict[str, str]]:
    params: dict[str, str] = {}
    for name, value in re.findall(NAMED, text, re.I):
        params[name.lower()] = value
    text = re.sub(NAMED, " ", text, flags=re.I)
    first = FIRST[strategy]
    if way in (SWEEP, WALK) and (found := re.search(STEPS, text, re.I)):
        low, high = int(found[1]), int(found[2])
        params[first] = f"{low}:{high}:{found[3] or max((high - low) // 9, 1)}"
        return _cut(text, found), params
    if strategy in PAIRED and (found := re.search(TWO, text, re.I)):
        params |= zip(PAIRED[strategy], (found[1], found[2]), strict=True)
        return _cut(text, found), params
    if strategy == "volatility_target" and (found := re.search(r"\b(\d+(?:\.\d+)?)\s*%", text)):
        text, params["target"] = _cut(text, found), str(Decimal(found[1]) / 100)
    if found := re.search(BARS, text, re.I):
        text, params[first] = _cut(text, found), found[1]
    elif found := re.search(MONTHS, text, re.I):
        text, params[first] = _cut(text, found), str(int(found[1]) * MONTH)
    return text, params


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _first(day: str) -> str:
    return {4: f"{day}-01-01", 7: f"{day}-01"}.get(len(day), day)


def _last(day: str) -> str:
    if len(day) == 7:
        import calendar

        return f"{day}-{calendar.monthrange(int(day[:4]), int(day[5:]))[1]:02d}"
    return f"{day}-12-31" if len(day) == 4 else day
