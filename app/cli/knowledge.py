"""``tollgate knowledge``: search the knowledge base, build and check its index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsOf, JsonFlag, print_json, table

cli = typer.Typer(help="The knowledge base: search, list, build, check.", no_args_is_help=True)


def _folder() -> Path:
    from tools.assembly import open_state
    from tools.settings import load_settings

    return open_state(load_settings()) / "knowledge"


@cli.command()
def search(
    query: Annotated[str, typer.Argument(help="what to look for")],
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, max=20, help="how many")] = 5,
    json_: JsonFlag = False,
) -> None:
    """Passages by meaning and by words, each with its exact place."""
    from app.knowledge import open_index
    from mcp_server.knowledge import KnowledgeTool
    from tools.clock import SystemClock

    tool = KnowledgeTool(open_index(_folder()), SystemClock())
    found = tool.search_knowledge(query, as_of, limit)
    if json_:
        print_json(found)
        return
    if not found["passages"]:
        print("Nothing relevant was found. Try other words.")
    for i, row in enumerate(found["passages"], 1):
        place = f"{row['document']} {row['start']}-{row['end']}"
        print(f"[{i}] {row['title']} — {row['section']} ({place}; {row['source']})")
        print("    " + " ".join(row["text"].split())[:400] + "\n")


@cli.command("list")
def list_(json_: JsonFlag = False) -> None:
    """Every article."""
    from knowledge_base.articles import load_articles

    rows = [[a.slug, a.title, str(a.kind), a.known_at.date().isoformat()] for a in load_articles()]
    if json_:
        names = ("slug", "title", "kind", "known_at")
        print_json({"articles": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table("Articles", ["article", "title", "kind", "known since"], rows)


@cli.command()
def build(json_: JsonFlag = False) -> None:
    """Build the index anew; only what changed is embedded."""
    from app.knowledge import on_terminal
    from rag_index.build import build_index

    report = build_index(_folder(), progress=None if json_ else on_terminal)
    if json_:
        print_json(
            {
                "articles": report.articles,
                "chunks": report.chunks,
                "embedded": report.embedded,
                "reused": report.reused,
                "seconds": report.seconds,
            }
        )
    else:
        print(
            f"{report.articles} articles, {report.chunks} passages ({report.embedded} embedded, "
            f"{report.reused} reused) in {report.seconds:.1f} s"
        )


@cli.command()
def check(json_: JsonFlag = False) -> int:
    """Check that every stored passage is found again in its article, byte for byte."""
    from rag_index.check import check_index

    problems = check_index(_folder())
    if json_:
        print_json({"ok": not problems, "problems": list(problems)})
    elif problems:
        for problem in problems:
            print(problem)
    else:
        print("Every passage resolves.")
    return 1 if problems else 0
