"""The tool that scores the tone of texts and of kept news: score_sentiment."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from tools.catalog.rendering import instant, number
from tools.catalog.spec import AsOfArg
from tools.clock import moment
from tools.domain.document import Document
from tools.domain.errors import DataUnavailable, InputError
from tools.market_data.symbols import canonical
from tools.models.sentiment.kept import KeptTone
from tools.models.sentiment.rules import LEAST
from tools.models.sentiment.scorer import Scored, Tone, tone_of
from tools.ports import Clock

MOST, LONGEST, SHOWN = 50, 20_000, 300
"""Texts at a time, characters of one, and how much of it the answer repeats."""


class SentimentTools:
    """The tone of what people wrote, with the words that made it."""

    def __init__(self, tone: KeptTone, clock: Clock) -> None:
        """Documents and their scorer from ``tone``; "now" is the wall's, as news go on."""
        self._tone = tone
        self._clock = clock

    def score_sentiment(
        self,
        texts: Annotated[
            list[Annotated[str, Field(max_length=LONGEST)]] | None,
            Field(description="headlines, sentences or posts", max_length=MOST),
        ] = None,
        symbol: Annotated[
            str | None,
            Field(description="instead of texts: the ticker's latest kept news", max_length=20),
        ] = None,
        as_of: AsOfArg = None,
        limit: Annotated[int, Field(ge=1, le=MOST, description="how many of the latest")] = 10,
    ) -> dict[str, Any]:
        """Scores from -1 bad to 1 good, None for "can't tell", and their mean."""
        if bool(texts) == bool(symbol):
            raise InputError("score_sentiment takes either texts or a symbol.")
        at = moment(as_of, self._clock) if as_of is not None else self._clock.wall()
        if symbol:
            return self._kept(canonical(symbol), at, limit)
        scorer = self._tone.opened.scorer
        found = [
            scorer.text("", one) if "\n" in one else scorer.sentences([one])[0]
            for one in texts or ()
        ]
        rows = [
            {"text": text[:SHOWN]} | _plain(one)
            for text, one in zip(texts or (), found, strict=True)
        ]
        return self._told(found) | {"texts": rows}

    def _kept(self, symbol: str, at: datetime, limit: int) -> dict[str, Any]:
        documents = self._tone.documents.latest(symbol, at, limit)
        if not documents:
            raise DataUnavailable(
                f"No news or posts of {symbol} are kept that were known at {at:%F %H:%M} UTC: "
                "`tollgate knowledge sources` names what brings some, `tollgate knowledge fetch` "
                "fetches them."
            )
        found = [self._tone.scored(one) for one in documents]
        rows = [_about(one) | _plain(tone) for one, tone in zip(documents, found, strict=True)]
        whole = self._tone.documents.complete(symbol)
        span = whole and {
            "since": instant(whole.since),
            "until": instant(whole.until),
            "sources": list(whole.sources),
        }
        told = {"symbol": symbol, "as_of": instant(at), "complete": span, "documents": rows}
        return self._told(found) | told

    def _told(self, found: list[Scored]) -> dict[str, Any]:
        """What all of them say together, who says so, and what that is worth."""
        opened = self._tone.opened
        scores = [one.score for one in found if one.tone is not Tone.UNKNOWN]
        mean = sum(scores) / len(scores) if scores else float("nan")
        counts = Counter(one.tone for one in found)
        return {
            "tone": str(tone_of(mean, LEAST)),
            "score": number(mean, 3),
            "counts": {str(tone): counts[tone] for tone in Tone},
            "scorer": opened.scorer.name,
            "version": opened.scorer.version,
            "notice": opened.notice,
            "measured": asdict(opened.measured),
            "caveat": opened.caveat,
        }


def _plain(one: Scored) -> dict[str, Any]:
    because = [{"words": reason.words, "value": reason.value} for reason in one.because]
    return {"tone": str(one.tone), "score": number(one.score, 3), "because": because}


def _about(one: Document) -> dict[str, Any]:
    return {
        "title": one.title,
        "source": one.source,
        "url": one.url,
        "kind": str(one.kind),
        "published": instant(one.event_time),
        "known_at": instant(one.known_at),
    }
