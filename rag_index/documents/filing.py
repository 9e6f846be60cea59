"""Reads a complete submission as EDGAR hands it out: a header, then documents in one text file."""

from __future__ import annotations

import re
from dataclasses import replace

from rag_index.documents.canonical import Canonical
from rag_index.documents.encoding import decode
from rag_index.documents.hypertext import html_of
from rag_index.documents.plain import text_of

_FIELDS = {
    "company": re.compile(r"COMPANY CONFORMED NAME:\s*(.+)"),
    "form": re.compile(r"CONFORMED SUBMISSION TYPE:\s*(\S+)"),
    "period_end": re.compile(r"CONFORMED PERIOD OF REPORT:\s*(\d{8})"),
    "filed": re.compile(r"FILED AS OF DATE:\s*(\d{8})"),
    "accepted": re.compile(r"<ACCEPTANCE-DATETIME>\s*(\d{14})"),
}
_BODY = re.compile(r"<DOCUMENT>.*?<TEXT>(.*?)</TEXT>", re.DOTALL | re.IGNORECASE)
_WRAPPER = re.compile(r"</?(?:XBRL|XML|PDF)>", re.IGNORECASE)
_HTML = re.compile(r"<(?:html|body|div|p|font|table)\b", re.IGNORECASE)
_OLD_TAGS = re.compile(r"</?(?:PAGE|TABLE|CAPTION|S|C|FN|R)>", re.IGNORECASE)


def is_submission(raw: bytes) -> bool:
    """Say whether the bytes begin as EDGAR's submissions do."""
    head = raw[:4_000]
    return any(sign in head for sign in (b"<SEC-DOCUMENT>", b"<SEC-HEADER>", b"<IMS-HEADER>"))


def read_submission(raw: bytes, name: str) -> Canonical:
    """Read the main document, which is the first; the exhibits are other files' business."""
    text = decode(raw, name)[0]
    body = _BODY.search(text)
    inner = _WRAPPER.sub("", body.group(1)) if body else text
    head = text[: body.start()] if body else text[:20_000]
    if _HTML.search(inner[:20_000]):
        found = html_of(inner, name)
    else:
        found = text_of(_OLD_TAGS.sub("", inner))
    stated = {
        key: match.group(1).strip() for key, p in _FIELDS.items() if (match := p.search(head))
    }
    notes = ["only its first document was read, not the exhibits"] if body else []
    # The title of the page is often a file's name; facts.py makes a better one from the header.
    return replace(found, title="", facts=found.facts | stated, notes=(*found.notes, *notes))
