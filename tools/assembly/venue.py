"""Where orders go, and what must agree before real money may."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tools.assembly.companies import Companies, Patient
from tools.assembly.ledger import ledger_path, open_audit
from tools.assembly.prices import build_market
from tools.clock import FeedClock
from tools.desk.program import build
from tools.domain.errors import ConfigError, TradingError
from tools.domain.order import Order
from tools.execution.audit import demand
from tools.execution.brokers.paper import PaperVenue
from tools.execution.brokers.paper.terms import Terms
from tools.monitoring.switch import Switch
from tools.ports import Broker, Clock, MarketData
from tools.risk.limits import Limits
from tools.settings import BrokerChoice, Settings

if TYPE_CHECKING:
    from tools.streaming.played import Played


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
    what companies did is told by the feeds of ``past``, or of ``market``.
    """
    if settings.broker is BrokerChoice.PAPER:
        path, told = settings.state / "venue.db", Patient(Companies(past or market), clock)
        # The desk judges an order by the terms that were approved, so none goes on under others.
        terms = Terms(splits_end_orders=True)
        return PaperVenue(path, market, clock, terms, actions=told, source=played)
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
