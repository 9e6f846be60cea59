"""``tollgate knowledge fetch`` and ``sources``: news, filings and calendars into the index."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table
from app.visible import visible

if TYPE_CHECKING:
    from app.documents import Told
    from rag_index.adding import Outcome

SAID = {"added": "new", "changed": "corrected", "unchanged": "same", "withdrawn": "withdrawn"}
SHOWN = 40


def fetch(
    source: Annotated[str, typer.Argument(help="such as rss or edgar; `sources` lists them")],
    symbol: Annotated[
        list[str] | None, typer.Option("--symbol", help="a ticker; may be given again")
    ] = None,
    about: Annotated[str, typer.Option(help="words that a document must hold")] = "",
    since: Annotated[
        str | None, typer.Option(help="a date such as 2024-01-31, or a moment; UTC")
    ] = None,
    json_: JsonFlag = False,
) -> None:
    """Fetch news, filings, posts or events into the knowledge base, each known since its moment.

    Fetched again, the same text changes nothing. A corrected text stands beside the old one, which
    a question as of an earlier moment still finds.
    """
    from app.cli.documents import knowledge_folder
    from app.documents import fetch as fetched_from
    from app.documents import wanted_of
    from app.keeping import keeping
    from tools.clock import SystemClock
    from tools.domain.errors import DataUnavailable
    from tools.market_data.documents.opening import open_documents
    from tools.settings import load_settings

    clock = SystemClock()
    wanted = wanted_of(source, symbol or (), about, _moment(since), clock.wall())
    settings = load_settings()
    feeds, kept = open_documents(settings, source), keeping(settings, source)
    found = fetched_from(knowledge_folder(), feeds, wanted, clock, _told(), kept)
    counts = {said: sum(o.status == is_ for o in found.outcomes) for is_, said in SAID.items()}
    if json_:
        rows = [_plain(one) for one in found.outcomes]
        told = {"errors": list(found.errors), "notes": list(found.notes)}
        print_json({"source": source, "documents": rows, **counts, **told})
    else:
        fresh = [one for one in found.outcomes if one.status != "unchanged"]
        if fresh:
            cells = [[SAID[one.status], one.path, one.chunks, one.document] for one in fresh]
            table(f"From {source}", ["", "title", "passages", "document"], cells[:SHOWN])
        more = f" ({len(fresh) - SHOWN} of them not shown)" if len(fresh) > SHOWN else ""
        shown = {said: n for said, n in counts.items() if n or said != SAID["withdrawn"]}
        print(", ".join(f"{number} {said}" for said, number in shown.items()) + more + ".")
        for sentence in (*found.notes, *found.errors):
            print(visible(sentence), file=sys.stderr)
    if found.errors:
        raise typer.Exit(DataUnavailable.exit_status)


def sources(json_: JsonFlag = False) -> None:
    """The sources of documents, and what each needs."""
    from tools.market_data.documents.opening import SOURCES
    from tools.settings import load_settings, setting_name

    settings = load_settings()
    rows: list[dict[str, Any]] = []
    for name, source in SOURCES.items():
        missing = list(source.missing(settings))
        needs = [setting_name(field) for field in source.needs]
        rows.append({"source": name, "gives": source.what, "needs": needs, "missing": missing})
    if json_:
        print_json({"sources": rows})
        return
    cells = []
    for row in rows:
        state = "set " + ", ".join(row["missing"]) if row["missing"] else "ready"
        cells.append([row["source"], row["gives"], ", ".join(row["needs"]), state])
    table("Sources of documents", ["source", "gives", "needs", ""], cells)
    print("Files that you put into a folder: `tollgate knowledge watch FOLDER`.")


def _moment(text: str | None) -> datetime | None:
    """A date is its first moment in UTC; InputError for what is none."""
    from tools.domain.errors import InputError
    from tools.domain.market import aware_utc

    if text is None:
        return None
    try:
        if len(text.strip()) == len("2024-01-31"):
            return datetime.combine(date.fromisoformat(text.strip()), time(), UTC)
        return aware_utc(datetime.fromisoformat(text.strip()), "--since")
    except ValueError:
        raise InputError(
            f"--since takes a date such as 2024-01-31 or a moment such as 2024-01-31T14:30:00Z; "
            f"was {text[:40]!r}"
        ) from None


def _told() -> Told | None:
    """A line on standard error that is written over, on a terminal only."""
    if not sys.stderr.isatty():
        return None

    def say(done: int, total: int, what: str) -> None:
        line = f"{done}/{total} {visible(what)}"
        end = "\n" if done >= total else ""
        print(f"\r\033[K{line:.79}", end=end, file=sys.stderr, flush=True)

    return say


def _plain(one: Outcome) -> dict[str, Any]:
    """An outcome by name."""
    return {
        "title": one.path,
        "status": SAID[one.status],
        "document": one.document,
        "passages": one.chunks,
        "embedded": one.embedded,
        "untrusted": True,
    }
