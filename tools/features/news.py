"""Documents as columns beside bars, scored by something that the caller gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tools.domain.document import Document
from tools.domain.errors import InputError
from tools.features.inputs import Inputs
from tools.market_data.columns import nanoseconds

Scorer = Callable[[Sequence[Document]], Sequence[float]]
"""From documents to one score each, -1 bad to 1 good, NaN for "can't tell"."""


def with_news(
    inputs: Inputs, documents: Sequence[Document], scorer: Scorer, name: str, since: int
) -> Inputs:
    """Adds news_score (a sum) and news_count of the documents that name the symbol.

    Each counts once, by its first version, for the first bar that was known at or after it: the
    news of a night for the next session's. Bars that were known before ``since`` (nanoseconds, from
    when on the documents are complete) are NaN. ``name`` says which scorer it was. Raises
    InputError for scores that are not one for each document or beyond -1 and 1.
    """
    first: dict[tuple[str, str], Document] = {}
    for document in sorted(documents, key=lambda one: one.known_at):
        if inputs.symbol in document.symbols:
            first.setdefault((document.source, document.key), document)
    kept = tuple(first.values())
    scores = np.array(scorer(kept) if kept else (), np.float64)
    if scores.shape != (len(kept),) or (np.abs(scores[~np.isnan(scores)]) > 1).any():
        raise InputError(f"The scorer {name} must give one score from -1 to 1 for each document.")
    known = np.array([nanoseconds(one.known_at) for one in kept], np.int64)
    row = np.searchsorted(inputs.known, known, side="left")
    told = ~np.isnan(scores) & (row < len(inputs)) & (known >= since)
    size, blank = len(inputs), inputs.known < since
    score = np.bincount(row[told], scores[told], minlength=size).astype(np.float64)
    count = np.bincount(row[told], minlength=size).astype(np.float64)
    columns = {
        "news_score": np.where(blank, np.nan, score),
        "news_count": np.where(blank, np.nan, count),
    }
    return inputs.joined(columns, f"news scored by {name}")
