"""Does the runs that are due, each by one process alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic

from tools.domain.errors import Conflict, NotFound, TradingError
from tools.market_data.collection.book import JobBook, Run
from tools.market_data.collection.gathering import gather
from tools.market_data.collection.job import DOCUMENTS, Job
from tools.market_data.feeds.feed import Feed
from tools.market_data.store.fetching import Fetcher
from tools.market_data.store.ranges import Span
from tools.ports import Clock

logger = logging.getLogger(__name__)

# Fetches a job's documents of a span, says from time to time that it goes on, and gives how many
# are new or corrected, and what went wrong as sentences.
Texts = Callable[[Job, Span, Callable[[], None]], tuple[int, Sequence[str]]]


class Collector:
    """Runs jobs over feeds into a store; ``clock.wall()`` says what is due."""

    def __init__(
        self,
        book: JobBook,
        feeds: Callable[[], Sequence[Feed]],
        fetcher: Callable[[], Fetcher],
        clock: Clock,
        texts: Texts | None = None,
    ) -> None:
        """``feeds`` and ``fetcher`` are opened for the first run that is due, not before.

        Without ``texts`` a job for documents ends with an error.
        """
        self.book = book
        self._feeds = feeds
        self._fetcher = fetcher
        self._clock = clock
        self._texts = texts

    def run_due(self) -> tuple[Run, ...]:
        """Do every run that is due and that nobody does or did; what came of each.

        Of several that were missed only the last is done, and it looks back to before the first.
        """
        done = []
        for job, since in self.book.jobs():
            due = job.due(self._now())
            if due > since:
                try:
                    run = self._run(job, due)
                except Conflict as error:
                    logger.warning("a run was left to another process: %s", error)
                    continue
                done += [run] if run is not None else []
        return tuple(done)

    def run_now(self, name: str) -> Run:
        """Do a job now, due or not; NotFound when there is none of that name.

        Conflict when another process began it this very moment.
        """
        for job, _ in self.book.jobs():
            if job.name == name:
                run = self._run(job, self._now())
                if run is None:
                    raise Conflict(f"another process is doing {name} already")
                return run
        raise NotFound(f"there is no job {name}; `tollgate data jobs list` shows all")

    def _run(self, job: Job, due: datetime) -> Run | None:
        """One run, if it is still to be had."""
        token = self.book.claim(job.name, due, self._now())
        if token is None:
            return None
        began = monotonic()

        def goes_on() -> None:
            self.book.renew(job.name, due, token, self._now())

        gather_all = self._documents if job.what == DOCUMENTS else self._prices
        rows, gaps, errors = gather_all(job, self._span(job), goes_on)
        outcome = (rows, gaps, round(monotonic() - began, 3), " ".join(errors)[:2000])
        self.book.finish(job.name, due, token, self._now(), outcome)
        return next(run for run in self.book.runs(job.name) if run.due == due)

    def _documents(
        self, job: Job, span: Span, goes_on: Callable[[], None]
    ) -> tuple[int, int, list[str]]:
        """The documents of a job: how many are new, no gaps, and what went wrong."""
        if self._texts is None:
            return 0, 0, ["There is no knowledge index here to put documents into."]
        try:
            fresh, errors = self._texts(job, span, goes_on)
        except Conflict:
            raise
        except TradingError as error:
            return 0, 0, [str(error)]
        except Exception as error:
            logger.exception("the job %s failed", job.name)
            return 0, 0, [type(error).__name__]
        return fresh, 0, list(errors)

    def _prices(
        self, job: Job, span: Span, goes_on: Callable[[], None]
    ) -> tuple[int, int, list[str]]:
        """The prices of a job: rows, gaps, and what went wrong by symbol."""
        rows, gaps, errors = 0, 0, []
        for symbol in job.symbols:
            try:
                found = gather(
                    self._feeds(),
                    self._fetcher(),
                    symbol,
                    job.what,
                    span,
                    source=job.source,
                    told=lambda *_: goes_on(),
                )
            except Conflict:
                raise
            except TradingError as error:
                errors.append(f"{symbol}: {error}")
                continue
            except Exception as error:
                # One symbol's defect must not end the others, nor the process that runs jobs.
                logger.exception("the job %s failed at %s", job.name, symbol)
                errors.append(f"{symbol}: {type(error).__name__}")
                continue
            rows, gaps = rows + found.fetched.rows, gaps + (found.gaps or 0)
        return rows, gaps, errors

    def _span(self, job: Job) -> Span:
        """From so many days before the last run that went well, which had not settled all."""
        well = [run.started for run in self.book.runs(job.name) if run.error == ""]
        since = well[0] if well else self._now()
        return Span(since - timedelta(days=job.days), self._now())

    def _now(self) -> datetime:
        return self._clock.wall().astimezone(UTC)
