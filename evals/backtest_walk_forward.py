"""The six strategies walked forward on twenty stocks from 1990 to 2022, printed as they come out.

    pip install skfolio
    python -m evals.backtest_walk_forward --home FOLDER

The prices are skfolio's ``load_sp500_dataset``: adjusted closes and nothing else. So a bar opens,
trades and closes at one price, and what is decided at a close is filled at the next day's close.
Nobody tells volumes: each bar is given one that no order comes near, which turns the rules on
shares of the volume off, and impact is 0. Each series is scaled to begin at 100, which changes no
return; an adjusted price has no real number of shares, so costs are a part of the traded value
alone. The stocks were chosen in 2022 among those still large then: what is held earns by that.

``--home`` keeps what is done; the same command goes on there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.domain.errors import ConfigError, TradingError

if TYPE_CHECKING:
    from tools.settings import Settings

CASH, SLIPPAGE_BPS, VOLUME = 1e8, 5.0, 10**9
LEARN, JUDGE, PURGE = 756, 504, 5
GRIDS = {
    "momentum": {"lookback": "126,252", "hold": "5"},
    "pairs": {"entry": "1.5,2.0"},
    "dual_moving_average": {"fast": "20,50"},
    "breakout": {"entry": "55,110"},
    # The weight of one of twenty is small, and so must be what counts as a change of it.
    "volatility_target": {"window": "21,63", "band": "0.01"},
    "mean_reversion": {"entry": "2.0,2.5"},
}
PAIR = ("KO", "PEP")
COLUMNS = (
    ("a year", "annual_return", "{:+.1%}"),
    ("Sharpe", "sharpe", "{:.2f}"),
    ("drawdown", "max_drawdown", "{:.0%}"),
    ("won", "win_rate", "{:.0%}"),
    ("turnover", "annual_turnover", "{:.1f}"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody's figures on the judged days, and the deflated Sharpe ratio where there is one."""

    who: str
    figures: dict[str, float | None]
    deflated: float | None = None

    @property
    def line(self) -> str:
        """As a row of a Markdown table."""
        cells = [_said(self.figures.get(key), form) for _, key, form in COLUMNS]
        return f"| {' | '.join([self.who, *cells, _said(self.deflated, '{:.2f}')])} |"


def _said(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def written(folder: Path) -> tuple[str, ...]:
    """Write the twenty series down as files of daily bars; their symbols.

    Raises ConfigError where skfolio is missing.
    """
    try:
        load = import_module("skfolio.datasets").load_sp500_dataset
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the twenty stocks are in the package skfolio, which Tollgate doesn't need otherwise, "
            f"and {error.name} is not installed: pip install skfolio"
        ) from None
    closes = load()
    folder.mkdir(parents=True, exist_ok=True)
    for symbol, series in (100 * closes / closes.iloc[0]).items():
        rows = ["date,open,high,low,close,volume"]
        for at, value in series.items():
            price = f"{value:.6f}"
            rows.append(f"{at:%Y-%m-%d},{price},{price},{price},{price},{VOLUME}")
        (folder / f"{symbol}.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return tuple(map(str, closes.columns))


def walked(
    settings: Settings, symbols: tuple[str, ...], judge: int, workers: int | None, names: list[str]
) -> Iterator[dict[str, Any]]:
    """The document of each strategy's walk, kept beside the runs of ``settings``."""
    from tools.assembly import open_backtester, open_state, open_workers
    from tools.backtest.costs import Costs
    from tools.backtest.keeping import Runs
    from tools.backtest.request import Request
    from tools.backtest.search.asked import Search
    from tools.backtest.search.folds import Walk
    from tools.backtest.search.playing import Hands
    from tools.backtest.search.points import Points
    from tools.backtest.search.walking import walk_forward

    folder = open_state(settings) / "backtests"
    costs = Costs(
        slippage_bps=SLIPPAGE_BPS, impact=0.0, volume_share=1.0, commission=0, least_commission=0
    )
    for name in names:
        chosen = PAIR if name == "pairs" else symbols
        search = Search(Request(name, chosen, cash=CASH, costs=costs), GRIDS[name])
        hands = Hands(open_workers(settings, workers, _say), Points(folder / "points"), _told)
        document = walk_forward(open_backtester(settings), search, Walk(LEARN, judge, PURGE), hands)
        Runs(folder).put(document)
        yield document


def rows(document: dict[str, Any], *, beside: bool) -> Iterator[Row]:
    """The strategy's row, and with ``beside`` those of doing little with its stocks."""
    record = document["record"]
    yield Row(record["strategy"], document["figures"], document["validation"]["deflated_sharpe"])
    few = len(record["symbols"]) <= len(PAIR)
    where = f" ({' and '.join(record['symbols'])})" if few else ""
    for who, figures in document["benchmarks"].items() if beside else ():
        bare = {**figures, "win_rate": None, "annual_turnover": None}
        yield Row(f"{who}{where}", bare)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, help="a folder that keeps what is done")
    parser.add_argument("--judge", type=int, default=JUDGE, help=f"days, {JUDGE} unless told")
    parser.add_argument("--workers", type=int, help="processes, all cores unless told")
    parser.add_argument("--only", choices=list(GRIDS), help="one strategy alone")
    given = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="tollgate-walk-") as spare:
            _print(given.home or Path(spare), given.judge, given.workers, given.only)
    except TradingError as error:
        sys.exit(f"Error: {error}")


def _print(home: Path, judge: int, workers: int | None, only: str | None) -> None:
    from tools.settings import FeedChoice, Settings

    settings = Settings(home=home, data=home / "prices", feed=FeedChoice.FILES)
    symbols = written(home / "prices")
    heads = ["", *(head for head, _, _ in COLUMNS), "deflated Sharpe"]
    sys.stdout.write(f"| {' | '.join(heads)} |\n|---|{'---|' * (len(heads) - 1)}\n")
    told = set[tuple[str, ...]]()
    for document in walked(settings, symbols, judge, workers, [only] if only else list(GRIDS)):
        stocks = tuple(document["record"]["symbols"])
        for row in rows(document, beside=stocks not in told):
            sys.stdout.write(f"{row.line}\n")
        told.add(stocks)
        sys.stdout.flush()


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _told(done: int, kept: int, whole: int) -> None:
    if done == whole or not done % 20:
        sys.stderr.write(f"{done} of {whole} runs ({kept} kept before)\n")


if __name__ == "__main__":
    main()
