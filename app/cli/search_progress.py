"""How far a search is, for whoever waits for it, and what is said when it is stopped."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.visible import visible

if TYPE_CHECKING:
    from rich.progress import Progress


@dataclass
class Watch:
    """How far a search is, for whoever waits for it."""

    bar: Progress | None
    done: int = 0
    whole: int = 0
    tasks: list[Any] = field(default_factory=list)

    def told(self, done: int, kept: int, whole: int) -> None:
        """So many runs are done, of which so many were kept before."""
        self.done, self.whole = done, whole
        if self.bar is None or done < kept:
            return
        if not self.tasks:
            # What was there before tells nothing of how fast the rest goes.
            self.tasks.append(self.bar.add_task("backtests", total=whole, completed=kept))
        self.bar.update(self.tasks[0], completed=done)

    def say(self, sentence: str) -> None:
        """A sentence beside the bar."""
        print(visible(sentence), file=sys.stderr)


@contextmanager
def watched() -> Iterator[Watch]:
    """A bar on standard error where somebody watches; SIGTERM ends a search as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    watch = Watch(None)
    try:
        if sys.stderr.isatty():
            with _bar() as bar:
                watch.bar = bar
                yield watch
        else:
            yield watch
    except KeyboardInterrupt:
        kept = f"{watch.done:,} of {watch.whole:,} backtests are kept"
        watch.say(f"{kept}; the same command goes on there." if watch.whole else "None was played.")
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    return Progress(*columns, console=Console(stderr=True), transient=True)
