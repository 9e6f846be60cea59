"""Reads the articles from their files, checks them, and hands on frozen ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

import yaml
from pydantic import ValidationError

from knowledge_base.schema import SLUG_PATTERN, Example, FrontMatter, Kind, Source

ARTICLES = Path(__file__).resolve().parent / "articles"
FENCE = "---\n"
_HEADING = re.compile(r"^#{1,6}[ \t]+.+$", re.MULTILINE)

# The safe loader written in C where PyYAML has it: a tenth of the time.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ArticleError(Exception):
    """An article file that can't be used; the message names the file and what to fix."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article: `text` is the body exactly as it stands in the file, `known_at` aware UTC.

    `sha256` is the hexadecimal digest of the body encoded as UTF-8.
    """

    slug: str
    title: str
    kind: Kind
    tags: tuple[str, ...]
    sources: tuple[Source, ...]
    licence: str
    known_at: datetime
    related: tuple[str, ...]
    text: str
    path: Path
    sha256: str
    examples: tuple[Example, ...] = ()

    def known_from(self, start: int, end: int) -> datetime:
        """The moment from which `text[start:end]` may be shown: aware UTC.

        That is `known_at`, and for a span that touches a worked example with prices the end of
        the last day whose prices it uses, if that is later. Knowledge is older than its examples.
        """
        day = max((day for example in self.examples if (day := example.as_of)), default=None)
        if day is None or not any(a < end and start < b for a, b in example_spans(self.text)):
            return self.known_at
        return max(self.known_at, datetime.combine(day, time.max, tzinfo=UTC))


def example_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where the sections whose heading says "example" begin and end, heading included."""
    headings = [*_HEADING.finditer(text)]
    if not headings:
        return ()
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return tuple(
        (heading.start(), end)
        for heading, end in zip(headings, ends, strict=True)
        if "example" in heading.group().lower()
    )


def load_articles(root: Path = ARTICLES) -> tuple[Article, ...]:
    """Read every `*.md` below `root`, sorted by slug.

    Raises ArticleError for a file that breaks the schema, two files with one slug, or a
    `related` slug that no file has.
    """
    if not root.is_dir():
        raise ArticleError(f"{root}: there is no such folder of articles; reinstall Tollgate")
    articles = sorted((load_article(path) for path in root.rglob("*.md")), key=lambda a: a.slug)
    _check_links(articles)
    return tuple(articles)


def load_article(path: Path) -> Article:
    """Read one file; raises ArticleError with the file's name and what to fix."""
    if not re.match(SLUG_PATTERN, path.stem):
        raise ArticleError(f"{path}: rename the file to lower-case words joined by hyphens")
    try:
        whole = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArticleError(f"{path}: save the file as UTF-8 ({error})") from error
    head, body = _split(path, whole)
    front = _check(path, head)
    return Article(
        slug=path.stem,
        title=front.title,
        kind=front.kind,
        tags=front.tags,
        sources=front.sources,
        licence=front.licence,
        known_at=datetime.combine(front.known_at, time.min, tzinfo=UTC),
        related=front.related,
        text=body,
        path=path,
        sha256=hashlib.sha256(body.encode("utf-8")).hexdigest(),
        examples=front.examples,
    )


def _split(path: Path, whole: str) -> tuple[str, str]:
    if "\r" in whole:
        raise ArticleError(f"{path}: use Unix line ends (LF)")
    end = whole.find("\n" + FENCE, len(FENCE) - 1)
    if not whole.startswith(FENCE) or end < 0:
        raise ArticleError(f"{path}: start with front matter between two lines of '---'")
    body = whole[end + 1 + len(FENCE) :]
    if not body.strip():
        raise ArticleError(f"{path}: write a body below the front matter")
    return whole[len(FENCE) : end + 1], body


def _check(path: Path, head: str) -> FrontMatter:
    try:
        plain = yaml.load(head, Loader=_Loader)  # noqa: S506 (a safe loader, see above)
        return FrontMatter.model_validate(plain)
    except yaml.YAMLError as error:
        raise ArticleError(f"{path}: the front matter is not YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'front matter'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise ArticleError(f"{path}: fix the front matter: {faults}") from error


def _check_links(articles: Iterable[Article]) -> None:
    by_slug: dict[str, Article] = {}
    for article in articles:
        if article.slug in by_slug:
            other = by_slug[article.slug].path
            raise ArticleError(f"{article.path}: rename it, {other} has the same name")
        by_slug[article.slug] = article
    for article in by_slug.values():
        for slug in article.related:
            if slug not in by_slug or slug == article.slug:
                raise ArticleError(f"{article.path}: related '{slug}' is no other article")
