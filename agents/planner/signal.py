"""The signal agent: what the indicators say, vote by vote."""

from __future__ import annotations

from agents.planner.backtest import backtest
from agents.planner.mood import mood
from agents.planner.quoting import quotation
from agents.request import Kind
from agents.services import Brief
from agents.toolbox import Toolbox

TOPICS = {
    "trend": "moving average trend following price above average",
    "macd": "MACD histogram signal line momentum meaning",
    "rsi": "RSI relative strength index overbought oversold meaning",
    "bollinger": "Bollinger bands price near the upper or lower band meaning",
    "momentum": "momentum rate of change recent winners persist",
}
READS = {
    "buy": "leans to **buying**",
    "sell": "leans to **selling**",
    "neutral": "is **neutral**",
}


async def signal(brief: Brief, toolbox: Toolbox) -> str:
    """Indicators, the votes, and a cited sentence on the loudest of them."""
    request = brief.request
    if request.kind is Kind.BACKTEST:
        return await backtest(request, toolbox)
    if request.kind is Kind.NEWS:
        return await mood(request, toolbox)
    symbols = [s for s in (request.symbol, *request.others) if s]
    parts = [await _one(symbol, toolbox) for symbol in symbols]
    return "\n\n".join(parts)


async def _one(symbol: str, toolbox: Toolbox) -> str:
    computed = await toolbox.call("compute_indicators", symbol=symbol)
    c, row = computed["id"], computed["data"]
    found = row["signal"]
    if found is None:
        return f"No signal for {symbol}: {row['signal_missing']}"
    votes = found["votes"]
    paths = [f"{c}:signal.votes.{i}" for i in range(len(votes))]
    lines = [
        f"- {vote['indicator']} [[{path}.value|+.2f]]: [[{path}.sentence]]"
        for vote, path in zip(votes, paths, strict=True)
    ]
    loudest = max(votes, key=lambda vote: abs(vote["value"]))
    topic = TOPICS.get(loudest["indicator"], f"{loudest['indicator']} indicator meaning")
    cited = await quotation(toolbox, topic)
    return (
        f"The technical signal for {symbol} {READS[found['direction']]}: "
        f"[[{c}:signal.score|+.2f]] on a scale from −1 to +1, the mean of these votes:\n\n"
        + "\n".join(lines)
        + f"\n\nOn the loudest of them: {cited}"
    )
