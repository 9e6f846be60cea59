"""What each source says of trading now: the operator, the tripwires, the data, the broker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.domain.errors import TradingError
from tools.domain.making import quickly_made
from tools.domain.portfolio import Health
from tools.execution.book import Book
from tools.ports import Clock, MarketData
from tools.risk.kept import Kept
from tools.risk.limits import Limits
from tools.risk.mode import Mode, strictest

SAID = {
    Mode.HALTED: "A person halted trading; `tollgate resume` lifts it.",
    Mode.REDUCE_ONLY: "A person lets positions only get smaller; `tollgate resume` lifts it.",
    Mode.ACTIVE: "A person resumed trading.",
}


@quickly_made
@dataclass(frozen=True, slots=True)
class Word:
    """One source's word: ``sentence`` says why, and how to lift it where a person can."""

    source: str
    mode: Mode
    sentence: str


NOBODY = Word("operator", Mode.ACTIVE, "Nobody stopped trading.")
UNTOUCHED = Word("monitoring", Mode.ACTIVE, "No tripwire was touched.")


def strictest_of(words: Iterable[Word]) -> Mode:
    """The mode that all sources together allow; HALTED when there is none."""
    return strictest(*[word.mode for word in words])


def operator(book: Book) -> Word:
    """The switch as people left it; ACTIVE when nobody touched it, HALTED when unreadable."""
    if not book.mode:
        return NOBODY
    mode = Mode.__members__.get(book.mode, Mode.HALTED)
    return Word("operator", mode, SAID[mode])


def tripwires(book: Book) -> Word:
    """What the desk's own watch stopped since a person last resumed."""
    if not book.trips:
        return UNTOUCHED
    said = " ".join(_sentence(trip) for trip in book.trips)
    return Word(
        "monitoring", Mode.HALTED, f"{said} Look into it; then `tollgate resume` lifts the stop."
    )


def data(market: MarketData, clock: Clock, limits: Limits, book: Book) -> Word:
    """Whether prices arrive and both clocks can be believed; may ask a network."""
    try:
        now, latest = clock.now(), market.latest()
    except TradingError as error:
        return Word("data", Mode.HALTED, f"The prices can't be read: {error}")
    wall, skew = clock.wall(), timedelta(seconds=limits.clock_skew_seconds)
    if book.at is not None and wall < book.at - skew:
        return Word(
            "data",
            Mode.HALTED,
            f"This machine's clock says {_minute(wall)}, but the ledger was already written to at "
            f"{_minute(book.at)}. Set the clock right.",
        )
    if now - latest > timedelta(days=limits.stale_market_days):
        return Word(
            "data",
            Mode.REDUCE_ONLY,
            f"The last price of any symbol is of {_minute(latest)}; the market clock says "
            f"{_minute(now)}.",
        )
    return Word("data", Mode.ACTIVE, f"Prices up to {_minute(latest)}.")


def broker(health: Health | None, wall: datetime, limits: Limits) -> Word:
    """Whether the venue answers, and agrees with our own figures."""
    if health is None or health.reconciled_at is None:
        why = " ".join(health.differences) if health is not None else ""
        said = f"Our figures were never compared with the venue's. {why}".strip()
        return Word("broker", Mode.HALTED, said)
    age = wall - health.reconciled_at
    when = _second(health.reconciled_at)
    if not health.connected:
        return Word(
            "broker",
            Mode.REDUCE_ONLY,
            f"The venue does not answer, or its news don't arrive; last compared {when}.",
        )
    if not timedelta(0) <= age + timedelta(seconds=limits.clock_skew_seconds) or age > timedelta(
        seconds=limits.stale_reconciliation_seconds
    ):
        return Word("broker", Mode.REDUCE_ONLY, f"Last compared with the venue {when}: too old.")
    if health.differences:
        return Word("broker", Mode.REDUCE_ONLY, " ".join(map(_sentence, health.differences)))
    return Word("broker", Mode.ACTIVE, f"Agrees with the venue, compared {when}.")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


# The same few moments are told before each order.
_minute: Kept[datetime, str] = Kept(lambda moment: f"{moment:%Y-%m-%d %H:%M} UTC")
_second: Kept[datetime, str] = Kept(lambda moment: f"{str(moment)[:19]} UTC")
