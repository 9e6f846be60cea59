"""The one place where concrete things are named: every service, built once.

Long because nothing else may name them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.clock import FeedClock, SystemClock
from tools.desk import Desk
from tools.desk.door import STARTING_CASH
from tools.desk.program import build
from tools.domain.actions import CorporateAction
from tools.domain.errors import ConfigError, StateError, TradingError
from tools.domain.order import Order
from tools.execution.audit import Audit, demand
from tools.execution.audit_source import SqliteSource
from tools.execution.brokers.paper import PaperVenue
from tools.execution.brokers.paper.adjusted import AdjustedSplits
from tools.execution.ledger import SqliteLedger, heads_beside
from tools.indicators import own
from tools.market_data.feeds import opening
from tools.market_data.feeds.dividends import paid
from tools.market_data.feeds.feed import Feed, StreamingFeed
from tools.market_data.market import Market
from tools.monitoring.switch import Switch
from tools.ports import Broker, Bus, Cache, Clock, Ledger, MarketData
from tools.risk.limits import Limits, load_limits
from tools.settings import BrokerChoice, FeedChoice, Settings

if TYPE_CHECKING:
    from tools.backtest.running import Backtester, Setting
    from tools.backtest.search.worker import Worker
    from tools.backtest.search.workers.again import Say
    from tools.backtest.search.workers.workers import Workers
    from tools.features.store import FeatureStore
    from tools.models.sentiment.kept import KeptTone
    from tools.streaming.played import Played
    from tools.streaming.routing import Routed


economic_feed, flow_feed = opening.economic_feed, opening.flow_feed


@dataclass(frozen=True, slots=True)
class House:
    """The services of one desk, all over the same state folder."""

    settings: Settings
    clock: Clock
    market: MarketData
    ledger: Ledger
    broker: Broker
    limits: Limits
    desk: Desk

    @property
    def knowledge_folder(self) -> Path:
        """Where the knowledge index lives."""
        return self.settings.state / "knowledge"

    @property
    def ledger_path(self) -> Path:
        """The ledger's file, for the verifier."""
        return ledger_path(self.settings)


def ledger_path(settings: Settings) -> Path:
    """The ledger's file under the state folder."""
    return settings.state / "ledger.db"


def heads_path(settings: Settings) -> Path:
    """The file of the ledger's signed heads."""
    own = settings.heads
    return own.expanduser() if own else heads_beside(ledger_path(settings))


def open_ledger(settings: Settings, clock: Clock) -> Ledger:
    """The ledger in the database that is set, else in the state folder.

    Raises ConfigError for an address that is none, StateError when it can't be trusted or reached.
    """
    heads = heads_path(settings)
    if settings.database_url is None:
        return SqliteLedger(ledger_path(settings), clock, heads)
    from tools.execution.ledger_postgres import PostgresLedger

    url = settings.database_url.get_secret_value()
    return PostgresLedger(url, clock, keys=settings.state / "keys", heads=heads)


def open_audit(settings: Settings, key: Path | None = None) -> Audit:
    """The verifier of the ledger that is set; ``key`` is an auditor's copy of the public key."""
    heads, keys = heads_path(settings), settings.state / "keys"
    if settings.database_url is None:
        return Audit(lambda: SqliteSource(ledger_path(settings)), heads, keys, key)
    from tools.execution.audit_postgres import PostgresSource
    from tools.execution.ledger_postgres import SCHEMA
    from tools.postgres import Address

    address = Address(settings.database_url.get_secret_value(), SCHEMA)
    return Audit(lambda: PostgresSource(address), heads, keys, key)


def open_state(settings: Settings) -> Path:
    """Make the state folder if there is none; raises StateError when it can't be written."""
    home = settings.state
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(f"{home} is read-only")
    except OSError as error:
        raise StateError(
            f"the state folder {home} can't be used ({error.strerror or error}). Make it writable, "
            f"or point TOLLGATE_HOME at a folder of your own."
        ) from None
    own.look_in(home / "indicators")
    return home


def build_market(settings: Settings) -> Market:
    """The feeds in the order that the settings ask for."""
    from tools.market_data.market import build_market as build

    clock = SystemClock()
    feed, data, state = settings.feed, settings.data, settings.state
    real, named = alpaca(settings, clock), opening.named_feeds(settings, clock)
    return build(feed, data, state, clock, real, named, settings.prices_kept_in)


def open_cache(settings: Settings) -> Cache:
    """What is kept for a while: in Redis where the settings name one, else in this process."""
    from tools.cache import open_cache as open_

    return open_(settings.redis_url.get_secret_value() if settings.redis_url else None)


@lru_cache(maxsize=8)
def open_features(settings: Settings) -> FeatureStore:
    """Computed features, kept under the state folder and in the cache; one store a process."""
    from tools.features.store import FeatureStore

    return FeatureStore(settings.state / "features", open_cache(settings))


@lru_cache(maxsize=8)
def open_tone(settings: Settings) -> KeptTone:
    """The kept news and what scores them; what was scored once is known to the whole process."""
    from tools.market_data.documents.opening import open_kept
    from tools.models.sentiment.kept import KeptTone
    from tools.models.sentiment.opening import open_scorer

    return KeptTone(open_kept(settings), open_scorer(settings.sentiment))


def open_messages(settings: Settings, clock: Clock) -> Bus:
    """The bus that the settings name, under the desk's own name there; not yet started."""
    from tools.bus.naming import name_in
    from tools.bus.opening import open_bus

    url = settings.bus.get_secret_value() if settings.bus else None
    name = settings.bus_name or (name_in(settings.state, settings.account_name) if url else "")
    return open_bus(url, name, clock, settings.state)


def alpaca(settings: Settings, clock: Clock) -> Feed | None:
    """Alpaca's prices where the settings want them and have the keys, else None.

    Raises ConfigError when they are asked for by name and alpaca-py isn't installed.
    """
    wanted = settings.feed in (FeedChoice.ALPACA, FeedChoice.AUTO)
    key, secret = settings.apca_api_key_id, settings.apca_api_secret_key
    if not wanted or key is None or secret is None:
        return None
    try:
        from tools.alpaca_session import DATA_URL, LIVE_URL, PAPER_URL, Keys
        from tools.market_data.feeds.alpaca import AlpacaFeed
    except ModuleNotFoundError as error:
        if settings.feed is FeedChoice.AUTO:
            return None
        raise ConfigError(
            f"TOLLGATE_FEED is alpaca, but {error.name} is not installed: install Tollgate with "
            "its extra `alpaca`"
        ) from None
    live = settings.broker is BrokerChoice.ALPACA_LIVE
    return AlpacaFeed(
        Keys(key.get_secret_value(), secret.get_secret_value()),
        clock,
        settings.state,
        stock_feed=settings.alpaca_feed,
        trading_url=settings.apca_api_base_url or (LIVE_URL if live else PAPER_URL),
        data_url=settings.apca_api_data_url or DATA_URL,
    )


def live_stream(settings: Settings) -> Routed | None:
    """The feeds with a stream that the settings want and have the keys for, None without any."""
    from tools.streaming.routing import Routed

    clock = SystemClock()
    named = opening.named_feeds(settings, clock).values()
    feeds: tuple[object, ...] = (alpaca(settings, clock), *named)
    able = [feed for feed in feeds if isinstance(feed, StreamingFeed)]
    return Routed(able) if able else None


def assemble(
    settings: Settings,
    *,
    broker: Broker | None = None,
    live: bool = False,
    now: Callable[[], datetime] | None = None,
    played: Played | None = None,
) -> House:
    """Build every service once; tests pass a broker of their own.

    ``live`` is the word of the person who starts it that real money may be traded; ``now`` gives
    the market's moment where a replay tells it (aware UTC), else the feeds do, and ``played`` the
    quotes and events of one that is no daily bars. Raises ConfigError for wrong limits or settings
    and StateError for a state folder that can't be trusted.
    """
    home = open_state(settings)
    limits = load_limits(settings.limits)
    if live:
        arm(settings, limits)
    market: MarketData = build_market(settings)
    past = market
    if played is not None:
        from tools.streaming.played_market import PlayedMarket

        market = PlayedMarket(past, played)
    clock = FeedClock(now or market.latest)
    ledger = open_ledger(settings, clock)
    found: list[Desk] = []

    def recall(key: str) -> Order | None:
        record = found[0].journal.read().orders.get(key) if found else None
        return None if record is None else record.order

    broker = broker or build_broker(settings, market, clock, recall, past, played)
    desk = Desk(
        ledger=ledger,
        broker=broker,
        market=market,
        clock=clock,
        limits=limits,
        folder=home,
        account=settings.account_name,
        starting_cash=STARTING_CASH if settings.broker is BrokerChoice.PAPER else Decimal(0),
        live=live,
    )
    found.append(desk)
    return House(settings, clock, market, ledger, broker, limits, desk)


def build_broker(
    settings: Settings,
    market: MarketData,
    clock: Clock,
    recall: Callable[[str], Order | None],
    past: MarketData | None = None,
    played: Played | None = None,
) -> Broker:
    """The venue that the settings name; ``recall`` finds an order of the ledger by its id.

    On paper, orders meet what is ``played`` where that is given, else the market's sessions;
    splits are told by the whole sessions of ``past``, or of ``market``.
    """
    if settings.broker is BrokerChoice.PAPER:
        path, splits = settings.state / "venue.db", AdjustedSplits(past or market)
        return PaperVenue(path, market, clock, actions=splits, source=played)
    key, secret = settings.apca_api_key_id, settings.apca_api_secret_key
    if key is None or secret is None:
        raise ConfigError(
            f"TOLLGATE_BROKER is {settings.broker}: set APCA_API_KEY_ID and APCA_API_SECRET_KEY, "
            "or use the built-in venue with TOLLGATE_BROKER=paper"
        )
    try:
        from tools.alpaca_session import Keys
        from tools.execution.brokers.alpaca import AlpacaBroker
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"TOLLGATE_BROKER is {settings.broker}, but {error.name} is not installed: "
            "install Tollgate with its extra `alpaca`"
        ) from None
    return AlpacaBroker(
        Keys(key.get_secret_value(), secret.get_secret_value()),
        clock,
        account=settings.account_name,
        recall=recall,
        live=settings.broker is BrokerChoice.ALPACA_LIVE,
        url=settings.apca_api_base_url or "",
    )


def arm(settings: Settings, limits: Limits) -> None:
    """Whether real money may be traded: the settings, the limits and the ledger must all agree.

    Raises ConfigError or StateError saying what is missing.
    """
    if settings.broker is not BrokerChoice.ALPACA_LIVE:
        raise ConfigError(
            f"--live means real money, but TOLLGATE_BROKER is {settings.broker}. Leave --live out, "
            "or set TOLLGATE_BROKER=alpaca-live"
        )
    if not limits.live:
        raise ConfigError(
            "the limits don't allow real money; set live = true in a limits file of your own"
        )
    if build() not in limits.builds:
        raise ConfigError(
            f"the limits don't name this build of the program; when you trust it, add "
            f'"{build()}" to builds in the limits file'
        )
    if settings.database_url is not None or ledger_path(settings).exists():
        demand(open_audit(settings).verify())


def need_live(settings: Settings, *, live: bool) -> None:
    """Refuse to start what sends with real money unless the person said so; raises ConfigError."""
    if settings.broker is BrokerChoice.ALPACA_LIVE and not live:
        raise ConfigError(
            "TOLLGATE_BROKER is alpaca-live: say --live as well to trade real money, or set "
            "TOLLGATE_BROKER=alpaca-paper"
        )


def halt_by_file(settings: Settings, said: str) -> bool:
    """Halt and cancel where no desk can be opened; whether the venue took the cancel.

    Raises StateError when not even the file can be written.
    """
    Switch(settings.state).turn_on(said)
    try:
        market = build_market(settings)
        clock = FeedClock(market.latest)
        build_broker(settings, market, clock, lambda _: None).cancel_all()
    except TradingError:
        return False
    return True


def open_backtester(settings: Settings, market: MarketData | None = None) -> Backtester:
    """Strategies on the past of ``market``, by default the one that the settings name."""
    from tools.backtest.running import Backtester

    market = market or build_market(settings)
    splits, known = AdjustedSplits(market), market

    def actions(symbol: str, after: datetime, until: datetime) -> tuple[CorporateAction, ...]:
        feeds = known.sources() if isinstance(known, Market) else ()
        found = *splits.actions(symbol, after, until), *paid(feeds, symbol, after, until)
        return tuple(sorted(found, key=lambda one: one.ex))

    return Backtester(market, simulated_venue, actions)


def open_worker(settings: Settings) -> Worker:
    """Plays runs of a search in a process of its own."""
    from tools.backtest.search.worker import Worker

    open_state(settings)
    return Worker(open_backtester(settings))


def open_workers(settings: Settings, count: int | None, say: Say) -> Workers:
    """Who plays a search: the Ray cluster that is set, else ``count`` processes of this machine.

    Left out, it is all cores. They get what prices need of the settings, and no key of anything
    else. Raises ConfigError.
    """
    from tools.settings.prices import PriceSettings

    needed = {*PriceSettings.model_fields, "home", "data", "limits", "market_store"}
    spared = {k: f.default for k, f in Settings.model_fields.items() if k not in needed}
    theirs = settings.model_copy(update=spared)
    if settings.ray is not None:
        from tools.backtest.search.workers.cluster import Cluster

        return Cluster(open_worker, theirs, settings.ray, count, say)
    if (count := count or os.cpu_count() or 1) == 1:
        from tools.backtest.search.workers.here import Here

        return Here(open_backtester(settings))
    from tools.backtest.search.workers.processes import Processes

    return Processes(open_worker, theirs, count, say)


def simulated_venue(setting: Setting) -> Broker:
    """The paper venue for one run: in memory, on the run's own bars, with a margin account."""
    from tools.domain.venue import MarginRegime
    from tools.execution.brokers.paper.book_memory import MemoryBook
    from tools.execution.brokers.paper.fees import Commission
    from tools.execution.brokers.paper.terms import Lending, Terms

    costs = {name: Decimal(str(value)) for name, value in setting.costs.plain().items()}
    terms = Terms(
        slippage_bps=costs["slippage_bps"],
        volume_share=costs["volume_share"],
        commission=Commission(costs["commission"], costs["least_commission"]),
        impact=costs["impact"],
        latency=timedelta(seconds=setting.costs.latency_s),
        lending=Lending(costs["borrow"]),
        splits_end_orders=True,
    )
    return PaperVenue(
        MemoryBook(),
        setting.tape,
        setting.clock,
        terms,
        cash=setting.cash,
        currency=setting.currency,
        source=setting.tape,
        actions=setting.actions,
        margin=MarginRegime.INTRADAY_MARGIN,
    )
