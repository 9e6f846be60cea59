"""The tool that makes features: compute_features, and what people ask of it besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from tools.catalog.rendering import instant, number
from tools.catalog.spec import AsOfArg, SymbolArg
from tools.clock import moment
from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY, Timeframe
from tools.features.compute import NONE, Params, Recipe, compute, recipe
from tools.features.gathering import gather
from tools.features.importance import Importance, importance
from tools.features.inputs import Inputs
from tools.features.matrix import FeatureMatrix
from tools.features.news import News
from tools.features.registry import features, find
from tools.features.row import Feature
from tools.features.store import FeatureStore
from tools.market_data.columns import moment_of
from tools.ports import Clock, MarketData

STANDARD = (
    "log_move_1", "log_move_5", "log_move_21", "gap", "range_place_20", "below_high_252",
    "relative_turnover_20", "volatility_20", "volatility_ratio", "year_momentum",
    "move_per_risk_63", "above_average_50", "straightness_60", "rsi_14", "bar_lambda_20",
    "wavelet_energy", "spectrum", "higuchi", "hurst", "holiday",
)  # fmt: skip


class FeatureTools:
    """Features of a symbol as they were known at ``as_of``."""

    def __init__(
        self,
        market: MarketData,
        clock: Clock,
        store: FeatureStore | None = None,
        news: News | None = None,
    ) -> None:
        """Prices from ``market``; "now" from ``clock``; ``store`` keeps what was computed.

        Without ``news`` the features of the family ``sentiment`` are unavailable.
        """
        self._market = market
        self._clock = clock
        self._store = store
        self._news = news

    def compute_features(
        self,
        symbol: SymbolArg,
        as_of: AsOfArg = None,
        names: Annotated[
            list[str] | None,
            Field(description="such as log_move_5, hurst or rsi_14@1w", max_length=50),
        ] = None,
        market: Annotated[
            str | None, Field(description="ticker for beta and correlation", max_length=20)
        ] = None,
    ) -> dict[str, Any]:
        """Values at the last bar, None where there is too little history."""
        inputs, notice, matrix = self.matrix(symbol, names or STANDARD, as_of=as_of, market=market)
        return _provenance(inputs, matrix, notice) | {
            "known_at": instant(matrix.moment(len(matrix) - 1)) if len(matrix) else None,
            "values": {name: number(value) for name, value in matrix.latest().items()},
        }

    def rows(
        self,
        symbol: str,
        names: Sequence[str],
        last: int,
        *,
        as_of: str | None = None,
        timeframe: str | None = None,
        market: str | None = None,
        params: Params = NONE,
    ) -> dict[str, Any]:
        """The last rows, oldest first."""
        inputs, notice, matrix = self.matrix(
            symbol, names, as_of=as_of, timeframe=timeframe, market=market, params=params
        )
        tail = matrix.rows(max(len(matrix) - last, 0), len(matrix))
        return _provenance(inputs, matrix, notice) | {
            "known_at": [instant(tail.moment(row)) for row in range(len(tail))],
            "values": {name: [number(value) for value in tail.column(name)] for name in tail.names},
        }

    def importance(
        self,
        symbol: str,
        names: Sequence[str],
        *,
        ahead: int = 5,
        window: int = 504,
        step: int = 63,
        as_of: str | None = None,
        market: str | None = None,
    ) -> dict[str, Any]:
        """How much each feature told of the next ``ahead`` bars' return, moment by moment."""
        inputs, notice, matrix = self.matrix(symbol, names, as_of=as_of, market=market)
        found = importance(matrix, inputs.close, ahead=ahead, window=window, step=step)
        return _provenance(inputs, matrix, notice) | {
            "ahead": ahead,
            "window": window,
            "method": "mutual information with the next bars' log return, five bins by rank; "
            "chance is the largest of 19 shifts; only returns known at each moment count",
            "known_at": [instant(moment_of(int(time))) for time in found.times],
            "features": _ranked(found),
        }

    def matrix(
        self,
        symbol: str,
        names: Sequence[str],
        *,
        as_of: str | None = None,
        timeframe: str | None = None,
        market: str | None = None,
        params: Params = NONE,
    ) -> tuple[Inputs, str, FeatureMatrix]:
        """What the features were made of, a sentence where that is a fallback, and the matrix."""
        frame = Timeframe.parse(timeframe) if timeframe else DAILY
        wanted = recipe(names, params)
        inputs, notice = gather(
            self._market,
            symbol,
            moment(as_of, self._clock),
            frame,
            market,
            wanted.inputs,
            self._news,
        )
        return inputs, notice, self._computed(inputs, wanted)

    def _computed(self, inputs: Inputs, wanted: Recipe) -> FeatureMatrix:
        return (
            compute(inputs, wanted) if self._store is None else self._store.compute(inputs, wanted)
        )


def known_features(family: str | None = None) -> dict[str, Any]:
    """Every feature that is no indicator; InputError for a family that there isn't."""
    families = sorted({row.family for row in features()})
    if family is not None and family not in families:
        raise InputError(f"There is no family {family[:40]!r}; there are {', '.join(families)}.")
    chosen = [row for row in features() if family in (None, row.family)]
    return {"features": [_described(row) for row in chosen]}


def described(name: str) -> dict[str, Any]:
    """One feature, or an indicator as a feature; InputError for an unknown name."""
    return _described(find(name)[0])


def _described(row: Feature) -> dict[str, Any]:
    needs = row.needs({})
    return {
        "name": row.name,
        "label": row.label,
        "family": row.family,
        "inputs": list(row.inputs),
        "outputs": list(row.keys()),
        "params": dict(row.params),
        "unit": row.unit,
        "bars_before_the_first_value": needs,
        "source": row.source,
        "says": " ".join((row.function.__doc__ or "").split()),
    }


def _provenance(inputs: Inputs, matrix: FeatureMatrix, notice: str) -> dict[str, Any]:
    return {
        "symbol": inputs.symbol,
        "feed": inputs.feed,
        "notice": notice,
        "timeframe": str(inputs.timeframe),
        "bars": len(inputs),
        "version": matrix.version,
        "origins": list(inputs.origins),
        "unavailable": dict(matrix.unavailable),
    }


def _ranked(found: Importance) -> list[dict[str, Any]]:
    """Each feature's latest figures and their course, those that told most first."""
    rows = [
        {
            "name": name,
            "information": number(found.information[-1, place]),
            "chance": number(found.chance[-1, place]),
            "rank_correlation": number(found.rank_correlation[-1, place]),
            "pairs": int(found.pairs[-1, place]),
            "over_time": [number(value) for value in found.information[:, place]],
        }
        for place, name in enumerate(found.names)
    ]
    return sorted(rows, key=lambda row: -(row["information"] or 0))
