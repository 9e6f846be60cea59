"""The MarketData port over an ordered list of feeds: per symbol, the first that has it answers.

``build_market`` is the one place that names the feeds.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tools.domain.errors import ConfigError, DataUnavailable
from tools.domain.feed_health import FeedHealth
from tools.domain.instrument import Instrument
from tools.domain.market import AsOf, Bar, Quote, aware_utc
from tools.domain.options import OptionQuote
from tools.domain.status import Status
from tools.domain.timeframe import Timeframe
from tools.market_data.feeds.feed import Feed, OptionsFeed, QuotesFeed, QuotingFeed, TradesFeed
from tools.market_data.feeds.files import FilesFeed
from tools.market_data.feeds.resilience.guard import Guard, guarded
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.feeds.yahoo import YahooFeed
from tools.market_data.quote import simulated_quote
from tools.market_data.symbols import canonical
from tools.ports import Clock

if TYPE_CHECKING:
    from tools.market_data.bars import BarsAsOf
    from tools.market_data.columns import QuoteColumns, TickColumns
    from tools.market_data.store.fetching import Fetcher

LISTED, SHOWN = 20, 3
# A moment so near to the wall's now is the present, of which a feed may know a real quote.
PRESENT = timedelta(minutes=1)


@contextmanager
def _telling(said: list[str]) -> Iterator[None]:
    """What a feed raises is told and ends nothing."""
    try:
        yield
    except DataUnavailable as error:
        said.append(str(error))


class Market:
    """Implements ``tools.ports.MarketData``.

    Put the feed that should win first and the default (the one that is always there) last.
    Symbols are normalised; InputError for those that can't be any.
    """

    def __init__(
        self, feeds: Sequence[Feed], clock: Clock, keep: Callable[[], Fetcher] | None = None
    ) -> None:
        """``clock.wall()`` is the present of live feeds; nothing else is read from it.

        ``keep`` opens the store that ``bars`` keeps live feeds' answers in; without it none are.
        """
        self._feeds = tuple(feeds)
        self._clock = clock
        self._keep = keep

    def instruments(self) -> tuple[Instrument, ...]:
        """Every listing known without a network, by symbol; the first feed's where two have one."""
        found: dict[str, Instrument] = {}
        for feed in self._feeds:
            for symbol in feed.symbols():
                listed = feed.instrument(symbol) if symbol not in found else None
                if listed is not None:
                    found[symbol] = listed
        return tuple(found[symbol] for symbol in sorted(found))

    def instrument(self, symbol: str) -> Instrument:
        """The listing; DataUnavailable with near matches when no feed has the symbol."""
        symbol = canonical(symbol)
        for feed in self._feeds:
            listed = feed.instrument(symbol)
            if listed is not None:
                return listed
        raise self._unknown(symbol)

    def history(self, symbol: str, as_of: datetime) -> AsOf:
        """Every bar known at ``as_of`` (aware), oldest first; DataUnavailable before the first."""
        symbol, feed, bars, notice = self._find(symbol)
        known = AsOf.cut(symbol, bars, as_of, feed.label(symbol), notice)
        if not known.bars:
            first = bars[0]
            raise DataUnavailable(
                f"There are no prices of {symbol} at {known.now:%Y-%m-%d %H:%M} UTC: the first "
                f"session is {first.session}, known from {first.known_at:%Y-%m-%d %H:%M} UTC. "
                "Ask as of a later moment."
            )
        return known

    def quote(self, symbol: str, as_of: datetime) -> Quote:
        """The real quote for the present where the symbol's feed has one, never a made one then.

        Else a simulated quote around the last close known at ``as_of``; errors as in history.
        """
        feed, symbol = self._quoting(symbol, as_of)
        seen = None if feed is None else feed.quote(symbol)
        if seen is not None:
            return seen
        return simulated_quote(self.instrument(symbol), self.history(symbol, as_of))

    def status(self, symbol: str, as_of: datetime) -> Status | None:
        """Whether trading in it goes on; None where its feed sees no market, or not that moment."""
        feed, symbol = self._quoting(symbol, as_of)
        return None if feed is None else feed.status(symbol)

    def bars_after(self, symbol: str, moment: datetime, until: datetime) -> Sequence[Bar]:
        """Bars that opened at or after ``moment`` and were known by ``until``, oldest first.

        Empty when there are none; DataUnavailable only for an unknown symbol.
        """
        _, _, bars, _ = self._find(symbol)
        start = bisect_left(bars, aware_utc(moment), key=lambda bar: bar.event_time)
        end = bisect_right(bars, aware_utc(until, "until"), key=lambda bar: bar.known_at)
        return bars[start:end]

    def feeds(self) -> tuple[FeedHealth, ...]:
        """How each feed behind a network is doing, in the order in which they are asked."""
        return tuple(feed.health() for feed in self._feeds if isinstance(feed, Guard))

    def bars(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime, as_of: datetime
    ) -> BarsAsOf:
        """Bars that opened from ``start`` until before ``end`` (aware), known at ``as_of``.

        From the store, else the feeds, else made from shorter bars; DataUnavailable where no feed
        has any, InputError for a span that is none.
        """
        from tools.market_data.bars import Bars

        keep = None if self._keep is None else self._keep()
        return Bars(self._feeds, self._clock, keep).bars(symbol, timeframe, start, end, as_of)

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """Of the first feed that has any from ``start`` until before ``end``; None where none has.

        Raises DataUnavailable where that feed is broken.
        """
        symbol = canonical(symbol)
        asked = (f.trades(symbol, start, end) for f in self._feeds if isinstance(f, TradesFeed))
        return next((found for found in asked if found is not None), None)

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns | None:
        """The same for quotes, each change of the best bid and ask."""
        symbol = canonical(symbol)
        asked = (f.quotes(symbol, start, end) for f in self._feeds if isinstance(f, QuotesFeed))
        return next((found for found in asked if found is not None), None)

    def chain(self, underlying: str) -> tuple[OptionQuote, ...] | None:
        """The options on a share as they are now, of the first feed that has any; else None.

        Raises DataUnavailable where that feed is broken.
        """
        symbol = canonical(underlying)
        asked = (f.chain(symbol) for f in self._feeds if isinstance(f, OptionsFeed))
        return next((found for found in asked if found), None)

    def sources(self) -> tuple[Feed, ...]:
        """The feeds themselves, in the order in which they are asked, to fetch from."""
        return self._feeds

    def latest(self) -> datetime:
        """Where the desk's clock stands: the wall's now when a live feed answers (aware UTC).

        Otherwise the last moment of the first feed in the order that has any, so that the user's
        own files decide before the sample does.
        """
        if any(feed.live and feed.latest() is not None for feed in self._feeds):
            return aware_utc(self._clock.wall())
        for feed in self._feeds:
            moment = None if feed.live else feed.latest()
            if moment is not None:
                return moment
        said = " ".join(f"{feed.notice()}." for feed in self._feeds if feed.notice())
        said = " ".join(filter(None, (said, *self._broken())))
        raise DataUnavailable(said or "No feed has any prices: put CSV files in the data folder.")

    def _broken(self) -> list[str]:
        """What is wrong with the first few of a person's own files, where none can be used."""
        found: list[str] = []
        for feed in self._feeds:
            for symbol in feed.symbols():
                with _telling(found):
                    feed.bars(symbol)
        return found[:SHOWN]

    def _find(self, symbol: str) -> tuple[str, Feed, tuple[Bar, ...], str]:
        """Canonical symbol, the feed that has it, its bars, and what better feeds could not do."""
        symbol = canonical(symbol)
        notices: list[str] = []
        for feed in self._feeds:
            bars = feed.bars(symbol)
            if feed.notice():
                notices.append(feed.notice())
            if bars:
                notice = f"{'; '.join(notices)}; these prices are from {feed.label(symbol)}."
                return symbol, feed, bars, notice if notices else ""
        raise self._unknown(symbol)

    def _quoting(self, symbol: str, as_of: datetime) -> tuple[QuotingFeed | None, str]:
        """The symbol's feed if it sees the market at ``as_of``, and the canonical symbol."""
        symbol, feed, _, _ = self._find(symbol)
        near = abs(aware_utc(self._clock.wall()) - aware_utc(as_of)) <= PRESENT
        return (feed if near and isinstance(feed, QuotingFeed) else None), symbol

    def _unknown(self, symbol: str) -> DataUnavailable:
        """The error for a symbol that no feed has: what is near, what is known, what is off."""
        known = sorted({name for feed in self._feeds for name in feed.symbols()})
        near = difflib.get_close_matches(symbol, known, n=3, cutoff=0.5)
        more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
        sentences = [f"No feed has prices of {symbol}."]
        if near:
            sentences.append(f"Did you mean {' or '.join(near)}?")
        if known:
            sentences.append(f"Known without a network: {', '.join(known[:LISTED])}{more}.")
        sentences += [f"{feed.notice()}." for feed in self._feeds if feed.notice()]
        return DataUnavailable(" ".join(sentences))


def build_market(
    feed: str,
    data: Path | None,
    state: Path,
    clock: Clock,
    alpaca: Feed | None = None,
    named: Mapping[str, Feed] | None = None,
    kept_in: str | None = None,
) -> Market:
    """``auto``: the user's files, Alpaca, those ``named``, Yahoo, the sample; or one by its name.

    ``yahoo`` has the sample behind it, which says so when it steps in; ``alpaca`` has nothing
    behind it, because real orders go by its prices. ``data`` is the folder of the user's files,
    ``state`` the state folder, ``clock.wall()`` the real time, and ``alpaca`` that feed where there
    are keys; ``named`` are other feeds by the names that the settings have for them; ``kept_in`` is
    the store of prices (``store.opening``). Every feed behind a network is guarded
    (``feeds.resilience``); Alpaca gives way to no other. Raises ConfigError for another name, for
    ``files`` without a folder that exists, or for ``alpaca`` without keys.
    """
    folder = data.expanduser() if data is not None else None
    if folder is not None and not folder.is_dir():
        raise ConfigError(
            f"The folder for your own prices, {folder}, does not exist: make it, put files such as "
            "IBM.csv into it, or unset TOLLGATE_DATA."
        )
    files: tuple[Feed, ...] = (FilesFeed(folder, clock),) if folder is not None else ()
    real: tuple[Feed, ...] = () if alpaca is None else (alpaca,)
    yahoo = guarded(YahooFeed(clock, state), clock, state=state)
    real = tuple(guarded(one, clock, state=state, yields=False) for one in real)
    others = {
        name: guarded(one, clock, state=state, yields=feed == "auto")
        for name, one in (named or {}).items()
    }
    sample = SampleFeed()
    orders: dict[str, tuple[Feed, ...]] = {
        "auto": (*files, *real, *others.values(), yahoo, sample),
        "sample": (sample,),
        "yahoo": (yahoo, sample),
        "alpaca": real,
        "files": files,
        **{name: (one,) for name, one in others.items()},
    }
    if feed not in orders:
        raise ConfigError(f"There is no feed {feed!r}: use {', '.join(orders)}.")
    if feed == "alpaca" and not real:
        raise ConfigError(
            "The feed is set to alpaca: set APCA_API_KEY_ID and APCA_API_SECRET_KEY, or choose "
            "another with TOLLGATE_FEED."
        )
    if not orders[feed]:
        raise ConfigError("The feed is set to files: set TOLLGATE_DATA to their folder.")

    def keep() -> Fetcher:
        from tools.market_data.store.opening import open_fetcher

        return open_fetcher(state, kept_in, clock)

    return Market(orders[feed], clock, keep)
