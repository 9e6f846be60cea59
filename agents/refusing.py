"""A question of knowledge without evidence is refused, with what was looked for and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.passages import SEARCH
from agents.rendering import escaped
from agents.spans import one_line
from agents.state import Call, Refusal
from agents.withholding import said_in, struck

NEAREST = 3
LONGEST_QUERY = 200


def refusal(question: str, calls: Sequence[Call]) -> tuple[Refusal, str]:
    """The refusal as plain values, and in words."""
    searches = [c for c in calls if c["tool"] == SEARCH and c["ok"]]
    any_passage = any(c["data"].get("passages") for c in searches)
    reason = "no supported statement" if any_passage else "no passage"
    told = "\n".join(f"- {_sentence(c, question)}" for c in searches)
    why = (
        "What was found has no sentence that answers it."
        if any_passage
        else "No passage was found for it."
    )
    text = (
        f"There is nothing in the knowledge base that answers this, and it is not answered from "
        f"memory. {why} Looked for:\n\n{told}\n\nAsk about a symbol (`tollgate data symbols` lists "
        f"them), your portfolio, or a trading topic such as “What does an RSI above 70 mean?”; "
        f"`tollgate knowledge add` takes documents of your own."
    )
    return Refusal(reason=reason, looked_for=[_looked(c) for c in searches]), text


def _looked(call: Call) -> dict[str, Any]:
    data = call["data"]
    return {
        "query": data["query"],
        "collections": data["collections"],
        "as_of": data["as_of"],
        "filters": data["filters"],
        "passages": [row["id"] for row in data["passages"]],
    }


def _sentence(call: Call, question: str) -> str:
    data = call["data"]
    query = escaped(struck(one_line(data["query"])[:LONGEST_QUERY], said_in(question)))
    where = " and ".join(data["collections"])
    only = "".join(
        f", {name.replace('_', ' ')} {escaped(struck(str(value), said_in(question)))}"
        for name, value in data["filters"].items()
    )
    # A title is its document's own word: the renderer writes it.
    near = ", ".join(f"[[title:{row['id']}]]" for row in data["passages"][:NEAREST])
    found = f"nearest: {near}" if near else "no passage"
    return f"“{query}” in {where}, as of {data['as_of'][:10]}{only}: {found}."
