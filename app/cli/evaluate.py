"""``tollgate eval``: measure how well the parts do their work, and print the figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import JsonFlag, print_json, table
from app.visible import visible

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
    from evals.retrieval_reports import NoData, read_reports
    from evals.retrieval_sets import measure_articles, measure_reports
    from rag_index.choosing import embedder_for
    from tools.assembly import open_state
    from tools.domain.errors import InputError
    from tools.settings import load_settings

    try:
        reports = read_reports(data) if data is not None else None
    except NoData as error:
        raise InputError(str(error)) from error
    settings = load_settings()
    folder = open_state(settings) / "evaluations"
    folder.mkdir(parents=True, exist_ok=True)
    embedder = embedder_for(settings.embedder, graphs=folder)
    sets = [measure_articles(embedder, folder / "articles.sqlite", _tell)]
    skipped = "no folder of reports was given: add --data FOLDER"
    if reports is not None:
        sets.append(measure_reports(reports, embedder, folder / "reports.sqlite", _tell))
        skipped = ""
    if json_:
        print_json({"sets": [_plain(one) for one in sets], "skipped": skipped or None})
        return
    for one in sets:
        _show(one)
    if skipped:
        print(f"Skipped the reports: {skipped}")


@cli.command()
def citations(json_: JsonFlag = False) -> int:
    """Ask some 300 questions; open every citation of the answers again, byte for byte."""
    import asyncio
    from dataclasses import asdict

    from app.citations import cited_answers

    measured = asyncio.run(cited_answers(_tell_twenty))
    if json_:
        print_json(asdict(measured))
    else:
        names = ("questions", "answered", "refused", "told", "citations", "quotations", "numbers")
        heads = ("asked", "cited", "refused", "other", "sources", "quotes", "numbers", "unresolved")
        rows = [
            [line.kind, *(str(getattr(line, name)) for name in names), str(len(line.failed))]
            for line in measured.lines
        ]
        table("Citations of whole answers, by the planner", ["set", *heads], rows)
        print(f"{measured.cpu_ms} ms of processor time a question")
        for problem in (p for line in measured.lines for p in line.failed[:20]):
            print(f"unresolved: {visible(problem)}")
    return 1 if any(line.failed for line in measured.lines) else 0


@cli.command()
def sentiment(json_: JsonFlag = False) -> None:
    """Score sentences of financial news whose tone is known: accuracy and F1, held out."""
    from dataclasses import asdict

    from evals.sentiment import HELD_OUT, TUNING, measure, sentences
    from tools.models.sentiment.opening import open_scorer
    from tools.settings import load_settings

    opened = open_scorer(load_settings().sentiment)
    scorer = opened.scorer
    sets = [measure(name, sentences(name), scorer) for name in (HELD_OUT, TUNING)]
    if json_:
        told = {"scorer": scorer.name, "version": scorer.version, "notice": opened.notice}
        print_json(told | {"caveat": opened.caveat, "sets": [asdict(one) for one in sets]})
        return
    rows = [
        ["sentences", *(str(one.count) for one in sets)],
        ["accuracy", *(f"{one.accuracy:.3f}" for one in sets)],
        ["95 % interval", *(f"{one.low:.3f}–{one.high:.3f}" for one in sets)],
        ["macro F1", *(f"{one.macro_f1:.3f}" for one in sets)],
        ["majority's accuracy", *(f"{one.majority:.3f}" for one in sets)],
        ["majority's macro F1", *(f"{one.majority_f1:.3f}" for one in sets)],
        ["can't tell", *(str(one.unknown) for one in sets)],
    ]
    table(f"Tone by {scorer.name} {scorer.version}", ["", "held out", "tuned on"], rows)
    styles = [[name, str(count), f"{share:.3f}"] for name, (count, share) in sets[0].styles.items()]
    table("Held out, by style", ["style", "sentences", "accuracy"], styles)
    for sentence in filter(None, (opened.notice, opened.caveat)):
        print(sentence)


def _tell_twenty(done: int, total: int, what: str) -> None:
    import sys

    if done % 20 == 0:
        print(f"{done:,} of {total:,} {what}", file=sys.stderr)


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
