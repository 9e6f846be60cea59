"""``guarded(feed)``: the same feed, asked with patience and left alone while it fails."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from tools.domain.errors import TradingError
from tools.domain.feed_health import CircuitState, FeedHealth
from tools.domain.market import Bar
from tools.market_data.feeds.resilience.backoff import persistently
from tools.market_data.feeds.resilience.circuit import Circuit
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.freshness import behind
from tools.market_data.feeds.resilience.policy import Policy, Waiting
from tools.ports import Clock

F = TypeVar("F")

# What may wait for the next feed, or for an older answer; the rest is about this moment.
HISTORY = ("instrument", "bars", "range", "trades", "quotes", "flow", "observations", "documents")
PRESENT = ("quote", "status", "chain")
# Of these the last good answer is kept.
KEPT = ("instrument", "bars")
ANSWERS = 512


class Guard:
    """What every guarded feed has; ``guarded`` adds the methods of the feed that it stands for."""

    def __init__(
        self,
        feed: Any,
        circuit: Circuit,
        clock: Clock,
        policy: Policy,
        waiting: Waiting,
        yields: bool,
    ) -> None:
        self._feed, self._circuit, self._clock = feed, circuit, clock
        self._policy, self._waiting, self._yields = policy, waiting, yields
        self._answers: OrderedDict[tuple[object, ...], tuple[datetime, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._said = threading.local()

    def __getattr__(self, name: str) -> Any:
        """What only this feed has."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._feed, name)

    def health(self) -> FeedHealth:
        """How the feed is doing."""
        return self._circuit.health()

    def notice(self) -> str:
        """Why this thread's last question got no answer, an older or a shorter one; else empty."""
        return str(getattr(self._said, "words", ""))

    def _ask(self, method: str, *args: Any) -> Any:
        self._said.words = ""
        try:
            answer = persistently(
                lambda: self._once(method, args), self._policy, self._waiting, self._asked_again
            )
        except Unanswered as error:
            return self._instead(method, args, error)
        if method == "bars" and answer:
            answer = self._newest(args, answer)
        if method == "documents":
            self._said.words = getattr(self._feed, "notice", str)()
        if method in KEPT:
            self._keep((method, *args), answer)
        return answer

    def _once(self, method: str, args: tuple[Any, ...]) -> Any:
        """One request, if the circuit lets it through; it hears of the outcome."""
        if not self._circuit.admit():
            raise Unanswered(self._circuit.health().error, again=False)
        try:
            answer = getattr(self._feed, method)(*args)
        except Unanswered as error:
            asked = error.retry_after_s
            retry_after = None if asked is None else timedelta(seconds=asked)
            self._circuit.failed(str(error), retry_after, limited=error.limited)
            raise
        except TradingError:
            self._circuit.succeeded()  # an answer, though not the one that was hoped for
            raise
        except Exception as error:  # noqa: BLE001 - a library raises what its libraries raise
            # The error may hold an address with a key in it: only its name is passed on.
            said = f"{self._feed.name} did not answer ({type(error).__name__})"
            self._circuit.failed(said)
            raise Unanswered(said, again=isinstance(error, OSError)) from None
        words = getattr(self._feed, "notice", str)() if answer is None else ""
        if words:
            self._circuit.failed(words)
            raise Unanswered(words, again=False)
        if self._seen((method, *args), answer):
            self._circuit.untried()  # the feed may have kept it itself: that proves nothing
        else:
            self._circuit.succeeded(answer[-1].known_at if method == "bars" and answer else None)
        return answer

    def _seen(self, key: tuple[object, ...], answer: object) -> bool:
        """Whether it is what the feed gave before."""
        with self._lock:
            if key not in self._answers:
                return False
            before = self._answers[key][1]
        return before is answer or (key[0] == "instrument" and before == answer)

    def _asked_again(self, wait_s: float) -> bool:
        """Whether the circuit lets a request through after so long."""
        health = self._circuit.health()
        if health.state is not CircuitState.OPEN or health.retry_at is None:
            return True
        return health.retry_at <= self._clock.wall() + timedelta(seconds=wait_s)

    def _instead(self, method: str, args: tuple[Any, ...], error: Unanswered) -> Any:
        """An older answer with its age, the next feed's turn, or the error."""
        words = str(error).rstrip(".")
        with self._lock:
            found = self._answers.get((method, *args))
        if found is not None and found[1] is not None:
            at, answer = found
            age = _plain(self._clock.wall() - at)
            self._said.words = f"{words}; its answer of {at:%Y-%m-%d %H:%M} UTC, {age} old, is used"
            return answer
        if method in HISTORY and self._yields:
            self._said.words = words
            return None
        raise error

    def _newest(self, args: tuple[Any, ...], bars: Sequence[Bar]) -> Sequence[Bar]:
        """The bars, or those of before when these end earlier; it is said when they are late."""
        name = self._feed.name
        with self._lock:
            before = self._answers.get(("bars", *args), (None, ()))[1]
        if before and before[-1].session > bars[-1].session:
            self._said.words = (
                f"{name} sent prices of {args[0]} up to {bars[-1].session} after it had sent them "
                f"up to {before[-1].session}; the newer ones are used"
            )
            return cast("Sequence[Bar]", before)
        if self._feed.live:
            self._said.words = behind(args[0], name, bars, self._clock.wall())
        return bars

    def _keep(self, key: tuple[object, ...], answer: object) -> None:
        if self._seen(key, answer):
            return
        with self._lock:
            self._answers[key] = self._clock.wall(), answer
            self._answers.move_to_end(key)
            if len(self._answers) > ANSWERS:
                self._answers.popitem(last=False)


def guarded(
    feed: F,
    clock: Clock,
    *,
    policy: Policy | None = None,
    waiting: Waiting | None = None,
    state: Path | None = None,
    yields: bool = True,
) -> F:
    """``feed`` with the same methods, behind a circuit breaker and asked again with back-off.

    While it does not answer, its last answer is given with its age in ``notice``; without one the
    next feed is asked (``yields``), or Unanswered is raised. What is about this moment (quotes,
    status, chains) is never older and never another's: it raises. ``state`` is the folder for the
    memory of its circuit. Streams keep their own reconnecting.
    """
    methods = {name: _asking(name) for name in (*HISTORY, *PRESENT) if hasattr(feed, name)}
    passed = {
        name: _passing(name) for name in ("name", "live", "timeframes") if hasattr(feed, name)
    }
    plain = {
        name: _calling(name)
        for name in ("symbols", "label", "latest", "stream", "dividends", "splits")
        if hasattr(feed, name)
    }
    kind = type(f"Guarded{type(feed).__name__}", (Guard,), {**methods, **passed, **plain})
    policy, name = policy or Policy(), str(getattr(feed, "name", "feed"))
    memory = None if state is None else state / "feeds" / f"{name}.json"
    circuit = Circuit(name, clock, policy, memory)
    return cast("F", kind(feed, circuit, clock, policy, waiting or Waiting(), yields))


def _asking(name: str) -> Callable[..., Any]:
    return lambda self, *args: self._ask(name, *args)


def _calling(name: str) -> Callable[..., Any]:
    return lambda self, *args, **named: getattr(self._feed, name)(*args, **named)


def _passing(name: str) -> property:
    return property(lambda self: getattr(self._feed, name))


def _plain(age: timedelta) -> str:
    minutes = max(0, round(age.total_seconds() / 60))
    if minutes < 120:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"
