"""The tool that plays a strategy on the past: run_backtest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from tools.catalog.rendering import number
from tools.catalog.spec import AsOfArg
from tools.clock import moment
from tools.domain.errors import InputError, StateError
from tools.ports import Clock

if TYPE_CHECKING:
    from tools.backtest.result import Result
    from tools.backtest.running import Backtester

MOST_SYMBOLS, MOST_FINDINGS = 20, 5
SHOWN = (
    "total_return", "annual_return", "annual_volatility", "sharpe", "max_drawdown", "trades",
    "win_rate", "annual_turnover",
)  # fmt: skip


class BacktestTools:
    """Strategies that come with Tollgate; a file of somebody's own is never run from here."""

    def __init__(
        self, clock: Clock, backtester: Callable[[], Backtester], folder: Path | None = None
    ) -> None:
        """``backtester`` is made when it is first needed; "now" from ``clock``.

        Runs are kept in ``folder``, None for nowhere.
        """
        self._clock = clock
        self._backtester = backtester
        self._folder = folder

    def run_backtest(
        self,
        strategy: Annotated[
            str,
            Field(
                description="breakout, dual_moving_average, mean_reversion, momentum, pairs or "
                "volatility_target",
                max_length=40,
            ),
        ],
        symbols: Annotated[list[str], Field(description="tickers", max_length=MOST_SYMBOLS)],
        as_of: AsOfArg = None,
        start: Annotated[
            str | None, Field(description="first day, such as 2005-01-03", max_length=10)
        ] = None,
        params: Annotated[
            dict[str, str] | None, Field(description="parameters by name", max_length=20)
        ] = None,
    ) -> dict[str, Any]:
        """The figures of the run and of buy-and-hold beside it, up to ``as_of``."""
        from tools.backtest.loading import BUILT_IN
        from tools.backtest.request import Request

        name = strategy.strip().replace("-", "_").replace(" ", "_").lower()
        if name not in BUILT_IN:
            raise InputError(
                f"There is no strategy {strategy[:40]!r}: use {', '.join(BUILT_IN)}. One of your "
                "own is run with `tollgate backtest run FILE`."
            )
        try:
            first = None if start is None else date.fromisoformat(start)
        except ValueError:
            raise InputError(f"start takes a date such as 2005-01-03, was {start!r}.") from None
        request = Request(name, tuple(symbols), first, params=params or {})
        at = moment(as_of, self._clock)
        result = self._backtester().run(request, until=at)
        return _shown(result.document) | {"report": self._kept(result)}

    def _kept(self, result: Result) -> str:
        """Where the run's page opens, or why it was not kept."""
        from tools.backtest.keeping import Runs

        if self._folder is None:
            return "not kept"
        try:
            Runs(self._folder).keep(result)
        except StateError as error:
            return f"not kept: {error}"
        return (
            f"/backtests/{result.record.id} on the desk's own page, or `tollgate backtest report "
            f"{result.record.id} --html FILE`"
        )


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    record = document["record"]
    beside = {name.replace(" ", "_"): one for name, one in document["benchmarks"].items()}
    return {
        "simulated": True,
        "id": document["id"],
        "strategy": record["strategy"],
        "params": record["params"],
        "symbols": record["symbols"],
        "feeds": record["feeds"],
        "from": record["start"][:10],
        "to": record["end"][:10],
        "bars": record["bars"],
        "limits": record["limits"],
        "figures": _figures(document["figures"]),
        "benchmarks": {name: _figures(one) for name, one in beside.items()},
        "costs": {name.replace(" ", "_"): paid for name, paid in document["costs"].items()},
        "currency": record["currency"],
        "findings": [one["sentence"] for one in document["findings"][:MOST_FINDINGS]],
    }


def _figures(figures: dict[str, Any]) -> dict[str, Any]:
    found = {name: figures[name] for name in SHOWN}
    return {n: v if v is None or isinstance(v, int) else number(v, 4) for n, v in found.items()}
