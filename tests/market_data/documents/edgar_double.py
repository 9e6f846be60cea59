"""EDGAR on this machine: its lists, headers and documents, made from a table of filings."""

from __future__ import annotations

from dataclasses import dataclass

CONTACT = "A. Reader reader@example.com"
NEEDED = (
    b"<html><body><h1>Your Request Originates from an Undeclared Automated Tool</h1></body></html>"
)


@dataclass
class Row:
    """``accepted`` is New York's clock as the header has it; ``written`` how the list has it."""

    accession: str
    form: str
    accepted: str
    written: str
    filed: str
    period: str
    main: str
    about: str
    body: bytes | None


class Edgar:
    """Answers as data.sec.gov and www.sec.gov; ``older`` are rows of a second list."""

    def __init__(self, rows, older=(), tickers=None):
        self.rows, self.older = list(rows), list(older)
        self.tickers = tickers or {
            "0": {"cik_str": 51143, "ticker": "IBM", "title": "INTERNATIONAL BUSINESS MACHINES"},
            "1": {"cik_str": 1067983, "ticker": "BRK-B", "title": "BERKSHIRE HATHAWAY INC"},
            "2": {"cik_str": 1067983, "ticker": "BRK-A", "title": "BERKSHIRE HATHAWAY INC"},
        }
        self.headers = True

    def __call__(self, path, query, headers):
        if "@" not in headers.get("user-agent", ""):
            return 403, NEEDED, {"Content-Type": "text/html"}
        if path == "/files/company_tickers.json":
            return 200, self.tickers
        if path == "/submissions/CIK0000051143.json":
            last = [row.filed for row in self.older]
            files = [
                {
                    "name": "CIK0000051143-submissions-001.json",
                    "filingCount": len(self.older),
                    "filingFrom": min(last),
                    "filingTo": max(last),
                }
            ] if last else []  # fmt: skip
            recent = columns(self.rows)
            return 200, {"cik": "51143", "filings": {"recent": recent, "files": files}}
        if path == "/submissions/CIK0000051143-submissions-001.json":
            return 200, columns(self.older)
        if path.startswith("/submissions/CIK"):
            return 200, {"cik": "0", "filings": {"recent": columns([]), "files": []}}
        for row in (*self.rows, *self.older):
            folder = f"/Archives/edgar/data/51143/{row.accession.replace('-', '')}"
            if path == f"{folder}/{row.main}" and row.body is not None:
                return 200, row.body, {"Content-Type": "text/html"}
            if path == f"{folder}/{row.accession}.hdr.sgml" and self.headers:
                head = f"<SEC-HEADER>{row.accession}.hdr.sgml\n<ACCEPTANCE-DATETIME>{row.accepted}"
                return 200, head.encode(), {"Content-Type": "text/plain"}
        return 404, b"<html>not found</html>"


def columns(rows):
    return {
        "accessionNumber": [row.accession for row in rows],
        "filingDate": [row.filed for row in rows],
        "reportDate": [row.period for row in rows],
        "acceptanceDateTime": [row.written for row in rows],
        "act": ["34" for _ in rows],
        "form": [row.form for row in rows],
        "size": [1 for _ in rows],
        "primaryDocument": [row.main for row in rows],
        "primaryDocDescription": [row.about for row in rows],
    }
