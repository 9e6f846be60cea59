"""What is to be fetched, and when: a job as a person writes it, and its due moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from tools.domain.errors import InputError
from tools.market_data.collection.gathering import kind_of
from tools.market_data.symbols import canonical

DOCUMENTS = "documents"


class Job(BaseModel):
    """``cron`` has five fields and is read in ``zone``; ``days`` is how far back each run looks.

    ``what`` is a timeframe, trades or quotes; ``source`` a feed's name, None for the first that
    has it. Or ``what`` is documents: then ``source`` is one of ``documents/opening.py``, ``about``
    the words asked for, and there may be no symbols.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
    symbols: Annotated[tuple[str, ...], Field(max_length=1000)]
    what: str
    cron: str
    zone: str = "UTC"
    days: Annotated[int, Field(ge=1, le=36_500)] = 5
    source: str | None = None
    about: Annotated[str, Field(max_length=200)] = ""

    @field_validator("symbols")
    @classmethod
    def _symbols(cls, symbols: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(canonical(symbol) for symbol in symbols))

    @field_validator("what")
    @classmethod
    def _what(cls, what: str) -> str:
        if what == DOCUMENTS:
            return what
        kind, timeframe = kind_of(what)
        return str(timeframe or kind)

    @field_validator("zone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InputError(
                f"{zone[:40]!r} is no time zone: use UTC or a name such as America/New_York."
            ) from None
        return zone

    @field_validator("cron")
    @classmethod
    def _cron(cls, cron: str) -> str:
        due_before(cron, "UTC", datetime(2024, 1, 1, tzinfo=UTC))
        return cron

    @model_validator(mode="after")
    def _whole(self) -> Job:
        if self.what == DOCUMENTS and self.source is None:
            raise InputError("A job for documents needs the name of their source, such as rss.")
        if self.what != DOCUMENTS and not self.symbols:
            raise InputError("A job for prices needs a symbol, such as IBM.")
        if self.what != DOCUMENTS and self.about:
            raise InputError("Only documents are about something: leave the words out.")
        return self

    def due(self, now: datetime) -> datetime:
        """The last moment at or before ``now`` (aware) at which it was to run, aware UTC."""
        return due_before(self.cron, self.zone, now)


def new_job(**fields: object) -> Job:
    """A job from what a person said; InputError with a sentence a mistake."""
    try:
        return Job.model_validate(fields)
    except ValidationError as error:
        raise InputError(
            "; ".join(f"{row['loc'][0]}: {row['msg'].lower()}" for row in error.errors())
        ) from None


def due_before(cron: str, zone: str, now: datetime) -> datetime:
    """The last moment at or before ``now`` that the expression names, aware UTC.

    By the clocks on the wall of ``zone``: a time that a night in spring skips comes right after
    it. Raises InputError for what is no expression of five fields.
    """
    from cronsim import CronSim, CronSimError

    try:
        if len(cron.split()) != 5:
            raise CronSimError("five fields")
        after = now.astimezone(ZoneInfo(zone)).replace(microsecond=0) + timedelta(seconds=1)
        return next(CronSim(cron, after, reverse=True)).astimezone(UTC)
    except (CronSimError, StopIteration):
        raise InputError(
            f"{cron[:60]!r} is no schedule: use five fields as for cron, such as '30 16 * * 1-5' "
            "for half past four on weekdays."
        ) from None
