"""Claims are quoted, not paraphrased: the sentence of a passage that answers best, verbatim."""

from __future__ import annotations

import re

from agents.toolbox import Toolbox
from tools.domain.errors import DataUnavailable

MARKUP = re.compile(r"[|#`$\\{}<>*_\[\]]")
LONGEST = 320


def best_sentence(text: str, query: str) -> str | None:
    """The plain sentence of ``text`` that shares most words with ``query``; None without one."""
    words = {w for w in re.findall(r"[a-z]+", query.lower()) if len(w) > 2}
    best, most = None, 0
    for sentence in re.split(r"(?<=[.!?])\s+|\n\s*\n", text):
        plain = sentence.strip()
        if MARKUP.search(plain) or not 30 <= len(plain) <= LONGEST or plain[-1] not in ".!?":
            continue
        shared = len(words & set(re.findall(r"[a-z]+", plain.lower())))
        if shared > most:
            best, most = plain, shared
    return best


async def quotation(toolbox: Toolbox, query: str, limit: int = 3) -> str:
    """``"sentence" [[cite:id]]`` from the best passage, or a sentence that says there is none."""
    try:
        found = await toolbox.call("search_knowledge", query=query, limit=limit)
    except DataUnavailable as missing:
        return f"(No citation: {missing})"
    for passage in found["data"]["passages"]:
        if sentence := best_sentence(passage["text"], query):
            return f"\u201c{' '.join(sentence.split())}\u201d [[cite:{passage['id']}]]"
    return f"(The knowledge base, as of the date asked, has no passage on: {query}.)"
