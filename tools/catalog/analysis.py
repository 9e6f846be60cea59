"""The tool that measures: compute_indicators."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from tools.catalog.prices import provenance
from tools.catalog.rendering import number
from tools.catalog.spec import AsOfArg, SymbolArg
from tools.clock import moment
from tools.domain.errors import DataUnavailable
from tools.features.prices import adjusted_prices
from tools.indicators.registry import compute, latest
from tools.ports import Clock, MarketData
from tools.signals.technical import technical_signal

STANDARD = ("sma", "ema", "rsi", "macd", "atr", "bollinger", "roc", "adx", "obv")


class AnalysisTools:
    """Indicators and the signal, on prices adjusted as they were known at ``as_of``."""

    def __init__(self, market: MarketData, clock: Clock) -> None:
        """Prices from ``market``; "now" from ``clock``."""
        self._market = market
        self._clock = clock

    def compute_indicators(
        self,
        symbol: SymbolArg,
        as_of: AsOfArg = None,
        names: Annotated[
            list[str] | None,
            Field(description="indicator names; default all standard ones", max_length=50),
        ] = None,
    ) -> dict[str, Any]:
        """Values at the last bar (None where there is too little history), and the signal."""
        at = moment(as_of, self._clock)
        history = self._market.history(symbol, at)
        prices = adjusted_prices(history)
        values = latest(compute(prices, tuple(names or STANDARD)))
        answer = provenance(history) | {
            "adjusted": prices.adjusted,
            "bars": len(history.bars),
            "close": number(prices.close[-1]),
            "values": {name: number(value) for name, value in values.items()},
        }
        try:
            signal = technical_signal(history.symbol, at, prices)
        except DataUnavailable as too_short:
            return answer | {"signal": None, "signal_missing": str(too_short)}
        return answer | {
            "signal": {
                "direction": signal.direction,
                "score": number(signal.score, 4),
                "votes": [
                    {
                        "indicator": vote.indicator,
                        "value": number(vote.value, 4),
                        "sentence": vote.sentence,
                    }
                    for vote in signal.votes
                ],
            }
        }
