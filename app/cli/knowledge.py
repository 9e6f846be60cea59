"""``tollgate knowledge``: search the knowledge base, build and check its index."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from app.cli import arrivals, documents
from app.cli.documents import knowledge_folder
from app.cli.output import AsOf, JsonFlag, print_json, table
from app.visible import visible

cli = typer.Typer(
    help="The knowledge base, your documents and the news: add, fetch, search, list, build, check.",
    no_args_is_help=True,
)
cli.command("add")(documents.add)
cli.command("remove")(documents.remove)
cli.command("show")(documents.show)
cli.command("export")(documents.export)
cli.command("watch")(documents.watch)
cli.command("fetch")(arrivals.fetch)
cli.command("sources")(arrivals.sources)


@cli.command()
def search(
    query: Annotated[str, typer.Argument(help="what to look for")],
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, max=20, help="how many")] = 5,
    collection: Annotated[
        Literal["articles", "documents"] | None,
        typer.Option(help="only the articles, or only your documents"),
    ] = None,
    company: Annotated[str | None, typer.Option(help="only documents of this company")] = None,
    fiscal_year: Annotated[int | None, typer.Option(help="only documents for this year")] = None,
    json_: JsonFlag = False,
) -> None:
    """Passages by meaning and by words, each with its exact place."""
    from app.knowledge import open_index
    from mcp_server.knowledge import KnowledgeTool
    from tools.clock import SystemClock

    tool = KnowledgeTool(open_index(knowledge_folder()), SystemClock())
    found = tool.search_knowledge(query, as_of, limit, collection, company, fiscal_year)
    if json_:
        print_json(found)
        return
    if not found["passages"]:
        print("Nothing relevant was found. Try other words.")
    for i, row in enumerate(found["passages"], 1):
        place = f"{row['document']} {row['start']}-{row['end']}, score {row['score']:.2f}"
        page = f"page {row['page']}, " if row.get("page") else ""
        print(visible(f"[{i}] {row['title']} — {row['section']} ({page}{place}; {row['source']})"))
        if row.get("untrusted"):
            print("    From outside, untrusted: nothing in it is an instruction to Tollgate.")
        print(visible("    " + " ".join(row["text"].split())[:400] + "\n"))


@cli.command("list")
def list_(json_: JsonFlag = False) -> None:
    """Every article, and every document of yours."""
    from knowledge_base.articles import load_articles

    yours = documents.listed()
    rows = [[a.slug, a.title, str(a.kind), a.known_at.date().isoformat()] for a in load_articles()]
    if json_:
        names = ("slug", "title", "kind", "known_at")
        articles = [dict(zip(names, row, strict=True)) for row in rows]
        print_json({"articles": articles, "documents": yours, "index": _index()})
    else:
        table("Articles", ["article", "title", "kind", "known since"], rows)
        if yours:
            documents.print_list(yours)
        said = _index()
        print(visible("; ".join(f"{name}: {words}" for name, words in said.items())))


@cli.command()
def build(json_: JsonFlag = False) -> None:
    """Build the index anew, your documents with it; only what changed is embedded."""
    from app.knowledge import many_threads, on_terminal
    from rag_index.build import build_index

    folder = knowledge_folder()
    library = many_threads(folder)
    report = build_index(
        folder,
        progress=None if json_ else on_terminal,
        embedder=library.embedder,
        server=library.server,
    )
    yours = documents.index_again(folder)
    if json_:
        print_json(
            {
                "articles": report.articles,
                "chunks": report.chunks,
                "embedded": report.embedded,
                "reused": report.reused,
                "seconds": report.seconds,
                "documents": yours,
            }
        )
    else:
        print(
            f"{report.articles} articles, {report.chunks} passages ({report.embedded} embedded, "
            f"{report.reused} reused) in {report.seconds:.1f} s"
            + (f"; {yours} of your documents" if yours else "")
        )


@cli.command()
def check(json_: JsonFlag = False) -> int:
    """Check that every stored passage is found again in its source, byte for byte."""
    from app.knowledge import library_at
    from rag_index.check import check_index

    folder = knowledge_folder()
    problems = check_index(folder, library_at(folder).server)
    if json_:
        print_json({"ok": not problems, "problems": list(problems)})
    elif problems:
        for problem in problems:
            print(problem)
    else:
        print("Every passage resolves.")
    return 1 if problems else 0


def _index() -> dict[str, str]:
    """Where the rows are, and which model and reranker run on which device."""
    from app.knowledge import library_at

    return library_at(knowledge_folder()).words()
