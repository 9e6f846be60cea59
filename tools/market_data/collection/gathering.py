"""One symbol's bars, trades or quotes from the first feed that has them, into the store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tools.domain.errors import DataUnavailable, InputError, TradingError
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.grid import Grid
from tools.market_data.collection.judging import judge
from tools.market_data.columns import nanoseconds
from tools.market_data.feeds.feed import Feed
from tools.market_data.store.fetching import Fetched, Fetcher, offers
from tools.market_data.store.ranges import Span, missing
from tools.market_data.store.series import Kind, Series
from tools.market_data.store.store import MarketStore
from tools.market_data.symbols import canonical

logger = logging.getLogger(__name__)

DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Gathered:
    """``series`` is what was filled; ``gaps`` how many bars its calendar has and the store not.

    ``gaps`` is None for trades and quotes, which no calendar foretells. ``score`` is that of the
    report beside the series, None where it could not be checked.
    """

    series: Series
    fetched: Fetched
    gaps: int | None
    score: float | None


def kind_of(what: str) -> tuple[Kind, Timeframe | None]:
    """``trades``, ``quotes`` or a timeframe such as 1m; InputError for anything else."""
    word = what.strip().lower()
    if word in (Kind.TRADES, Kind.QUOTES):
        return Kind(word), None
    return Kind.BARS, Timeframe.parse(what)


def gather(
    feeds: Sequence[Feed],
    fetcher: Fetcher,
    symbol: str,
    what: str,
    span: Span,
    *,
    source: str | None = None,
    told: Callable[[Span, int], None] | None = None,
    again: bool = False,
) -> Gathered:
    """Fetch what is missing in ``span`` from the first of ``feeds`` that has it, or ``source``.

    Raises DataUnavailable where none has, InputError for a name that no feed has.
    """
    kind, timeframe = kind_of(what)
    symbol = canonical(symbol)
    asked = [feed for feed in feeds if source is None or feed.name == source]
    if not asked:
        names = ", ".join(feed.name for feed in feeds)
        raise InputError(f"There is no feed {source!r} here; there is {names}.")
    said: list[str] = []
    for feed in asked:
        if timeframe is not None and not offers(feed, timeframe):
            continue
        series = Series(kind, feed.name, symbol, timeframe)
        try:
            fetched = fetcher.fetch(feed, series, span, told, again=again)
        except DataUnavailable as error:
            said.append(str(error).rstrip("."))
            continue
        if fetched.offered:
            gaps = _gaps(feed, fetcher, series, span)
            return Gathered(series, fetched, gaps, _score(fetcher.store, series, fetched.rows))
        if feed.notice():
            said.append(feed.notice().rstrip("."))
    words = "".join(f" {why}." for why in said)
    raise DataUnavailable(
        f"No feed has {what} of {symbol}.{words} Asked: {', '.join(feed.name for feed in asked)}."
    )


def _score(store: MarketStore, series: Series, new: int) -> float | None:
    """Of what was found before where nothing is new."""
    report = None if new else store.report(series)
    try:
        return float((report or judge(store, series))["score"])
    except TradingError as error:
        # Prices that can't be judged are kept all the same.
        logger.warning("%s could not be checked: %s", series, error)
        return None


def _gaps(feed: Feed, fetcher: Fetcher, series: Series, span: Span) -> int | None:
    """How many bars of what was covered are not there though a session was open."""
    if series.timeframe is None:
        return None
    kept = fetcher.store.bars(series, span)
    try:
        listed = feed.instrument(series.symbol)
        grid = Grid(series.timeframe, listed.calendar if listed else "XNYS")
        if not len(kept):
            return 0
        first, last = max(nanoseconds(span.start), int(kept.start[0])), int(kept.start[-1])
        # By the day that they belong to: the first one may have begun before.
        expected = grid.between(first - 2 * DAY_NS, last + 1)
        expected = expected[(expected >= first) & (expected <= last)]
    except TradingError:
        return None  # a calendar that doesn't reach so far
    asked = np.ones(len(expected), bool)
    for hole in missing(span, fetcher.store.covered(series)):
        asked &= (expected < nanoseconds(hole.start)) | (expected >= nanoseconds(hole.end))
    return int(np.count_nonzero(~np.isin(expected[asked], kept.start)))
