"""A Ray cluster: one begun here for the search, or one that runs already.

One that is begun here listens on this machine alone and ends with the search; Ray itself then
reports no usage to anybody. The source of ``tools`` goes to every worker with the search, what it
stands on must be installed there.
"""

from __future__ import annotations

import logging
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from tools.backtest.search.task import Answer, Task
from tools.backtest.search.worker import Worker
from tools.backtest.search.workers.again import Again, Say
from tools.domain.errors import ConfigError, TradingError

S = TypeVar("S")
LOCAL = "local"
BEGIN_S = 120.0
"""Seconds until somebody must be free on a cluster that others use too."""
KNOCK_S = 5.0
STORE_BYTES = 100 * 1024 * 1024


class Cluster:
    """``count`` workers on the cluster at ``address``, all of its cores unless told."""

    def __init__(
        self, opener: Callable[[S], Worker], settings: S, address: str, count: int | None, say: Say
    ) -> None:
        """Raises ConfigError when Ray isn't installed."""
        try:
            import ray
        except ModuleNotFoundError:
            raise ConfigError(
                "TOLLGATE_RAY is set, but Ray is not installed: install Tollgate with its extra "
                "`cluster`, or unset it"
            ) from None
        self._ray: Any = ray
        self._opener, self._settings, self._say = opener, settings, say
        self._address, self._count = address, count
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def described(self) -> str:
        """Where."""
        local = self._address == LOCAL
        return "a Ray cluster on this machine" if local else f"the Ray cluster at {self._address}"

    def answers(self, tasks: Iterator[Task]) -> Iterator[Answer]:
        """As they are ready."""
        ray, queue = self._ray, Again(tasks, self._say)
        try:
            count = self._begin()
            actor = ray.remote(num_cpus=1, max_restarts=0)(Player)
            hired = [actor.remote(self._opener, self._settings) for _ in range(count)]
            coming = {one.ready.remote(): one for one in hired}
            busy: dict[Any, tuple[Any, Task]] = {}
            free: list[Any] = []
            while True:
                while free and (task := queue.next()) is not None:
                    one = free.pop()
                    busy[one.play.remote(task)] = one, task
                if free and not busy:
                    return
                ready, _ = ray.wait([*busy, *coming], timeout=None if busy else BEGIN_S)
                if not ready:
                    raise ConfigError(
                        f"{self.described} had nobody free for {BEGIN_S:g} s: wait until it has, "
                        "or unset TOLLGATE_RAY"
                    )
                if ready[0] in coming:
                    ray.get(ready[0])
                    free.append(coming.pop(ready[0]))
                    continue
                one, task = busy.pop(ready[0])
                try:
                    answer = ray.get(ready[0])
                    free.append(one)
                except ray.exceptions.RayActorError:
                    one = actor.remote(self._opener, self._settings)
                    coming[one.ready.remote()] = one
                    again = queue.died(task, "its process is gone")
                    if again is None:
                        continue
                    answer = again
                yield answer
        except ray.exceptions.RayError as error:
            raise ConfigError(f"{self.described} fails ({_first(error)})") from None
        finally:
            self.close()

    def close(self) -> None:
        """Leave the cluster; its workers for this search end with it."""
        with suppress(Exception):
            self._ray.shutdown()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _begin(self) -> int:
        """Connect; how many workers there will be. Raises ConfigError when nobody answers."""
        ray, local = self._ray, self._address == LOCAL
        quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
        source = {"py_modules": [str(Path(__file__).resolve().parents[3])]}
        logging.getLogger("ray").setLevel(logging.CRITICAL)
        if not local:
            self._knock()
        try:
            if local:
                self._folder = tempfile.TemporaryDirectory(
                    prefix="ray-", ignore_cleanup_errors=True
                )
                with _on_this_machine(ray):
                    ray.init(
                        address="local",
                        num_cpus=self._count,
                        include_dashboard=False,
                        object_store_memory=STORE_BYTES,
                        _temp_dir=self._folder.name,
                        _node_ip_address="127.0.0.1",
                        **quiet,
                    )
            else:
                ray.init(address=self._address, runtime_env=source, **quiet)
        except Exception as error:  # noqa: BLE001 - whatever Ray raises
            raise self._nobody(_first(error)) from None
        cores = int(ray.cluster_resources().get("CPU", 1))
        return max(1, min(self._count or cores, cores))

    def _knock(self) -> None:
        """Ray itself would try for two minutes."""
        host, _, port = self._address.removeprefix("ray://").rpartition(":")
        if not host or not port.isdigit():
            return
        try:
            socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()
        except (OSError, OverflowError) as error:
            raise self._nobody(str(error)) from None

    def _nobody(self, why: str) -> ConfigError:
        return ConfigError(
            f"TOLLGATE_RAY is {self._address}, and no cluster can be used there ({why}). Start "
            "it, correct the address, or unset it"
        )


class Player:
    """What runs on the cluster: one worker."""

    def __init__(self, opener: Callable[[S], Worker], settings: S) -> None:
        """Opened once; what is wrong with it is told with the first task."""
        self._fault = ""
        try:
            self._worker = opener(settings)
        except TradingError as error:
            self._fault = f"A worker can't begin: {error}"

    def ready(self) -> None:
        """Answers when it is there."""

    def play(self, task: Task) -> Answer:
        """As the worker does."""
        if self._fault:
            return Answer(task.number, fault=self._fault)
        return self._worker.play(task)


@contextmanager
def _on_this_machine(ray: Any) -> Iterator[None]:
    """Ray then takes 127.0.0.1 for its own address, as it always does on macOS and Windows.

    Told that address by name it looks for one that others can reach, and listens to everybody.
    """
    constants = ray._private.ray_constants
    before = constants.ENABLE_RAY_CLUSTER
    constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        constants.ENABLE_RAY_CLUSTER = before


def _first(error: BaseException) -> str:
    """What an error says, in one line."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
