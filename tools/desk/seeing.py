"""The market as the gate is shown it: asked before the ledger is locked, used inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import is_

from tools.domain.errors import TradingError
from tools.domain.instrument import Instrument
from tools.domain.making import quickly_made
from tools.domain.market import AsOf, Quote
from tools.domain.status import Borrow, Session, Status
from tools.market_data.calendars import EXCHANGES
from tools.market_data.sessions import extended_on, session_on, trading_day
from tools.portfolio.marks import Mark, rate
from tools.ports import MarketData, MarketStatus
from tools.risk.case import MarketView

VOLUME_BARS = 20
# Of a bar's volume, what a quote made from its close is taken to stand for at each side.
QUOTED_SHARE = Decimal("0.10")
Answers = tuple[Instrument, Quote, AsOf, Status | None, Decimal | None, bool]
"""The listing, the quote, the bars, the feed's word on trading, the currency's rate, and whether
the venue lends."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Sight:
    """The market as seen for one order.

    ``now`` is the moment it is judged at: the market clock's, or a dated order's own. ``morning``
    are the prices that were known when the day of ``now`` began.
    """

    market: MarketView
    mark: Mark
    morning: Mark
    now: datetime
    clock: datetime
    dated: bool
    today: date


def today(listed: Instrument | None, now: datetime) -> date:
    """The date of ``now`` (aware) at the listing's exchange; in UTC where it never closes."""
    if listed is None or listed.calendar not in EXCHANGES:
        return now.astimezone(UTC).date()
    return trading_day(listed.calendar, now)


class Views:
    """What is known of each symbol for an account kept in one currency.

    While the market's answers are the very same, and the moment is, so is the view: the gate need
    not look at it again. Threads may share it.
    """

    def __init__(self, market: MarketData, currency: str) -> None:
        """Nothing is asked when made."""
        self._market, self._currency = market, currency
        self._status = market.status if isinstance(market, MarketStatus) else None
        self._last: dict[str, tuple[Answers, datetime, MarketView]] = {}

    def at(self, symbol: str, moment: datetime, mark: Mark, *, lent: bool) -> MarketView:
        """What is known at ``moment`` (aware UTC).

        ``lent`` says that the venue lends any share at once, as a simulated one does.
        """
        market = self._market
        listed: Instrument | None = None
        try:
            listed = market.instrument(symbol)
            quote = market.quote(symbol, moment)
            known = market.history(symbol, moment)
            told = None if self._status is None else self._status(symbol, moment)
        except TradingError as error:
            # The gate refuses what is None and puts the feed's own words into the reason.
            return MarketView(listed, None, None, None, known=listed is not None, note=str(error))
        worth = rate(mark, listed.currency, self._currency, moment)
        answers = (listed, quote, known, told, worth, lent)
        last = self._last.get(symbol)
        if last is not None and last[1] == moment and all(map(is_, last[0], answers)):
            return last[2]
        status = told or _implied(listed, quote, moment, lent=lent)
        made = _view(listed, quote, known, status, worth)
        self._last[symbol] = (answers, moment, made)
        return made


def _view(
    listed: Instrument, quote: Quote, known: AsOf, status: Status, worth: Decimal | None
) -> MarketView:
    volumes = [bar.volume for bar in known.bars[-VOLUME_BARS:]]
    share = _share(volumes, listed) if quote.simulated else None
    return MarketView(
        listed,
        quote.bid,
        quote.ask,
        quote.event_time,
        sum(volumes, Decimal(0)) / len(volumes) if volumes else None,
        known=True,
        simulated=quote.simulated,
        bid_size=share if quote.bid_size is None else quote.bid_size,
        ask_size=share if quote.ask_size is None else quote.ask_size,
        halted=status.halted,
        session=status.session,
        borrow=status.borrow,
        short_restricted=status.short_restricted,
        rate=worth,
    )


def _implied(listed: Instrument, quote: Quote, moment: datetime, *, lent: bool) -> Status:
    """What is taken for the status where no feed tells it.

    A quote made from a close stands for a market that never halts, but only for a venue that is
    simulated as well: of a real one nothing is known.
    """
    return Status(
        halted=False if quote.simulated and lent else None,
        session=session(listed, moment, extended=not quote.simulated),
        borrow=Borrow.EASY if lent else None,
        short_restricted=False if lent else None,
    )


def session(listed: Instrument, moment: datetime, *, extended: bool) -> Session | None:
    """What the listing's exchange is doing; None where its calendar doesn't reach to ``moment``.

    ``extended`` says that there are prices outside the regular session at all.
    """
    try:
        day = trading_day(listed.calendar, moment)
        regular = session_on(listed.calendar, day)
        if regular is not None and regular[0] <= moment < regular[1]:
            return Session.OPEN
        whole = extended_on(listed.calendar, day) if extended else None
    except TradingError:
        return None
    inside = whole is not None and whole[0] <= moment < whole[1]
    return Session.EXTENDED if inside else Session.WAITING


def _share(volumes: list[Decimal], listed: Instrument) -> Decimal | None:
    """The size behind a quote made from a close, in whole lots; None of a bar without volume."""
    if not volumes or volumes[-1] <= 0:
        return None
    return max(volumes[-1] * QUOTED_SHARE // listed.lot * listed.lot, listed.lot)
