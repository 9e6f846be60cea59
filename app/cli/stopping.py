"""Work at the terminal that ends when it is told to, and a prompt that can be left."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any, TextIO, TypeVar

Result = TypeVar("Result")


def until_stopped(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work``; SIGTERM ends it the way Ctrl-C does, with KeyboardInterrupt.

    SIGTERM does so by itself, not by way of SIGINT: a shell starts what runs in the background
    with SIGINT ignored.
    """
    ended = False

    async def main() -> Result:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def end(*_: object) -> None:
            nonlocal ended
            if ended:
                raise KeyboardInterrupt
            ended = True
            loop.call_soon_threadsafe(task.cancel)

        before = signal.signal(signal.SIGTERM, end)
        try:
            return await work
        finally:
            signal.signal(signal.SIGTERM, before)

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        if ended:
            raise KeyboardInterrupt from None
        raise


class Lines:
    """Lines that a person types or a pipe brings.

    Waiting for one blocks neither the event loop nor a thread: a thread that sits in ``input()``
    can't be stopped, and the whole program would wait for it.
    """

    def __init__(self, stream: TextIO) -> None:
        """Nothing else may read from ``stream``."""
        self._fd = stream.fileno()
        self._kept = b""
        self._ended = False

    async def ask(self, prompt: str) -> str:
        """The next line without its end; raises EOFError after the last."""
        print(prompt, end="", flush=True)
        while b"\n" not in self._kept and not self._ended:
            await self._ready()
            got = os.read(self._fd, 2**16)
            self._ended = not got
            self._kept += got
        if not self._kept:
            raise EOFError
        line, _, self._kept = self._kept.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    async def _ready(self) -> None:
        loop = asyncio.get_running_loop()
        come = asyncio.Event()
        try:
            loop.add_reader(self._fd, come.set)
        except PermissionError:  # a plain file: always ready
            return
        try:
            await come.wait()
        finally:
            loop.remove_reader(self._fd)
