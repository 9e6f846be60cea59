"""EDGAR's feed against a local server that speaks its documented JSON and headers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.documents import HOSTILE, DocumentFeedContract
from tests.market_data.clocks import SetClock
from tests.market_data.documents.edgar_double import CONTACT, NEEDED, Edgar, Row
from tests.market_data.rest_double import rest_double
from tools.domain.document import DocumentKind
from tools.domain.errors import ConfigError, DataUnavailable, InputError
from tools.market_data.documents import edgar
from tools.market_data.documents.edgar import EdgarFeed
from tools.market_data.documents.feed import Wanted
from tools.market_data.feeds.resilience.failure import Unanswered

NOW = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)
HOUSE = b"<html><body><p>Revenue was <b>$62.8 billion</b>.</p></body></html>"
# The list has the first one's moment in UTC, the others' as New York's clock with a Z.
ROWS = [
    Row("0000051143-26-000012", "10-K/A", "20260318101500", "2026-03-18T10:15:00.000Z",
        "2026-03-18", "2025-12-31", "ibm-10ka.htm", "10-K/A", b"<p>Amended: item 11.</p>"),
    Row("0000051143-26-000010", "8-K", "20260316180827", "2026-03-16T18:08:27.000Z",
        "2026-03-17", "2026-03-16", "ibm-8k.htm", "8-K, results", HOSTILE.encode()),
    Row("0000051143-26-000009", "4", "20260310120000", "2026-03-10T12:00:00.000Z",
        "2026-03-10", "2026-03-09", "xslF345X05/form4.xml", "FORM 4", b"<xml/>"),
    Row("0000051143-26-000005", "10-K", "20260224160102", "2026-02-24T21:01:02.000Z",
        "2026-02-24", "2025-12-31", "ibm-20251231.htm", "10-K", HOUSE),
]  # fmt: skip
OLD = Row("0000051143-15-000003", "10-K", "20150224160102", "2015-02-24T21:01:02.000Z",
          "2015-02-24", "2014-12-31", "a10-k.txt", "10-K", b"Long ago.")  # fmt: skip


@pytest.fixture
def server():
    return Edgar(ROWS, [OLD])


@pytest.fixture
def double(server):
    with rest_double(server) as running:
        yield running


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def make(double, clock):
    def made(contact=CONTACT, **more):
        urls = {"data": double.url, "site": double.url}
        return EdgarFeed(contact, clock, **urls, **{"seconds": 0.4, "pause": waits, **more})

    def waits(_: float) -> None:
        """Nothing waits in a test."""

    return made


@pytest.fixture
def feed(make):
    return make()


@pytest.fixture
def wanted():
    return Wanted(NOW - timedelta(days=60), NOW, ("IBM",))


class TestContract(DocumentFeedContract):
    @pytest.fixture
    def nothing(self):
        return Wanted(NOW - timedelta(days=60), NOW, ("BRK.B",))


def test_a_filing_says_whose_it_is_of_what_form_and_for_which_year(feed, wanted):
    first = feed.documents(wanted)[0]
    assert (first.key, first.form, first.fiscal_year) == ("0000051143-26-000005", "10-K", 2025)
    assert first.kind is DocumentKind.FILING
    assert first.symbols == ("IBM",)
    assert first.company == "INTERNATIONAL BUSINESS MACHINES"
    assert first.title == "INTERNATIONAL BUSINESS MACHINES: 10-K for the period to 2025-12-31"
    assert first.text == "Revenue was $62.8 billion."
    assert first.url.endswith("/Archives/edgar/data/51143/000005114326000005/ibm-20251231.htm")


def test_the_moment_of_acceptance_is_the_headers_which_is_new_yorks(feed, wanted):
    by_key = {one.key: one for one in feed.documents(wanted)}
    # The list writes 21:01:02Z of the one and 10:15:00Z of the other; only the first is UTC.
    assert by_key["0000051143-26-000005"].known_at == datetime(2026, 2, 24, 21, 1, 2, tzinfo=UTC)
    assert by_key["0000051143-26-000012"].known_at == datetime(2026, 3, 18, 14, 15, tzinfo=UTC)


def test_without_a_header_it_is_the_later_that_the_lists_moment_can_mean(server, feed, wanted):
    server.headers = False
    by_key = {one.key: one for one in feed.documents(wanted)}
    assert by_key["0000051143-26-000005"].known_at == datetime(2026, 2, 25, 2, 1, 2, tzinfo=UTC)
    assert by_key["0000051143-26-000012"].known_at == datetime(2026, 3, 18, 14, 15, tzinfo=UTC)


def test_what_came_in_the_evening_is_known_the_next_morning(feed, wanted):
    evening = next(one for one in feed.documents(wanted) if one.form == "8-K")
    assert evening.event_time == datetime(2026, 3, 16, 22, 8, 27, tzinfo=UTC)
    assert evening.known_at == datetime(2026, 3, 17, 10, 0, tzinfo=UTC)


def test_an_amended_filing_is_a_document_of_its_own(feed, wanted):
    forms = [one.form for one in feed.documents(wanted)]
    assert forms == ["10-K", "8-K", "10-K/A"]


def test_trades_of_insiders_are_no_text_to_read(feed, wanted, double):
    feed.documents(wanted)
    assert not [path for path, _, _ in double.asked if "form4" in path]


def test_older_lists_are_asked_for_only_where_the_span_reaches_them(feed, wanted, double):
    feed.documents(wanted)
    assert not [path for path, _, _ in double.asked if "submissions-001" in path]
    old = datetime(2015, 1, 1, tzinfo=UTC)
    found = feed.documents(Wanted(old, old + timedelta(days=90), ("IBM",)))
    assert [one.text for one in found] == ["Long ago."]


def test_a_filing_is_fetched_once_for_it_never_changes(feed, wanted, double):
    feed.documents(wanted)
    before = len(double.asked)
    feed.documents(wanted)
    again = [path for path, _, _ in double.asked[before:]]
    assert again == ["/submissions/CIK0000051143.json"]


def test_a_document_that_is_not_there_yet_is_asked_for_again(server, feed, wanted):
    server.rows = [Row(**{**vars(ROWS[0]), "body": None})]
    assert "doesn't have its document" in feed.documents(wanted)[0].text
    server.rows = ROWS[:1]
    assert feed.documents(wanted)[0].text == "Amended: item 11."


def test_words_are_looked_for_in_text_and_form(make, wanted):
    def asked(words):
        return [
            one.form
            for one in make().documents(Wanted(wanted.since, wanted.until, ("IBM",), words))
        ]

    assert asked("revenue billion") == ["10-K"]
    assert asked("10-K/A") == ["10-K/A"]


def test_symbols_with_a_dot_are_found_and_two_of_one_company_ask_once(feed, double):
    found = feed.documents(Wanted(NOW - timedelta(days=9), NOW, ("BRK.B", "BRK-A")))
    assert found == ()
    asked = [path for path, _, _ in double.asked]
    assert asked == ["/files/company_tickers.json", "/submissions/CIK0001067983.json"]


def test_without_a_symbol_it_is_said_that_one_is_needed(feed):
    with pytest.raises(InputError, match="name a symbol"):
        feed.documents(Wanted(NOW - timedelta(days=9), NOW))


def test_a_symbol_that_edgar_does_not_list_is_told(feed):
    with pytest.raises(DataUnavailable, match="no company under TWTR"):
        feed.documents(Wanted(NOW - timedelta(days=9), NOW, ("IBM", "TWTR")))


def test_the_secs_refusal_tells_where_to_set_a_contact(double, feed, wanted):
    double.answer = lambda *asked: (403, NEEDED, {"Content-Type": "text/html"})
    with pytest.raises(Unanswered, match="check TOLLGATE_SEC_CONTACT") as raised:
        feed.documents(wanted)
    assert not raised.value.again


@pytest.mark.parametrize("contact", ["", "A. Reader", "  ", "reader＠example.com"])
def test_a_contact_without_an_address_is_refused_before_anything_is_asked(make, contact, double):
    with pytest.raises(ConfigError, match="TOLLGATE_SEC_CONTACT"):
        make(contact=contact)
    assert not double.asked


def test_a_contact_may_have_signs_that_a_header_has_not(make, wanted, double):
    assert make(contact="Zoë\nReader zoe@example.com").documents(wanted)
    assert double.asked[0][2]["user-agent"] == "Tollgate Zo Reader zoe@example.com"


def test_the_secs_own_rate_limit_comes_as_403_and_is_known(double, feed, wanted):
    words = b"<html><title>SEC.gov | Request Rate Threshold Exceeded</title></html>"
    double.answer = lambda *asked: (403, words, {"Content-Type": "text/html"})
    with pytest.raises(Unanswered) as raised:
        feed.documents(wanted)
    assert raised.value.limited


def test_the_contact_goes_with_every_question(feed, wanted, double):
    feed.documents(wanted)
    assert {headers["user-agent"] for _, _, headers in double.asked} == {f"Tollgate {CONTACT}"}


def test_questions_keep_the_pace_that_the_sec_asks_for(make, wanted, double):
    waited: list[float] = []
    make(pause=waited.append).documents(wanted)
    # None of the waits were slept, so that they add up: each question waits for all before it.
    assert len(waited) == len(double.asked) - 1
    steps = [b - a for a, b in zip([0.0, *waited], waited, strict=False)]
    assert all(0 < step <= 1 / edgar.PER_SECOND for step in steps)
    assert waited[-1] > 0.8 * len(waited) / edgar.PER_SECOND


def test_a_filing_of_twenty_megabytes_is_read_and_cut_with_a_word(
    server, make, wanted, monkeypatch
):
    monkeypatch.setattr(edgar, "LONGEST", 100_000)
    row = b"<tr><td>1,234</td><td></td><td>" + b"x" * 900 + b"</td></tr>"
    body = b"<html><table>" + row * (20 * 2**20 // len(row)) + b"</table></html>"
    server.rows = [Row(**{**vars(ROWS[3]), "body": body})]
    (found,) = make(seconds=30.0).documents(wanted)
    assert found.text.startswith("1,234 | xxx")
    assert found.text.endswith("characters.]")
    assert len(found.text) < 100_100


def test_a_filing_too_large_or_not_there_comes_without_its_text(server, feed, wanted, monkeypatch):
    monkeypatch.setattr(feed._pages, "_most", 5_000)
    large = Row(**{**vars(ROWS[3]), "body": b"x" * 6_000})
    gone = Row(**{**vars(ROWS[0]), "body": None})
    server.rows = [large, gone]
    first, second = feed.documents(wanted)
    assert "was not read" in first.text
    assert "doesn't have its document" in second.text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answer: answer["filings"]["recent"].pop("form"),
        lambda answer: answer["filings"]["recent"]["form"].pop(),
        lambda answer: answer["filings"]["recent"]["acceptanceDateTime"].__setitem__(0, "soon"),
        lambda answer: answer["filings"]["recent"]["accessionNumber"].__setitem__(0, "../../etc"),
        lambda answer: answer.pop("filings"),
    ],
)
def test_a_list_of_another_shape_is_no_answer(double, server, feed, wanted, spoil):
    def spoiled(path, query, headers):
        status, body, *more = server(path, query, headers)
        if "/submissions/" in path:
            spoil(body)
        return status, body, *more

    double.answer = spoiled
    with pytest.raises(Unanswered, match="not as documented"):
        feed.documents(wanted)


def test_a_main_document_outside_its_folder_is_not_asked_for(server, feed, wanted, double):
    server.rows = [Row(**{**vars(ROWS[3]), "main": "../../../secret.htm"})]
    assert feed.documents(wanted) == ()
