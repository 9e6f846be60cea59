"""What a strategy of a person's own reaches for besides its context: told, for nobody can judge it.

Its file is a program and may read whatever it likes, tomorrow's prices too. Python tells of that by
its audit events. This finds slips, not malice: native code can open files without a word.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock, local
from types import FrameType
from typing import TYPE_CHECKING, Any

from tools.backtest import context as given
from tools.backtest.finding import Finding
from tools.backtest.signs import signs

if TYPE_CHECKING:
    from tools.backtest.context import Context

INSIDE = "it looks into the program that plays it, where the later bars are"
NETWORK = "it asks the network"
PROGRAM = "it starts another program"
# What happens in the strategy's own words, and not in a library that it calls.
ITSELF = {
    "sys._getframe": INSIDE, "sys._current_frames": INSIDE, "gc.get_objects": INSIDE,
    "gc.get_referrers": INSIDE, "gc.get_referents": INSIDE,
}  # fmt: skip
ANYWHERE = {
    "socket.connect": NETWORK, "socket.getaddrinfo": NETWORK, "subprocess.Popen": PROGRAM,
    "os.system": PROGRAM, "os.posix_spawn": PROGRAM, "os.exec": PROGRAM, "os.fork": PROGRAM,
}  # fmt: skip
EVENTS = {"open", *ITSELF, *ANYWHERE}
CODE = {".py", ".pyc", ".so", ".pyd", ".dll", ".dylib", ".pth"}
DATA = {".csv", ".gz", ".zip", ".parquet", ".feather", ".h5", ".pkl", ".npy", ".npz", ".db",
        ".sqlite", ".json", ".xlsx"}  # fmt: skip
OF_PYTHON = tuple({sys.prefix, sys.base_prefix, "/usr/share", "/proc", "/sys", "/dev"})
MOST = 20


class Watch:
    """What one run's strategy was seen to do; ``file`` is as its code names it."""

    def __init__(self, file: str) -> None:
        """Nothing was seen yet."""
        self.file = file
        self.context: Context | None = None
        self._seen: dict[str, datetime | None] = {}

    def saw(self, what: str) -> None:
        """Note it, with the bar, the first time; after ``MOST`` kinds nothing new is noted."""
        if what not in self._seen and len(self._seen) < MOST:
            self._seen[what] = None if self.context is None else self.context.now

    def findings(self) -> Iterator[Finding]:
        """One for each kind of thing, then what the file's text shows."""
        for what, at in self._seen.items():
            bar = "" if at is None else f"{at:%Y-%m-%d %H:%M}"
            first = f"first on the bar of {bar} UTC" if bar else "while it was loaded"
            said = f"The strategy goes by more than its context: {what} ({first}). "
            more = "Nobody can tell whether that was known then, and the record doesn't hold it."
            yield Finding("reached", bar, "", said + more)
        for sign in signs(Path(self.file)):
            yield Finding("reached", "", "", sign)


_watches: list[Watch] = []
_lock = Lock()
_busy = local()


@contextmanager
def watched(strategy: str) -> Iterator[Watch]:
    """Watch a person's own file while it is loaded and played; those of Tollgate need none."""
    path = Path(strategy).expanduser()
    watch = Watch(str(path))
    if path.suffix != ".py":
        yield watch
        return
    with _lock:
        _listen()
        _watches.append(watch)
    try:
        yield watch
    finally:
        with _lock:
            _watches.remove(watch)


@cache
def _listen() -> None:
    """Once, and for good: Python has no way to take it back."""
    sys.addaudithook(_heard)


def _heard(event: str, told: tuple[Any, ...]) -> None:
    """Each event of the process; nothing is done unless a watched file is behind it."""
    if not _watches or event not in EVENTS or getattr(_busy, "now", False):
        return
    _busy.now = True  # what is done here has events of its own
    try:
        here = inspect.currentframe()
        frame = None if here is None else here.f_back
        if event in ITSELF:
            _itself(frame, ITSELF[event])
        else:
            _behind(frame, event, told)
    finally:
        _busy.now = False


def _behind(frame: FrameType | None, event: str, told: tuple[Any, ...]) -> None:
    while frame is not None:
        name = frame.f_code.co_filename
        if name == given.__file__:
            return  # Tollgate does it, for what the context was asked
        for watch in [one for one in _watches if one.file == name]:
            what = _opened(*told[:3]) if event == "open" else ANYWHERE[event]
            if what:
                watch.saw(what)
            return
        frame = frame.f_back


def _itself(frame: FrameType | None, what: str) -> None:
    if frame is not None and frame.f_code.co_filename == inspect.__file__:
        frame = frame.f_back
    for watch in list(_watches) if frame is not None else ():
        if frame is not None and frame.f_code.co_filename == watch.file:
            watch.saw(what)


def _opened(path: object, mode: object = None, flags: object = 0) -> str:
    """What opening a file is called; empty for Python's own, and for code."""
    if not isinstance(path, (str, bytes, Path)):
        return ""
    name = Path(path.decode(errors="replace") if isinstance(path, bytes) else path)
    own = str(name.absolute()).startswith(OF_PYTHON) and name.suffix not in DATA
    if own or name.suffix in CODE:
        return ""
    writes = isinstance(mode, str) and not set(mode).isdisjoint("wax+")
    return f"it {'writes' if writes else 'reads'} the file {name.name[:60]}"
