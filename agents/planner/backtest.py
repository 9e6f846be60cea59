"""The signal agent on the past: what a strategy would have done, beside doing little."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from agents.past_wish import LOTS, SWEEP, WALK
from agents.planner.quoting import quotation
from agents.request import Request
from agents.state import Call
from agents.toolbox import Toolbox

ROWS = (
    ("return", "total_return", "+.1%"),
    ("return a year", "annual_return", "+.1%"),
    ("volatility a year", "annual_volatility", ".1%"),
    ("Sharpe ratio", "sharpe", ".2f"),
    ("largest drawdown", "max_drawdown", ".1%"),
)
POINT = (ROWS[0], ROWS[3], ROWS[4])
BESIDE = ("buy_and_hold", "equal_weight")
QUANTILES = (("one in twenty is below", "p5"), ("half are below", "p50"),
             ("one in twenty is above", "p95"))  # fmt: skip
CHOSEN_AFTERWARDS = (
    "The best of many tries looks better than it is: what it earned is no promise of what comes."
)


async def backtest(request: Request, toolbox: Toolbox) -> str:
    """The figures in a table, what to know before believing them, and a cited warning."""
    return await WAYS.get(request.way, _run)(request, toolbox)


async def _run(request: Request, toolbox: Toolbox) -> str:
    played = await _played(request, toolbox)
    c, row = played["id"], played["data"]
    span = f"from [[{c}:from]] to [[{c}:to]] ([[{c}:bars|,.0f]] daily bars"
    slipped = f"[[{c}:costs.slippage_and_impact|,.2f]] {row['currency']}"
    paid = f"[[{c}:costs.commission|,.2f]] {row['currency']}, in slippage and impact: {slipped}"
    limits = f"limits: [[{c}:limits]]; no person was asked"
    parts = [f"{_title(row)}, SIMULATED through the desk on past prices {span}, {limits}):"]
    parts.append(_beside(c, "this run"))
    parts.append(f"Trades closed: [[{c}:figures.trades|,.0f]]. Paid in commission: {paid}.")
    return await _ended(parts, played, toolbox, "The run is")


async def _sweep(request: Request, toolbox: Toolbox) -> str:
    swept = await toolbox.call("run_sweep", grid=request.params, **_asked(request))
    c, row = swept["id"], swept["data"]
    lines = [
        f"| [[{c}:best.{n}.params]] | "
        + " | ".join(f"[[{c}:best.{n}.{key}|{form}]]" for _, key, form in POINT)
        + " |"
        for n in range(len(row["best"]))
    ]
    head = f"| parameters | {' | '.join(label for label, _, _ in POINT)} |\n|---|---|---|---|"
    title = f"{_title(row)}, swept: [[{c}:points|,.0f]] runs SIMULATED through the desk from"
    parts = [
        f"{title} [[{c}:from]] to [[{c}:to]]. The best by Sharpe ratio:",
        "\n".join([head, *lines]),
        CHOSEN_AFTERWARDS,
    ]
    return await _ended(parts, swept, toolbox, "The sweep is")


async def _walk(request: Request, toolbox: Toolbox) -> str:
    walked = await toolbox.call(
        "run_sweep", grid=request.params, walk_forward=True, **_asked(request)
    )
    c, row = walked["id"], walked["data"]
    folds = [
        f"- [[{c}:folds.{n}.from]] to [[{c}:folds.{n}.to]]: [[{c}:folds.{n}.params]]"
        for n in range(len(row["folds"]))
    ]
    title = f"{_title(row)}, walked forward, SIMULATED through the desk: chosen on the days before,"
    parts = [
        f"{title} judged on these alone:",
        _beside(c, "judged days"),
        "What was chosen for each stretch:\n\n" + "\n".join(folds),
    ]
    return await _ended(parts, walked, toolbox, "The walk is")


async def _lots(request: Request, toolbox: Toolbox) -> str:
    played = await _played(request, toolbox)
    drawn = await toolbox.call("run_monte_carlo", run=played["data"]["id"])
    c = drawn["id"]
    rows = [
        f"| {label} | "
        + " | ".join(f"[[{c}:quantiles.{part}.{key}|{form}]]" for _, key, form in POINT)
        + " |"
        for label, part in QUANTILES
    ]
    head = f"| | {' | '.join(label for label, _, _ in POINT)} |\n|---|---|---|---|"
    span = f"SIMULATED from [[{played['id']}:from]] to [[{played['id']}:to]]"
    drawn_from = f"[[{c}:paths|,.0f]] other pasts, drawn from its own returns in blocks"
    parts = [
        f"{_title(played['data'])}, {span}: {drawn_from}:",
        "\n".join([head, *rows]),
        f"Chance of a loss: [[{c}:chance_of_loss|.1%]].",
    ]
    return await _ended(parts, drawn, toolbox, "The draw is")


WAYS: dict[str, Callable[[Request, Toolbox], Coroutine[Any, Any, str]]] = {
    SWEEP: _sweep,
    WALK: _walk,
    LOTS: _lots,
}


async def _played(request: Request, toolbox: Toolbox) -> Call:
    return await toolbox.call("run_backtest", params=request.params or None, **_asked(request))


def _asked(request: Request) -> dict[str, Any]:
    symbols = [s for s in (request.symbol, *request.others) if s]
    spans = {"start": request.start, "end": request.end, "cash": request.cash}
    return {"strategy": request.strategy, "symbols": symbols, **spans}


def _title(row: dict[str, Any]) -> str:
    name = row["strategy"].replace("_", " ")
    return f"**{name.capitalize()} on {', '.join(row['symbols'])}**"


def _beside(c: str, who: str) -> str:
    columns = ("figures", *(f"benchmarks.{name}" for name in BESIDE))
    lines = [
        f"| {label} | " + " | ".join(f"[[{c}:{at}.{key}|{form}]]" for at in columns) + " |"
        for label, key, form in ROWS
    ]
    return "\n".join([f"| | {who} | buy and hold | equal weight |\n|---|---|---|---|", *lines])


async def _ended(parts: list[str], last: Call, toolbox: Toolbox, what: str) -> str:
    """With what to know before believing it, a cited warning, and where the report opens."""
    c = last["id"]
    found = [f"- [[{c}:findings.{i}]]" for i in range(len(last["data"]["findings"]))]
    if found:
        parts.append("What to know first:\n\n" + "\n".join(found))
    cited = await quotation(toolbox, "a backtest is no forecast, overfitting to past prices")
    parts.append(f"{cited} {what} [[{c}:id]]; its report: [[{c}:report]].")
    return "\n\n".join(parts)
