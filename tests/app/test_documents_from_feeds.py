"""A feed's document on its way into the index: what the text holds, and what it must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.documents import arrival_of, fetch, wanted_of
from tools.clock import SystemClock
from tools.domain.document import Document, DocumentKind
from tools.domain.errors import DataUnavailable, InputError

AT = datetime(2026, 3, 20, 12, 30, tzinfo=UTC)
NEWS = Document("k", "s", DocumentKind.NEWS, "T", "Words.", "https://a.example/", AT, AT)


def test_whose_it_is_goes_by_the_first_symbol_where_no_company_is_named():
    made = arrival_of(replace(NEWS, symbols=("IBM", "MSFT")))
    assert (made.company, made.ticker, made.document_kind) == ("IBM", "IBM", "news")
    filing = replace(NEWS, symbols=("IBM",), company="Big Blue", form="10-K/A", fiscal_year=2025)
    made = arrival_of(filing)
    assert (made.company, made.document_kind, made.fiscal_year) == ("Big Blue", "10-K/A", 2025)


def test_the_symbols_of_a_question_do_not_change_the_text():
    one, two = arrival_of(NEWS), arrival_of(replace(NEWS, symbols=("IBM",)))
    assert (one.title, one.about, one.text) == (two.title, two.about, two.text)


def test_an_event_that_is_moved_is_another_text():
    event = replace(NEWS, kind=DocumentKind.EVENT)
    moved = replace(event, event_time=AT + timedelta(days=7))
    assert arrival_of(event).about == "2026-03-20."
    assert arrival_of(moved).about == "2026-03-27."
    assert arrival_of(NEWS).about == ""


def test_a_calendar_is_asked_ahead_and_news_are_not():
    assert wanted_of("earnings-calendar", (), "", None, AT).until > AT + timedelta(days=7)
    assert wanted_of("rss", (), "", None, AT).until == AT + timedelta(hours=1)
    assert wanted_of("rss", (), "", None, AT).since == AT - timedelta(days=7)


def test_feeds_that_do_not_answer_are_told_and_nothing_is_opened_for_nothing(tmp_path):
    class Silent:
        name = "silent"

        def documents(self, wanted):
            raise DataUnavailable("It did not answer.")

    class Empty:
        name = "empty"

        def documents(self, wanted):
            return ()

    wanted = wanted_of("rss", (), "", None, AT)
    said: list[str] = []
    found = fetch(
        tmp_path, [Silent(), Empty()], wanted, SystemClock(), lambda *told: said.append(told[2])
    )
    assert (found.errors, found.outcomes, found.fresh) == (("It did not answer.",), (), 0)
    assert said == ["asking silent", "asking empty"]
    assert list(tmp_path.iterdir()) == []


def test_what_a_source_takes_back_is_put_with_what_it_has_and_only_if_it_is_here(
    tmp_path, monkeypatch
):
    class Some:
        name = "s"

        def documents(self, wanted):
            return ()

        def withdrawn(self):
            return ("k", "never")

    asked = []
    monkeypatch.setattr("app.documents.put", lambda *given: asked.append(given) or [])
    monkeypatch.setattr("rag_index.arriving.standing", lambda _, keys: [keys[0]])
    wanted = wanted_of("rss", (), "", None, AT)
    fetch(tmp_path, [Some()], wanted, SystemClock())
    assert asked[0][1] == []
    assert asked[0][4] == [("s", "k")]


def test_a_question_without_sense_is_the_persons_to_put_right(tmp_path):
    class Strict:
        name = "strict"

        def documents(self, wanted):
            raise InputError("Name a symbol.")

    with pytest.raises(InputError):
        fetch(tmp_path, [Strict()], wanted_of("rss", (), "", None, AT), SystemClock())
