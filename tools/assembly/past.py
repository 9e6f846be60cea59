"""The same desk on the past: one run, or many on several processes."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tools.assembly.companies import Companies
from tools.assembly.prices import build_market
from tools.assembly.state import open_state
from tools.execution.brokers.paper import PaperVenue
from tools.ports import Broker, MarketData
from tools.settings import Settings

if TYPE_CHECKING:
    from tools.backtest.running import Backtester, Setting
    from tools.backtest.search.worker import Worker
    from tools.backtest.search.workers.again import Say
    from tools.backtest.search.workers.workers import Workers


def open_backtester(settings: Settings, market: MarketData | None = None) -> Backtester:
    """Strategies on the past of ``market``, by default the one that the settings name."""
    from tools.backtest.running import Backtester

    market = market or build_market(settings)
    return Backtester(market, simulated_venue, Companies(market).actions)


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
    from tools.execution.brokers.paper.fees import Commission, MakerTaker
    from tools.execution.brokers.paper.terms import Lending, Terms

    costs = {name: Decimal(str(value)) for name, value in setting.costs.plain().items()}
    terms = Terms(
        slippage_bps=costs["slippage_bps"],
        volume_share=costs["volume_share"],
        commission=Commission(costs["commission"], costs["least_commission"]),
        impact=costs["impact"],
        volume_slippage=costs["volume_slippage"],
        spread_share=costs["spread_share"],
        crypto=MakerTaker(costs["maker_bps"], costs["taker_bps"]),
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
