"""``tollgate data jobs``: fetching by the clock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table

if TYPE_CHECKING:
    from tools.market_data.collection.book import JobBook, Run
    from tools.settings import Settings

cli = typer.Typer(
    help="Fetch prices and documents by the clock: in `tollgate serve`, or with `run`.",
    no_args_is_help=True,
)
LOOK_S = 20.0


def _settings() -> Settings:
    from tools.assembly import open_state
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    return settings


def _book() -> JobBook:
    from tools.market_data.opening import open_jobs

    return open_jobs(_settings())


@cli.command()
def add(
    name: Annotated[str, typer.Argument(help="a short name of yours, such as closes")],
    symbols: Annotated[
        list[str] | None, typer.Argument(help="tickers such as IBM", metavar="SYMBOL…")
    ] = None,
    cron: Annotated[
        str, typer.Option(help="when, in the five fields of cron: '30 16 * * 1-5'")
    ] = "30 17 * * 1-5",
    zone: Annotated[str, typer.Option(help="whose clock")] = "America/New_York",
    what: Annotated[
        str, typer.Option("--timeframe", help="1m, 5m, 1h, 1d and the like, trades or quotes")
    ] = "1d",
    days: Annotated[int, typer.Option(help="how many days each run looks back")] = 5,
    source: Annotated[str | None, typer.Option(help="a feed's name")] = None,
    documents: Annotated[
        str | None,
        typer.Option(help="fetch from this source into the knowledge base instead: rss, edgar …"),
    ] = None,
    about: Annotated[str, typer.Option(help="words that a document must hold")] = "",
    json_: JsonFlag = False,
) -> None:
    """Fetch these symbols again and again; it is done while the desk runs."""
    from tools.clock import SystemClock
    from tools.market_data.collection.job import DOCUMENTS, new_job
    from tools.market_data.documents.opening import source_named

    if documents is not None:
        source_named(documents)
        what, source = DOCUMENTS, documents.strip().lower()
    job = new_job(
        name=name,
        symbols=symbols or (),
        cron=cron,
        zone=zone,
        what=what,
        days=days,
        source=source,
        about=about,
    )
    _book().add(job, SystemClock().wall())
    if json_:
        print_json(job.model_dump())
    else:
        print(
            f"{name} is kept. It runs while `tollgate serve` does, or with `tollgate data jobs "
            f"run`."
        )


@cli.command("list")
def list_(json_: JsonFlag = False) -> None:
    """Every job and what came of its last run."""
    book = _book()
    documents = []
    for job, since in book.jobs():
        runs = [_run(run) for run in book.runs(job.name)]
        documents.append(job.model_dump() | {"since": since.isoformat(), "runs": runs})
    if json_:
        print_json({"jobs": documents})
        return
    names = ["name", "what", "cron", "zone", "symbols", "last run", "rows", "missing", "error"]
    rows = []
    for d in documents:
        last: dict[str, Any] = d["runs"][0] if d["runs"] else {}
        rows.append(
            [d["name"], _what(d), d["cron"], d["zone"], " ".join(d["symbols"][:5])]
            + [last.get(key) for key in ("due", "rows", "gaps", "error")]
        )
    table("Jobs", names, rows)


@cli.command()
def run(
    name: Annotated[str | None, typer.Argument(help="a job to do now, due or not")] = None,
    stay: Annotated[bool, typer.Option("--stay", help="Stay, and do each when it is due.")] = False,
    json_: JsonFlag = False,
) -> None:
    """Do what is due, once, or one job by its name; safe while the desk runs."""
    from app.collecting import open_collector

    collector = open_collector(_settings())
    while True:
        done = [collector.run_now(name)] if name else list(collector.run_due())
        documents = [_run(one) for one in done]
        if json_:
            print_json({"runs": documents})
        elif documents or not stay:
            names = ["name", "due", "rows", "gaps", "seconds", "error"]
            table("Runs", names, [[d[key] for key in names] for d in documents])
        if name or not stay:
            break
        threading.Event().wait(LOOK_S)
    if any(one.error for one in done):
        raise typer.Exit(3)


@cli.command()
def remove(name: Annotated[str, typer.Argument(help="the job's name")]) -> None:
    """Forget a job; what it fetched stays."""
    _book().remove(name)
    print(f"{name} is removed.")


def _what(job: dict[str, Any]) -> str:
    """What a job fetches: 1d, trades, or documents of edgar."""
    return f"{job['what']} of {job['source']}" if job["what"] == "documents" else str(job["what"])


def _run(run: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "due": run.due.isoformat(),
        "started": run.started.isoformat(),
        "ended": None if run.ended is None else run.ended.isoformat(),
        "rows": run.rows,
        "gaps": run.gaps,
        "seconds": run.seconds,
        "error": run.error,
    }
