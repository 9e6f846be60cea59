"""Whether short sales of a US share are restricted today, derived from prices (17 CFR 242.201).

The rule: once a share trades ten per cent or more below its last close, short sales of it must be
above the national best bid for the rest of that day and all of the next. The listing exchange says
when it applies; no interface here passes that on, so it is worked out, with doubt as "unknown".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from tools.domain.errors import DataUnavailable
from tools.domain.market import Bar
from tools.market_data.sessions import session_on, trading_day

CALENDAR = "XNYS"
TRIGGER = Decimal("0.9")
# No two sessions are further apart: in September 2001 four days without one met a weekend.
LONGEST_BREAK = 10


def restricted(
    bars: Sequence[Bar], lows: Sequence[Decimal] | None, now: datetime, margin: Decimal
) -> bool | None:
    """Whether the rule holds at ``now`` (aware UTC); None where that can't be told.

    ``bars`` are settled daily bars of all exchanges, as traded with adjusted closes. ``lows`` are
    the lowest prices of today that were seen, empty before the first trade and None where nothing
    is known of today. Where they are not of all exchanges, ``margin`` is how much nearer to the
    last close a low (a fraction of that close) is taken to be a doubt. A split or a dividend makes
    two answers, with the close as it was and as adjusted: where they differ nobody can tell.
    """
    try:
        day = trading_day(CALENDAR, now)
        if session_on(CALENDAR, day) is None:
            return None
        before, earlier = _sessions_before(day)
    except DataUnavailable:
        return None
    found = {bar.session: bar for bar in bars}
    last, other = found.get(before), found.get(earlier)
    if lows is None or last is None or other is None:
        return None
    own = found.get(day)
    today = [*lows, *([] if own is None else [own.low])]
    answers = [_fallen([last.low], close, Decimal(0)) for close in _closes(other, last)]
    answers_today = [_fallen(today, close, margin) for close in _closes(last, own)]
    return _either(_agreed(answers), _agreed(answers_today))


def _sessions_before(day: date) -> tuple[date, date]:
    found: list[date] = []
    for back in range(1, LONGEST_BREAK + 1):
        one = day - timedelta(days=back)
        if session_on(CALENDAR, one) is not None:
            found.append(one)
        if len(found) == 2:
            return found[0], found[1]
    raise DataUnavailable(f"There are no two sessions before {day}.")


def _closes(bar: Bar, after: Bar | None) -> tuple[Decimal, Decimal]:
    """The close of a bar as it was traded, and in the terms of the day after it (None: of now)."""
    if bar.adjusted_close is None:
        return bar.close, bar.close
    if after is None or not after.adjusted_close:
        return bar.close, bar.adjusted_close
    return bar.close, bar.adjusted_close * after.close / after.adjusted_close


def _fallen(lows: Sequence[Decimal], close: Decimal, margin: Decimal) -> bool | None:
    if any(low <= TRIGGER * close for low in lows):
        return True
    return None if any(low <= (TRIGGER + margin) * close for low in lows) else False


def _agreed(answers: Sequence[bool | None]) -> bool | None:
    first, *others = answers
    return first if all(other is first for other in others) else None


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None or other is None else False
