"""Strangers' text on the page: nothing loads, nothing runs, nothing hides."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.inert import html_of
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
    figures = [{"shown": "1", "tool": "t<", "path": 'p"', "call": "c1"}]
    for tag, attributes in tags(html_of(text, figures, "t1-s")):
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


def test_a_figure_says_where_it_comes_from_and_a_citation_points_at_its_footnote():
    figures = [{"shown": "202.91", "tool": "get_quote", "path": "last_close", "call": "c1"}]
    html = html_of("Closed at 202.91, not 1202.91 or 202.915 [1].", figures, "t1-s")
    assert html.count('class="figure num"') == 1
    assert 'title="get_quote › last_close (c1)"' in html
    assert '<a class="cite" href="#t1-s1">[1]</a>' in html
