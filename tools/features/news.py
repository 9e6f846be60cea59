"""Documents as columns beside bars, scored by something that the caller gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tools.domain.document import Document
from tools.domain.errors import InputError
from tools.features.inputs import Inputs
from tools.market_data.columns import nanoseconds
from tools.market_data.documents.kept import KeptDocuments

Scorer = Callable[[Sequence[Document]], Sequence[float]]
"""From documents to one score each, -1 bad to 1 good, NaN for "can't tell"."""
NEWS = ("news_score", "news_count")
DAY = 24 * 3600 * 10**9


@dataclass(frozen=True, slots=True)
class News:
    """Kept documents and what scores them; ``name`` has the scorer's version in it."""

    documents: KeptDocuments
    scorer: Scorer
    name: str

    def beside(self, inputs: Inputs, at: datetime) -> tuple[Inputs, str]:
        """Inputs with the news known at ``at`` (aware), and of which time they are complete.

        As they were where nothing of the symbol was ever kept. StateError where the kept documents
        can't be read.
        """
        whole = self.documents.complete(inputs.symbol)
        if whole is None:
            return inputs, ""
        found = self.documents.first_versions(inputs.symbol, at)
        since, until = nanoseconds(whole.since), nanoseconds(whole.until)
        joined = with_news(inputs, found, self.scorer, self.name, since, until)
        covered = len(inputs) and since <= inputs.known[0] and inputs.known[-1] <= until
        if covered:
            return joined, ""
        span = f"{whole.since:%Y-%m-%d %H:%M} to {whole.until:%Y-%m-%d %H:%M} UTC"
        told = f"The news of {inputs.symbol} are complete from {span}; other bars have none."
        return joined, told


def with_news(
    inputs: Inputs,
    documents: Sequence[Document],
    scorer: Scorer,
    name: str,
    since: int,
    until: int | None = None,
) -> Inputs:
    """Adds news_score (a sum) and news_count of the documents that name the symbol.

    Each counts once, by its first version, for the first bar that was known at or after it: the
    news of a night for the next session's. For the first bar of all only what became known while it
    lasted counts, or in the 24 hours to its end: not all that was ever written. Bars that were
    known before ``since`` or after ``until`` (nanoseconds, between which the documents are
    complete) are NaN. ``name`` says which scorer it was. Raises InputError for scores that are not
    one for each document or beyond -1 and 1.
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
    told = ~np.isnan(scores) & (row < len(inputs)) & (known >= max(since, _begin(inputs)))
    size, blank = len(inputs), inputs.known < since
    if until is not None:
        blank |= inputs.known > until
    score = np.bincount(row[told], scores[told], minlength=size).astype(np.float64)
    count = np.bincount(row[told], minlength=size).astype(np.float64)
    columns = {
        "news_score": np.where(blank, np.nan, score),
        "news_count": np.where(blank, np.nan, count),
    }
    return inputs.joined(columns, f"news scored by {name}")


def _begin(inputs: Inputs) -> int:
    """From when on documents are the first bar's; nanoseconds UTC."""
    if not len(inputs):
        return 0
    start = int(inputs.start[0])
    return start if inputs.timeframe.intraday else min(start, int(inputs.known[0]) - DAY)
