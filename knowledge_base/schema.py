"""The front matter that each article must have, and the check that refuses anything else."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    model_validator,
)

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\n]+$")
]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=80)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Figure = Annotated[str, StringConstraints(pattern=r"^-?[0-9]+(\.[0-9]+)?$", max_length=40)]
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr


def _pairs(given: Any) -> Any:
    """Give a mapping as pairs, dates as ISO 8601 and lists as tuples: all of it stays frozen."""
    if not isinstance(given, dict):
        return given
    return tuple((key, _plain(value)) for key, value in given.items())


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return tuple(_plain(part) for part in value) if isinstance(value, list) else value


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
    CRYPTO = "crypto"
    PATTERN = "pattern"
    REGULATION = "regulation"
    MACRO = "macro"
    MODEL = "model"


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


class Input(BaseModel):
    """A figure that a worked example starts from.

    Either what a tool of the desk answers, found by `path` (keys, positions, `*` for each), or
    `value`, a figure that the text assumes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tool: Name | None = None
    arguments: Annotated[
        tuple[tuple[Name, Scalar | tuple[Scalar, ...]], ...], BeforeValidator(_pairs)
    ] = ()
    path: Line | None = None
    value: Figure | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        asked = self.tool is not None and self.path is not None
        assumed = self.value is not None
        if asked == assumed or (assumed and (self.tool or self.path or self.arguments)):
            raise ValueError("give a tool with a path, or a value, and not both")
        if self.tool and self.as_of is None:
            raise ValueError("ask the tool as of a date: as_of: YYYY-MM-DD")
        return self

    @property
    def as_of(self) -> date | None:
        """The day as of which the tool is asked; None for an assumed value."""
        given = dict(self.arguments).get("as_of")
        return date.fromisoformat(given) if isinstance(given, str) else None


class Step(BaseModel):
    """One figure worked out by `formula` from inputs and earlier steps; `value` as printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    formula: Line
    value: Figure


class Example(BaseModel):
    """A worked example: its inputs by name, and the steps to the figures that the text states."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    inputs: Annotated[tuple[tuple[Name, Input], ...], BeforeValidator(_pairs)] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_name_twice(self) -> Self:
        names = [name for name, _ in self.inputs] + [step.name for step in self.steps]
        if len(names) != len(set(names)):
            raise ValueError("give each input and step a name of its own")
        return self

    @property
    def as_of(self) -> date | None:
        """The last day whose prices the example uses; None when it uses none."""
        return max((day for _, given in self.inputs if (day := given.as_of)), default=None)


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
    examples: tuple[Example, ...] = ()
