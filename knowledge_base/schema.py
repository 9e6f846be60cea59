"""The front matter that each article must have, and the check that refuses anything else."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\n]+$")
]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=80)]


class Kind(StrEnum):
    """What an article is about; one of a fixed list, so that a search can filter by it."""

    INDICATOR = "indicator"
    STRATEGY = "strategy"
    RISK = "risk"
    EXECUTION = "execution"
    FUNDAMENTALS = "fundamentals"
    MARKET_STRUCTURE = "market_structure"
    PORTFOLIO = "portfolio"
    MISTAKE = "mistake"


class Source(BaseModel):
    """A book, paper or rule that the article rests on; `year` is the year of publication."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    author: Line
    title: Line
    year: int = Field(ge=1600, le=2100, strict=True)
    publisher: Line | None = None

    def citation(self) -> str:
        """Give one line that a reader can look the source up by."""
        tail = f", {self.publisher}" if self.publisher else ""
        return f"{self.author} ({self.year}): {self.title}{tail}"


class FrontMatter(BaseModel):
    """The YAML block at the top of an article; an unknown key is an error, not a note.

    `known_at` is the calendar date (UTC) on which the knowledge became public: a question asked
    as of an earlier moment does not see the article.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Line
    kind: Kind
    tags: tuple[Slug, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    licence: Literal["MIT"]
    known_at: Annotated[date, Field(strict=True)]
    related: tuple[Slug, ...] = ()
