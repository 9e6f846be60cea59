"""Strangers' text on the page: nothing loads, nothing runs, nothing hides."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.inert import html_of
from app.chat.marks import Mark, marks_of
from app.visible import visible


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def tags(html):
    parser = Tags()
    parser.feed(html)
    return parser.seen


HOSTILE = [
    "![x](http://evil.example/a.png)",
    '<img src="http://evil.example/a.png">',
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "[click](http://evil.example/)",
    "<svg onload=alert(1)>",
    '<a href="http://evil.example" onclick="x()">x</a>',
    "<style>body{background:url(http://evil.example)}</style>",
    "`<img src=x>`",
    "```\n<iframe src=http://evil.example>\n```",
    "<http://evil.example>",
    "[x]: http://evil.example\n\n![a][x] [b][x]",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_tag_or_attribute_of_the_text_gets_through(text):
    for tag, attributes in tags(html_of(text)):
        assert tag in {"p", "code", "pre", "ul", "li"}
        assert attributes == {}


@given(st.text(alphabet="<>[]()!\"'`*_#-= \n/:&;ahrefimgscx|1.", max_size=200))
def test_whatever_is_written_only_plain_tags_come_out(text):
    half = len(text) // 2
    marks = [Mark(0, half, 't< › p" (c1)'), Mark(half, len(text), href="#t1-s1")]
    for tag, attributes in tags(html_of(text, marks)):
        assert tag not in {"img", "script", "style", "iframe", "svg", "link"}
        assert set(attributes) <= {"class", "title", "href"}
        assert attributes.get("href", "#t1-s").startswith("#t1-s")


def test_markdown_is_kept():
    html = html_of("**Bold** and `code`.\n\n- one\n- two")
    assert "<strong>Bold</strong>" in html
    assert "<code>code</code>" in html
    assert html.count("<li>") == 2


def test_invisible_characters_are_spelled_out():
    assert visible("pay\u202e001\u2069 \u200bnow\x07") == (
        "pay⟨U+202E⟩001⟨U+2069⟩ ⟨U+200B⟩now⟨U+0007⟩"
    )
    assert visible("two\nlines\tand – ’é漢") == "two\nlines\tand – ’é漢"
    assert "⟨U+202E⟩" in html_of("a\u202eb")


ANSWER = {
    "figures": [{"tool": "get_quote", "path": "last_close", "call": "c1", "at": [0, 10, 16]}],
    "citations": [{"number": 1, "at": [[0, 34, 37], [1, 0, 3]]}],
}


def test_a_figure_says_where_it_comes_from_and_a_citation_points_at_its_footnote():
    html = html_of("Closed at 202.91, you paid 202.91 [1].", marks_of(ANSWER, 0, "t1-s"))
    assert 'Closed at <span class="figure num" title="get_quote › last_close (c1)">202.91<' in html
    assert '<a class="cite" href="#t1-s1">[1]</a>' in html


def test_a_number_of_the_persons_own_that_equals_a_figure_is_no_figure():
    html = html_of("Closed at 202.91, you paid 202.91 [1].", marks_of(ANSWER, 0, "t1-s"))
    assert html.count("figure num") == 1
    assert "you paid 202.91" in html


def test_a_footnote_that_a_document_writes_leads_nowhere():
    assert "<a" not in html_of("It says [1] and [[1]](#t1-s1).")


@pytest.mark.parametrize(
    "text", ["\ue000\ue010\ue000fake\ue001", "&#xE000;&#xE010;&#xE000;fake&#xE001;"]
)
def test_nobody_but_the_desk_marks_a_figure(text):
    html = html_of(f"202.91 {text}", [Mark(0, 6, "get_quote")])
    assert html.count("<span") == 1
    assert "fake" in html


@pytest.mark.parametrize("text", ["a&#x202e;b", "a&#8238;b", "a&rlm;b", "a&ZeroWidthSpace;b"])
def test_a_character_reference_hides_nothing(text):
    assert visible(unescape(html_of(text))) == unescape(html_of(text))


@given(st.text(max_size=120), st.integers(0, 120), st.integers(0, 120))
def test_no_flag_is_left_in_what_is_shown(text, start, length):
    html = html_of(text, [Mark(start, start + length, "c1")])
    assert not re.search("[\ue000-\ue019]", html)
    assert html.count("<span") <= 1


def test_figures_keep_their_marks_in_tables_lists_and_bold():
    text = "| a | b |\n|---|---|\n| 5 | 6 |\n\n- **7** & `8`"
    marks = [Mark(place := text.index(n), place + 1, f"at {n}") for n in "5678"]
    html = html_of(text, marks)
    assert [row[1]["title"] for row in tags(html) if row[0] == "span"] == [
        f"at {n}" for n in "5678"
    ]
