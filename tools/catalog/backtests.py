"""The tool that plays a strategy on the past: run_backtest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from tools.catalog.rendering import number
from tools.catalog.spec import AsOfArg
from tools.clock import moment
from tools.domain.errors import InputError, StateError
from tools.domain.money import exact
from tools.ports import Clock

if TYPE_CHECKING:
    from tools.backtest.request import Request
    from tools.backtest.running import Backtester

MOST_SYMBOLS, MOST_FINDINGS = 20, 5
SHOWN = (
    "total_return", "annual_return", "annual_volatility", "sharpe", "max_drawdown", "trades",
    "win_rate", "annual_turnover",
)  # fmt: skip

StrategyArg = Annotated[
    str,
    Field(
        description="breakout, dual_moving_average, mean_reversion, momentum, pairs or "
        "volatility_target",
        max_length=40,
    ),
]
SymbolsArg = Annotated[list[str], Field(description="tickers", max_length=MOST_SYMBOLS)]
StartArg = Annotated[str | None, Field(description="first day, such as 2005-01-03", max_length=10)]
EndArg = Annotated[str | None, Field(max_length=10)]
CashArg = Annotated[str | None, Field(max_length=20)]


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
        strategy: StrategyArg,
        symbols: SymbolsArg,
        as_of: AsOfArg = None,
        start: StartArg = None,
        end: EndArg = None,
        cash: CashArg = None,
        params: Annotated[dict[str, str] | None, Field(max_length=20)] = None,
        currency: Annotated[
            str | None, Field(description="of the account: EUR", max_length=3)
        ] = None,
    ) -> dict[str, Any]:
        """The figures of the run and of buy-and-hold beside it, up to ``as_of``."""
        request = asked_run(strategy, symbols, start, end, cash, params, currency)
        at = moment(as_of, self._clock)
        result = self._backtester().run(request, until=at)
        return _shown(result.document) | {"report": kept(result.document, self._folder)}


def kept(document: Mapping[str, Any], folder: Path | None) -> str:
    """Keep a document in ``folder``: where its page opens, or why it was not kept."""
    from tools.backtest.keeping import Runs

    if folder is None:
        return "not kept"
    try:
        Runs(folder).put(document)
    except StateError as error:
        return f"not kept: {error}"
    run = document["id"]
    return (
        f"/backtests/{run} on the desk's own page, or `tollgate backtest report {run} --html FILE`"
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
        "figures": shown_figures(document["figures"]),
        "benchmarks": {name: shown_figures(one) for name, one in beside.items()},
        "cash": number(record["cash"], 2),
        "costs": {name.replace(" ", "_"): paid for name, paid in document["costs"].items()},
        "currency": record["currency"],
        **({"currencies": document["currencies"]} if "currencies" in document else {}),
        "findings": [one["sentence"] for one in document["findings"][:MOST_FINDINGS]],
    }


def shown_figures(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The few that a caller is told, as numbers or text."""
    found = {name: figures.get(name) for name in SHOWN}
    return {n: v if v is None or isinstance(v, int) else number(v, 4) for n, v in found.items()}


def asked_run(
    strategy: str,
    symbols: Sequence[str],
    start: str | None,
    end: str | None,
    cash: str | None,
    params: Mapping[str, str] | None = None,
    currency: str | None = None,
) -> Request:
    """A run as a caller names it; InputError for a file, a date or an amount that is none."""
    from tools.backtest.loading import BUILT_IN
    from tools.backtest.request import Request

    name = strategy.strip().replace("-", "_").replace(" ", "_").lower()
    if name not in BUILT_IN:
        raise InputError(
            f"There is no strategy {strategy[:40]!r}: use {', '.join(BUILT_IN)}. One of your "
            "own is run with `tollgate backtest run FILE`."
        )
    money = 100_000.0 if cash is None else float(exact(cash, "the cash"))
    first, last = _day(start, "start"), _day(end, "end")
    into = (currency or "").strip().upper()
    return Request(
        name, tuple(symbols), first, last, params=params or {}, cash=money, currency=into
    )


def _day(text: str | None, name: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{name} takes a date such as 2005-01-03, was {text!r}.") from None
