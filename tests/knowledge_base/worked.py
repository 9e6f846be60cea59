"""Works the articles' examples out again: the prices from the desk's tools, the formulas by hand.

A formula is a small expression and no Python: names, numbers, lists, arithmetic, indices, and the
functions in ``FUNCTIONS``. Arithmetic on lists goes element by element. All else is refused.
"""

from __future__ import annotations

import ast
import json
import math
import operator
import re
import statistics
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import Any

from knowledge_base.articles import Article
from knowledge_base.schema import Example, Input
from tools.catalog import Reach, ToolSpec
from tools.domain.errors import TradingError

Value = float | list[float]


class WorkedError(Exception):
    """An example that can't be worked out, or that comes to something else than it says."""


# ------------------------------------------------------------------------------------- functions


def _each(function: Callable[[float], float]) -> Callable[[Value], Value]:
    def call(x: Value) -> Value:
        return [function(v) for v in x] if isinstance(x, list) else function(x)

    return call


def _extreme(function: Callable[[Iterable[float]], float]) -> Callable[..., float]:
    def call(*given: Value) -> float:
        return function(_numbers(given[0]) if len(given) == 1 else [_number(v) for v in given])

    return call


def _number(x: Value) -> float:
    if isinstance(x, list):
        raise WorkedError("a number is needed, not a list")
    return x


def _numbers(x: Value) -> list[float]:
    if not isinstance(x, list):
        raise WorkedError("a list is needed, not a number")
    return x


def _whole(x: Value, least: int = 0) -> int:
    n = _number(x)
    if n != int(n) or n < least:
        raise WorkedError(f"a whole number from {least} is needed, not {n}")
    return int(n)


def _returns(x: Value) -> list[float]:
    return [b / a - 1 for a, b in pairwise(_numbers(x))]


def _log_returns(x: Value) -> list[float]:
    return [math.log(b / a) for a, b in pairwise(_numbers(x))]


def _smoothed(x: Value, n: Value, weight: float) -> list[float]:
    """Start with the mean of the first ``n``, as TA-Lib does; one value from there on."""
    values, length = _numbers(x), _whole(n, 1)
    if len(values) < length:
        raise WorkedError(f"{length} values are needed, there are {len(values)}")
    start = math.fsum(values[:length]) / length
    return list(accumulate(values[length:], lambda a, v: a + weight * (v - a), initial=start))


def _ema_series(x: Value, n: Value) -> list[float]:
    return _smoothed(x, n, 2 / (_whole(n, 1) + 1))


def _wilder_series(x: Value, n: Value) -> list[float]:
    return _smoothed(x, n, 1 / _whole(n, 1))


def _percentile(x: Value, p: Value) -> float:
    """Between the two nearest values, in proportion (numpy's default); ``p`` from 0 to 100."""
    values = sorted(_numbers(x))
    place = (len(values) - 1) * _number(p) / 100
    if not values or not 0 <= place <= len(values) - 1:
        raise WorkedError("percentile needs values and a share from 0 to 100")
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def _max_drawdown(x: Value) -> float:
    """The largest fall from an earlier peak, as a positive fraction of that peak."""
    values = _numbers(x)
    return max((peak - v) / peak for peak, v in zip(accumulate(values, max), values, strict=True))


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "mean": lambda x: math.fsum(_numbers(x)) / len(_numbers(x)),
    "median": lambda x: statistics.median(_numbers(x)),
    "stdev": lambda x: statistics.stdev(_numbers(x)),
    "pstdev": lambda x: statistics.pstdev(_numbers(x)),
    "sum": lambda x: math.fsum(_numbers(x)),
    "product": lambda x: math.prod(_numbers(x)),
    "min": _extreme(min),
    "max": _extreme(max),
    "abs": _each(abs),
    "sqrt": _each(math.sqrt),
    "ln": _each(math.log),
    "exp": _each(math.exp),
    "floor": _each(lambda v: float(math.floor(v))),
    "ceil": _each(lambda v: float(math.ceil(v))),
    "round": lambda x, n=0.0: round(_number(x), _whole(n)),
    "positive": _each(lambda v: max(v, 0.0)),
    "len": lambda x: float(len(_numbers(x))),
    "sorted": lambda x: sorted(_numbers(x)),
    "cumsum": lambda x: list(accumulate(_numbers(x))),
    "differences": lambda x: [b - a for a, b in pairwise(_numbers(x))],
    "returns": _returns,
    "log_returns": _log_returns,
    "cov": lambda x, y: statistics.covariance(_numbers(x), _numbers(y)),
    "corr": lambda x, y: statistics.correlation(_numbers(x), _numbers(y)),
    "percentile": _percentile,
    "norm_cdf": lambda x: NormalDist().cdf(_number(x)),
    "norm_inv": lambda x: NormalDist().inv_cdf(_number(x)),
    "ema": lambda x, n: _ema_series(x, n)[-1],
    "wilder": lambda x, n: _wilder_series(x, n)[-1],
    "ema_series": _ema_series,
    "wilder_series": _wilder_series,
    "max_drawdown": _max_drawdown,
}

_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}

# ------------------------------------------------------------------------------------- evaluator


def evaluate(formula: str, names: Mapping[str, Value]) -> Value:
    """Work ``formula`` out; raises WorkedError for anything that isn't plain arithmetic."""
    try:
        tree = ast.parse(formula, mode="eval")
        return _walk(tree.body, names)
    except (SyntaxError, ArithmeticError, ValueError, TypeError, IndexError, RecursionError) as e:
        raise WorkedError(f"{formula!r} can't be worked out: {e}") from e


def _walk(node: ast.expr, names: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            if name not in names:
                raise WorkedError(f"there is no input or earlier step {name!r}")
            return names[name]
        case ast.List(elts=parts):
            return [_number(_walk(part, names)) for part in parts]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _each(operator.neg)(_walk(inner, names))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
            return _arithmetic(_BINARY[type(sign)], _walk(left, names), _walk(right, names))
        case ast.Subscript(value=inner, slice=place):
            return _part(_walk(inner, names), place, names)
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]):
            if name not in FUNCTIONS:
                raise WorkedError(f"there is no function {name!r}")
            return FUNCTIONS[name](*(_walk(part, names) for part in parts))
    raise WorkedError(f"{ast.unparse(node)!r} is not plain arithmetic")


def _arithmetic(function: Callable[[float, float], float], a: Value, b: Value) -> Value:
    if not isinstance(a, list) and not isinstance(b, list):
        result = function(a, b)
        if isinstance(result, complex):
            raise WorkedError("a root of a negative number")
        return result
    length = len(a) if isinstance(a, list) else len(_numbers(b))
    left = a if isinstance(a, list) else [a] * length
    right = b if isinstance(b, list) else [b] * length
    if len(left) != len(right):
        raise WorkedError(f"lists of {len(left)} and {len(right)} don't fit together")
    return [_number(_arithmetic(function, x, y)) for x, y in zip(left, right, strict=True)]


def _part(whole: Value, place: ast.expr, names: Mapping[str, Value]) -> Value:
    def bound(node: ast.expr | None) -> int | None:
        if node is None:
            return None
        n = _number(_walk(node, names))
        return -_whole(-n) if n < 0 else _whole(n)

    if isinstance(place, ast.Slice):
        if place.step is not None:
            raise WorkedError("a slice has no step here")
        return _numbers(whole)[bound(place.lower) : bound(place.upper)]
    at = bound(place)
    assert at is not None
    return _numbers(whole)[at]


# --------------------------------------------------------------------------------------- inputs


class Desk:
    """The tools that examples may ask: those that only read. Each question is asked once."""

    def __init__(self, tools: Iterable[ToolSpec]) -> None:
        self._tools = {spec.name: spec for spec in tools if spec.reach is Reach.READ}
        self._answers: dict[str, dict[str, Any]] = {}

    def ask(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if name not in self._tools:
            raise WorkedError(f"there is no reading tool {name!r}")
        key = json.dumps([name, arguments], sort_keys=True)
        if key not in self._answers:
            plain = json.loads(json.dumps(arguments))
            try:
                self._answers[key] = self._tools[name].call(**plain)
            except (TradingError, TypeError) as error:
                raise WorkedError(f"{name} refuses {plain}: {error}") from error
        return self._answers[key]


def found(answer: Any, path: str) -> Value:
    """The number, or with a ``*`` the list of numbers, at ``path`` in a tool's answer."""
    here: Any = answer
    parts = path.split(".")
    for place, part in enumerate(parts):
        if part == "*":
            if not isinstance(here, list):
                raise WorkedError(f"{path}: there is no list before '*'")
            rest = ".".join(parts[place + 1 :])
            return [_number(found(each, rest) if rest else _figure(each, path)) for each in here]
        try:
            here = here[int(part)] if isinstance(here, list) else here[part]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise WorkedError(f"{path}: the tool's answer has no {part!r}") from error
    return _figure(here, path)


def _figure(given: Any, path: str) -> float:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise WorkedError(f"{path}: {given!r} is no number")
    try:
        return float(given)
    except ValueError as error:
        raise WorkedError(f"{path}: {given!r} is no number") from error


def _start(given: Input, desk: Desk) -> Value:
    if given.value is not None:
        return float(given.value)
    assert given.tool is not None
    assert given.path is not None
    return found(desk.ask(given.tool, dict(given.arguments)), given.path)


# -------------------------------------------------------------------------------------- checking


def rounds_to(computed: float, stated: str) -> bool:
    """Whether ``computed``, to as many digits as are stated, is what is stated."""
    if not math.isfinite(computed):
        return False
    said = Decimal(stated)
    half = Decimal(1).scaleb(int(said.as_tuple().exponent)) / 2
    # A tie may fall either way: the last bit of a float decides it, not the article.
    return abs(Decimal(computed) - said) <= half + Decimal("1e-9") * max(Decimal(1), abs(said))


def states(body: str, figure: str) -> bool:
    """Whether ``figure`` stands in ``body`` by itself, with or without thousands separators."""
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", body.replace("−", "-"))
    # A minus sign belongs to the figure only if nothing stands before it: "t-1" states no -1.
    before = r"(?<![\w.)}])" if figure.startswith("-") else r"(?<![\d.])"
    return re.search(rf"{before}{re.escape(figure)}(?!\d|\.\d)", plain) is not None


def work_out(example: Example, desk: Desk) -> dict[str, Value]:
    """Every input and step by name; raises WorkedError when one can't be worked out."""
    names: dict[str, Value] = {name: _start(given, desk) for name, given in example.inputs}
    for step in example.steps:
        names[step.name] = evaluate(step.formula, names)
    return names


def faults(example: Example, body: str, desk: Desk) -> list[str]:
    """What is wrong with an example: figures that don't come out, or that the text leaves out."""
    try:
        names = work_out(example, desk)
    except WorkedError as error:
        return [str(error)]
    wrong = []
    for step in example.steps:
        computed = names[step.name]
        if isinstance(computed, list) or not rounds_to(computed, step.value):
            wrong.append(f"{step.name} is {computed}, not {step.value}")
        if not states(body, step.value):
            wrong.append(f"{step.name}: the text doesn't say {step.value}")
    wrong += [
        f"{name}: the text doesn't say {given.value}"
        for name, given in example.inputs
        if given.value is not None and not states(body, given.value)
    ]
    return wrong


def faults_of(article: Article, desk: Desk) -> list[str]:
    """What is wrong with the examples of an article."""
    return [fault for example in article.examples for fault in faults(example, article.text, desk)]


def has_formula(article: Article) -> bool:
    """Whether an indented line of the body has an equals sign, which is how a formula is set."""
    return re.search(r"^ {4,}\S.*=", article.text, re.MULTILINE) is not None
