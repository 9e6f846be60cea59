"""Reads documents in a process of its own: a file that hangs or breaks a reader takes only that."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

from rag_index.documents import limits
from rag_index.documents.canonical import Canonical
from rag_index.documents.errors import DocumentRefused

_START_S = 60.0  # to start the process, on a busy machine


class ReaderProcess:
    """Started at the first file, and anew after one that took too long or broke it."""

    def __init__(self, seconds: float = limits.SECONDS_PER_DOCUMENT) -> None:
        """Give each document at most `seconds`."""
        self._seconds = seconds
        self._process: Any = None
        self._pipe: Connection | None = None

    def __enter__(self) -> ReaderProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, path: Path, name: str = "") -> Canonical:
        """Read a file as `reading.read_document` does; raises DocumentRefused with a sentence."""
        name = name or path.name
        pipe = self._pipe or self._start()
        try:
            pipe.send_bytes(json.dumps([str(path), name]).encode())
            if not pipe.poll(self._seconds):
                self.close()
                raise DocumentRefused(
                    f"{name}: reading it took longer than {self._seconds:g} seconds: "
                    "split it or convert it to text"
                )
            answer = json.loads(pipe.recv_bytes())
        except (EOFError, OSError) as error:
            self.close()
            raise DocumentRefused(
                f"{name}: it broke the program that reads it (it is damaged, or needs too much "
                "memory): convert it to text"
            ) from error
        if "refused" in answer:
            raise DocumentRefused(answer["refused"])
        return Canonical.from_plain(answer)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process, self._pipe = None, None

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_START_S):
            self.close()
            raise DocumentRefused("the program that reads documents does not start: try again")
        self._pipe.recv_bytes()
        return self._pipe


def _serve(pipe: Connection) -> None:
    """Answer each path with a canonical text or a refusal, until the other end is closed."""
    from rag_index.documents.reading import read_document

    _limit_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the person's process
    pipe.send_bytes(b"ready")
    while True:
        try:
            path, name = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return
        try:
            answer = read_document(Path(path), name).plain()
        except DocumentRefused as error:
            answer = {"refused": str(error)}
        except MemoryError:
            answer = {"refused": f"{name}: reading it takes too much memory: split it"}
        except Exception as error:  # noqa: BLE001 (a reader's defect must not end the run)
            answer = {
                "refused": f"{name}: it can't be read ({type(error).__name__}): is it damaged?"
            }
        try:
            pipe.send_bytes(json.dumps(answer).encode())
        except OSError:  # who asked is gone
            return


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limits.MOST_MEMORY, limits.MOST_MEMORY))
