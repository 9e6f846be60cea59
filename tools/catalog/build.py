"""The table of tools, made for one caller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tools.catalog.analysis import AnalysisTools
from tools.catalog.backtests import BacktestTools
from tools.catalog.features import FeatureTools
from tools.catalog.orders import OrderTools
from tools.catalog.prices import PriceTools
from tools.catalog.risk import RiskTools
from tools.catalog.searches import SearchTools
from tools.catalog.sentiment import SentimentTools
from tools.catalog.spec import Reach, ToolSpec
from tools.desk import Desk
from tools.features.news import News
from tools.features.store import FeatureStore
from tools.models.sentiment.kept import KeptTone
from tools.ports import Clock, MarketData

if TYPE_CHECKING:
    from tools.backtest.running import Backtester


def build_catalog(
    *,
    market: MarketData,
    clock: Clock,
    desk: Desk,
    principal: str,
    features: FeatureStore | None = None,
    backtester: Callable[[], Backtester] | None = None,
    runs: Path | None = None,
    tone: KeptTone | None = None,
) -> tuple[ToolSpec, ...]:
    """Every tool of the desk; orders proposed through it carry ``principal`` as their source.

    ``features`` keeps what was computed. Without ``backtester`` nothing is played on the past,
    without a folder ``runs`` to keep it in no searches are; without ``tone`` there is no
    score_sentiment and no news features.
    """
    prices = PriceTools(market, clock)
    analysis = AnalysisTools(market, clock)
    risk = RiskTools(market, clock, desk)
    orders = OrderTools(market, clock, desk, principal)
    past = () if backtester is None else _on_the_past(clock, backtester, runs)
    mood = () if tone is None else (_score_sentiment(clock, tone),)
    return (
        ToolSpec(
            "list_instruments",
            "List the symbols with prices on hand, their names, and the market clock's now.",
            prices.list_instruments,
        ),
        ToolSpec(
            "get_quote",
            "Bid, ask, last close and its date for one symbol; says which feed and whether the "
            "quote is simulated.",
            prices.get_quote,
        ),
        ToolSpec(
            "get_bars",
            "Open, high, low, close and volume as traded, oldest first; daily, or of a timeframe "
            "such as 5m, 1h or 1w.",
            prices.get_bars,
        ),
        ToolSpec(
            "compute_indicators",
            "Technical indicators at the last known bar (split- and dividend-adjusted) and the "
            "signal their votes make, in [-1, 1].",
            analysis.compute_indicators,
        ),
        ToolSpec(
            "compute_features",
            "Features for models at the last known bar: returns, volatility, trend, "
            "microstructure, wavelets, spectrum, fractals, calendar, beta to a market; free of "
            "splits.",
            FeatureTools(market, clock, features, news_of(tone)).compute_features,
        ),
        *past,
        *mood,
        ToolSpec(
            "get_portfolio",
            "Cash, equity, positions with profit, and open orders of the account.",
            risk.get_portfolio,
        ),
        ToolSpec(
            "size_position",
            "How many shares the 2 % rule allows, with the ATR stop it assumes.",
            risk.size_position,
        ),
        ToolSpec(
            "assess_risk",
            "What an order would do to the portfolio (weight, cash, one-day loss) and what the "
            "gate would say of it, without proposing it.",
            risk.assess_risk,
        ),
        ToolSpec(
            "propose_order",
            "Propose an order. It is checked by the gate and waits for a person; nothing is sent "
            "by this tool.",
            orders.propose_order,
            Reach.PROPOSE,
        ),
        ToolSpec(
            "get_order",
            "An order's state, reasons, history and fills, as they are today whatever date is "
            "asked about.",
            orders.get_order,
        ),
        ToolSpec(
            "cancel_order",
            "Ask for the cancel of an order that has not been filled.",
            orders.cancel_order,
            Reach.PROPOSE,
        ),
    )


def news_of(tone: KeptTone | None) -> News | None:
    """What features take of the news: the kept documents, and their scores."""
    return None if tone is None else News(tone.documents, tone.scores, tone.name)


def _score_sentiment(clock: Clock, tone: KeptTone) -> ToolSpec:
    return ToolSpec(
        "score_sentiment",
        "Tone of texts, or of a symbol's latest kept news and posts: label, score in [-1, 1] and "
        "the words that made it, with how often the scorer is right.",
        SentimentTools(tone, clock).score_sentiment,
        untrusted_text=True,
    )


def _on_the_past(
    clock: Clock, backtester: Callable[[], Backtester], runs: Path | None
) -> tuple[ToolSpec, ...]:
    """One run, and where runs are kept many at once."""
    one = ToolSpec(
        "run_backtest",
        "Play a strategy on past daily bars through the desk and its gate: return, Sharpe, "
        "drawdown, trades and costs beside buy-and-hold. Simulated; sends nothing.",
        BacktestTools(clock, backtester, runs).run_backtest,
    )
    if runs is None:
        return (one,)
    tools = SearchTools(clock, backtester, runs)
    return (
        one,
        ToolSpec(
            "run_sweep",
            "run_backtest with each of many parameters: the best, and whether it is luck.",
            tools.run_sweep,
        ),
        ToolSpec(
            "run_monte_carlo",
            "Other pasts of a kept run: quantiles of return and drawdown.",
            tools.run_monte_carlo,
        ),
    )
