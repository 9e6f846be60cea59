"""The signal agent on the past: what a strategy would have done, beside doing little."""

from __future__ import annotations

from agents.planner.quoting import quotation
from agents.request import Request
from agents.toolbox import Toolbox

ROWS = (
    ("return", "total_return", "+.1%"),
    ("return a year", "annual_return", "+.1%"),
    ("volatility a year", "annual_volatility", ".1%"),
    ("Sharpe ratio", "sharpe", ".2f"),
    ("largest drawdown", "max_drawdown", ".1%"),
)
BESIDE = ("buy_and_hold", "equal_weight")


async def backtest(request: Request, toolbox: Toolbox) -> str:
    """The figures in a table, what to know before believing them, and a cited warning."""
    symbols = [s for s in (request.symbol, *request.others) if s]
    played = await toolbox.call(
        "run_backtest", strategy=request.strategy, symbols=symbols, start=request.start
    )
    c, row = played["id"], played["data"]
    head = "| | this run | buy and hold | equal weight |\n|---|---|---|---|"
    lines = [
        f"| {label} | " + " | ".join(f"[[{c}:{where}.{key}|{form}]]" for where in _columns()) + " |"
        for label, key, form in ROWS
    ]
    findings = [f"- [[{c}:findings.{i}]]" for i in range(len(row["findings"]))]
    cited = await quotation(toolbox, "a backtest is no forecast, overfitting to past prices")
    name = row["strategy"].replace("_", " ")
    title = f"**{name.capitalize()} on {', '.join(row['symbols'])}**"
    span = f"from [[{c}:from]] to [[{c}:to]] ([[{c}:bars|,.0f]] daily bars"
    slipped = f"[[{c}:costs.slippage_and_impact|,.2f]] {row['currency']}"
    paid = f"[[{c}:costs.commission|,.2f]] {row['currency']}, in slippage and impact: {slipped}"
    limits = f"limits: [[{c}:limits]]; no person was asked"
    parts = [f"{title}, SIMULATED through the desk on past prices {span}, {limits}):"]
    parts.append("\n".join([head, *lines]))
    parts.append(f"Trades closed: [[{c}:figures.trades|,.0f]]. Paid in commission: {paid}.")
    if findings:
        parts.append("What to know first:\n\n" + "\n".join(findings))
    kept = f"The run is [[{c}:id]]; its report: [[{c}:report]]."
    return "\n\n".join([*parts, f"{cited} {kept}"])


def _columns() -> tuple[str, ...]:
    return ("figures", *(f"benchmarks.{name}" for name in BESIDE))
