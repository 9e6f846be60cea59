"""Keeps what the feeds of documents gave, whole, and notes of which time it is all there was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tools.domain.document import Document
from tools.market_data.documents.feed import Wanted
from tools.market_data.documents.kept import KeptDocuments
from tools.market_data.documents.opening import Source, open_kept, source_named
from tools.settings import Settings


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the answers of one source's feeds go."""

    store: KeptDocuments
    source: Source

    def keep(
        self, feed: str, wanted: Wanted, found: Sequence[Document], now: datetime, *, lacks: bool
    ) -> None:
        """Keep an answer that came at ``now`` (aware); ``lacks`` says that it has not everything.

        All of the span is there where the source is an archive, nothing was left out and the
        answer did not reach its limit; else what is there since the first that came. An answer to
        words is no stretch of time. StateError where it can't be kept.
        """
        self.store.keep(found, now, feed)
        if wanted.words or not self.source.news:
            return
        whole = self.source.archive and not lacks and len(found) < wanted.limit
        if whole or found:
            since = wanted.since if whole else min(one.known_at for one in found)
            until = min(wanted.until, now - self.source.behind)
            self.store.answered(feed, wanted.symbols, since, until)


def keeping(settings: Settings, source: str) -> Keeping:
    """For a source by its name; InputError for one that is none."""
    return Keeping(open_kept(settings), source_named(source))
