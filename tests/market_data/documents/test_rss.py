"""RSS and Atom feeds against a local server, with what real ones send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape

import pytest

from tests.contracts.documents import HOSTILE, DocumentFeedContract
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import patience, rest_double
from tools.domain.errors import ConfigError
from tools.market_data.documents import page
from tools.market_data.documents.feed import Wanted
from tools.market_data.documents.rss import LONGEST_FEED, RssFeed, addresses
from tools.market_data.feeds.resilience.failure import Unanswered

NOW = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)
XML = {"Content-Type": "application/rss+xml"}


def item(title="A title", text="Some words.", date="Fri, 20 Mar 2026 10:00:00 GMT", **more):
    tags = {"title": title, "description": text, "pubDate": date, **more}
    inner = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in tags.items() if v is not None)
    return f"<item>{inner}</item>"


def rss(*items, head=""):
    text = f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><title>News</title>'
    return (text + "".join(items) + "</channel></rss>").encode()


class Server:
    """Serves ``body``; with an ETag it answers 304 to whoever has it."""

    def __init__(self, body):
        self.body, self.status, self.etag, self.more = body, 200, "", dict(XML)

    def __call__(self, path, query, headers):
        if self.etag and headers.get("if-none-match") == self.etag:
            return 304, b""
        more = {"ETag": self.etag} if self.etag else {}
        return self.status, self.body, {**self.more, **more}


@pytest.fixture
def server():
    return Server(
        rss(
            item("Apple beats", "Apple (NASDAQ: AAPL) rose.", guid="1", link="/a?x=1&y=2"),
            item("Rates", HOSTILE, "Fri, 20 Mar 2026 09:00:00 +0100", guid="2"),
            item("Gold", "Quiet.", "2026-03-19T23:30:00-05:00", guid="3", author="A. Writer"),
            item("Oil", "Old.", "Thu, 01 Jan 2026 00:00:00 GMT", guid="4"),
        )
    )


@pytest.fixture
def double(server):
    with rest_double(server) as running:
        yield running


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def feed(double, clock, request):
    return RssFeed(f"{double.url}/feed.xml", clock, seconds=patience(request))


@pytest.fixture
def wanted():
    return Wanted(NOW - timedelta(days=7), NOW + timedelta(hours=1))


class TestContract(DocumentFeedContract):
    @pytest.fixture
    def nothing(self):
        return Wanted(datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))


def one(server, feed, wanted, *items):
    server.body = rss(*items)
    (found,) = feed.documents(wanted)
    return found


def test_links_are_made_whole_and_others_than_of_the_web_are_left_out(server, feed, wanted, double):
    found = {entry.title: entry.url for entry in feed.documents(wanted)}
    assert found["Apple beats"] == f"{double.url}/a?x=1&y=2"
    assert one(server, feed, wanted, item(link="javascript:alert(1)")).url == ""
    assert one(server, feed, wanted, item(link="file:///etc/passwd", guid="f")).url == ""


def test_no_link_in_a_feed_is_ever_followed(server, feed, wanted, double):
    image = f'<img src="{double.url}/pixel.gif">'
    server.body = rss(item(text=image, link=f"{double.url}/page", comments=f"{double.url}/c"))
    feed.documents(wanted)
    assert {path for path, _, _ in double.asked} == {"/feed.xml"}


def test_asked_for_symbols_it_gives_the_entries_that_name_them(feed, wanted):
    def asked(*symbols):
        return feed.documents(Wanted(wanted.since, wanted.until, symbols))

    found = [(entry.title, entry.symbols) for entry in asked("AAPL", "MSFT")]
    assert found == [("Apple beats", ("AAPL",))]
    assert asked("MSFT") == ()


def test_words_must_all_be_there(feed, wanted):
    found = feed.documents(Wanted(wanted.since, wanted.until, words="ROSE aapl"))
    assert [entry.title for entry in found] == ["Apple beats"]
    assert feed.documents(Wanted(wanted.since, wanted.until, words="aapl fell")) == ()


@pytest.mark.parametrize(
    ("written", "event", "known"),
    [
        ("Fri, 20 Mar 2026 10:00:00 GMT", "2026-03-20T10:00:00", "2026-03-20T10:00:00"),
        ("Fri, 20 Mar 2026 10:00:00 EST", "2026-03-20T15:00:00", "2026-03-20T15:00:00"),
        ("Fri, 20 Mar 2026 10:00 +0530", "2026-03-20T04:30:00", "2026-03-20T04:30:00"),
        ("2026-03-20T10:00:00Z", "2026-03-20T10:00:00", "2026-03-20T10:00:00"),
        ("2026-03-19T10:00:00+02:00", "2026-03-19T08:00:00", "2026-03-19T08:00:00"),
        # No zone: known from when it is past in all of them.
        ("Wed, 18 Mar 2026 10:00:00", "2026-03-18T10:00:00", "2026-03-18T22:00:00"),
        ("2026-03-18 10:00:00", "2026-03-18T10:00:00", "2026-03-18T22:00:00"),
        # No time: known when the day is over everywhere.
        ("2026-03-17", "2026-03-17T00:00:00", "2026-03-18T12:00:00"),
        # No zone and too near: not later than the moment of fetching.
        ("Fri, 20 Mar 2026 10:00:00", "2026-03-20T10:00:00", "2026-03-20T15:00:00"),
        # The future: whoever reads it now knows it now.
        ("Sat, 20 Mar 2027 10:00:00 GMT", "2026-03-20T15:00:00", "2026-03-20T15:00:00"),
        # Nothing that can be read.
        ("yesterday", "2026-03-20T15:00:00", "2026-03-20T15:00:00"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "2026-03-20T15:00:00", "2026-03-20T15:00:00"),
        ("99999999999999", "2026-03-20T15:00:00", "2026-03-20T15:00:00"),
        (None, "2026-03-20T15:00:00", "2026-03-20T15:00:00"),
    ],
)
def test_dates_in_every_form_never_make_an_entry_known_too_early(
    server, feed, wanted, written, event, known
):
    found = one(server, feed, wanted, item(date=written))
    assert found.event_time == datetime.fromisoformat(event).replace(tzinfo=UTC)
    assert found.known_at == datetime.fromisoformat(known).replace(tzinfo=UTC)


def test_an_entry_of_atom_is_known_from_its_update(server, feed, wanted):
    server.body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry>
      <id>urn:1</id><title type="html">A &lt;b&gt;B&lt;/b&gt;</title>
      <published>2026-03-18T10:00:00Z</published><updated>2026-03-19T11:00:00Z</updated>
      <link href="https://example.com/a"/><content type="html">&lt;p&gt;Text&lt;/p&gt;</content>
      <author><name>Who</name></author></entry></feed>"""
    (found,) = feed.documents(wanted)
    assert (found.title, found.text, found.author) == ("A B", "Text", "Who")
    assert found.event_time == datetime(2026, 3, 18, 10, tzinfo=UTC)
    assert found.known_at == datetime(2026, 3, 19, 11, tzinfo=UTC)


def test_yesterday_sent_again_is_what_it_was(server, feed, wanted, clock):
    server.body = rss(item(date=None, guid="1"), item("Other", guid="2"))
    before = feed.documents(wanted)
    clock.advance(timedelta(minutes=30))
    assert feed.documents(wanted) == before


def test_a_text_corrected_without_a_word_is_known_from_when_it_was_seen(
    server, feed, wanted, clock
):
    first = one(server, feed, wanted, item(text="Up 5%.", guid="1"))
    clock.advance(timedelta(minutes=30))
    second = one(server, feed, wanted, item(text="Up 0.5%.", guid="1"))
    assert second.key == first.key
    assert second.event_time == first.event_time
    assert second.known_at == NOW + timedelta(minutes=30)


def test_a_feed_that_did_not_change_is_not_sent_again(server, feed, wanted, double):
    server.etag = '"abc"'
    before = feed.documents(wanted)
    assert feed.documents(wanted) == before
    assert [headers.get("if-none-match") for _, _, headers in double.asked] == [None, '"abc"']


def test_entries_without_an_id_have_a_key_all_the_same(server, feed, wanted):
    server.body = rss(item("A", link="https://example.com/a"), item("B"), item("C"), item("B"))
    found = feed.documents(wanted)
    assert sorted(entry.title for entry in found) == ["A", "B", "C"]
    assert [e.key for e in feed.documents(wanted)] == [e.key for e in found]


def test_an_entry_that_says_nothing_is_left_out(server, feed, wanted):
    server.body = rss(item(title=None, text=""), item(title=None, text="Only words."))
    assert [entry.title for entry in feed.documents(wanted)] == ["Only words."]


BOMB = (
    '<!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {c} "{f"&{p};" * 20}">' for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + '<!ENTITY out SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-7", "cp037"])
def test_entities_are_refused_in_every_charset_before_they_are_expanded(
    server, feed, wanted, encoding
):
    body = rss("<item><title>Bomb</title><description>&i;&out;</description></item>", head=BOMB)
    text = body.decode().replace('version="1.0"', f'version="1.0" encoding="{encoding}"', 1)
    server.body = text.encode(encoding)
    if encoding == "utf-7":
        server.body = server.body.replace(b"<!ENTITY", b"+ADw-!ENTITY")
    with pytest.raises(Unanswered, match="entities of its own"):
        feed.documents(wanted)


def test_an_entity_that_nobody_declared_stays_as_it_is(server, feed, wanted):
    body = rss("<item><title>A &out; B</title></item>")
    server.body = body
    (found,) = feed.documents(wanted)
    assert found.title == "A &out; B"


def test_a_feed_of_fifty_megabytes_is_not_read_to_its_end(server, double, clock, wanted):
    server.body = rss("<item><title>x</title></item>" * (50 * 2**20 // 29))
    with pytest.raises(Unanswered, match="more than the 8 MB") as raised:
        RssFeed(double.url, clock, seconds=20).documents(wanted)
    assert not raised.value.again
    assert len(server.body) > LONGEST_FEED * 6


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "windows-1252", "klingon", ""])
def test_another_charset_than_declared_is_read_as_well_as_can_be(server, feed, wanted, declared):
    said = f' encoding="{declared}"' if declared else ""
    text = rss(item("Société: 5 % up", "Zürich")).decode()
    server.body = text.replace('version="1.0"', f'version="1.0"{said}', 1).encode("cp1252")
    (found,) = feed.documents(wanted)
    assert found.title.startswith("Soci")
    assert "\x00" not in found.text


def test_a_feed_cut_short_gives_what_came(server, feed, wanted):
    server.body = rss(item("Whole", guid="1"), item("Cut", guid="2"))[:-60]
    assert "Whole" in [entry.title for entry in feed.documents(wanted)]


def test_a_feed_that_is_gone_tells_to_take_its_address_out(server, feed, wanted):
    server.status = 410
    with pytest.raises(Unanswered, match="TOLLGATE_RSS") as raised:
        feed.documents(wanted)
    assert not raised.value.again


def test_an_address_with_a_key_is_in_no_log(double, clock, wanted, caplog):
    with caplog.at_level("DEBUG"):
        RssFeed(f"{double.url}/feed.xml?key=hush", clock).documents(wanted)
    assert "hush" not in caplog.text


class TestRedirects:
    def test_within_the_same_host_it_is_followed(self, server, feed, wanted, double):
        double.answer = lambda path, query, headers: (
            (301, b"", {"Location": "/new.xml"}) if path == "/feed.xml" else server(path, {}, {})
        )
        assert len(feed.documents(wanted)) == 3

    @pytest.mark.parametrize(
        "to",
        [
            "http://localhost:{port}/other",
            "http://127.0.0.1:1/",
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1/",
            "http://[::1]:{port}/",
            "http://0x7f000001/",
            "http://[::ffff:10.0.0.1]/",
        ],
    )
    def test_into_a_private_network_it_is_refused(self, feed, wanted, double, to):
        port = double.port
        double.answer = lambda *asked: (302, b"", {"Location": to.format(port=port)})
        with pytest.raises(Unanswered, match="private network"):
            feed.documents(wanted)
        assert len(double.asked) == 1

    def test_a_name_that_means_a_private_address_is_refused(
        self, feed, wanted, double, monkeypatch
    ):
        monkeypatch.setattr(page, "addresses_of", lambda host, port: ("93.184.216.34", "10.0.0.1"))
        double.answer = lambda *asked: (302, b"", {"Location": "http://both.example/"})
        with pytest.raises(Unanswered, match="private network"):
            feed.documents(wanted)

    def test_the_number_that_was_looked_at_is_the_one_that_is_called(
        self, server, feed, wanted, double, monkeypatch
    ):
        # The double stands for a public address here: what matters is how it is called.
        monkeypatch.setattr(page, "addresses_of", lambda host, port: ("127.0.0.1",))
        monkeypatch.setattr("ipaddress.IPv4Address.is_global", True)
        onward = f"http://news.example:{double.port}/new.xml"
        double.answer = lambda path, query, headers: (
            (302, b"", {"Location": onward}) if path == "/feed.xml" else server(path, {}, {})
        )
        assert len(feed.documents(wanted)) == 3
        assert double.asked[-1][2]["host"] == f"news.example:{double.port}"

    @pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://example.com/", "http://u:p@h/"])
    def test_to_what_is_no_page_it_is_refused(self, feed, wanted, double, to):
        double.answer = lambda *asked: (302, b"", {"Location": to})
        with pytest.raises(Unanswered, match="no page of the web"):
            feed.documents(wanted)

    def test_to_a_name_that_is_none_it_is_refused(self, feed, wanted, double):
        to = f"http://{'a' * 70}.example/"  # a part of a name has 63 letters at most
        double.answer = lambda *asked: (302, b"", {"Location": to})
        with pytest.raises(Unanswered, match="could not be reached"):
            feed.documents(wanted)

    def test_in_a_circle_it_ends(self, feed, wanted, double):
        double.answer = lambda *asked: (302, b"", {"Location": "/feed.xml"})
        with pytest.raises(Unanswered, match="circle"):
            feed.documents(wanted)
        assert len(double.asked) == page.HOPS


class TestAddresses:
    def test_commas_and_spaces_stand_between_them_and_each_comes_once(self):
        written = " https://a.example/rss , http://b.example/x?y=1\nhttps://a.example/rss"
        assert addresses(written) == ("https://a.example/rss", "http://b.example/x?y=1")

    @pytest.mark.parametrize("wrong", ["ftp://a.example", "a.example/rss", "file:///x", "http://"])
    def test_one_that_is_none_of_the_web_is_told_by_its_place_and_not_shown(self, wrong):
        with pytest.raises(ConfigError, match="address 2 of 2") as raised:
            addresses(f"https://a.example/?key=secret,{wrong}")
        assert "secret" not in str(raised.value)
        assert "a.example" not in str(raised.value)

    def test_two_addresses_of_one_host_are_two_feeds_with_keys_of_their_own(self, clock):
        names = {RssFeed(f"https://a.example/{n}", clock).name for n in range(3)}
        assert len(names) == 3
        assert all(name.startswith("rss-a.example-") for name in names)
