"""``tollgate eval``: measure how well the parts do their work, and print the figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import JsonFlag, print_json, table

if TYPE_CHECKING:
    from evals.retrieval_sets import Measured

cli = typer.Typer(help="Measure how well the parts do their work.", no_args_is_help=True)


@cli.callback()
def evaluations() -> None:
    """Measure how well the parts do their work."""


@cli.command()
def retrieval(
    data: Annotated[
        Path | None,
        typer.Option(help="a folder of reports: *corpus*.jsonl(.gz) and *queries*.jsonl(.gz)"),
    ] = None,
    json_: JsonFlag = False,
) -> None:
    """Questions about the articles, and about a folder of reports: nDCG@10, recall@5 and MRR."""
    from evals.retrieval_sets import NoData, measure_articles, measure_reports
    from rag_index.embed import Embedder
    from tools.assembly import open_state
    from tools.settings import load_settings

    folder = open_state(load_settings()) / "evaluations"
    folder.mkdir(parents=True, exist_ok=True)
    embedder = Embedder(graphs=folder)
    sets = [measure_articles(embedder, folder / "articles.sqlite", _tell)]
    skipped = "no folder of reports was given: add --data FOLDER"
    if data is not None:
        try:
            sets.append(measure_reports(data, embedder, folder / "reports.sqlite", _tell))
            skipped = ""
        except NoData as error:
            skipped = str(error)
    if json_:
        print_json({"sets": [_plain(one) for one in sets], "skipped": skipped or None})
        return
    for one in sets:
        _show(one)
    if skipped:
        print(f"Skipped the reports: {skipped}")


def _tell(done: int, total: int, what: str) -> None:
    import sys

    if done % 160 == 0:
        print(f"{done:,} of {total:,} {what}", file=sys.stderr)


def _show(measured: Measured) -> None:
    from evals.retrieval import MEASURES, gain

    rows = [
        [line.kind, line.way, str(line.questions)]
        + [
            f"{e.mean:.3f} ({e.low:.3f}–{e.high:.3f})"
            for e in (line.measures[name] for name in MEASURES)
        ]
        for line in measured.lines
    ]
    title = f"{measured.name}: {measured.passages:,} passages; 95 % bootstrap intervals"
    table(title, ["questions", "way", "count", *MEASURES], rows)
    print(f"fused above the better of BM25 and dense: {gain(measured.lines):+.3f} nDCG@10\n")


def _plain(measured: Measured) -> dict[str, object]:
    from dataclasses import asdict

    from evals.retrieval import gain

    return asdict(measured) | {"gain": gain(measured.lines)}
