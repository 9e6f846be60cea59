"""``tollgate bench``: measure this machine and print the figures."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table

if TYPE_CHECKING:
    from evals.spine import Figure

WORKERS = 2


class Part(StrEnum):
    """What can be measured."""

    SPINE = "spine"
    GATE = "gate"
    LEDGER = "ledger"
    BOOKS = "books"
    DESK = "desk"
    KNOWLEDGE = "knowledge"
    INDICATORS = "indicators"
    FEATURES = "features"
    BACKTEST = "backtest"


PartArgument = Annotated[
    Part,
    typer.Argument(
        help="spine: starts and questions. gate: how fast it decides, and random orders against an "
        "independent oracle. ledger: durable events, tampers found. books: accounting. desk: 1,000 "
        "approvals of one order (from the repository). knowledge: indexing, and searches "
        "after many small updates. indicators: batch, fused and streaming. "
        "features: 100 of them for up to 500 symbols of 2,500 days. backtest: compiled runs, "
        "sweeps, rebalancing, Monte Carlo, and runs through the desk."
    ),
]
CountOption = Annotated[
    int,
    typer.Option("--count", min=1, help="orders and steps for gate, tampers for ledger, passages"),
]


def bench(
    part: PartArgument = Part.SPINE, count: CountOption = 20_000, json_: JsonFlag = False
) -> None:
    """Measure this machine; nothing is written to your ledger."""
    figures = [_plain(row) for row in MEASURES[part](count)]
    if json_:
        print_json({"part": part, "figures": figures})
        return
    for names, rows in _by_shape(figures):
        table(f"{part} on this machine", list(names), rows)


def _spine(_: int) -> Iterable[object]:
    from app.knowledge import open_index
    from tools.assembly import open_state
    from tools.settings import load_settings

    home = open_state(load_settings())
    open_index(home / "knowledge")
    with _scratch() as scratch:
        # A desk of its own: a measurement leaves nothing in your ledger.
        shutil.copytree(home / "knowledge", scratch / "knowledge")
        return _starts(scratch)


def _starts(home: Path) -> tuple[Figure, ...]:
    from evals.spine import starts
    from tools.settings import environment_for

    return starts(environment_for(home)) + asyncio.run(_warm(home))


async def _warm(home: Path) -> tuple[Figure, ...]:
    from app.composition import open_floor
    from evals.spine import warm
    from tools.settings import FeedChoice, Settings

    settings = Settings(home=home, feed=FeedChoice.SAMPLE)
    async with open_floor(settings) as floor:
        return await warm(floor.conversation.ask)


def _gate(count: int) -> Iterator[object]:
    from rich.progress import Progress

    from evals.gate import measure
    from evals.soundness.run import in_parts, summary

    yield from measure()
    for what, many in (("orders", count), ("steps", max(count // 10, 1))):
        with Progress(transient=True) as shown:
            task = shown.add_task(f"{what} against the oracle", total=many)
            found = None
            for found in in_parts(what, many, seed=0, workers=WORKERS, part=5_000):
                shown.update(task, completed=found.orders)
        if found is not None:
            yield summary(what, found)


def _ledger(count: int) -> Iterator[object]:
    from evals.ledger import sqlite, tampering

    with _scratch() as folder:
        yield from sqlite(folder)
    with _scratch() as folder:
        yield from tampering(folder, min(count, 10_000))


def _books(_: int) -> Iterable[object]:
    from evals.accounting import speeds

    return speeds()


def _desk(_: int) -> Iterator[object]:
    from evals.desk import pace, race

    with _scratch() as home:
        yield race(home)
    with _scratch() as home:
        yield pace(home, orders=200)


def _knowledge(count: int) -> Iterator[object]:
    from rich.console import Console

    from evals.retrieval_bench import knowledge
    from rag_index.choosing import embedder_for
    from tools.assembly import open_state
    from tools.settings import load_settings

    settings = load_settings()
    kept = open_state(settings) / "evaluations"
    kept.mkdir(parents=True, exist_ok=True)
    embedder = embedder_for(settings.embedder, threads=WORKERS, graphs=kept)
    console = Console(stderr=True)
    with _scratch() as folder, console.status("measuring the knowledge index") as shown:
        yield from knowledge(folder, embedder, kept / "articles.sqlite", count, shown.update)


def _indicators(_: int) -> Iterable[object]:
    from evals.indicators import measure

    return measure()


def _features(count: int) -> Iterable[object]:
    from evals.features import measure

    return measure(min(count, 500))


def _backtest(_: int) -> Iterator[object]:
    from evals.backtest import measure
    from evals.backtest_desk import orders

    yield from measure()
    yield from orders()


MEASURES: dict[Part, Callable[[int], Iterable[object]]] = {
    Part.SPINE: _spine,
    Part.GATE: _gate,
    Part.LEDGER: _ledger,
    Part.BOOKS: _books,
    Part.DESK: _desk,
    Part.KNOWLEDGE: _knowledge,
    Part.INDICATORS: _indicators,
    Part.FEATURES: _features,
    Part.BACKTEST: _backtest,
}


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as folder:
        yield Path(folder)


def _plain(row: Any) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in fields(row)}


def _by_shape(figures: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], list[list[Any]]]]:
    """Rows of one kind together, each kind a table of its own."""
    shapes: dict[tuple[str, ...], list[list[Any]]] = {}
    for figure in figures:
        rows = shapes.setdefault(tuple(figure), [])
        rows.append([f"{v:.4g}" if isinstance(v, float) else v for v in figure.values()])
    yield from shapes.items()
