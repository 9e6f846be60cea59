"""What the commands of ``tollgate backtest`` are told alike, and how it is read."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Annotated

import typer

from tools.domain.errors import InputError

if TYPE_CHECKING:
    from tools.backtest.playing import Progress

Strategy = Annotated[
    str, typer.Argument(help="a name from `backtest list`, or a Python file of your own")
]
Symbols = Annotated[list[str], typer.Option("--symbol", "-s", help="a ticker; repeat for more")]
Param = Annotated[
    list[str] | None, typer.Option("--param", "-p", help="name=value, such as lookback=126")
]
Cost = Annotated[
    list[str] | None,
    typer.Option(
        "--cost",
        help="name=value, such as slippage_bps=5; also impact, volume_share, volume_slippage, "
        "spread_share, commission, least_commission, maker_bps, taker_bps, borrow, latency_s",
    ),
]
Tries = Annotated[
    int | None,
    typer.Option(help="how many were tried, this one among them; those kept here if left out"),
]
Currency = Annotated[
    str,
    typer.Option(
        metavar="EUR", help="the account's; that of the symbols unless told, USD where they differ"
    ),
]
Id = Annotated[str, typer.Argument(help="a run's id, or the start of it")]


def pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """Each name and its value as text; InputError for what is no name=value, or named twice."""
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise InputError(f"{option} takes name=value, was {text[:40]!r}.")
        if name.strip() in found:
            raise InputError(f"{option} names {name.strip()[:40]} twice: once is enough.")
        found[name.strip()] = value.strip()
    return found


def charged(given: Sequence[str] | None) -> dict[str, float]:
    """The costs that were named; InputError for one that there is not, or that is no number."""
    from tools.backtest.costs import Costs

    costs = {name: _number(name, value) for name, value in pairs(given, "--cost").items()}
    known = set(Costs().plain())
    if strange := sorted(set(costs) - known):
        raise InputError(f"There is no cost {strange[0]!r}; there are {', '.join(sorted(known))}.")
    return costs


@contextmanager
def aside() -> Iterator[None]:
    """What a strategy prints goes to standard error: standard output is for what came of it."""
    with redirect_stdout(sys.stderr):
        yield


@contextmanager
def progress(what: str = "bars") -> Iterator[Progress | None]:
    """A bar on standard error where somebody watches it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{name} must be a number, was {text[:40]!r}.") from None
