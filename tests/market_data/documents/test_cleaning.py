"""Text from outside is what a person would see, and no more of it than is said."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.documents import HOSTILE, INSTRUCTION, UNSEEN
from tools.market_data.documents.cleaning import LONGEST, one_line, plain_text, web_address


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Plain words.", "Plain words."),
        ("<p>One</p><p>two\nlines</p>", "One\n\ntwo lines"),
        ("AT&amp;T &lt;b&gt;", "AT&T <b>"),
        ("a<br>b", "a\nb"),
        ("<ul><li>x<li>y</ul>", "x\ny"),
        ("<table><tr><td>1<td></td><td><p>2</p></tr><tr><th>3<th>4</table>", "1 | 2\n3 | 4"),
        ("if a <b then c", "if a <b then c"),
        ("3 < 5 & 7 > 6", "3 < 5 & 7 > 6"),
        ("<!-- note --><?php echo 1 ?>seen", "seen"),
        ("<p hidden>no</p><p style='DISPLAY : NONE'>no</p>yes", "yes"),
        ("&#x202e;evil&#8203;", "evil"),
        ("\r\na\rb", "a\nb"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_what_a_reader_sees(markup, text):
    assert plain_text(markup) == text


def test_an_instruction_stays_and_what_hides_goes():
    assert plain_text(HOSTILE) == f"{INSTRUCTION} at once.\nBold"


def test_a_long_text_is_cut_and_says_so():
    text = plain_text("word " * LONGEST)
    assert text.endswith(f"[Cut after {LONGEST:,} of {5 * LONGEST - 1:,} characters.]")
    assert len(text) < LONGEST + 60


@given(st.text())
def test_nothing_unseen_comes_through_and_cleaning_plain_text_twice_is_once(raw):
    text = plain_text(raw)
    assert not UNSEEN.search(text.replace("\n", ""))
    assert one_line(raw) == " ".join(one_line(raw).split())
    assert len(one_line(raw, 40)) <= 40


BOMBS = (
    *("<div>" * 200_000, "<" * 500_000, "<a " * 200_000, "&lt;" * 100_000, "<!--" * 100_000),
    *("<b " + "x=1 " * 100_000 + ">y", "|" * 500_000, "\n" * 500_000, " \n" * 200_000),
    "<table><tr><td>" + "<b> </b>" * 100_000 + "x",
)


@pytest.mark.parametrize("bomb", BOMBS)
def test_hostile_markup_is_read_in_no_more_than_moments(bomb):
    began = time.process_time()
    plain_text(bomb)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("/a?b=1", "https://news.example/a?b=1"),
        ("//other.example/x", "https://other.example/x"),
        (" https://a.example/ ", "https://a.example/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://user:pass@a.example/", ""),
        ("http://[::1", ""),
        ("https://a.example/a b", ""),
        ("https://a.example/" + "x" * 3_000, ""),
        ("", ""),
    ],
)
def test_an_address_is_of_the_web_and_whole_or_none(written, whole):
    assert web_address(written, "https://news.example/feed.xml") == whole
