"""Finding a strategy: one that comes with Tollgate by its name, a person's own by its file."""

from __future__ import annotations

import hashlib
import sys
import traceback
from dataclasses import dataclass, replace
from importlib import import_module
from inspect import iscoroutinefunction, isgeneratorfunction
from pathlib import Path
from types import ModuleType

from tools.backtest.strategy import Strategy
from tools.domain.errors import InputError
from tools.indicators.as_written import AsWritten

BUILT_IN = (
    "breakout", "dual_moving_average", "mean_reversion", "momentum", "pairs", "volatility_target",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A strategy's class, the file that it is in, and that file's SHA-256.

    ``text`` is the source of a person's own file, empty for what comes with Tollgate.
    """

    name: str
    kind: type[Strategy]
    file: str
    hash: str
    text: bytes = b""

    @property
    def purpose(self) -> str:
        """The first paragraph of its docstring, without marks."""
        return " ".join((self.kind.__doc__ or "").split("\n\n")[0].split()).replace("`", "")

    @property
    def article(self) -> str:
        """The article that explains it, empty when there is none."""
        return str(getattr(self.kind, "article", ""))

    @property
    def least_symbols(self) -> int:
        """How many symbols it trades at least."""
        return int(getattr(self.kind, "least_symbols", 1))


def find(name: str) -> Found:
    """The strategy of a name, or the one in a Python file.

    A person's file is the person's own program and runs with the rights of whoever starts it.
    Raises InputError, with the file and line, when there is none or it can't be used.
    """
    plain = name.strip().replace("-", "_").lower()
    if plain in BUILT_IN:
        module = import_module(f"tools.backtest.strategies.{plain}")
        file = Path(str(module.__file__))
        return _found(plain, module, file, file.read_bytes())
    path = Path(name).expanduser()
    if not is_file(name) or not path.is_file():
        raise InputError(
            f"There is no strategy {name[:60]!r}: use {', '.join(BUILT_IN)}, or the path of a "
            "Python file of your own."
        )
    return _own(path)


def is_file(name: str) -> bool:
    """Whether that names a file of a person's own, there or not."""
    return Path(name).suffix == ".py"


def told(error: Exception | SystemExit, file: str) -> str:
    """Where in the strategy's file an error came from, and what it says."""
    if isinstance(error, InputError):
        said = str(error)
    elif isinstance(error, SystemExit):
        said = "it ends the program"
    else:
        said = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}, line {error.lineno or 0}: {error.msg}"
    own = Path(file).absolute()
    seen = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in seen if Path(frame.filename).absolute() == own]
    line = f", line {frames[-1].lineno}" if frames else ""
    return f"{Path(file).name}{line}: {said}"


def _found(name: str, module: ModuleType, path: Path, text: bytes) -> Found:
    kinds = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__ and "on_bar" in vars(kind)
    ]
    if len(kinds) != 1:
        raise InputError(
            f"{path.name} must have one class with a method on_bar(self, context); it has "
            f"{len(kinds)}."
        )
    on_bar = vars(kinds[0])["on_bar"]
    if isgeneratorfunction(on_bar) or iscoroutinefunction(on_bar):
        raise InputError(
            f"on_bar of {path.name} waits for somebody to go on with it, so that nothing of it "
            "would run: write it without yield and async."
        )
    return Found(name, kinds[0], str(path), hashlib.sha256(text).hexdigest())


def _own(path: Path) -> Found:
    name = f"tollgate_own_strategies.{path.stem}"
    try:
        loader = AsWritten(path)
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror or error}).") from None
    module = loader.module(name)
    sys.modules[name] = module  # where dataclasses look a class's module up
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(f"The strategy can't be used. {told(error, str(path))}") from error
    return replace(_found(path.stem, module, path, loader.text), text=loader.text)
