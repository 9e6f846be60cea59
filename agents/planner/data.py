"""The data agent: where the market stands, and what the knowledge base says."""

from __future__ import annotations

from agents.planner.quoting import quoted
from agents.request import Kind
from agents.services import Brief
from agents.toolbox import Toolbox


async def data(brief: Brief, toolbox: Toolbox) -> str:
    """Prices for each symbol asked about, or passages for a question of knowledge."""
    request = brief.request
    if request.kind is Kind.KNOWLEDGE:
        return _knowledge(brief)
    symbols = [s for s in (request.symbol, *request.others) if s]
    return "\n\n".join([await _prices(symbol, toolbox) for symbol in symbols])


async def _prices(symbol: str, toolbox: Toolbox) -> str:
    quote = await toolbox.call("get_quote", symbol=symbol)
    await toolbox.call("get_bars", symbol=symbol, limit=60)
    c, row = quote["id"], quote["data"]
    move = f", [[{c}:change|+.2%]] on the day" if row["change"] is not None else ""
    simulated = f" ({row['quote_source']}: no market was asked)" if row["simulated_quote"] else ""
    notice = f" {row['notice']}" if row["notice"] else ""
    return (
        f"**{row['name']} ({symbol})** closed at [[{c}:last_close|,.2f]] {row['currency']} on "
        f"[[{c}:session]]{move}. Bid [[{c}:bid|,.2f]], ask [[{c}:ask|,.2f]]{simulated}. "
        f"Prices: {row['feed']} feed.{notice}"
    )


def _knowledge(brief: Brief) -> str:
    """A sentence of each passage that was found; nothing where none of them says anything."""
    found = brief.result("search_knowledge")
    rows = found["data"]["passages"] if found else []
    lines, seen = [], set()
    for row in rows:
        told = quoted(row, brief.request.question)
        if told is None or row["text"] in seen:
            continue
        seen.add(row["text"])
        lines.append(f"- [[title:{row['id']}]]: {told}")
    return "The knowledge base says:\n\n" + "\n".join(lines[:3]) if lines else ""
