"""Claims are quoted, not paraphrased: the sentence of a passage that answers best, verbatim.

What is written is where the sentence stands; the renderer takes the words from the passage itself.
"""

from __future__ import annotations

import re
from typing import Any

from agents.evidence import content_words
from agents.spans import Span
from agents.toolbox import Toolbox
from tools.domain.errors import DataUnavailable

# A formula or a table row is no sentence; "$4.2 million" may stand in one.
MARKUP = re.compile(r"[|#`\\{}<>*_\[\]]|\$(?!\s?\d)")
SENTENCE = re.compile(r"\S(?:(?!\n\s*\n).)*?(?:[.!?](?=\s|$)|(?=\n\s*\n)|$)", re.DOTALL)
SHORTEST, LONGEST = 30, 320


def best_sentence(text: str, query: str) -> Span | None:
    """Where the plain sentence is that shares most words with ``query``; None without one."""
    wanted = content_words(query)
    best, most = None, 0
    for found in SENTENCE.finditer(text):
        plain = found.group()
        if MARKUP.search(plain) or not SHORTEST <= len(plain) <= LONGEST or plain[-1] not in ".!?":
            continue
        shared = len(wanted & content_words(plain))
        if shared > most:
            best, most = found.span(), shared
    return best


def quoted(passage: dict[str, Any], query: str) -> str | None:
    """References for the passage's best sentence and its source, None when it has none."""
    span = best_sentence(passage["text"], query)
    if span is None:
        return None
    return f"[[quote:{passage['id']}|{span[0]}-{span[1]}]] [[cite:{passage['id']}]]"


async def quotation(toolbox: Toolbox, query: str, limit: int = 3) -> str:
    """The best sentence of the passages found, cited, or a sentence that says there is none."""
    try:
        found = await toolbox.call("search_knowledge", query=query, limit=limit)
    except DataUnavailable as missing:
        return f"(No citation: {missing})"
    for passage in found["data"]["passages"]:
        if told := quoted(passage, query):
            return told
    return f"(The knowledge base, as of the date asked, has no passage on: {query}.)"
