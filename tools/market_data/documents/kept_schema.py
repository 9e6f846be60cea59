"""The tables of the kept documents: rows are added, and the file itself refuses anything else."""

from __future__ import annotations

FIELDS = (
    "key, source, kind, title, text, url, event_time, known_at, symbols, author, company, form, "
    "fiscal_year"
)
"""Those of a document, in its own order."""

CONCERNS = (
    "EXISTS (SELECT 1 FROM concerns WHERE concerns.symbol = :symbol "
    "AND concerns.source = documents.source AND concerns.key = documents.key)"
)
"""Whether its source said that it is about the symbol."""

INSERT = "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
TABLES = """
CREATE TABLE IF NOT EXISTS documents (
    source TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL,
    known_at INTEGER NOT NULL, fetched_at INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    text TEXT NOT NULL, url TEXT NOT NULL, event_time INTEGER NOT NULL, symbols TEXT NOT NULL,
    author TEXT NOT NULL, company TEXT NOT NULL, form TEXT NOT NULL, fiscal_year INTEGER NOT NULL,
    PRIMARY KEY (source, key, version)
);
CREATE TABLE IF NOT EXISTS concerns (
    source TEXT NOT NULL, key TEXT NOT NULL, symbol TEXT NOT NULL,
    PRIMARY KEY (symbol, source, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spans (
    source TEXT NOT NULL, symbol TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS spans_of ON spans (symbol, until);
CREATE TRIGGER IF NOT EXISTS documents_stay BEFORE DELETE ON documents
BEGIN SELECT RAISE(ABORT, 'kept documents stay'); END;
CREATE TRIGGER IF NOT EXISTS documents_stand BEFORE UPDATE ON documents
BEGIN SELECT RAISE(ABORT, 'kept documents are not changed'); END;
"""
