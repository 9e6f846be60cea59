"""The data agent: where the market stands, and what the knowledge base says."""

from __future__ import annotations

from agents.planner.quoting import best_sentence, quotation
from agents.request import Kind
from agents.services import Brief
from agents.toolbox import Toolbox
from tools.domain.errors import InputError


async def data(brief: Brief, toolbox: Toolbox) -> str:
    """Prices for each symbol asked about, or passages for a question of knowledge."""
    request = brief.request
    if request.kind is Kind.KNOWLEDGE:
        return await _knowledge(request.question, toolbox)
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


async def _knowledge(question: str, toolbox: Toolbox) -> str:
    found = await toolbox.call("search_knowledge", query=question, limit=4)
    passages = found["data"]["passages"]
    if not passages:
        raise InputError(
            f"nothing in the knowledge base, and no symbol, fits {question[:80]!r}. Ask about a "
            f"symbol (tollgate data symbols lists them), your portfolio, or a trading topic such "
            f"as \u201cWhat does an RSI above 70 mean?\u201d"
        )
    lines, seen = [], set()
    for passage in passages:
        sentence = best_sentence(passage["text"], question)
        if sentence is None or sentence in seen:
            continue
        seen.add(sentence)
        lines.append(
            f"- {passage['title']}: \u201c{' '.join(sentence.split())}\u201d "
            f"[[cite:{passage['id']}]]"
        )
    if not lines:
        return await quotation(toolbox, question)
    return "The knowledge base says:\n\n" + "\n".join(lines[:3])
